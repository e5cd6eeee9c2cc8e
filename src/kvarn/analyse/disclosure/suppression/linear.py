"""The cells as columns of numbers, and all that ties them together as rows.

An equation is a row that comes to nought, a bound a row that comes to nought or more: a part is at most its total, and
where the parts cover it the total is at most their sum. Distinct persons are bounded so, and never summed over months,
groups or municipalities.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

from kvarn.analyse.disclosure.primary import Overlap, Problem
from kvarn.analyse.disclosure.relation import Relation
from kvarn.analyse.disclosure.system import Cell, Sum

__all__ = ["Flags", "LinearSystem", "Numbers", "Row", "linear_system"]

Numbers: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]
Row: TypeAlias = dict[int, int]


@dataclass(frozen=True)
class LinearSystem:
    """A problem of disclosure control in numbers; a column is a cell's place in `cells`.

    Attributes
    ----------
    cells, column
        The cells in order, the hidden differences last, and the column of each.
    values, floors
        The true figures, and the least that an attacker knows each to be while it is withheld.
    primary, hidden
        What must not become known, and what stands in no table (and is never published).
    fixed
        What cannot be withheld: public figures, noughts and what is published already.
    widths
        How wide the interval of a primary cell has to be.
    ups
        How far beyond its figure the interval of a primary cell has to reach.
    alone
        Whether a cell is about one person, who knows it.
    dearer
        What the price of withholding a cell is multiplied by, as a key decides; 1 where there is none.
    equations, bounds
        Rows that come to nought, and rows that come to nought or more.
    given_equations
        The equations once more, as they were given, with the place of the part that the others are reckoned against.
    """

    cells: tuple[Cell, ...]
    column: Mapping[Cell, int]
    values: Numbers
    floors: Numbers
    primary: Flags
    hidden: Flags
    fixed: Flags
    widths: Numbers
    ups: Numbers
    alone: Flags
    dearer: npt.NDArray[np.float64]
    equations: sparse.csr_matrix
    bounds: sparse.csr_matrix
    given_equations: Sequence[tuple[Row, int]]

    def flags(self, cells: Collection[Cell]) -> Flags:
        """True in the columns of these cells."""
        chosen = np.zeros(len(self.cells), dtype=bool)
        chosen[[self.column[cell] for cell in cells]] = True
        return chosen

    def of(self, flags: Flags) -> list[Cell]:
        """The cells of the columns that are true."""
        return [self.cells[place] for place in np.flatnonzero(flags)]


def linear_system(problem: Problem) -> LinearSystem:
    """The problem as columns and rows."""
    system = problem.system
    cells = (*system.values, *problem.hidden)
    column = {cell: place for place, cell in enumerate(cells)}
    number = len(cells)
    values = np.array([problem.value(cell) for cell in cells], dtype=np.int64)
    shown = number - len(problem.hidden)
    hidden = np.arange(number) >= shown
    fixed = np.array([cell in problem.published or (place < shown and system.public(cell)) for place, cell in enumerate(cells)])
    left_out = _left_out(problem.sums, values, column)
    equations = [_row(one, column) for one in problem.sums]
    equations += [_row_of_overlap(one, column) for one in problem.overlaps]
    left_out += [column[one.repeated] for one in problem.overlaps]
    equations += [_row_of_relation(one.relation, column) | {column[one.surplus]: -1} for one in problem.surpluses]
    left_out += [column[one.surplus] for one in problem.surpluses]
    exact = [_row_of_relation(one, column) for one in system.relations if one.exact]
    equations += exact
    left_out += [max(row, key=lambda place: (values[place], -place)) for row in exact]
    return LinearSystem(
        cells=cells,
        column=column,
        values=values,
        floors=np.array([problem.floors.get(cell, 1) for cell in cells], dtype=np.int64),
        primary=np.array([cell in problem.primary for cell in cells], dtype=bool) | hidden,
        hidden=hidden,
        fixed=(fixed | (values == 0)) & ~hidden,
        widths=np.array([problem.width(cell) for cell in cells], dtype=np.int64),
        ups=np.array([problem.ups.get(cell, 0) for cell in cells], dtype=np.int64),
        alone=np.array([system.contributors.get(cell) == 1 for cell in cells], dtype=bool),
        dearer=np.array([1.0 if problem.draw is None else problem.draw.dearer(cell) for cell in cells]),
        equations=_matrix(equations, number),
        bounds=_matrix(_bounds(problem, column), number),
        given_equations=list(zip(equations, left_out, strict=True)),
    )


def _row(relation: Sum, column: Mapping[Cell, int]) -> Row:
    row = {column[relation.total]: -1}
    for part in relation.parts:
        row[column[part]] = row.get(column[part], 0) + 1
    return row


def _row_of_overlap(one: Overlap, column: Mapping[Cell, int]) -> Row:
    return {column[one.whole]: -1, column[one.repeated]: -1} | {column[part]: 1 for part in one.parts}


def _row_of_relation(one: Relation, column: Mapping[Cell, int]) -> Row:
    return {column[cell]: entry for cell, entry in one.terms}


def _bounds(problem: Problem, column: Mapping[Cell, int]) -> list[Row]:
    # A difference that is a column of its own is bounded by its floor.
    with_column = {(one.total, one.parts[:-1]) for one in problem.sums if one.parts[-1] in problem.hidden}
    rows = []
    # Parts that are disjoint are together at most their whole.
    for whole, parts in problem.system.differences:
        if (whole, parts) not in with_column:
            rows.append({column[whole]: 1} | {column[part]: -1 for part in parts})
    apart = {(whole, parts[0]) for whole, parts in problem.system.differences if len(parts) == 1}
    for nest in problem.system.nests:
        total = column[nest.total]
        rows += [{total: 1, column[part]: -1} for part in nest.parts if (nest.total, part) not in apart]
        if nest.covering:
            rows.append({total: -1} | {column[part]: 1 for part in nest.parts})
    with_surplus = {one.relation for one in problem.surpluses}
    rows += [_row_of_relation(one, column) for one in problem.system.relations if not one.exact and one not in with_surplus]
    return rows


def _matrix(rows: Sequence[Row], width: int) -> sparse.csr_matrix:
    places = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    columns = np.array([place for row in rows for place in row], dtype=np.int64)
    entries = np.array([entry for row in rows for entry in row.values()], dtype=np.float64)
    return sparse.csr_matrix((entries, (places, columns)), shape=(len(rows), width))


def _left_out(sums: Sequence[Sum], values: Numbers, column: Mapping[Cell, int]) -> list[int]:
    """For each sum the column of the part that is reckoned from the others: the same category all over a classification, its
    largest, so that what is left are contrasts that few cells are made of."""
    keys: list[list[Any]] = []
    sizes: dict[Any, int] = {}
    for one in sums:
        common = set(one.total.categories).intersection(*(part.categories for part in one.parts))
        varied = [tuple(pair for pair in part.categories if pair not in common) for part in one.parts]
        keys.append([(one.total.measure, tuple(varied), code) for code in varied])
        for key, part in zip(keys[-1], one.parts, strict=True):
            sizes[key] = sizes.get(key, 0) + int(values[column[part]])
    chosen = []
    for one, key in zip(sums, keys, strict=True):
        place = max(range(len(key)), key=lambda place: (sizes[key[place]], -place))
        chosen.append(column[one.parts[place]])
    return chosen
