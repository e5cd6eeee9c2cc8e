"""Two publications' tables, cell by cell, as their open data have them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from kvarn.base.published_cells import PublishedCells, Shown, read_published_cells
from kvarn.disseminate.protected import SUPPRESSED
from kvarn.pipeline.comparison._published import Published

__all__ = ["KINDS", "CellChange", "TableChange", "compare_table", "compare_tables", "largest"]

KINDS = {
    "revised": "revised",
    "withheld": "newly withheld",
    "shown": "no longer withheld",
    "symbol": "another symbol, or a figure in the place of one",
    "new": "new",
    "gone": "gone",
}
"""What can have become of a cell, and how it is said."""


@dataclass(frozen=True)
class CellChange:
    """A cell that the second publication shows otherwise than the first, or that only one of them has."""

    table: str
    kind: str
    year: int
    measure: str
    cell: str
    before: str
    now: str

    @property
    def difference(self) -> Decimal | None:
        """By how much a figure was revised."""
        return Decimal(self.now) - Decimal(self.before) if self.kind == "revised" else None

    @property
    def per_cent(self) -> Decimal | None:
        """The same in per cent of what it was; None where it was zero."""
        was = Decimal(self.before) if self.kind == "revised" else Decimal(0)
        return None if self.difference is None or not was else (100 * self.difference / abs(was)).quantize(Decimal("0.1"))


@dataclass(frozen=True)
class TableChange:
    """What became of a table.

    Attributes
    ----------
    kind
        ``both``, ``new``, ``gone``, or ``otherwise``: classified by other variables, or synthetic in one of them alone, so
        that no cell of the one is a cell of the other.
    compared
        How many cells both have.
    changes
        Every cell that is another, new or gone, in the order of the second publication.
    """

    table: str
    kind: str
    compared: int
    changes: tuple[CellChange, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """How many cells became what, in the order of `KINDS`."""
        counted = Counter(one.kind for one in self.changes)
        return {kind: counted[kind] for kind in KINDS}


def compare_tables(before: Published, now: Published) -> tuple[TableChange, ...]:
    """Every table of either publication, by name.

    Raises
    ------
    InputError
        A file of the open data is no table.
    """
    names = sorted(before.tables.keys() | now.tables.keys())
    return tuple(compare_table(name, before.tables.get(name), now.tables.get(name)) for name in names)


def largest(changes: Sequence[CellChange], most: int, *, in_per_cent: bool) -> list[CellChange]:
    """The revised figures that changed most, by amount or in per cent; of equal ones the first by table and cell."""

    def size(one: CellChange) -> Decimal:
        return abs((one.per_cent if in_per_cent else one.difference) or Decimal(0))

    revised = [one for one in changes if one.kind == "revised" and not (in_per_cent and one.per_cent is None)]
    return sorted(revised, key=lambda one: (-size(one), one.table, one.year, one.measure, one.cell))[:most]


def compare_table(name: str, before: Path | None, now: Path | None) -> TableChange:
    """A table by its two files, of which one may be missing.

    Raises
    ------
    InputError
        A file is no table.
    """
    old, new = (None if file is None else read_published_cells(file) for file in (before, now))
    if old is None or new is None:
        return TableChange(name, "new" if old is None else "gone", 0)
    if (old.names, old.synthetic) != (new.names, new.synthetic):
        return TableChange(name, "otherwise", 0)
    return TableChange(name, "both", len(old.cells.keys() & new.cells.keys()), tuple(_changes(name, old, new)))


def _changes(table: str, old: PublishedCells, new: PublishedCells) -> Iterator[CellChange]:
    def change(kind: str, key: tuple[str, ...], was: Shown | None, shown: Shown | None) -> CellChange:
        texts = ("" if one is None else one.text for one in (was, shown))
        return CellChange(table, kind, int(new.of(key, "year")), new.of(key, "measure"), new.in_words(key), *texts)

    for key, shown in new.cells.items():
        was = old.cells.get(key)
        if was is None:
            yield change("new", key, None, shown)
        elif was != shown:
            yield change(_kind(was, shown), key, was, shown)
    for key, was in old.cells.items():
        if key not in new.cells:
            yield change("gone", key, was, None)


def _kind(was: Shown, shown: Shown) -> str:
    if SUPPRESSED in (was.status, shown.status):
        return "withheld" if shown.status == SUPPRESSED else "shown"
    return "symbol" if was.status or shown.status else "revised"
