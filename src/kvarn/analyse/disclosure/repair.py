"""Room for cells whose interval is too narrow: the cheapest cells to withhold beside them.

A table that differs from the true one, fits all sums and bounds, and moves the narrow cell as far as is wanted, is found by
a linear programme: withheld cells move at no cost, published ones at their weight. The published cells that it moves are
withheld. The programme looks at the neighbourhood of the cell first, and further out only where it has to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
from scipy import sparse

from kvarn.analyse.disclosure.linear import Flags, LinearSystem, Numbers
from kvarn.analyse.disclosure.programmes import TOLERANCE, Reals, solver

__all__ = ["Repair", "Shift"]

_DUAL_SIMPLEX = 1
_NEIGHBOURHOODS = (800, 3000, None)


# How much dearer a cell ten times as large is to withhold: enough to choose between two, not to take three for one.
_DEARER = 0.01
# How much cheaper a cell is for each line in which it would give company to a gap that is alone.
_COMPANY = 0.2


@dataclass(frozen=True)
class Shift:
    """How another table that fits differs from the true one, in the columns where it does."""

    columns: Numbers
    by: Reals


class Repair:
    """Finds shifts of narrow cells in one linear system."""

    def __init__(self, linear: LinearSystem) -> None:
        self._linear = linear
        self._dear = 1 + _DEARER * np.log10(np.maximum(linear.values, 1))
        self._lines = abs(linear.equations)
        self._weights = self._dear
        self._rows = sparse.vstack([linear.equations, linear.bounds]).tocsr()
        self._columns = self._rows.tocsc()
        self._slack = np.concatenate([np.zeros(linear.equations.shape[0]), linear.bounds @ linear.values])
        self._exact = np.arange(self._rows.shape[0]) < linear.equations.shape[0]

    def shift(
        self, column: int, by: float, withheld: Flags, *, fixed: Flags | None = None, still: Sequence[int] = ()
    ) -> Shift | None:
        """The cheapest shift that moves one column `by` so much; None where there is none.

        Parameters
        ----------
        fixed
            What cannot be withheld, where that is other than the system's own.
        still
            Columns that must not move, withheld or not.
        """
        movable = ~(self._linear.fixed if fixed is None else fixed) | withheld
        movable[list(still)] = False
        # A cell in lines that have a single gap serves others too.
        alone = self._lines.T @ (self._lines @ (withheld | self._linear.hidden).astype(np.float64) == 1).astype(np.float64)
        self._weights = self._dear / (1 + _COMPANY * alone)
        for size in _NEIGHBOURHOODS:
            near = self._near(column, movable, size)
            found = self._cheapest(column, by, near, withheld)
            if found is not None:
                return found
            if size is None or len(near) < size:
                break
        return None

    def _near(self, column: int, movable: Flags, size: int | None) -> Numbers:
        """Columns around a column, row by row outwards, until there are so many."""
        reached = np.zeros(len(movable), dtype=bool)
        reached[column] = True
        number, edge = 1, np.array([column])
        while len(edge) and (size is None or number < size):
            rows = np.unique(_entries(self._columns, edge))
            around = np.unique(_entries(self._rows, rows))
            edge = around[movable[around] & ~reached[around]]
            if size is not None and number > 1 and number + len(edge) > 2 * size:
                edge = edge[: 2 * size - number]
            reached[edge] = True
            number += len(edge)
        return np.flatnonzero(reached)

    def _cheapest(self, column: int, by: float, near: Numbers, withheld: Flags) -> Shift | None:
        linear = self._linear
        rows = np.unique(_entries(self._columns, near))
        matrix = self._rows[rows][:, near].tocsc()
        number = len(near)
        published = np.flatnonzero(~(withheld | linear.hidden)[near])
        weights = self._weights[near[published]]
        down = (np.minimum(linear.floors, linear.values) - linear.values)[near].astype(np.float64)
        # A published cell has a part that goes up and a part that goes down, so that either has its price.
        least = np.concatenate([down, np.zeros(len(published))])
        most = np.concatenate([np.full(number, np.inf), -down[published]])
        least[published] = 0
        place = int(np.searchsorted(near, column))
        least[place] = most[place] = by
        costs = np.zeros(number + len(published))
        costs[published], costs[number:] = weights, weights
        lp = highspy.HighsLp()
        both = sparse.hstack([matrix, -matrix[:, published]]).tocsc()
        lp.num_row_, lp.num_col_ = both.shape
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = costs, least, most
        lp.row_lower_ = -self._slack[rows]
        lp.row_upper_ = np.where(self._exact[rows], 0.0, np.inf)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = both.indptr, both.indices, both.data
        highs = solver(_DUAL_SIMPLEX)
        highs.passModel(lp)
        highs.run()
        if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        solution = np.round(np.array(highs.getSolution().col_value), 6)
        moved = solution[:number]
        moved[published] -= solution[number:]
        kept = np.abs(moved) > TOLERANCE
        return Shift(near[kept], moved[kept])


def _entries(matrix: Any, lines: Numbers) -> Numbers:
    """The places in which these rows (of a csr matrix) or columns (of a csc matrix) have entries."""
    starts, ends = matrix.indptr[lines], matrix.indptr[lines + 1]
    return np.concatenate([matrix.indices[start:end] for start, end in zip(starts, ends, strict=True)]).astype(np.int64)
