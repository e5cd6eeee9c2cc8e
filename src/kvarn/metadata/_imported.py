"""The official lists that were imported into a project, as they lie in ``params/codelists/``."""

from __future__ import annotations

import csv
import functools
import hashlib
import io
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from kvarn.base.leftovers import beside, sweep, written_by
from kvarn.base.modes import as_usual
from kvarn.base.system_faults import naming, remedy_for
from kvarn.errors import CodeListError
from kvarn.metadata._list_states import Stamp, stamp, state_of
from kvarn.metadata._rules import IMPORTABLE, valid_in
from kvarn.metadata._short_lists import shortfalls
from kvarn.programme import CODELISTS

__all__ = [
    "Official",
    "Source",
    "has_official_list",
    "imported_lists",
    "list_path",
    "official_lists",
    "read_list_of",
    "read_lists",
    "require_lists_alone",
    "short_lists",
    "sources_of_lists",
    "write_list",
]

_NAME = re.compile(rf"({'|'.join(IMPORTABLE)})-([0-9]{{4}})\.csv")
_RECORDED = {"name", "year", "valid_from", "valid_to", "codes", "sha256", "sources", "short", "before"}
_REMEDY = "Import all files of the list again: kvarn codelists import FILES --year YEAR --replace."


class Source(NamedTuple):
    """An official file that a list was imported from."""

    file: str
    sha256: str


@dataclass(frozen=True, eq=False)
class Official:
    """One imported list: valid in its year, and in the years between `valid_from` and `valid_to`.

    Attributes
    ----------
    rows
        ``code``, ``sv``, ``en`` (empty where the file had none), ``valid_from``, ``valid_to``; procedures have ``kind`` and
        ``group`` too, professions ``accepted``.
    sources
        The files that it was imported from.
    short
        Why so few codes are the whole list, where they are fewer than a list of a year has (`kvarn.metadata._short_lists`).
    """

    name: str
    year: int
    valid_from: str
    valid_to: str
    rows: tuple[Mapping[str, str], ...]
    sources: tuple[Source, ...] = ()
    short: str | None = None

    def covers(self, year: int) -> bool:
        """Whether the list says which codes are valid in a year."""
        return year == self.year or valid_in({"valid_from": self.valid_from, "valid_to": self.valid_to}, year)


def imported_lists(root: Path) -> tuple[Path, ...]:
    """The files of the official lists imported into a project, sorted: each list (CSV) and its companion (JSON).

    A step whose result depends on code lists depends on these files.
    """
    folder = root / CODELISTS
    found = sorted(path for path in folder.glob("*.csv") if _NAME.fullmatch(path.name))
    return tuple(path for one in found for path in (one, one.with_suffix(".json")) if path.is_file())


def require_lists_alone(root: Path) -> None:
    """Refuse whatever lies among the imported lists of a project and is none: notebooks may read all that is there. What a
    killed import has left is removed.

    Raises
    ------
    CodeListError
        Naming the first such file or folder.
    """
    folder = root / CODELISTS
    sweep(folder)
    lists = {path for path in folder.glob("*.csv") if _NAME.fullmatch(path.name)}
    known = lists | {path.with_suffix(".json") for path in lists}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if (process := written_by(path)) is not None and not path.is_symlink():
            raise CodeListError(
                f"An import of code lists is writing here (process {process}).",
                file=path,
                remedy="Wait until it has ended. If none is at work, remove the file.",
            )
        if path not in known or not path.is_file() or path.is_symlink():
            raise CodeListError(
                "This lies among the imported code lists, which notebooks may read, and is none.",
                file=path,
                remedy="Put it somewhere else; a list is put there by kvarn codelists import.",
            )


def has_official_list(name: str, year: int) -> bool:
    """Whether an official list that says which codes are valid in the year has been imported into the current project."""
    return any(one.name == name and one.covers(year) for one in official_lists(stamp()))


def short_lists(root: Path) -> Mapping[Path, str]:
    """The imported lists of a project with fewer codes than a year's list has, and why they are the whole of it."""
    folder = root / CODELISTS
    return {list_path(folder, one.name, one.year): one.short for one in _lists_of(root) if one.short}


def sources_of_lists(root: Path) -> Mapping[Path, Sequence[str]]:
    """The names of the files that each imported list of a project was made from."""
    folder = root / CODELISTS
    return {list_path(folder, one.name, one.year): [source.file for source in one.sources] for one in _lists_of(root)}


def _lists_of(root: Path) -> tuple[Official, ...]:
    return official_lists(state_of(root))


@functools.lru_cache(maxsize=8)
def official_lists(state: Stamp) -> tuple[Official, ...]:
    """Every imported list of a folder in this state, by name and year."""
    return () if state is None else read_lists(Path(state[0]))


