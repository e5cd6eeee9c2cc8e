"""Where delivery files come from: files, folders and zip archives."""

from __future__ import annotations

import os
import re
import stat
import zipfile
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from kvarn.collect._archives import ArchiveFault, DocumentPacked, is_archive, members
from kvarn.collect._passed_over import PassedOver, Reason, kind_of
from kvarn.collect._printable import in_letters
from kvarn.errors import DeliveryError

__all__ = ["ARRIVALS", "NOTICE", "POSSIBLE_YEARS", "Found", "Source", "find_sources", "of_a_synthetic_register", "year_in_name"]

ARRIVALS, NOTICE = "arrivals.csv", "SYNTHETIC.txt"
# These lie beside deliveries and are none.
_NO_DELIVERIES = frozenset({ARRIVALS, NOTICE})
NAME = re.compile(r"(?P<type>[A-Z0-9]+)_(?P<municipality>[0-9]{4})_(?P<year>[0-9]{4})(?P<month>[0-9]{2})\.txt")
# What a year can be, in a name as in a date of arrival. Every date that is computed from such a year exists.
POSSIBLE_YEARS = range(1900, 2100)
_YEAR_IN_NAME = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})(?:[0-9]{2})?(?![0-9])")
# What the ledger can hold as a time of change: a file system can tell of others.
_LATEST = 2**63 - 1


@dataclass(frozen=True)
class Source:
    """One file that somebody has delivered.

    Attributes
    ----------
    name
        The file's own name, without folders; bytes of it that are no letters in UTF-8 as ``\\xff``.
    place
        Where it came from, for the ledger: its path, and in an archive ``archive.zip/member``.
    on_disk, member
        The path of the file; in an archive, that of the archive, and the member of it.
    given
        The number of the path on the command line under which it was found.
    relative
        Its place below that path.
    year
        The year that its name tells, or else its folder: one that can be (`POSSIBLE_YEARS`), else None.
    fault
        The file rule that an archive breaks as a whole.
    """

    name: str
    place: str
    on_disk: str
    size: int
    changed: int
    given: int
    relative: str
    year: int | None
    member: zipfile.ZipInfo | None = None
    fault: str | None = field(default=None)

    @property
    def path(self) -> Path:
        """The file on disk, or the archive."""
        return Path(self.on_disk)


@dataclass(frozen=True)
class Found:
    """What lies at the paths that are given: the delivery files, and what is none or cannot be read."""

    sources: list[Source]
    passed_over: list[PassedOver]


def find_sources(paths: Sequence[Path], *, leave_out: Collection[Path] = ()) -> Found:
    """Every delivered file at or below the paths, archives opened, in the order of the paths and then of the names.

    In a folder every file counts, so that none with a wrong name is passed over. Whatever else there is, and whatever cannot be
    read, is named with the reason; only the log of arrivals and the notice of synthetic data are not.

    Parameters
    ----------
    leave_out
        Folders that are not searched: receipts and the register may lie below a path that is given.

    Raises
    ------
    DeliveryError
        There is nothing at a path.
    """
    search = _Search({folder.resolve() for folder in leave_out})
    for number, path in enumerate(paths):
        search.at(number, path)
    return Found(search.sources, search.passed_over)


def year_in_name(name: str, folder_year: int | None = None) -> int | None:
    """The year that a file's name tells, or else its folder; None where neither does, or it is no year that can be."""
    right = NAME.fullmatch(name)
    if right:
        year = int(right["year"])
        return year if year in POSSIBLE_YEARS else None
    told = _YEAR_IN_NAME.search(name.partition("_")[2].partition("_")[2])
    return int(told[1]) if told else folder_year


