"""A linear programme over the cells around one: how to move it with the least that is published."""

from __future__ import annotations

from typing import Any

import highspy
import numpy as np
from scipy import sparse

from kvarn.analyse.disclosure.suppression.linear import Flags, LinearSystem, Numbers
from kvarn.analyse.disclosure.suppression.programmes import Reals, are_whole, in_whole_numbers, solver

__all__ = ["Nearby", "Neighbourhood", "entries_of", "reached"]

_DUAL_SIMPLEX = 1
# A neighbourhood serves the cells of its inner part too.
_INNER = 0.1
# Whoever asks only whether a cell can move, not how cheaply, finds it among so many cells most often, in a tenth of the time.
_NEAR = 150
_ANSWERS = (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible)


class Neighbourhood:
    """Columns that may move together while all others stay; the programme is kept, for other cells among them.

    Attributes
    ----------
    columns
        The columns of the linear system, in order.
    whole
        Whether there are no others that could move.
    """

    def __init__(
        self,
        linear: LinearSystem,
        columns: Numbers,
        rows: sparse.csr_matrix,
        slack: Reals,
        exact: Flags,
        *,
        whole: bool,
    ) -> None:
        self.columns, self.whole = columns, whole
        down = (linear.values - np.minimum(linear.floors, linear.values))[columns].astype(np.float64)
        # A cell has a part that goes up and a part that goes down, so that either has its price.
        self._most = np.concatenate([np.full(len(columns), np.inf), down])
        both = sparse.hstack([rows, -rows]).tocsc()
        lp = highspy.HighsLp()
        lp.num_row_, lp.num_col_ = both.shape
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = np.zeros(len(self._most)), np.zeros(len(self._most)), self._most
        lp.row_lower_, lp.row_upper_ = -slack, np.where(exact, 0.0, np.inf)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = both.indptr, both.indices, both.data
        self._highs: Any = solver(_DUAL_SIMPLEX)
        self._highs.passModel(lp)
        self._places = np.arange(len(self._most), dtype=np.int32)

    def shift(self, column: int, by: float, costs: Reals, still: Numbers, *, whole: bool = True) -> Reals | None:
        """How all columns move when one moves `by` so much as cheaply as can be; None where it cannot.

        Parameters
        ----------
        costs
            What it costs to move each column of the system by 1.
        still
            Columns of the system that must not move.
        whole
            Whether they had better move in whole numbers: then such a way is looked for where the cheapest is none.
        """
        number = len(self.columns)
        place = int(np.searchsorted(self.columns, column))
        up, down = (place, place + number) if by > 0 else (place + number, place)
        if abs(by) > self._most[up]:
            return None
        mine = costs[self.columns]
        self._highs.changeColsCost(2 * number, self._places, np.concatenate([mine, mine]))
        held = np.flatnonzero(np.isin(self.columns, still))
        nought = np.concatenate([held, held + number, [down]])
        self._limit(nought, np.zeros(len(nought)), np.zeros(len(nought)))
        self._limit(np.array([up]), np.array([abs(by)]), np.array([abs(by)]))
        found = self._solved(whole)
        changed = np.concatenate([nought, [up]])
        self._limit(changed, np.zeros(len(changed)), self._most[changed])
        return None if found is None else found[:number] - found[number:]

    def _limit(self, places: Numbers, least: Reals, most: Reals) -> None:
        self._highs.changeColsBounds(len(places), places.astype(np.int32), least, most)

    def _solved(self, whole: bool) -> Reals | None:
        highs = self._highs
        # From nothing moved, which no cost forbids: the same answer whatever was asked before.
        highs.setBasis()
        highs.run()
        if highs.getModelStatus() not in _ANSWERS:
            highs.clearSolver()
            highs.run()
        if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        found: Reals = np.array(highs.getSolution().col_value).round(6)
        return found if are_whole(found) or not whole else in_whole_numbers(highs, len(found), found)


class Nearby:
    """Whether and how one cell of a block can move: among those near it first, then among all that could.

    Parameters
    ----------
    columns
        The columns of the linear system, in order.
    rows, room, exact
        What ties them together (a column here is a place in `columns`), how far each row can go down, whether it is an equation.
    """

    def __init__(self, linear: LinearSystem, columns: Numbers, rows: sparse.csr_matrix, room: Reals, exact: Flags) -> None:
        self._linear, self._columns, self._rows, self._room, self._exact = linear, columns, rows, room, exact
        self._by_column: sparse.csc_matrix | None = None
        self._all: Neighbourhood | None = None

    def shift(self, place: int, by: float, still: Numbers, *, whole: bool) -> Reals | None:
        """How all move when one moves `by` so much and these columns of the system do not; None where it cannot."""
        column, costs = int(self._columns[place]), np.ones(int(self._columns[-1]) + 1)
        if len(self._columns) > 2 * _NEAR:
            near = self._near(place)
            found = self._among(near).shift(column, by, costs, still, whole=whole)
            if found is not None and (are_whole(found) or not whole):
                moved = np.zeros(len(self._columns))
                moved[near] = found
                return moved
        if self._all is None:
            self._all = Neighbourhood(self._linear, self._columns, self._rows, self._room, self._exact, whole=True)
        return self._all.shift(column, by, costs, still, whole=whole)

    def _near(self, place: int) -> Numbers:
        if self._by_column is None:
            self._by_column = self._rows.tocsc()
        return reached(self._rows, self._by_column, place, np.ones(len(self._columns), dtype=bool), _NEAR)[0]

    def _among(self, places: Numbers) -> Neighbourhood:
        rows = np.unique(entries_of(self._by_column, places))
        matrix = self._rows[rows][:, places]
        return Neighbourhood(self._linear, self._columns[places], matrix, self._room[rows], self._exact[rows], whole=False)


def reached(
    rows: sparse.csr_matrix, by_column: sparse.csc_matrix, column: int, movable: Flags, size: int | None
) -> tuple[Numbers, Numbers]:
    """The columns around a column, row by row outwards, until there are so many; and the inner part of them."""
    found = np.zeros(len(movable), dtype=bool)
    found[column] = True
    number, edge, inner = 1, np.array([column]), np.array([column])
    while len(edge) and (size is None or number < size):
        around = np.unique(entries_of(rows, np.unique(entries_of(by_column, edge))))
        edge = around[movable[around] & ~found[around]]
        if size is not None and number > 1 and number + len(edge) > 2 * size:
            edge = edge[: 2 * size - number]
        found[edge] = True
        number += len(edge)
        if size is None or number <= _INNER * size:
            inner = np.flatnonzero(found)
    return np.flatnonzero(found), inner


def entries_of(matrix: Any, lines: Numbers) -> Numbers:
    """The places in which these rows (of a csr matrix) or columns (of a csc matrix) have entries."""
    starts, ends = matrix.indptr[lines], matrix.indptr[lines + 1]
    lengths = ends - starts
    if not lengths.sum():
        return np.zeros(0, dtype=np.int64)
    offsets = np.repeat(starts - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths)
    found: Numbers = matrix.indices[np.arange(lengths.sum()) + offsets].astype(np.int64)
    return found
