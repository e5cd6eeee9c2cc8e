"""Room for cells whose interval is too narrow: the cheapest cells to withhold beside them.

A table that differs from the true one, fits all sums and bounds, and moves the narrow cell as far as is wanted, is found by
a linear programme: withheld cells move at no cost, published ones at their weight. The published cells that it moves are
withheld. The programme looks at the neighbourhood of the cell first, and further out only where it has to.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from kvarn.analyse.disclosure.suppression.linear import Flags, LinearSystem, Numbers
from kvarn.analyse.disclosure.suppression.neighbourhood import Neighbourhood, entries_of, reached
from kvarn.analyse.disclosure.suppression.programmes import TOLERANCE, Reals

__all__ = ["Repair", "Shift"]

_NEIGHBOURHOODS = (800, 6000, None)
# How much dearer a cell ten times as large is to withhold: it tells between equals, and the clean-up publishes the dear again.
_DEARER = 0.002
# How much cheaper a cell is for each line in which it would give company to a gap that is alone.
_COMPANY = 0.4
# A bound with more room than this hardly ever holds a shift back, so that it is looked at only afterwards.
_LOOSE = 30
# Programmes are kept for so many columns in all, some kilobytes each; one that is asked for again later is made anew.
_KEPT_COLUMNS = 400_000


@dataclass(frozen=True)
class Shift:
    """How another table that fits differs from the true one, in the columns where it does."""

    columns: Numbers
    by: Reals


class Repair:
    """Finds shifts of narrow cells in one linear system."""

    def __init__(self, linear: LinearSystem) -> None:
        self._linear = linear
        self._dear = linear.dearer * (1 + _DEARER * np.log10(np.maximum(linear.values, 1)))
        self._lines = abs(linear.equations)
        room = linear.bounds @ linear.values
        self._room, self._bounds = room, linear.bounds
        self._all = _Net(linear, np.arange(len(room)))
        self._tight = _Net(linear, np.flatnonzero(room <= _LOOSE))

    def shift(
        self, column: int, by: float, withheld: Flags, *, fixed: Flags | None = None, still: Sequence[int] | Numbers = ()
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
        open_cells = withheld | self._linear.hidden
        # A cell in lines that have a single gap serves others too.
        alone = self._lines.T @ (self._lines @ open_cells.astype(np.float64) == 1).astype(np.float64)
        costs = np.where(open_cells, 0, self._dear / (1 + _COMPANY * alone))
        for net in (self._tight, self._all):
            for size in _NEIGHBOURHOODS:
                near = net.around(column, movable, size, keep=fixed is None)
                found = near.shift(column, by, costs, np.asarray(still, dtype=np.int64))
                if found is not None:
                    shift = _where_moved(near.columns, found)
                    if net is self._all or self._fits(shift):
                        return shift
                    break
                if near.whole:
                    break
            if found is None:
                return None
        return None

    def _fits(self, shift: Shift) -> bool:
        moved = np.zeros(self._bounds.shape[1])
        moved[shift.columns] = shift.by
        return bool((self._bounds @ moved >= -self._room - TOLERANCE).all())


def _where_moved(columns: Numbers, by: Reals) -> Shift:
    kept = np.abs(by) > TOLERANCE
    return Shift(columns[kept], by[kept])


class _Net:
    """The rows by which movements spread, and the neighbourhoods that have been looked at."""

    def __init__(self, linear: LinearSystem, bounds: Numbers) -> None:
        self._linear = linear
        self.rows = sparse.vstack([linear.equations, linear.bounds[bounds]]).tocsr()
        self._columns = self.rows.tocsc()
        self.slack = np.concatenate([np.zeros(linear.equations.shape[0]), (linear.bounds @ linear.values)[bounds]])
        self.exact = np.arange(self.rows.shape[0]) < linear.equations.shape[0]
        # Which columns serve a column is kept for good, so that the answer does not depend on which programmes are.
        self._columns_of: dict[tuple[int, int | None], Numbers] = {}
        self.kept = _Kept()

    def around(self, column: int, movable: Flags, size: int | None, *, keep: bool) -> Neighbourhood:
        """The columns around a column, row by row outwards, until there are so many."""
        if not keep:
            return self._programme(reached(self.rows, self._columns, column, movable, size)[0], size)
        if (column, size) not in self._columns_of:
            columns, inner = reached(self.rows, self._columns, column, movable, size)
            for other in inner:
                self._columns_of.setdefault((int(other), size), columns)
            self._columns_of[column, size] = columns
        columns = self._columns_of[column, size]
        found = self.kept.get(columns)
        if found is None:
            found = self._programme(columns, size)
            self.kept.put(columns, found)
        return found

    def _programme(self, columns: Numbers, size: int | None) -> Neighbourhood:
        rows = np.unique(entries_of(self._columns, columns))
        whole = size is None or len(columns) < size
        matrix = self.rows[rows][:, columns]
        return Neighbourhood(self._linear, columns, matrix, self.slack[rows], self.exact[rows], whole=whole)


class _Kept:
    """The programmes that were asked for last: a large table has thousands of neighbourhoods, more than memory holds."""

    def __init__(self) -> None:
        # By the array of columns itself, which whoever asks has.
        self._found: OrderedDict[int, Neighbourhood] = OrderedDict()
        self.columns = 0

    def get(self, columns: Numbers) -> Neighbourhood | None:
        found = self._found.get(id(columns))
        if found is not None:
            self._found.move_to_end(id(columns))
        return found

    def put(self, columns: Numbers, programme: Neighbourhood) -> None:
        self._found[id(columns)] = programme
        self.columns += len(columns)
        while self.columns > _KEPT_COLUMNS and len(self._found) > 1:
            _, oldest = self._found.popitem(last=False)
            self.columns -= len(oldest.columns)
