"""Counts of before that no table of today has, tied to what is counted today as if they had not been revised.

After a revision the counts of each weekday, which an order has shown, need not come to all of today. One of the seven is
another figure now, and no table says which. Whoever knows that it is not Friday's lays Friday's single and joint counts of
today beside it, and has Friday's figure of then. So each such count may be that of today, as far as its figure allows: every
relation with counts of today that is true of it is stated of its version.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from kvarn.analyse.disclosure.cell import Cell
from kvarn.analyse.disclosure.memory.pattern import longer, values_of
from kvarn.analyse.disclosure.relation import Nest, Relation, Sum, less
from kvarn.analyse.disclosure.system import System, system_of

__all__ = ["Before", "tie_to_today"]

# Of so many parts, of which something was taken from one, each is tried as that one.
_FEW = 8


@dataclass(frozen=True)
class Before:
    """What one register had: its tables, and the name of each of its counts that is none of today."""

    tables: Mapping[str, pd.DataFrame]
    names: Mapping[Cell, Cell]


def tie_to_today(
    system: System, tables: Mapping[str, pd.DataFrame], before: Sequence[Before], taken_for_sums: float = 0.0
) -> None:
    """Add to a system what ties counts of before to those of today.

    Parameters
    ----------
    tables
        Those of today, with the figures of before that are taken to be of today.
    before
        The registers, the newest first.
    """
    tried: set[Cell] = set()
    while standing := _newest(before, tried):
        beside = system_of(_with_rows(tables, before, standing, system.values), taken_for_sums)
        revised = _revised(beside, standing)
        if not revised:
            _tie(system, beside, standing)
            return
        # What contradicts the counts of today alone has been revised; an older figure of the same may be that of today again.
        tried |= {standing[cell] for cell in revised}


def _newest(before: Sequence[Before], tried: Collection[Cell]) -> dict[Cell, Cell]:
    """The newest version of each count that has not been tried."""
    found: dict[Cell, Cell] = {}
    for one in before:
        for cell, name in one.names.items():
            if name not in tried:
                found.setdefault(cell, name)
    return found


def _with_rows(
    tables: Mapping[str, pd.DataFrame], before: Sequence[Before], standing: Mapping[Cell, Cell], values: Mapping[Cell, int]
) -> dict[str, pd.DataFrame]:
    """The tables of today, with the rows of before that stand for counts of today."""
    found = dict(tables)
    for one in before:
        for name, table in one.tables.items():
            rows = [
                row for cell, row, value in values_of(name, table) if cell in standing and value == str(values[standing[cell]])
            ]
            if rows:
                found[name] = longer(name, found.get(name), table.iloc[rows])
    return found


def _revised(beside: System, standing: Mapping[Cell, Cell]) -> set[Cell]:
    """Those that alone, among counts of today, are in a relation that does not hold."""
    values = beside.values
    wrong: list[Sequence[Cell]] = [
        one.cells for one in beside.sums if sum(values[part] for part in one.parts) != values[one.total]
    ]
    for nest in beside.nests:
        wrong += [(nest.total, part) for part in nest.parts if values[part] > values[nest.total]]
        if nest.covering and sum(values[part] for part in nest.parts) < values[nest.total]:
            wrong.append((nest.total, *nest.parts))
    of_before = [[cell for cell in cells if cell in standing] for cells in wrong]
    return {cells[0] for cells in of_before if len(cells) == 1}


def _tie(system: System, beside: System, standing: Mapping[Cell, Cell]) -> None:
    """State of the versions what is true of the counts that they stand for."""
    values = beside.values

    def named(cells: Sequence[Cell]) -> tuple[Cell, ...]:
        return tuple(standing.get(cell, cell) for cell in cells)

    def stands(cells: Sequence[Cell]) -> bool:
        return any(cell in standing for cell in cells)

    for summed in (one for one in beside.sums if stands(one.cells)):
        total, *those = named(summed.cells)
        if sum(values[part] for part in summed.parts) == values[summed.total]:
            system.sums.append(Sum(total, tuple(those)))
        else:
            system.relations += _of_broken(total, those, system.values)
    for nest in (one for one in beside.nests if stands((one.total, *one.parts))):
        held = [part for part in nest.parts if values[part] <= values[nest.total]]
        covers = sum(values[part] for part in held) >= values[nest.total]
        if held:
            covering = nest.covering and held == [*nest.parts] and covers
            system.nests.append(Nest(named([nest.total])[0], named(held), covering))
    for relations, into in ((beside.relations, system.relations), (beside.surpluses, system.surpluses)):
        for one in relations:
            if stands([cell for cell, _ in one.terms]) and one.holds(values):
                into.append(Relation(tuple((standing.get(cell, cell), entry) for cell, entry in one.terms), one.exact))
    for links, come_to, sign in ((beside.differences, system.differences, 1), (beside.overlaps, system.overlaps, -1)):
        for whole, parts in links:
            if stands((whole, *parts)) and sign * (values[whole] - sum(values[part] for part in parts)) >= 0:
                come_to.append((named([whole])[0], named(parts)))
    system.sums, system.nests = list(dict.fromkeys(system.sums)), list(dict.fromkeys(system.nests))
    system.relations, system.surpluses = list(dict.fromkeys(system.relations)), list(dict.fromkeys(system.surpluses))
    system.differences, system.overlaps = list(dict.fromkeys(system.differences)), list(dict.fromkeys(system.overlaps))


def _of_broken(total: Cell, parts: Sequence[Cell], values: Mapping[Cell, int]) -> Iterator[Relation]:
    """Where parts of then do not come to the whole of today, those that were not revised are no more than it."""
    left = values[total] - sum(values[part] for part in parts)
    chosen = [tuple(parts)] if left >= 0 else itertools.combinations(parts, len(parts) - 1) if len(parts) <= _FEW else ()
    yield from (one for some in chosen if (one := less((total,), some)).holds(values))
