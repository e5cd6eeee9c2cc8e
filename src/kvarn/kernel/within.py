"""`python -I -m kvarn.kernel.within FOLDER PROGRAM ARGUMENTS…`: a program that can open nothing but a folder and its libraries.

What a notebook shows may name a file that the notebook itself could not open: `![](/…/restricted/…)`. A program that puts
pictures into a page would read it. So it is walled off too, where the system has Landlock; it has no network either.
"""

from __future__ import annotations

import os
import sys

from kvarn.kernel import landlock, seccomp
from kvarn.kernel.wall import LIBRARIES, interpreter

__all__ = ["run_within"]

_READ = ("/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo", "/dev/urandom", "/sys/devices/system/cpu", "/proc/self")


def run_within(folder: str, program: list[str]) -> None:
    """Become the program; this does not come back."""
    if landlock.abi() and seccomp.is_there():
        seccomp.no_new_privileges()
        landlock.restrict((*LIBRARIES, *_READ, *_python(program[0])), ("/dev/null", folder))
        seccomp.refuse(tcp=False, signals=True)
        seccomp.close_sockets()
    os.execv(program[0], program)  # noqa: S606 - the program is the caller's own


def _python(program: str) -> tuple[str, ...]:
    """The program; and where it is this Python, its libraries."""
    return (program, *interpreter()) if program == sys.executable else (program,)


if __name__ == "__main__":
    run_within(sys.argv[1], sys.argv[2:])
