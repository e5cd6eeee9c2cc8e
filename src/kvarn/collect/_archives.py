"""Zip archives of delivery files: read without ever unpacking to disk, within limits."""

from __future__ import annotations

import contextlib
import io
import stat
import zipfile
from pathlib import Path, PurePosixPath
from types import TracebackType

__all__ = ["ArchiveFault", "Archives", "DocumentPacked", "is_archive", "members"]

# What an archive may be at the most. A month of the whole country is some 600 files and 200 MB.
MOST_MEMBERS = 100_000
MOST_BYTES = 16 * 1024**3
# The list of so many members takes less. It is read at once, and a longer one would fill the memory before anybody has counted.
MOST_LISTED = 16 * 1024 * 1024
# Delivery files shrink some ten times; a thousand times is a bomb.
MOST_TIMES = 200
_FLOOR = 1024 * 1024
# What spreadsheets and documents have inside (Office Open XML, OpenDocument), and no archive of delivery files.
_OF_DOCUMENTS = frozenset({"[Content_Types].xml", "mimetype"})
_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")


class ArchiveFault(Exception):
    """The archive breaks a file rule, whose code is in `rule`."""

    def __init__(self, rule: str) -> None:
        self.rule = rule
        super().__init__(rule)


class DocumentPacked(Exception):
    """The file is a spreadsheet or another document: one file, whose parts are nobody's deliveries."""


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
    DocumentPacked
        It is a spreadsheet or another document, which are packed as archives are.
    """
    try:
        with _Listed(path, "rb") as stream, zipfile.ZipFile(stream) as archive:
            listed = archive.infolist()
    except ArchiveFault:
        raise
    except Exception:
        # What a damaged archive raises depends on where it is damaged, and on the Python that reads it.
        raise ArchiveFault("archive-unreadable") from None
    if any(member.filename in _OF_DOCUMENTS for member in listed):
        raise DocumentPacked
    files = [member for member in listed if member.file_size or not member.is_dir()]
    if len(files) > MOST_MEMBERS or sum(member.file_size for member in files) > MOST_BYTES:
        raise ArchiveFault("archive-size")
    for member in files:
        _check(member)
    return sorted(files, key=lambda member: (member.filename, member.header_offset))


class Archives:
    """The archive that is being read, opened once for all its members (the list of thousands takes its time to read).

    It is closed when a member of another is asked for, and when the block ends: nothing is remembered of it.
    """

    def __init__(self) -> None:
        self._path: Path | None = None
        self._archive: zipfile.ZipFile | None = None
        self._members: dict[int, zipfile.ZipInfo] = {}

    def __enter__(self) -> Archives:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._close()

    def read(self, path: Path, member: zipfile.ZipInfo, most: int) -> bytes | None:
        """The bytes of a member, or None when they are more than `most`, whatever the archive says of their number.

        Raises
        ------
        OSError
            The archive cannot be read, has changed since it was listed, or this member of it is damaged.
        """
        try:
            archive = self._opened(path)
            now = self._members[member.header_offset]
            if (now.filename, now.CRC, now.file_size) != (member.filename, member.CRC, member.file_size):
                raise OSError("changed meanwhile")
            with archive.open(now) as stream:
                content = stream.read(most + 1)
        except Exception as error:
            # Each way of packing has errors of its own (zlib, bz2, LZMA); a member in one that this Python lacks is none of them.
            raise OSError(f"damaged archive: {type(error).__name__}") from None
        return None if len(content) > most else content

    def _opened(self, path: Path) -> zipfile.ZipFile:
        if self._archive is None or self._path != path:
            self._close()
            self._archive = zipfile.ZipFile(path)
            self._path = path
            self._members = {member.header_offset: member for member in self._archive.infolist()}
        return self._archive

    def _close(self) -> None:
        if self._archive is not None:
            with contextlib.suppress(OSError):
                self._archive.close()
        self._path, self._archive, self._members = None, None, {}


class _Listed(io.FileIO):
    """An archive of which the list is read, and no more than a list may take."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > MOST_LISTED:
            raise ArchiveFault("archive-size")
        return super().read(size if size is not None else -1) or b""


def _check(member: zipfile.ZipInfo) -> None:
    path = PurePosixPath(member.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or "\0" in member.filename or ":" in (path.parts or ("",))[0]:
        raise ArchiveFault("archive-path")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise ArchiveFault("archive-path")
    if member.flag_bits & 0x1:
        raise ArchiveFault("archive-encrypted")
    if member.file_size > _FLOOR and member.file_size > MOST_TIMES * max(member.compress_size, 1):
        raise ArchiveFault("archive-size")
