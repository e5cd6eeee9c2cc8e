"""The official lists that were imported into a project, as they lie in ``params/codelists/``."""

from __future__ import annotations

import csv
import functools
import hashlib
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kvarn.errors import CodeListError
from kvarn.metadata._project import CODELISTS, current_project
from kvarn.metadata._rules import IMPORTABLE, valid_in

__all__ = ["Official", "Stamp", "has_official_list", "imported_lists", "official_lists", "read_lists", "stamp"]

_NAME = re.compile(rf"({'|'.join(IMPORTABLE)})-([0-9]{{4}})\.csv")
_REMEDY = "Import the official file again: kvarn codelists import."

# A folder, and what changes when a list in it is put in place, replaced or removed. None: there is no such folder.
Stamp = tuple[str, int, int] | None


@dataclass(frozen=True, eq=False)
class Official:
    """One imported list: valid in its year, and in the years between `valid_from` and `valid_to`.

    Attributes
    ----------
    rows
        ``code``, ``sv``, ``en`` (empty where the file had none), ``valid_from``, ``valid_to``; procedures have ``kind`` and
        ``group`` too, professions ``accepted``.
    """

    name: str
    year: int
    valid_from: str
    valid_to: str
    rows: tuple[Mapping[str, str], ...]

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


def has_official_list(name: str, year: int) -> bool:
    """Whether an official list that says which codes are valid in the year has been imported into the current project."""
    return any(one.name == name and one.covers(year) for one in official_lists(stamp()))


def stamp() -> Stamp:
    """The state of the current project's folder of lists. Lists are put in place by renaming, which changes the folder."""
    root = current_project()
    if root is None:
        return None
    folder = root / CODELISTS
    try:
        status = folder.stat()
    except OSError:
        return None
    return str(folder), status.st_mtime_ns, status.st_ino


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


def _read(path: Path, name: str, year: int) -> Official:
    companion = path.with_suffix(".json")
    try:
        content = path.read_bytes()
        told: dict[str, Any] = json.loads(companion.read_text(encoding="utf-8"))
        same = told["sha256"] == hashlib.sha256(content).hexdigest()
        limits = str(told["valid_from"]), str(told["valid_to"])
    except (OSError, ValueError, KeyError, TypeError):
        raise CodeListError(
            "The record of an imported code list is missing or damaged.", file=companion, remedy=_REMEDY
        ) from None
    if not same:
        raise CodeListError("The imported code list is not as it was imported.", file=path, remedy=_REMEDY)
    return Official(name, year, *limits, tuple(csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""))))
