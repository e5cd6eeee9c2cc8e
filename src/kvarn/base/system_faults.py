"""What the operating system refuses (a full disk, rights that are missing, a disk that fails), in words and with a remedy."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from kvarn.base.damaged import DAMAGED, RESTORE, damaged_below
from kvarn.errors import EnvironmentFault

__all__ = ["naming", "refused", "remedy_for", "said_of_system"]

_AGAIN = "and run the same command again: what is finished is kept."
_MAKE_ROOM = f"Make room on the disk that it lies on, {_AGAIN}"
_MAY_NOT = f"See to it that you may read and write it, and the folder that it lies in, {_AGAIN}"
_REMEDIES = {
    errno.ENOSPC: _MAKE_ROOM,
    errno.EDQUOT: f"Make room within your quota, or let it be raised, {_AGAIN}",
    errno.EFBIG: f"Let files be larger (`ulimit -f unlimited`), or keep the project on another file system, {_AGAIN}",
    errno.EACCES: _MAY_NOT,
    errno.EPERM: _MAY_NOT,
    errno.EROFS: f"The file system can only be read: mount it for writing, {_AGAIN}",
    errno.EIO: f"The disk or the share fails: have it looked at, {_AGAIN}",
    errno.ENOENT: f"Put it back, or correct the path that leads to it, {_AGAIN}",
    errno.EISDIR: f"There is a folder where a file belongs: take it away, {_AGAIN}",
    errno.ENOTDIR: f"There is a file where a folder belongs: take it away, or correct the path that leads to it, {_AGAIN}",
    errno.EEXIST: f"Something else stands where this belongs: take it away, {_AGAIN}",
    errno.ELOOP: f"A link leads back to itself: put there what it should lead to, {_AGAIN}",
    errno.ENAMETOOLONG: f"Give it a shorter name, or keep the project in a folder with a shorter path, {_AGAIN}",
    errno.EMFILE: f"Let the program have more files open (`ulimit -n 1024`), {_AGAIN}",
    errno.ESPIPE: f"Take it away, put the file there that belongs there unless kvarn makes it, {_AGAIN}",
    errno.ENFILE: f"Too much runs on this machine at once: end some of it, {_AGAIN}",
    errno.EAGAIN: f"Let there be more processes (`ulimit -u`), or end others, {_AGAIN}",
    errno.ENOMEM: f"Close other programs, or let this one have more memory, {_AGAIN}",
}
_OTHERWISE = f"Check the disk and the permissions (kvarn doctor), {_AGAIN}"
# Where a library says in words of its own what the system has refused; the first that is found.
_SAID = {
    "no space left": errno.ENOSPC,
    "disk is full": errno.ENOSPC,
    "quota exceeded": errno.EDQUOT,
    "file too large": errno.EFBIG,
    "permission denied": errno.EACCES,
    "readonly database": errno.EROFS,
    "read-only file system": errno.EROFS,
    "input/output error": errno.EIO,
    "disk i/o error": errno.EIO,
    "unable to open database file": errno.EACCES,
    "too many open files": errno.EMFILE,
}
_OF_RIGHTS = (errno.EACCES, errno.EPERM)
_LIBRARIES = ("sqlite3", "duckdb", "_duckdb")
# What Python says, in place of what the system does, where no further thread can be begun.
_NO_THREAD = "can't start new thread"
_LIMITS = "the limits of the shell, or of what has started the run"
_OF_DATA = ("duckdb", "_duckdb", "pyarrow")
# How DuckDB and Arrow say that a file is not what it should be: cut short, written over, or of another kind.
_DAMAGED = re.compile(
    r"magic bytes|parquet|corrupt|thrift|footer|end of file|out of buffer|snappy|zstd|decompress|page header|too small to be"
    r"|don't know what type",
    re.IGNORECASE,
)
_PATH = re.compile(r"['\"](/[^'\"]+)['\"]")


def remedy_for(error: OSError) -> str:
    """What to do about what the system has refused."""
    return _REMEDIES.get(error.errno or 0, _OTHERWISE)


def refused(error: BaseException, *, where: str | None = None, project: Path | None = None) -> EnvironmentFault | None:
    """What the system has refused, as an error with a place and a remedy; None where it is something else that went wrong.

    Parameters
    ----------
    error
        What Python, or a library that keeps data in files (DuckDB, SQLite), has raised.
    where
        The place to name where the error names none: of a file that cannot be written to, the system does not say which it is.
    project
        The project among whose restricted files the one is sought that a library calls damaged without naming it.
    """
    if isinstance(error, EnvironmentFault):
        return error
    # SQLAlchemy, in which pytask keeps its record, says what SQLite has raised, with the statement beside it.
    error = getattr(error, "orig", None) or error
    if isinstance(error, shutil.Error):
        # What of a folder could not be copied: a list, of which the first says enough.
        (_, where, error), *_ = error.args[0] if isinstance(error.args[0], list) else [("", where, OSError(str(error)))]
        error = error if isinstance(error, OSError) else OSError(str(error))
    if isinstance(error, RuntimeError) and _NO_THREAD in str(error):
        return EnvironmentFault("No further thread can be begun.", where=_LIMITS, remedy=_REMEDIES[errno.EAGAIN])
    if isinstance(error, OSError) and error.errno and (named := _PATH.search(str(error.strerror))):
        # Arrow says it in a sentence of its own.
        return EnvironmentFault(f"{os.strerror(error.errno)}.", where=named[1], remedy=remedy_for(error))
    if isinstance(error, OSError) and error.strerror:
        return EnvironmentFault(f"{error.strerror}.", where=_file_of(error) or where, remedy=remedy_for(error))
    if isinstance(error, OSError) or type(error).__module__.partition(".")[0] in _LIBRARIES:
        fault = said_of_system(str(error), where=where)
        if fault is not None:
            return fault
    of_data = isinstance(error, OSError) or type(error).__module__.partition(".")[0] in _OF_DATA
    if of_data and _DAMAGED.search(said := str(error)):
        named = _PATH.search(said)
        found = None if named or project is None else damaged_below(project / "restricted")
        return EnvironmentFault(DAMAGED, where=named[1] if named else str(found) if found else where, remedy=RESTORE)
    return None


def said_of_system(said: str, *, where: str | None, walled: bool = False) -> EnvironmentFault | None:
    """What the system has refused, as a library or a program says it in words of its own; None where it says something else.

    Parameters
    ----------
    walled
        Whether a program said it that may open few files: what it could not open it was told to by the document.
    """
    heard = {words: code for words, code in _SAID.items() if not walled or code not in _OF_RIGHTS}
    code = next((code for words, code in heard.items() if words in said.casefold()), None)
    return None if code is None else EnvironmentFault(f"{os.strerror(code)}.", where=where, remedy=_REMEDIES[code])


def _file_of(error: OSError) -> str | None:
    """The file that an error names; of two (copied, renamed) the new one, unless it is the old one that cannot be read."""
    named = (error.filename, error.filename2) if error.errno in {errno.ENOENT, errno.EIO} else (error.filename2, error.filename)
    return next((os.fsdecode(name) for name in named if isinstance(name, str | bytes | os.PathLike)), None)


@contextlib.contextmanager
def naming(file: Path) -> Iterator[None]:
    """Let an error of the system, which does not say which file it is about when it is written to, name this one."""
    try:
        yield
    except OSError as error:
        if error.filename is None and error.errno is not None:
            error.filename = str(file)
        raise
