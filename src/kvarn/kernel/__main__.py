"""`python -m kvarn.kernel CONNECTION_FILE [FORBIDDEN]`: a kernel that is started afresh."""

import os
import sys

# `-m` puts the folder that the notebook runs in before everything else: a file there must not pass for a library.
sys.path[:] = [place for place in sys.path if place not in ("", os.getcwd())]

from kvarn.kernel.run import become_kernel  # noqa: E402

if __name__ == "__main__":
    connection_file, *forbidden = sys.argv[1:]
    become_kernel(connection_file, forbidden[0] if forbidden else None)