class _Search:
    """A search under way."""

    def __init__(self, away: Collection[Path]) -> None:
        self.sources: list[Source] = []
        self.passed_over: list[PassedOver] = []
        self._away = away

    def at(self, number: int, path: Path) -> None:
        """Find what lies at a path that is given."""
        if not os.path.lexists(path):
            raise DeliveryError(
                "There is nothing at this path.",
                file=in_letters(str(path)),
                remedy="Give delivery files, folders or zip archives that exist.",
            )
        # A folder that is given may be a link: whoever gives it means what it leads to.
        if path.is_dir():
            entries = sorted(self._walk(path), key=lambda one: one[:2])
        elif path.name in _NO_DELIVERIES and path.is_file():
            return
        else:
            there = self._file(str(path))
            entries = [(path.name, os.path.abspath(path), None, there)] if there is not None else []
        for relative, place, folder_year, there in entries:
            self.sources += self._sources(number, relative, place, folder_year, there)

    def _walk(self, top: Path) -> Iterator[tuple[str, str, int | None, os.stat_result]]:
        """The files below a folder: place below it, place, the year of its folder, and what the system says of it."""
        # Of tens of thousands of files: their places are joined, and not worked out one by one.
        waiting: list[tuple[str, str, int | None]] = [(str(top), "", None)]
        while waiting:
            folder, below, folder_year = waiting.pop()
            here = os.path.abspath(folder)
            try:
                with os.scandir(folder) as listed:
                    entries = list(listed)
            except OSError:
                self._pass_over(folder, "folder-unreadable")
                continue
            for entry in entries:
                if entry.name.startswith("."):
                    self._pass_over(entry.path, "hidden")
                elif self._is_folder(entry):
                    if self._is_left_out(entry):
                        self._pass_over(entry.path, "own-folder")
                        continue
                    own = _YEAR_IN_NAME.fullmatch(entry.name)
                    waiting.append((entry.path, f"{below}{entry.name}{os.sep}", int(own[1]) if own else folder_year))
                elif (there := self._file(entry.path)) is not None:
                    if entry.name not in _NO_DELIVERIES:
                        yield f"{below}{entry.name}", os.path.join(here, entry.name), folder_year, there
                    elif entry.name == ARRIVALS and folder != str(top):
                        self._pass_over(entry.path, "log-below")

    def _is_folder(self, entry: os.DirEntry[str]) -> bool:
        try:
            return entry.is_dir(follow_symlinks=False)
        except OSError:
            return False

    def _is_left_out(self, folder: os.DirEntry[str]) -> bool:
        # To resolve a path takes its time where folders lie deep. This one is no link: its own name stays.
        return any(folder.name == away.name for away in self._away) and Path(folder.path).resolve() in self._away

    def _file(self, place: str) -> os.stat_result | None:
        """What the system says of a file that lies there, itself or by a link; what else does is passed over."""
        try:
            found = os.stat(place)
        except OSError:
            self._pass_over(place, "link-broken" if os.path.islink(place) else "unreadable")
            return None
        if stat.S_ISREG(found.st_mode):
            return found
        self._pass_over(place, "folder-link" if stat.S_ISDIR(found.st_mode) else kind_of(found.st_mode))
        return None

    def _pass_over(self, place: str, reason: Reason) -> None:
        self.passed_over.append(PassedOver(in_letters(place), reason))

    def _sources(self, given: int, relative: str, place: str, folder_year: int | None, there: os.stat_result) -> Iterator[Source]:
        size, changed = there.st_size, max(-_LATEST, min(there.st_mtime_ns, _LATEST))
        own = os.path.basename(place)
        name, relative = in_letters(own), in_letters(relative)
        archive = not NAME.fullmatch(own) and is_archive(Path(place))
        year = folder_year if archive else year_in_name(name, folder_year)
        whole = Source(name, in_letters(place), place, size, changed, given, relative, year)
        if archive:
            yield from self._members(whole)
        else:
            yield whole

    def _members(self, archive: Source) -> Iterator[Source]:
        try:
            inside = members(archive.path)
        except DocumentPacked:
            yield replace(archive, year=year_in_name(archive.name, archive.year))
            return
        except ArchiveFault as broken:
            yield replace(archive, fault=broken.rule)
            return
        if not inside:
            yield replace(archive, fault="archive-empty")
        times: Counter[str] = Counter()
        for member in inside:
            shown = in_letters(member.filename)
            name = shown.replace("\\", "/").rpartition("/")[2]
            times[shown] += 1
            # An archive can hold several members of one name.
            again = f" ({times[shown]})" if times[shown] > 1 else ""
            if _of_the_system(shown):
                self._pass_over(f"{archive.path}/{shown}", "of-the-system")
            elif name in ("", "."):
                self._pass_over(f"{archive.path}/{shown}", "no-name")
            elif name.startswith("."):
                self._pass_over(f"{archive.path}/{shown}", "hidden")
            elif name == ARRIVALS:
                self._pass_over(f"{archive.path}/{shown}", "log-below")
            elif name == NOTICE:
                self._pass_over(f"{archive.path}/{shown}", "notice")
            else:
                yield replace(
                    archive,
                    name=name,
                    place=f"{archive.place}/{shown}{again}",
                    size=member.file_size,
                    relative=f"{archive.relative}/{shown}{again}",
                    year=year_in_name(name, archive.year),
                    member=member,
                    fault="archive-nested" if name.lower().endswith(".zip") else None,
                )


def _of_the_system(name: str) -> bool:
    """What some systems put into every archive beside the files that were meant."""
    parts = PurePosixPath(name).parts
    return "__MACOSX" in parts or (bool(parts) and parts[-1] in (".DS_Store", "Thumbs.db"))


def of_a_synthetic_register(path: Path) -> bool:
    """Whether a file or folder comes from a register of `kvarn demo`: the notice lies there, or in a folder near above."""
    return any((folder / NOTICE).is_file() for folder in (path, *path.absolute().parents[:3]))
