"""The cells of a protected table as it was published, whatever programme it was made by."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NamedTuple

from kvarn.errors import InputError

__all__ = ["PublishedCells", "Shown", "read_published_cells"]

_FIGURES = ("value", "status", "synthetic")
_NEEDED = {"year", "measure", "value", "status"}


class Shown(NamedTuple):
    """What a cell shows: a figure as it is written, or the symbol in its place."""

    value: str
    status: str

    @property
    def text(self) -> str:
        """What a reader sees."""
        return self.status or self.value


class PublishedCells(NamedTuple):
    """A table as its file has it.

    Attributes
    ----------
    names
        The classification variables, ``year`` first, and ``measure``: what a cell is known by.
    synthetic
        Whether its figures are made up.
    cells
        By a code for each of `names`, in the order of the file.
    """

    names: tuple[str, ...]
    synthetic: bool
    cells: Mapping[tuple[str, ...], Shown]

    def in_words(self, key: Sequence[str]) -> str:
        """The categories of a cell without year and measure: ``month 03, sex T``."""
        named = zip(self.names, key, strict=True)
        return ", ".join(f"{name} {code}" for name, code in named if name not in ("year", "measure"))

    @property
    def years(self) -> set[int]:
        """The years of its cells."""
        return {int(self.of(key, "year")) for key in self.cells}

    def figures_beside(self, before: PublishedCells) -> Iterator[tuple[tuple[str, ...], Shown, Shown]]:
        """The cells that stand in an earlier table of the same form too, with what that shows and what this one does.

        Where both show a symbol there is no figure, and one symbol for another is no revision: those are left out.
        """
        for key, now in self.cells.items():
            then = before.cells.get(key)
            if then is not None and not (now.status and then.status):
                yield key, then, now

    def of(self, key: Sequence[str], name: str) -> str:
        """The code that a cell has of one of `names`."""
        return key[self.names.index(name)]


def read_published_cells(path: Path) -> PublishedCells:
    """Read ``<table>.csv`` of a publication or of the protected tables.

    Raises
    ------
    InputError
        The file is no such table; the error names the line.
    """
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            rows = csv.reader(lines)
            header = next(rows, [])
            if not set(header) >= _NEEDED:
                raise _not_a_table(path, 1)
            names = tuple(name for name in header if name not in _FIGURES)
            places = [header.index(name) for name in names]
            value, status = header.index("value"), header.index("status")
            year = header.index("year")
            cells: dict[tuple[str, ...], Shown] = {}
            for row in rows:
                key = tuple(row[place] for place in places) if len(row) == len(header) else ()
                shown = Shown(row[value], row[status]) if key else Shown("", "")
                if key in cells or not key or not row[year].isdigit() or not _is_shown(shown):
                    raise _not_a_table(path, rows.line_num)
                cells[key] = shown
    except (UnicodeDecodeError, csv.Error):
        raise _not_a_table(path, None) from None
    return PublishedCells(names, "synthetic" in header, cells)


def _is_shown(shown: Shown) -> bool:
    """A figure or a symbol, and never both."""
    if shown.status:
        return not shown.value
    try:
        return Decimal(shown.value).is_finite()
    except InvalidOperation:
        return False


def _not_a_table(path: Path, line: int | None) -> InputError:
    return InputError(
        "This is not a protected table.",
        file=path,
        line=line,
        remedy="Restore the publication that it belongs to as it was made, or move its folder away.",
    )
