"""A linear programme over the cells around one: how to move it with the least that is published."""

from __future__ import annotations

from typing import Any

import highspy
import numpy as np
from scipy import sparse

from kvarn.analyse.disclosure.linear import Flags, LinearSystem, Numbers
from kvarn.analyse.disclosure.programmes import Reals, are_whole, in_whole_numbers, solver

__all__ = ["Neighbourhood"]

_DUAL_SIMPLEX = 1


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

    def shift(self, column: int, by: float, costs: Reals, still: Numbers) -> Reals | None:
        """How all columns move, in whole numbers, when one moves `by` so much as cheaply as can be; None where it cannot.

        Parameters
        ----------
        costs
            What it costs to move each column of the system by 1.
        still
            Columns of the system that must not move.
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
        found = self._solved()
        changed = np.concatenate([nought, [up]])
        self._limit(changed, np.zeros(len(changed)), self._most[changed])
        return None if found is None else found[:number] - found[number:]

    def _limit(self, places: Numbers, least: Reals, most: Reals) -> None:
        self._highs.changeColsBounds(len(places), places.astype(np.int32), least, most)

    def _solved(self) -> Reals | None:
        highs = self._highs
        # From nothing moved, which no cost forbids: the same answer whatever was asked before.
        highs.setBasis()
        highs.run()
        if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        found: Reals = np.array(highs.getSolution().col_value).round(6)
        return found if are_whole(found) else in_whole_numbers(highs, len(found), found)
