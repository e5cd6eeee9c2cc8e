"""A pipe, socket or device where a file belongs is refused: whoever opens a pipe waits for a writer, and none may ever come."""

from __future__ import annotations

import errno
import os
import stat
import sys

__all__ = ["refuse_pipes"]

_KINDS = {stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device"}
# What is named in so many words is meant: /dev/null, a terminal, the pipe of a shell (/dev/fd/63).
_MEANT = ("/dev/", "/proc/")
_FOR_FILES = "/dev/shm/"  # noqa: S108 - named, nothing is made there
_DOES_NOT_WAIT = getattr(os, "O_NONBLOCK", 0)
_refusing = False


def refuse_pipes() -> None:
    """From now on and in the whole program let opening by a path fail where it leads to a pipe, a socket or a device.

    The error is an ``OSError`` that names the path, and says what lies there. Whoever opens without waiting (``O_NONBLOCK``)
    looks at what it is by himself.
    """
    global _refusing
    if not _refusing:
        _refusing = True
        sys.addaudithook(_look)


def _look(event: str, arguments: tuple[object, ...]) -> None:
    if event != "open":
        return
    path, _, flags = arguments
    if not isinstance(path, str | bytes) or (isinstance(flags, int) and flags & _DOES_NOT_WAIT):
        return
    named = os.fsdecode(path)
    if named.startswith(_MEANT) and not named.startswith(_FOR_FILES):
        return
    try:
        kind = stat.S_IFMT(os.stat(path).st_mode)
    except (OSError, ValueError):
        # What is not there, or cannot be a path, is told by whoever opens it.
        return
    if kind in _KINDS:
        raise OSError(errno.ESPIPE, f"This is {_KINDS[kind]}, not a file", named)
