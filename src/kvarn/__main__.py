"""``python -m kvarn`` is ``kvarn``."""

import sys

try:
    from kvarn.cli import main
except KeyboardInterrupt:
    # Nothing has begun yet.
    sys.exit(130)

main()
