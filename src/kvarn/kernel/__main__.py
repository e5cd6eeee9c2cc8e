"""`python -I -m kvarn.kernel CONNECTION_FILE [--forbidden FOLDER] [--wall FILE]`: a kernel that is started afresh.

Jupyter adds arguments of its own after these; a kernel here has no use for them.
"""

import argparse
import os
import sys

# `-m` puts the folder that the notebook runs in before everything else: a file there must not pass for a library.
sys.path[:] = [place for place in sys.path if place not in ("", os.getcwd())]

from kvarn.kernel.run import become_kernel  # noqa: E402

if __name__ == "__main__":
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("connection_file")
    parser.add_argument("--forbidden")
    parser.add_argument("--wall")
    given, _ = parser.parse_known_args()
    become_kernel(given.connection_file, given.forbidden, given.wall)
