"""Revisions: how many published figures the edition shows otherwise than an earlier one, by table and year."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kvarn import metadata
from kvarn.disseminate.numbers import format_number
from kvarn.disseminate.protected import NIL
from kvarn.disseminate.templates import word
from kvarn.disseminate.text_tables import TextTable
from kvarn.edition import find_workspace
from kvarn.errors import InputError

__all__ = ["Revisions", "open_revisions", "read_revisions", "revisions_table"]

COUNTED = "revisions-by-table.csv"
NOT_AVAILABLE = ".."
_HEADER = ["table", "year", "compared", "revised"]


@dataclass(frozen=True)
class Revisions:
    """How the edition's figures compare with those of an earlier one: of the same year, or else of the year before.

    Attributes
    ----------
    compared, revised
        Table and year → how many figures both editions show, and how many of them are another figure, or a figure in the one
        and a symbol in the other. Empty where none has been published in this project.
    """

    compared: Mapping[tuple[str, int], int]
    revised: Mapping[tuple[str, int], int]

    @property
    def all_compared(self) -> int:
        """Figures that both editions show."""
        return sum(self.compared.values())

    @property
    def all_revised(self) -> int:
        """Those of them that differ."""
        return sum(self.revised.values())

    @property
    def years(self) -> tuple[int, ...]:
        """The years of which figures have been compared."""
        return tuple(sorted({year for _, year in self.compared}))

    def of_table(self, table: str) -> dict[int, int]:
        """The years of a table with revised figures, and how many."""
        return {year: number for (name, year), number in sorted(self.revised.items()) if name == table and number}


def open_revisions(edition: str) -> Revisions:
    """The revisions of an edition of this project."""
    return read_revisions(find_workspace(edition).revisions)


def read_revisions(folder: Path) -> Revisions:
    """The counts in ``revisions-by-table.csv``: ``table``, ``year``, ``compared``, ``revised``; all of it is public.

    Raises
    ------
    InputError
        The file is not there, or is not such a list.
    """
    file = folder / COUNTED
    if not file.is_file():
        raise InputError("The list of revisions is not there.", file=file, remedy="Run kvarn publish for this edition first.")
    with file.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines)
        if rows.fieldnames != _HEADER:
            raise InputError(
                "This is no list of revisions.", file=file, line=1, remedy="Run kvarn publish for this edition again."
            )
        read = {(row["table"], int(row["year"])): (int(row["compared"]), int(row["revised"])) for row in rows}
    return Revisions({key: counts[0] for key, counts in read.items()}, {key: counts[1] for key, counts in read.items()})


def revisions_table(revisions: Revisions, *, language: str) -> TextTable:
    """A table for the text: all tables together, then each with revised figures, and of which years they are.

    Where no figures have been compared the table says so, and the numbers are not available.
    """
    if not revisions.compared:
        return TextTable(_heads(language), ((word("revisions.none", language), *[NOT_AVAILABLE] * 3),), 2, (NOT_AVAILABLE,))
    in_all: dict[int, int] = {}
    for (_, year), number in sorted(revisions.revised.items(), key=lambda one: one[0][1]):
        in_all[year] = in_all.get(year, 0) + number
    told = _by_year({year: number for year, number in in_all.items() if number}, language)
    lines = [_line(word("revisions.all", language), told, revisions.all_compared, revisions.all_revised, language)]
    for table in metadata.tables():
        by_year = revisions.of_table(table.name)
        if by_year:
            compared = {year: number for (name, year), number in revisions.compared.items() if name == table.name}
            title = table.title(language, sorted(compared))
            lines.append(_line(title, _by_year(by_year, language), sum(compared.values()), sum(by_year.values()), language))
    return TextTable(_heads(language), tuple(lines), 2, ())


def _heads(language: str) -> tuple[str, ...]:
    return tuple(word(f"revisions.{key}", language) for key in ("table", "by-year", "compared", "revised"))


def _by_year(numbers: Mapping[int, int], language: str) -> str:
    return "; ".join(f"{year}: {format_number(number, language=language)}" for year, number in numbers.items()) or NIL


def _line(title: str, told: str, compared: int, revised: int, language: str) -> tuple[str, ...]:
    return (title, told, *(format_number(number, language=language) if number else NIL for number in (compared, revised)))
