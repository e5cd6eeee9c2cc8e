"""Zip archives of delivery files: read without ever unpacking to disk, within limits."""

from __future__ import annotations

import functools
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

__all__ = ["ArchiveFault", "is_archive", "members", "read_member"]

# What an archive may be at the most. A month of the whole country is some 600 files and 200 MB.
MOST_MEMBERS = 100_000
MOST_BYTES = 16 * 1024**3
# Delivery files shrink some ten times; a thousand times is a bomb.
MOST_TIMES = 200
_FLOOR = 1024 * 1024
_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")


class ArchiveFault(Exception):
    """The archive breaks a file rule, whose code is in `rule`."""

    def __init__(self, rule: str) -> None:
        self.rule = rule
        super().__init__(rule)


def is_archive(path: Path) -> bool:
    """Whether a file is a zip archive, by its name or its first bytes."""
    if path.suffix.lower() == ".zip":
        return True
    try:
        with path.open("rb") as stream:
            return stream.read(4) in _SIGNATURES
    except OSError:
        return False


def members(path: Path) -> list[zipfile.ZipInfo]:
    """The files in an archive, sorted by name.

    Raises
    ------
    ArchiveFault
        It is no archive that can be read, is encrypted, would unpack to far more than delivery files do, or names a place
        outside itself.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            listed = archive.infolist()
    except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError):
        raise ArchiveFault("archive-unreadable") from None
    files = [member for member in listed if not member.is_dir() and not _of_the_system(member.filename)]
    if len(files) > MOST_MEMBERS or sum(member.file_size for member in files) > MOST_BYTES:
        raise ArchiveFault("archive-size")
    for member in files:
        _check(member)
    return sorted(files, key=lambda member: member.filename)


def read_member(path: Path, name: str, most: int) -> bytes | None:
    """The bytes of one file in an archive, or None when they are more than `most`, whatever the archive says of their number.

    Raises
    ------
    OSError
        The archive cannot be read, or this file in it is damaged.
    """
    try:
        with _opened(path, path.stat().st_mtime_ns).open(name) as stream:
            content = stream.read(most + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError) as error:
        raise OSError(f"damaged archive: {type(error).__name__}") from None
    return None if len(content) > most else content


@functools.lru_cache(maxsize=1)
def _opened(path: Path, changed: int) -> zipfile.ZipFile:
    """The archive, opened once for all its members: the list of thousands takes its time to read."""
    return zipfile.ZipFile(path)


def _check(member: zipfile.ZipInfo) -> None:
    path = PurePosixPath(member.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or "\0" in member.filename or ":" in path.parts[0]:
        raise ArchiveFault("archive-path")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise ArchiveFault("archive-path")
    if member.flag_bits & 0x1:
        raise ArchiveFault("archive-encrypted")
    if member.file_size > _FLOOR and member.file_size > MOST_TIMES * max(member.compress_size, 1):
        raise ArchiveFault("archive-size")


def _of_the_system(name: str) -> bool:
    """What some systems put into every archive beside the files that were meant."""
    parts = PurePosixPath(name).parts
    return "__MACOSX" in parts or (bool(parts) and parts[-1] in (".DS_Store", "Thumbs.db"))
