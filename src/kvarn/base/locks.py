"""Locks that processes hold against one another: whoever comes second waits, and a lock goes with its process, however that ends.

`filelock` keeps them by what the system has, `flock` on Linux and macOS and `msvcrt` on Windows. Its third way, a file whose mere
presence is the lock, is not taken: it would outlive a process that is killed, and every later run would wait for the dead.
"""

from __future__ import annotations

import contextlib
import errno
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from kvarn.errors import EnvironmentFault

__all__ = ["KEPT_BY", "held"]

KEPT_BY = "msvcrt" if sys.platform == "win32" else "flock"
"""What keeps the locks on this system."""

_OWNER_ONLY_FILE = 0o600
_NO_LOCKS_HERE = (errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK)


@contextlib.contextmanager
def held(lock: Path, waiting: Callable[[], None] | None = None) -> Iterator[None]:
    """Hold a lock while the block runs.

    Parameters
    ----------
    lock
        The file that stands for it, in a folder that is there. It is made when it is missing, for its owner alone, and stays.
    waiting
        Called once when somebody else holds it.

    Raises
    ------
    EnvironmentFault
        The file system that the folder lies on keeps no locks.
    """
    mine = FileLock(lock, mode=_OWNER_ONLY_FILE, fallback_to_soft=False)
    try:
        try:
            mine.acquire(blocking=False)
        except Timeout:
            if waiting:
                waiting()
            mine.acquire()
    except (NotImplementedError, OSError) as fault:
        if isinstance(fault, OSError) and fault.errno not in _NO_LOCKS_HERE:
            raise
        raise EnvironmentFault(
            "The file system keeps no locks, so that two runs at once could disturb each other.",
            where=str(lock.parent),
            remedy="Keep this folder on a disk of this machine, or mount the share with locks.",
        ) from None
    try:
        yield
    finally:
        mine.release()
