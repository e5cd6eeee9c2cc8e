"""`python -I -m kvarn.kernel CONNECTION_FILE --keeper DESCRIPTOR [--forbidden FOLDER] [--wall FILE]`: a kernel that is
started afresh, with its keeper.

Jupyter adds arguments of its own after these; a kernel here has no use for them.
"""

import argparse
import os
import sys

# `-m` puts the folder that the notebook runs in before everything else: a file there must not pass for a library.
sys.path[:] = [place for place in sys.path if place not in ("", os.getcwd())]

from kvarn.kernel.keeper import keep  # noqa: E402


def become(connection_file: str, forbidden: str | None, wall: str | None) -> None:
    """The kernel. What it needs is loaded here, and not by its keeper too."""
    from kvarn.kernel.run import become_kernel

    become_kernel(connection_file, forbidden, wall)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("connection_file")
    parser.add_argument("--keeper", type=int, required=True)
    parser.add_argument("--forbidden")
    parser.add_argument("--wall")
    given, _ = parser.parse_known_args()
    keep(given.keeper, lambda: become(given.connection_file, given.forbidden, given.wall))
