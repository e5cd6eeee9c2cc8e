"""``python -m kvarn`` is ``kvarn``."""

from kvarn.cli import main

main()
