"""What the system must let a run have: with less of it a thread that cannot be begun is waited for, or a library ends the run."""

from __future__ import annotations

import sys

from kvarn.errors import EnvironmentFault

__all__ = ["require_room"]

_MEBIBYTE = 2**20
# By the name of the limit: what it is of, its unit, the least, and how a shell raises it.
_LEAST = {
    "RLIMIT_AS": ("MiB of memory", _MEBIBYTE, 1536, "ulimit -v unlimited"),
    "RLIMIT_DATA": ("MiB of memory", _MEBIBYTE, 1536, "ulimit -d unlimited"),
    "RLIMIT_NOFILE": ("open files", 1, 64, "ulimit -n 1024"),
}


def require_room() -> None:
    """Begin nothing where the run may have too little memory or too few open files.

    Raises
    ------
    EnvironmentFault
        A limit of the shell, or of whatever has started the run, is too low. The message says which, and how it is raised.
    """
    if sys.platform == "win32":
        return
    import resource

    for name, (what, unit, least, raised) in _LEAST.items():
        soft, _ = resource.getrlimit(getattr(resource, name))
        if soft != resource.RLIM_INFINITY and soft // unit < least:
            raise EnvironmentFault(
                f"The run may have {soft // unit:,} {what}, and needs {least:,} at least.",
                where=f"the limits of the shell, or of what has started the run ({raised.rpartition(' ')[0]})",
                remedy=f"Raise the limit ({raised}), and run the same command again.",
            )
