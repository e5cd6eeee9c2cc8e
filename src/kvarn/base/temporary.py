"""The temporary folder of a run: private, removed at its end, and by the next run where it could not be.

Everything temporary lies in one folder, so that a run that is killed leaves one behind and not many. In it lies a file that the
run holds a lock on for as long as it lives; the system takes the lock away when it dies. So whoever comes next can tell the
folders of the dead from those of the living, and removes them: its own user's alone, and none that kvarn has not made.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import stat
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from kvarn.base.system_faults import naming
from kvarn.errors import EnvironmentFault

__all__ = ["own_folder", "remove_own_folder", "temporary_files_within"]

_PREFIX = "kvarn-"
_MARK = ".kvarn-run"
_WORDS = b"The temporary folder of a run of kvarn. It can be removed when that has ended.\n"

# A path of a socket may have 103 bytes on macOS and 107 on Linux. A kernel's folder and the name of a socket take 24.
_LONGEST = 103 - 24
_ELSEWHERE = "/tmp"  # noqa: S108 - where the path of the user's own is too long; the folder is for the user alone

_making = threading.Lock()
_own: list[tuple[int, Path, int]] = []


def own_folder() -> Path:
    """This run's temporary folder, for the user alone: made when it is first asked for, with a path short enough for sockets.

    What runs that were killed have left behind is removed then.
    """
    with _making:
        if _own and _own[0][0] == os.getpid() and _own[0][1].is_dir():
            return _own[0][1]
        place = _place()
        for folder in {place, _ELSEWHERE} if sys.platform != "win32" else {place}:
            _sweep(folder)
        made = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
        try:
            _own[:] = [(os.getpid(), made, _marked(made))]
        except BaseException:
            # Without its mark no later run would know it for one of kvarn's.
            shutil.rmtree(made, ignore_errors=True)
            raise
        return made


def remove_own_folder() -> None:
    """Remove it, with everything in it."""
    if _own and _own[0][0] == os.getpid():
        _, folder, mark = _own.pop()
        shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            os.close(mark)


atexit.register(remove_own_folder)


@contextlib.contextmanager
def temporary_files_within() -> Iterator[None]:
    """Let every temporary file be made in this run's folder while the block runs: other libraries' and other programs' too."""
    own = str(own_folder())
    before, of_programs = tempfile.tempdir, os.environ.get("TMPDIR")
    tempfile.tempdir = own
    os.environ["TMPDIR"] = own
    try:
        yield
    finally:
        tempfile.tempdir = before
        if of_programs is None:
            os.environ.pop("TMPDIR", None)
        else:
            os.environ["TMPDIR"] = of_programs


def _place() -> str:
    """Where temporary files of this user belong; elsewhere where the path is too long for sockets."""
    try:
        place = tempfile.gettempdir()
    except FileNotFoundError:
        raise _nowhere() from None
    of_another_run = _own and Path(place) == _own[0][1]
    if of_another_run:
        place = str(Path(place).parent)
    too_long = len(os.fsencode(place)) + len(_PREFIX) + 9 > _LONGEST
    return _ELSEWHERE if too_long and sys.platform != "win32" else place


def _nowhere() -> EnvironmentFault:
    """Python tries folder after folder, and says that none is there; mostly they are, and full."""
    tried = list(dict.fromkeys([*filter(None, map(os.environ.get, ("TMPDIR", "TEMP", "TMP"))), "/tmp", "/var/tmp", "/usr/tmp"]))  # noqa: S108
    return EnvironmentFault(
        "Nothing can be written into any folder for temporary files.",
        where=", ".join([*tried, "the current folder"]),
        remedy="Make room on their disk, or let TMPDIR name a folder that you may write to; then run the same command again.",
    )


def _marked(folder: Path) -> int:
    """Put the mark into a folder, locked: nobody ever sees it unlocked while this run lives."""
    part = folder / f"{_MARK}.part"
    mark = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with naming(part):
            os.write(mark, _WORDS)
        _lock(mark)
        if sys.platform != "win32":
            part.rename(folder / _MARK)
    except BaseException:
        os.close(mark)
        raise
    return mark


def _lock(mark: int) -> bool:
    """Whether this process holds the lock from now on. On Windows, and where the file system keeps no locks, it never does."""
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _sweep(place: str) -> None:
    """Remove the folders that dead runs of this user have left in a place."""
    if sys.platform == "win32":
        return
    with contextlib.suppress(OSError):
        above = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
        try:
            for name in os.listdir(above):
                if name.startswith(_PREFIX):
                    with contextlib.suppress(OSError):
                        _remove_if_dead(above, name)
        finally:
            os.close(above)


def _remove_if_dead(above: int, name: str) -> None:
    """Remove a folder whose run has died. A link, and what is another user's or not marked, is left alone."""
    folder = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=above)
    try:
        if os.fstat(folder).st_uid != os.getuid():
            return
        mark = os.open(_MARK, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
        try:
            found = os.fstat(mark)
            ours = stat.S_ISREG(found.st_mode) and found.st_uid == os.getuid() and os.read(mark, len(_WORDS) + 1) == _WORDS
            if ours and _lock(mark) and os.path.samestat(os.fstat(folder), os.stat(name, dir_fd=above, follow_symlinks=False)):
                shutil.rmtree(name, dir_fd=above, ignore_errors=True)
        finally:
            os.close(mark)
    finally:
        os.close(folder)
