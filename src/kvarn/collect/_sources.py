"""Where delivery files come from: files, folders and zip archives."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kvarn.collect._archives import ArchiveFault, is_archive, members
from kvarn.errors import DeliveryError

__all__ = ["ARRIVALS", "Source", "find_sources", "of_a_synthetic_register", "year_in_name"]

ARRIVALS, NOTICE = "arrivals.csv", "SYNTHETIC.txt"
# These lie beside deliveries and are none.
_NO_DELIVERIES = frozenset({ARRIVALS, NOTICE})
NAME = re.compile(r"(?P<type>[A-Z0-9]+)_(?P<municipality>[0-9]{4})_(?P<year>[0-9]{4})(?P<month>[0-9]{2})\.txt")
_YEAR_IN_NAME = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})(?:[0-9]{2})?(?![0-9])")


@dataclass(frozen=True)
class Source:
    """One file that somebody has delivered.

    Attributes
    ----------
    name
        The file's own name, without folders.
    place
        Where it came from, for the ledger: its path, and in an archive ``archive.zip/member``.
    path, member
        The file on disk; in an archive, the archive and the member's name.
    given
        The number of the path on the command line under which it was found.
    relative
        Its place below that path.
    fault
        The file rule that an archive breaks as a whole.
    """

    name: str
    place: str
    path: Path
    size: int
    changed: int
    given: int
    relative: str
    year: int | None
    member: str | None = None
    fault: str | None = field(default=None)


def find_sources(paths: Sequence[Path], *, leave_out: Collection[Path] = ()) -> list[Source]:
    """Every delivered file at or below the paths, archives opened, in the order of the paths and then of the names.

    In a folder every file counts, so that none with a wrong name is passed over in silence; only hidden files, the log of
    arrivals and the notice of synthetic data do not.

    Parameters
    ----------
    leave_out
        Folders that are not searched: receipts and the register may lie below a path that is given.

    Raises
    ------
    DeliveryError
        There is nothing at a path, or a folder cannot be read.
    """
    away = {folder.resolve() for folder in leave_out}
    found: list[Source] = []
    for number, path in enumerate(paths):
        if path.is_dir():
            entries = sorted(_walk(path, path, None, away))
        elif path.is_file():
            entries = [(path.name, str(path.absolute()), None)]
        else:
            raise DeliveryError(
                "There is nothing at this path.",
                file=path,
                remedy="Give delivery files, folders or zip archives that exist.",
            )
        for relative, place, folder_year in entries:
            found += _sources(number, relative, Path(place), folder_year)
    return found


def year_in_name(name: str, folder_year: int | None = None) -> int | None:
    """The year that a file's name tells, or else its folder; None where neither does."""
    right = NAME.fullmatch(name)
    if right:
        return int(right["year"])
    told = _YEAR_IN_NAME.search(name.partition("_")[2].partition("_")[2])
    return int(told[1]) if told else folder_year


def _walk(folder: Path, above: Path, folder_year: int | None, away: Collection[Path]) -> Iterator[tuple[str, str, int | None]]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    if Path(entry.path).resolve() in away:
                        continue
                    own = _YEAR_IN_NAME.fullmatch(entry.name)
                    yield from _walk(Path(entry.path), above, int(own[1]) if own else folder_year, away)
                elif entry.name not in _NO_DELIVERIES and entry.is_file():
                    yield os.path.relpath(entry.path, above), os.path.abspath(entry.path), folder_year
    except PermissionError as error:
        raise DeliveryError(
            f"The folder cannot be read: {error.strerror}.", file=folder, remedy="Ask for the right to read it, and run again."
        ) from None


def _sources(given: int, relative: str, path: Path, folder_year: int | None) -> Iterator[Source]:
    try:
        status = path.stat()
        size, changed = status.st_size, status.st_mtime_ns
    except OSError:
        size, changed = 0, 0
    if not NAME.fullmatch(path.name) and is_archive(path):
        yield from _members(given, relative, path, size, changed, folder_year)
        return
    year = year_in_name(path.name, folder_year)
    yield Source(path.name, str(path), path, size, changed, given, relative, year)


def _members(given: int, relative: str, path: Path, size: int, changed: int, folder_year: int | None) -> Iterator[Source]:
    try:
        inside = members(path)
    except ArchiveFault as broken:
        yield Source(path.name, str(path), path, size, changed, given, relative, folder_year, fault=broken.rule)
        return
    if not inside:
        yield Source(path.name, str(path), path, size, changed, given, relative, folder_year, fault="archive-empty")
    for member in inside:
        name = member.filename.replace("\\", "/").rpartition("/")[2]
        if name in _NO_DELIVERIES or name.startswith("."):
            continue
        fault = "archive-nested" if name.lower().endswith(".zip") else None
        yield Source(
            name,
            f"{path}/{member.filename}",
            path,
            member.file_size,
            changed,
            given,
            f"{relative}/{member.filename}",
            year_in_name(name, folder_year),
            member.filename,
            fault,
        )


def of_a_synthetic_register(path: Path) -> bool:
    """Whether a file or folder comes from a register of `kvarn demo`: the notice lies there, or in a folder near above."""
    return any((folder / NOTICE).is_file() for folder in (path, *path.absolute().parents[:3]))
