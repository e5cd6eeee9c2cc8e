"""Linear programmes over the withheld cells: every table that fits what is published, and how far a cell reaches among them.

Withheld cells that no row ties together, directly or through others, are apart: each such block is a programme of its own.
HiGHS solves it again and again from where it stood, with nothing changed but the costs. One thread, so that the same blocks
give the same answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import highspy
import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import csgraph

from kvarn.analyse.disclosure.suppression.linear import Flags, LinearSystem, Numbers
from kvarn.errors import ConsistencyError

__all__ = ["TOLERANCE", "Block", "Reals", "are_whole", "blocks_of", "in_whole_numbers", "solver"]

Reals: TypeAlias = npt.NDArray[np.float64]

TOLERANCE = 1e-6
# The class beneath highspy.Highs, which prints a banner before it can be told to be silent.
_Quiet: Any = highspy.Highs.__base__
_PRIMAL_SIMPLEX = 4
_DUAL_SIMPLEX = 1
_FEASIBLE = 2
# So many nodes of a search for whole numbers, at most: it is needed rarely, and then for a handful of cells.
_NODES = 200
# So often what a row leaves to a cell is passed on to the others: two large cells can narrow one another by one each time.
_ROUNDS = 50
_OPTIMAL = highspy.HighsModelStatus.kOptimal


def solver(strategy: int = _PRIMAL_SIMPLEX) -> Any:
    """HiGHS as it is used here: silent, one thread, going on from the last vertex."""
    highs = _Quiet()
    for option, value in (
        ("output_flag", False),
        ("threads", 1),
        ("parallel", "off"),
        ("presolve", "off"),
        ("solver", "simplex"),
        ("simplex_strategy", strategy),
        ("random_seed", 0),
        ("mip_max_nodes", _NODES),
    ):
        highs.setOptionValue(option, value)
    return highs


class Block:
    """Withheld cells that hang together, and the tables that fit.

    Attributes
    ----------
    columns
        The columns of the linear system, in order.
    closed
        The places that have been given their true values.
    equations
        The equations that tie them together; a column here is a place in `columns`.
    rows, room
        The equations and then the bounds, and how far each can go down from its value in the true table.
    """

    def __init__(self, linear: LinearSystem, columns: Numbers, equations: sparse.csr_matrix, bounds: sparse.csr_matrix) -> None:
        self.columns = columns
        self.equations = equations
        self.values = linear.values[columns]
        self.floors = np.minimum(linear.floors[columns], self.values).astype(np.float64)
        # As far up as any of them has to reach, the others may have to go with it.
        self.ceilings = (np.maximum(2 * self.values, self.values + linear.ups[columns].max(initial=0)) + 100).astype(np.float64)
        self.rows = sparse.vstack([equations, bounds]).tocsc()
        self.room = np.zeros(self.rows.shape[0])
        self._most = np.concatenate([equations @ self.values, np.full(bounds.shape[0], np.inf)])
        self._highs: Any = None
        self._costs = np.array([], dtype=np.int32)
        self.closed = np.zeros(len(columns), dtype=bool)

    def leave_room(self, room: Reals) -> None:
        """Let each bound go down by the slack that it has in the true table."""
        self.room[len(self.room) - len(room) :] += room

    def reach(self, places: Numbers, sign: float) -> Reals:
        """The table that fits with the greatest (sign 1) or the least (−1) sum of some cells, whole numbers or not.

        Raises
        ------
        ConsistencyError
            No table fits.
        """
        highs = self._model()
        chosen = places.astype(np.int32)
        highs.changeColsCost(len(self._costs), self._costs, np.zeros(len(self._costs)))
        highs.changeColsCost(len(chosen), chosen, np.full(len(chosen), sign))
        self._costs = chosen
        highs.run()
        if highs.getModelStatus() != _OPTIMAL:
            # From where it stood HiGHS sometimes loses its way.
            highs.clearSolver()
            highs.run()
        if highs.getModelStatus() != _OPTIMAL:
            # And sometimes it does from the start, where the dual simplex does not.
            highs.setOptionValue("simplex_strategy", _DUAL_SIMPLEX)
            highs.clearSolver()
            highs.run()
            highs.setOptionValue("simplex_strategy", _PRIMAL_SIMPLEX)
        if highs.getModelStatus() != _OPTIMAL:
            raise ConsistencyError(
                f"The tables contradict one another, so nobody can tell what they disclose ({highs.getModelStatus()}).",
                cells=("a withheld cell", "the published ones"),
                remedy="Validate the tables before they are protected.",
            )
        solution: Reals = np.array(highs.getSolution().col_value, dtype=np.float64)
        return solution.round(6)

    def whole_limits(self) -> tuple[Reals, Reals]:
        """Between which whole numbers each cell must lie by one row after another; rows together may tell it more closely."""
        entries = self.rows.tocoo()
        row, column, by = entries.row, entries.col, entries.data
        up, number = by > 0, self.rows.shape[0]
        lower, upper = self.rows @ self.values - self.room, self._most
        least, most = self.floors, self.ceilings
        for _ in range(_ROUNDS):
            low, high = np.where(up, by * least[column], by * most[column]), np.where(up, by * most[column], by * least[column])
            # What the others of a row leave to a cell.
            above = upper[row] - np.bincount(row, low, number)[row] + low
            below = lower[row] - np.bincount(row, high, number)[row] + high
            narrowed = least.copy(), most.copy()
            np.maximum.at(narrowed[0], column, np.ceil(np.where(up, below, above) / by - TOLERANCE))
            np.minimum.at(narrowed[1], column, np.floor(np.where(up, above, below) / by + TOLERANCE))
            if (narrowed[0] == least).all() and (narrowed[1] == most).all():
                break
            least, most = narrowed
        return least, most

    def reach_again(self, table: Reals) -> Reals:
        """The best table of whole numbers by what was asked last; `table`, which that gave, where none is found soon."""
        return in_whole_numbers(self._model(), len(self.columns), table)

    def close(self, places: Numbers) -> None:
        """Give cells their true values."""
        value = self.values[places].astype(np.float64)
        self.limit(places, value, value)
        self.closed[places] = True

    def open(self, places: Numbers) -> None:
        """Give cells back what they can be."""
        self.limit(places, self.floors[places], self.ceilings[places])
        self.closed[places] = False

    def limit(self, places: Numbers, least: Reals, most: Reals) -> None:
        """Keep cells within narrower limits, or give them their own back."""
        self._model().changeColsBounds(len(places), places.astype(np.int32), least, most)

    def _model(self) -> Any:
        if self._highs is None:
            lp = highspy.HighsLp()
            lp.num_row_, lp.num_col_ = self.rows.shape
            lp.sense_ = highspy.ObjSense.kMaximize
            lp.col_cost_ = np.zeros(lp.num_col_)
            lp.col_lower_, lp.col_upper_ = self.floors, self.ceilings
            lp.row_lower_, lp.row_upper_ = self.rows @ self.values - self.room, self._most
            lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
            lp.a_matrix_.start_ = self.rows.indptr
            lp.a_matrix_.index_ = self.rows.indices
            lp.a_matrix_.value_ = self.rows.data
            self._highs = solver()
            self._highs.passModel(lp)
        return self._highs


def are_whole(table: Reals) -> bool:
    """Whether all numbers are whole."""
    return bool((np.abs(table - table.round()) < TOLERANCE).all())


def in_whole_numbers(highs: Any, number: int, otherwise: Reals) -> Reals:
    """The best whole-number solution of a model that stands in HiGHS, or `otherwise` where none is found soon."""
    columns = np.arange(number, dtype=np.int32)
    highs.setOptionValue("solver", "choose")
    highs.changeColsIntegrality(number, columns, np.full(number, highspy.HighsVarType.kInteger))
    highs.run()
    found = np.array(highs.getSolution().col_value, dtype=np.float64)
    usable = highs.getInfo().primal_solution_status == _FEASIBLE
    highs.changeColsIntegrality(number, columns, np.full(number, highspy.HighsVarType.kContinuous))
    highs.setOptionValue("solver", "simplex")
    return found.round() if usable else otherwise


def blocks_of(linear: LinearSystem, unknown: Flags) -> Iterator[Block]:
    """The blocks that the unknown cells form, in order of their first cells."""
    places = np.flatnonzero(unknown)
    if not len(places):
        return
    rows = sparse.vstack([linear.equations, linear.bounds]).tocsr()[:, places]
    ties = rows[np.flatnonzero(np.diff(rows.indptr))]
    label = csgraph.connected_components(
        sparse.bmat([[None, ties], [ties.T, None]]) if ties.shape[0] else sparse.csr_matrix((len(places), len(places))),
        directed=False,
    )[1]
    room = linear.bounds @ linear.values
    of_column = label[ties.shape[0] :]
    equations, bounds = linear.equations[:, places], linear.bounds[:, places]
    order = np.argsort(of_column, kind="stable")
    starts = np.flatnonzero(np.diff(of_column[order], prepend=-1))
    members = sorted(np.split(order, starts[1:]), key=lambda group: int(group[0]))
    for group in members:
        mine, others = _touched(equations[:, group]), _touched(bounds[:, group])
        block = Block(linear, places[group], equations[mine][:, group], bounds[others][:, group])
        block.leave_room(room[others])
        yield block


def _touched(matrix: sparse.csr_matrix) -> npt.NDArray[np.int64]:
    return np.flatnonzero(np.diff(matrix.indptr))