def read_lists(folder: Path) -> tuple[Official, ...]:
    """Every imported list of a folder, by name and year.

    Raises
    ------
    CodeListError
        A list is damaged, was changed by hand, or has lost its companion.
    """
    named = [(path, match) for path in sorted(folder.glob("*.csv")) if (match := _NAME.fullmatch(path.name))]
    return tuple(_read(path, match[1], int(match[2])) for path, match in named)


def list_path(folder: Path, name: str, year: int) -> Path:
    """Where the list of a year is kept."""
    return folder / f"{name}-{year}.csv"


def read_list_of(folder: Path, name: str, year: int) -> Official | None:
    """The imported list of a year, or None where there is none.

    Raises
    ------
    CodeListError
        As `read_lists`.
    """
    path = list_path(folder, name, year)
    return _read(path, name, year) if path.exists() else None


def _read(path: Path, name: str, year: int) -> Official:
    companion = path.with_suffix(".json")
    try:
        content = path.read_bytes()
        written = companion.read_bytes()
        told: dict[str, Any] = json.loads(written)
        _require_as_written(told, written)
        sha256 = hashlib.sha256(content).hexdigest()
        # Between the two renamings of an import the list that was there before is still the one that counts.
        if told["sha256"] != sha256 and told.get("before") is not None:
            told = told["before"]
        same = told["sha256"] == sha256
        limits = str(told["valid_from"]), str(told["valid_to"])
        sources = tuple(Source(str(one["file"]), str(one["sha256"])) for one in told["sources"])
        short = str(told["short"]) if told.get("short") else None
    except (OSError, ValueError, KeyError, TypeError):
        raise CodeListError(
            "The record of an imported code list is missing or damaged.", file=companion, remedy=_REMEDY
        ) from None
    if not same:
        raise CodeListError("The imported code list is not as it was imported.", file=path, remedy=_REMEDY)
    rows = tuple(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))
    # Another version of kvarn may have taken in a part of a list as the whole of it.
    lacking = [] if short else list(shortfalls(name, year, [row["code"] for row in rows if valid_in(row, year)]))
    if lacking:
        raise CodeListError(
            f"This is too short to be the list of {year}: {'; '.join(map(str, lacking))}.",
            file=path,
            remedy=f"{_REMEDY} If these codes are all that there are, add --short WHY.",
        )
    return Official(name, year, *limits, rows, sources, short)


def write_list(folder: Path, listed: Official, columns: Sequence[str]) -> Path:
    """Keep a list and its record. Whenever this is stopped, the list that was there before is whole, or the new one is.

    Raises
    ------
    CodeListError
        There is no room, or the folder cannot be written to.
    """
    text = io.StringIO()
    out = csv.DictWriter(text, columns, lineterminator="\n")
    out.writeheader()
    out.writerows(listed.rows)
    content = text.getvalue().encode("utf-8")
    path = list_path(folder, listed.name, listed.year)
    companion = path.with_suffix(".json")
    record = {
        "name": listed.name,
        "year": listed.year,
        "valid_from": listed.valid_from,
        "valid_to": listed.valid_to,
        "codes": len(listed.rows),
        "sha256": hashlib.sha256(content).hexdigest(),
        "sources": [source._asdict() for source in listed.sources],
        **({"short": listed.short} if listed.short else {}),
    }
    sweep(folder)
    try:
        _put(companion, _written({**record, "before": _record_there(path)}))
        _put(path, content)
        _put(companion, _written(record))
    except OSError as error:
        if not path.exists():
            # A record of a list that is not there tells of nothing.
            companion.unlink(missing_ok=True)
        raise CodeListError(f"The list cannot be kept: {error.strerror or error}.", file=path, remedy=remedy_for(error)) from None
    return path


def _require_as_written(record: Mapping[str, Any], written: bytes) -> None:
    """Nothing stands in a record but what an import writes: notebooks may read it."""
    within: Mapping[str, Any] | None = record
    while within is not None:
        if not isinstance(within, dict) or set(within) - _RECORDED:
            raise ValueError("something else stands in it")
        within = within.get("before")
    if written != _written(record):
        raise ValueError("it is not as it was written")


def _record_there(path: Path) -> dict[str, Any] | None:
    """The record of the list that lies at a place, where it is whole."""
    try:
        record: dict[str, Any] = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        if record["sha256"] != hashlib.sha256(path.read_bytes()).hexdigest():
            record = record["before"]
        return {name: value for name, value in record.items() if name != "before"}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _written(record: Mapping[str, Any]) -> bytes:
    return json.dumps(record, ensure_ascii=False, indent=1).encode("utf-8") + b"\n"


def _put(place: Path, content: bytes) -> None:
    """Write a file that appears whole."""
    part = beside(place)
    try:
        with naming(place):
            part.write_bytes(content)
            as_usual(part)
            os.replace(part, place)
    finally:
        part.unlink(missing_ok=True)
