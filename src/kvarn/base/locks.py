"""Locks that processes hold against one another: whoever comes second waits, and a lock goes with its process, however that ends.

`filelock` keeps them by what the system has, `flock` on Linux and macOS and `msvcrt` on Windows. Its third way, a file whose mere
presence is the lock, is not taken: it would outlive a process that is killed, and every later run would wait for the dead.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import getpass
import os
import platform
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from kvarn.base.files import SECRET, replace_file
from kvarn.base.modes import private
from kvarn.base.stages import tell
from kvarn.errors import EnvironmentFault

__all__ = ["KEPT_BY", "held", "held_for", "let_run_end", "one_run", "run_at_work"]

KEPT_BY = "msvcrt" if sys.platform == "win32" else "flock"
"""What keeps the locks on this system."""

# In the build folder of an edition.
_OF_RUN = ".run.lock"
# Beside a lock: who holds it.
_HOLDER = ".holder"
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
    mine = FileLock(lock, mode=SECRET, fallback_to_soft=False)
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


@contextlib.contextmanager
def held_for(work: str, folder: Path, waiting: Callable[[str], None] | None = None, *, lock: str = ".lock") -> Iterator[None]:
    """Hold the lock of a folder for some work, and let whoever has to wait know what work that is, whose, and since when.

    Parameters
    ----------
    work
        What it is held for, such as ``the release of the edition 2023``.
    folder
        The folder, which is there.
    waiting
        Called once when somebody else holds it, with who that is; else whoever listens to the stages is told.
    lock
        The name of the lock in the folder.

    Raises
    ------
    EnvironmentFault
        See `held`.
    """
    holder = folder / f"{lock.removesuffix('.lock')}{_HOLDER}"
    with held(folder / lock, lambda: (waiting or _tell)(_read(holder))):
        since = dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        who = f"{work} (started by {_user()}, process {os.getpid()} on {platform.node()}, since {since})"
        replace_file(holder, who.encode(), mode=SECRET)
        try:
            yield
        finally:
            holder.unlink(missing_ok=True)


@contextlib.contextmanager
def one_run(work: str, build: Path, waiting: Callable[[str], None] | None = None) -> Iterator[None]:
    """Hold an edition, by its build folder, until the end of what makes it, releases it, or takes something out of it.

    Raises
    ------
    EnvironmentFault
        See `held`.
    """
    with private():
        build.mkdir(parents=True, exist_ok=True)
    with held_for(work, build, waiting, lock=_OF_RUN):
        yield


def run_at_work(build: Path) -> str | None:
    """Who is at work at an edition now, by its build folder; None where nobody is. Waits for nobody, and makes nothing."""
    lock = build / _OF_RUN
    if not lock.is_file():
        return None
    mine = FileLock(lock, mode=SECRET, fallback_to_soft=False)
    try:
        mine.acquire(blocking=False)
    except Timeout:
        return _read(build / f"{_OF_RUN.removesuffix('.lock')}{_HOLDER}")
    except (NotImplementedError, OSError):
        # Told by whoever needs the lock.
        return None
    mine.release()
    return None


def let_run_end(build: Path, waiting: Callable[[str], None] | None = None) -> None:
    """Wait until whoever is at work at an edition has ended: what there is of it, and is not yet, is known then."""
    if run_at_work(build) is not None:
        with one_run("somebody who waits", build, waiting):
            pass


def _read(holder: Path) -> str:
    try:
        return holder.read_text(encoding="utf-8")
    except OSError:
        # It has just begun, or ends.
        return "another run"


def _tell(holder: str) -> None:
    tell(f"waiting for {holder} to end")


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"user {os.getuid()}" if hasattr(os, "getuid") else "somebody"
