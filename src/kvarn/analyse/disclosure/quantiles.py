"""Quantiles that are withheld in company: no quantile of few persons follows from those of others.

A quantile says how many persons have at least so many months. Of all 40 persons at most nine have fewer than twelve, and of the
26 men at least seven: so at most two of the 14 women have, whose own quartiles are withheld since they are few. What is left of a
whole whose quantile is shown, without the parts whose quantiles are shown, is a group of which much is told. So no group of fewer
persons than a quantile needs, and none whose quantile is withheld, is a sum and difference of those whose quantiles are shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import pandas as pd

from kvarn import metadata
from kvarn.analyse._tables import SYMBOLS
from kvarn.analyse.disclosure.cell import Cell
from kvarn.analyse.disclosure.kept_quantiles import Quantiles, is_quantile
from kvarn.analyse.disclosure.suppression.elimination import PRIME, Secrets, Space
from kvarn.analyse.disclosure.suppression.linear import Row
from kvarn.analyse.disclosure.system import System, cells_of
from kvarn.edition import Disclosure

__all__ = ["in_company", "quantiles_in"]


def quantiles_in(reasons: Mapping[str, Sequence[str]], tables: Mapping[str, pd.DataFrame]) -> Quantiles:
    """The quantiles of these tables, by why each row is withheld; what is no figure is none."""
    found = Quantiles()
    for name, cell, row in _rows(tables):
        (found.withheld if reasons[name][row] else found.shown).add(cell)
    return found


def in_company(
    reasons: Mapping[str, list[str]],
    tables: Mapping[str, pd.DataFrame],
    before: Quantiles,
    system: System,
    rules: Disclosure,
) -> Quantiles:
    """Withhold quantiles so that none of few persons follows from others.

    Parameters
    ----------
    reasons
        Why each row of each table is withheld; what is withheld besides is entered.
    before
        Those that are out: they can be withheld no more, or are not shown again.

    Returns
    -------
    All quantiles of the tables, as they are to be published.
    """
    now = quantiles_in(reasons, tables)
    further = _withheld_besides(now, before, system, rules.quantile_persons)
    for name, cell, row in _rows(tables):
        if cell in further:
            reasons[name][row] = "ratio"
    return Quantiles(now.shown - further, now.withheld | further)


def _rows(tables: Mapping[str, pd.DataFrame]) -> Iterator[tuple[str, Cell, int]]:
    """Each quantile with its table and its row."""
    for name, table in tables.items():
        quantiles = {one for one in table["measure"].unique() if is_quantile(one)}
        values = table["value"].tolist()
        for cell, row in cells_of(name, table) if quantiles else ():
            if cell.measure in quantiles and values[row] not in SYMBOLS:
                yield name, cell, row


def _withheld_besides(now: Quantiles, before: Quantiles, system: System, least: int) -> set[Cell]:
    shown, withheld = now.shown | before.shown, now.withheld | before.withheld
    free = now.shown - before.shown
    found = free & before.withheld
    for measure in sorted({cell.measure for cell in free}):
        if (declared := metadata.measure(measure).quantile) is None:
            continue
        of_counts = [
            {Cell(declared.among, cell.year, cell.categories) for cell in cells if cell.measure == measure}
            for cells in (shown - found, withheld | found, free - found)
        ]
        further = _Persons(system, declared.among).in_company(of_counts[0], of_counts[1], of_counts[2], least)
        found |= {Cell(measure, cell.year, cell.categories) for cell in further}
    return found


class _Persons:
    """The persons of whom quantiles of one measure tell, as sums of one another."""

    def __init__(self, system: System, among: str) -> None:
        self._values = dict(system.values)
        self._divisions = [
            one
            for one in dict.fromkeys(system.divisions)
            if one.additive and one.whole.measure == among == one.parts[0].measure and len(one.missing) <= 1
        ]
        for one in self._divisions:
            for part in one.missing:
                self._values[part] = self._values[one.whole] - sum(self._values[other] for other in one.parts)
        cells = dict.fromkeys(cell for one in self._divisions for cell in (one.whole, *one.parts, *one.missing))
        place = {cell: number for number, cell in enumerate(cells)}
        tied = Space()
        # Who is nobody is in no sum.
        nobody = [{place[cell]: 1} for cell in cells if self._values[cell] == 0]
        sums = [{place[one.whole]: -1, **{place[part]: 1 for part in (*one.parts, *one.missing)}} for one in self._divisions]
        for row in (*nobody, *sums):
            if left := tied.reduce({column: entry % PRIME for column, entry in row.items()}):
                tied.add(left, min(left))
        self._rows = {cell: tied.reduce({number: 1}) for cell, number in place.items()}

    def in_company(self, shown: set[Cell], withheld: set[Cell], free: set[Cell], least: int) -> set[Cell]:
        """What is not shown of `free`, lest a quantile of few persons, or a withheld one, follow: the largest are shown first."""
        secrets, found, told = Secrets(dict(enumerate(self._secrets(withheld, least)))), set(), Space()
        for cell in sorted(shown & self._rows.keys(), key=lambda cell: (cell in free, -self._values[cell], *_order(cell))):
            row = told.reduce(self._rows[cell])
            if not row:
                continue
            if cell in free and secrets.has_multiple_of(row):
                found.add(cell)
                continue
            pivot = min(row)
            secrets.publish(told.add(row, pivot), pivot)
        return found

    def _secrets(self, withheld: set[Cell], least: int) -> list[Row]:
        few = {cell for cell in self._rows if 0 < self._values[cell] < least}
        found = [dict(self._rows[cell]) for cell in sorted(few | (withheld & self._rows.keys()), key=_order)]
        for one in self._divisions:
            together = [part for part in (*one.parts, *one.missing) if part in few]
            if sum(self._values[part] for part in together) < least:
                found.append(_sum_of([self._rows[part] for part in together]))
        return [row for row in found if row]


def _order(cell: Cell) -> tuple[object, ...]:
    return cell.year, cell.categories


def _sum_of(rows: Iterable[Row]) -> Row:
    found: dict[int, int] = defaultdict(int)
    for row in rows:
        for column, entry in row.items():
            found[column] = (found[column] + entry) % PRIME
    return {column: entry for column, entry in found.items() if entry}
