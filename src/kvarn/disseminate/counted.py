"""What was counted behind a published figure: rates, shares and means as exact fractions of the published counts.

A table shows 17.2 per cent for Wednesday and for Thursday; which of them is larger stands in the counts. Whatever is compared,
ranked or subtracted in a text goes by these, never by what is rounded. Where the counts are not published (standardised rates),
a figure is known as far as its decimals go, and a comparison that these do not settle is not made.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from kvarn import metadata
from kvarn.disseminate.protected import Cell, ProtectedTable, ProtectedTables

__all__ = ["Counted", "Number", "compare", "rounded"]

# Variables of procedures, of which the whole of a ratio is taken at the total: a person has no procedure group.
_OF_PROCEDURE = frozenset(("weekday", "kind", "procedure_group", "procedure", "profession", "cooperation"))
_Categories = Mapping[str, str]
_Place = tuple[int, frozenset[tuple[str, str]]]


@dataclass(frozen=True)
class Number:
    """A number that is known exactly, or to lie from `low` up to, not including, `high`; with `above`, not at `low` either."""

    low: Fraction
    high: Fraction
    above: bool = False

    @classmethod
    def of(cls, value: Fraction | Decimal | int) -> Number:
        """An exact number."""
        exact = Fraction(value)
        return cls(exact, exact)

    @property
    def exact(self) -> Fraction | None:
        """The number where it is known; else None."""
        return self.low if self.low == self.high else None

    @property
    def sign(self) -> int | None:
        """1, 0 or −1; None where what is known does not settle it."""
        return compare(self, Number.of(0))


def compare(one: Number, other: Number) -> int | None:
    """1 when the one number is larger, −1 when it is smaller, 0 when both are known and equal; None when it is not settled."""
    if one.exact is not None and other.exact is not None:
        return (one.low > other.low) - (one.low < other.low)
    if one.low > other.high or (one.low == other.high and (other.exact is None or one.above)):
        return 1
    if other.low > one.high or (other.low == one.high and (one.exact is None or other.above)):
        return -1
    return None


def rounded(value: Fraction, decimals: int) -> Decimal:
    """An exact number rounded half up (half away from zero), as the tables are."""
    scaled = abs(value) * 10**decimals
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(whole if value >= 0 else -whole).scaleb(-decimals)


class Counted:
    """The published counts of one table, or of all tables of an edition, by measure, year and categories."""

    def __init__(self, tables: ProtectedTables | ProtectedTable) -> None:
        self._open: Sequence[tuple[metadata.TableDefinition, Callable[[], ProtectedTable]]]
        if isinstance(tables, ProtectedTable):
            self._open = [(tables.definition, lambda: tables)]
        else:
            self._open = [(metadata.table(name), functools.partial(tables.__getitem__, name)) for name in tables.names()]
        self._cells: dict[str, dict[_Place, Decimal]] = {}

    def number(self, cell: Cell, year: int, categories: _Categories) -> Number:
        """What is known of a published cell: exactly where its counts are published, else as far as its decimals go.

        Raises
        ------
        ValueError
            The cell is not published.
        """
        if cell.value is None:
            raise ValueError("a cell that is not published has no number")
        declared = metadata.measure(cell.measure)
        value = Decimal(str(cell.value))
        ratio = declared.ratio or declared.public_ratio
        if ratio is None and declared.standardised is None:
            return Number.of(value)
        if ratio is not None:
            above = self._count(ratio.numerator, year, categories)
            whole = {name: code for name, code in categories.items() if name not in _OF_PROCEDURE}
            below = self._count(ratio.denominator, year, whole)
            if above is not None and below:
                exact = Fraction(above) * ratio.factor / Fraction(below)
                # Counts that do not make the figure are not its own: then its decimals are all that is known.
                if rounded(exact, declared.decimals) == value:
                    return Number.of(exact)
        half = Fraction(1, 2 * 10**declared.decimals)
        return Number(max(Fraction(0), Fraction(value) - half), Fraction(value) + half)

    def _count(self, measure: str, year: int, categories: _Categories) -> Decimal | None:
        if measure not in self._cells:
            found: dict[_Place, Decimal] = {}
            for definition, opened in self._open:
                if measure in definition.measures:
                    found.update(_published(opened(), measure))
            self._cells[measure] = found
        return self._cells[measure].get((year, _without_totals(categories.items())))


def _published(table: ProtectedTable, measure: str) -> Mapping[_Place, Decimal]:
    """The published counts of a table, which every chart, figure and language compares by: found once."""
    if measure not in table.counted:
        table.counted[measure] = _read(table, measure)
    return table.counted[measure]


def _read(table: ProtectedTable, measure: str) -> dict[_Place, Decimal]:
    cells = table.frame[(table.frame["measure"] == measure) & (table.frame["status"] == "")]
    names = [name for name in table.definition.variables if name != "year"]
    totals = [(name, _total(name)) for name in names]
    codes = zip(*(cells[name].tolist() for name in names), strict=True) if names else ((),) * len(cells)
    found = {}
    for year, key, value in zip(cells["year"].tolist(), codes, cells["value"].tolist(), strict=True):
        kept = frozenset((name, str(code)) for (name, total), code in zip(totals, key, strict=True) if code != total)
        found[int(year), kept] = Decimal(str(value))
    return found


def _without_totals(categories: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    return frozenset((name, str(code)) for name, code in categories if name != "year" and code != _total(name))


def _total(name: str) -> str | None:
    listed = metadata.variable(name).codes
    return None if listed is None else listed.total
