"""Who may read what kvarn writes: by default its owner alone, whatever the system's umask; what is for others says so.

A run writes microdata in many ways, some of them a library's own (DuckDB, Arrow, papermill, temporary files). So not
each writer restricts its files, but the process does: inside `private`, everything new is its owner's alone, in kernels and other
processes that it starts too. What may leave the building gets the modes that it would have had (`as_usual`).
"""

from __future__ import annotations

import contextlib
import os
import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path

__all__ = ["as_usual", "make_private", "make_usual", "private"]

_OWNER_ONLY = 0o077
# Whoever finds that the key could be read by others must know of it: reading the key stops then, and nothing mends it in silence.
_NOT_MENDED = "pseudonym.key"
# Below such a folder of a project nothing is for others, whichever command puts it there.
_RESTRICTED, _MARK = "restricted", "_quarto.yml"
# In nanoseconds.
_JUST_NOW = 2_000_000_000
_LOCK = threading.Lock()
# How many are inside `private`, and the umask of whoever came first.
_inside: list[int] = []
# By the folder that they go through, as long as somebody is.
_menders: dict[str, _Mender] = {}


@contextlib.contextmanager
def private() -> Iterator[None]:
    """Let everything that this process makes be readable by its owner alone while the block runs."""
    with _LOCK:
        _inside.append(os.umask(_OWNER_ONLY) if not _inside else _inside[0])
    try:
        yield
    finally:
        with _LOCK:
            usual = _inside.pop()
            if not _inside:
                os.umask(usual)
                _menders.clear()


def as_usual(made: Path) -> None:
    """Give a file, or a folder with everything in it, the modes that it would have outside `private`.

    What has got other rights meanwhile, from the folder above (default access lists) or from somebody, keeps them. What lies in
    a project's ``restricted/`` stays its owner's alone.
    """
    if not _inside or _is_restricted(made):
        return
    usual = _inside[0]
    for path in (made, *(made.rglob("*") if made.is_dir() else ())):
        mode = stat.S_IMODE(path.stat().st_mode)
        if path.is_dir() and mode & 0o777 == 0o700:
            path.chmod((mode & ~0o777) | 0o777 & ~usual)
        elif path.is_file() and mode & 0o777 == 0o600:
            path.chmod(0o666 & ~usual)


def make_usual(folder: Path) -> None:
    """Make a folder, and those above it that are missing, with the modes that they would have outside `private`."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for path in reversed(missing):
        as_usual(path)


def make_private(folder: Path) -> int:
    """Mend the modes of a folder and of everything in it: 0700 and 0600. How many were readable by others.

    The folder itself may be a link. A link in it is left alone, and so is what it leads to: that is kept elsewhere. What belongs
    to somebody else is left alone, too; `kvarn doctor` tells of a folder that can be read by others. Inside `private` the files
    of a folder into which nothing has been put since the last time are not looked at again.
    """
    top = os.path.realpath(folder)
    return (_menders.setdefault(top, _Mender(top)) if _inside else _Mender(top)).mend()


def _is_restricted(path: Path) -> bool:
    place = path.absolute()
    return any(above.name == _RESTRICTED and (above.parent / _MARK).is_file() for above in (place, *place.parents))


class _Mender:
    """Goes through a folder and mends modes; the second time only where something has been put since the first."""

    def __init__(self, top: str) -> None:
        self._top = top
        # When something was last put into each folder that has been gone through.
        self._gone_through: dict[str, int] = {}

    def mend(self) -> int:
        mended = int(_mended(self._top, 0o700))
        left = [self._top]
        while left:
            folder = left.pop()
            try:
                changed = os.stat(folder).st_mtime_ns
                with os.scandir(folder) as listed:
                    entries = list(listed)
            except OSError:
                # It has gone meanwhile, or is another's.
                continue
            same = self._gone_through.get(folder) == changed
            # What was put there so short a time ago can be followed by something else at the same time of its clock.
            if time.time_ns() - changed > _JUST_NOW:
                self._gone_through[folder] = changed
            for entry in entries:
                inside = entry.is_dir(follow_symlinks=False)
                if inside:
                    left.append(entry.path)
                if inside or (not same and entry.name != _NOT_MENDED):
                    mended += _is_open(entry) and _mended(entry.path, 0o700 if inside else 0o600)
        return mended


def _is_open(entry: os.DirEntry[str]) -> bool:
    try:
        return bool(entry.stat(follow_symlinks=False).st_mode & _OWNER_ONLY)
    except OSError:
        return False


def _mended(path: str, wanted: int) -> bool:
    try:
        found = os.lstat(path)
        mode = stat.S_IMODE(found.st_mode) & 0o777
        # An owner may have taken rights away from himself: only those of others are taken here.
        if not stat.S_ISLNK(found.st_mode) and mode & _OWNER_ONLY:
            os.chmod(path, mode & wanted)
            return True
    except OSError:
        # It has gone meanwhile, or is another's.
        pass
    return False
