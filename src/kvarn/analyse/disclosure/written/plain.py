"""Intervals by the plainest route there is: two linear programmes for each cell, nothing of the protector's code.

`scipy.optimize.linprog` brings a HiGHS of its own. A cell is spared its programmes where tables that were found for other cells,
and that were checked against all that is published, already differ in it by as much as it needs.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Generic

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import linprog
from scipy.sparse import csgraph

from kvarn.analyse.disclosure.written.line import Line, Name
from kvarn.base.stages import Counter
from kvarn.errors import ConsistencyError

__all__ = ["Plain"]

_TOLERANCE = 1e-6
# Of fewer cells than this each is asked for by itself; and so are those that are left when looking around helps no more.
_FEW, _HELPS = 4, 0.8
_FAR = 100_000.0
_OPTIMAL, _INFEASIBLE, _UNBOUNDED = 0, 2, 3


class Plain(Generic[Name]):
    """All that is published, and all that ties cells together.

    Parameters
    ----------
    known
        The published cells.
    floors
        The withheld cells, each with the least that it is known to be.
    lines
        What ties the two together; lines with a cell that is neither are left out.
    """

    def __init__(self, known: Mapping[Name, int], floors: Mapping[Name, int], lines: Sequence[Line[Name]]) -> None:
        self._names = list(floors)
        self._place = {name: place for place, name in enumerate(self._names)}
        self._blocks: dict[int, dict[str, Any]] = {}
        self._floors = np.array(list(floors.values()), dtype=np.float64)
        rows: dict[bool, list[tuple[dict[int, float], float]]] = {True: [], False: []}
        self._lines: dict[bool, list[Line[Name]]] = {True: [], False: []}
        for line in lines:
            if any(name not in known and name not in floors for name in line.terms):
                continue
            unknown = {self._place[name]: float(entry) for name, entry in line.terms.items() if name in floors}
            right = -float(sum(entry * known[name] for name, entry in line.terms.items() if name not in floors))
            if unknown:
                rows[line.exact].append((unknown, right))
                self._lines[line.exact].append(line)
            elif (line.exact and abs(right) > _TOLERANCE) or right > _TOLERANCE:
                raise _contradiction(line.terms)
        self._equal, self._equal_right = self._matrix(rows[True])
        self._least, self._least_right = self._matrix(rows[False])
        ties = sparse.vstack([self._equal, self._least])
        joined = sparse.bmat([[None, ties], [ties.T, None]]) if ties.shape[0] else sparse.csr_matrix((len(floors), len(floors)))
        self._label = csgraph.connected_components(joined, directed=False)[1][ties.shape[0] :] if len(floors) else np.array([])
        self._draw = np.random.default_rng(1)
        # The least and the greatest that each cell is in any table found so far.
        self._low, self._high = np.full(len(floors), np.inf), np.full(len(floors), -np.inf)

    def interval(self, name: Name) -> tuple[int, float]:
        """The least and greatest whole number that a withheld cell can be; infinity where there is no greatest.

        Raises
        ------
        ConsistencyError
            No table at all fits what is published.
        """
        block = self._block(int(self._label[self._place[name]]))
        ends = []
        for sign in (1.0, -1.0):
            costs = np.where(block["columns"] == self._place[name], sign, 0.0)
            solved = linprog(costs, **block["programme"], method="highs")
            if solved.status == _INFEASIBLE:
                # Presolve takes some unbounded programmes for infeasible ones; the simplex method alone does not.
                solved = linprog(costs, **block["programme"], method="highs-ds", options={"presolve": False})
            if solved.status == _INFEASIBLE:
                raise _contradiction([name])
            ends.append(math.inf if solved.status == _UNBOUNDED else sign * solved.fun)
            if solved.status == _OPTIMAL:
                self._see(block, solved.x)
        return _least_whole(ends[0]), _greatest_whole(ends[1])

    def proofs(self, name: Name) -> list[list[tuple[Line[Name], float]]]:
        """Why a withheld cell is no less than its least and no more than its greatest: lines, each with how often it is taken.

        Together they say it of everything that is not known but is no less than it is known to be.
        """
        block, found = self._block(int(self._label[self._place[name]])), []
        for sign in (1.0, -1.0):
            costs = np.where(block["columns"] == self._place[name], sign, 0.0)
            solved = linprog(costs, **block["programme"], method="highs")
            if solved.status != _OPTIMAL:
                continue
            taken = []
            for exact, rows, dual in (("equal", block["equal"], solved.eqlin), ("least", block["least"], solved.ineqlin)):
                times = dual.marginals if exact == "equal" else -dual.marginals
                lines = self._lines[exact == "equal"]
                taken += [(lines[row], float(by)) for row, by in zip(rows, times, strict=True) if abs(by) > _TOLERANCE]
            found.append(taken)
        return found

    def too_narrow(
        self, widths: Mapping[Name, float], tops: Mapping[Name, float] | None = None
    ) -> tuple[list[Name], float | None]:
        """The withheld cells whose interval is narrower than their width, or does not reach as far up as it has to, and the
        narrowest interval of all these cells.

        Parameters
        ----------
        tops
            The number that an interval has to reach up to, of those cells that need that.

        Raises
        ------
        ConsistencyError
            No table at all fits what is published.
        """
        high = tops or {}
        self._look_around(widths, high)
        left = [name for name, width in widths.items() if not self._far_enough(name, width, high)]
        asked = Counter("audit: secrets asked for one by one", len(left)) if left else None
        exact, low = {}, set[Name]()
        for name in left:
            # What is found for one cell may show that another needs no question of its own.
            if not self._far_enough(name, widths[name], high):
                least, greatest = self.interval(name)
                exact[name] = greatest - least
                if greatest < high.get(name, -math.inf):
                    low.add(name)
            if asked is not None:
                asked.one()
        # Of the others none is too narrow, but one of them may still be the narrowest.
        narrowest = min(exact.values(), default=math.inf)
        while others := [name for name in widths if name not in exact and self._seen(name) < narrowest]:
            next_one = min(others, key=lambda name: (self._seen(name), self._place[name]))
            exact[next_one] = self._width(next_one)
            if exact[next_one] < narrowest:
                narrowest = exact[next_one]
                self._look_around(dict.fromkeys(others, narrowest), {})
        told = [name for name, width in exact.items() if width < widths[name] or name in low]
        return told, narrowest if widths else None

    def _look_around(self, widths: Mapping[Name, float], tops: Mapping[Name, float]) -> None:
        """Find tables in which many cells are far from what they are in others at once, as long as that helps."""
        for label in sorted({int(self._label[self._place[name]]) for name in widths}):
            block = self._block(label)
            # Where a cell can be any number, so far is far enough.
            programme = {**block["programme"], "bounds": self._floors[block["columns"]][:, None] + (0.0, _FAR)}
            mine = [name for name in widths if self._label[self._place[name]] == label]
            left, before = [name for name in mine if not self._far_enough(name, widths[name], tops)], math.inf
            while _FEW <= len(left) < _HELPS * before:
                costs = np.zeros(len(block["columns"]))
                places = [self._place[name] for name in left]
                costs[np.searchsorted(block["columns"], places)] = self._draw.choice([-1.0, 1.0], len(left))
                for sign in (1.0, -1.0):
                    solved = linprog(sign * costs, **programme, method="highs")
                    if solved.status == _OPTIMAL:
                        self._see(block, solved.x)
                still = [name for name in left if not self._far_enough(name, widths[name], tops)]
                left, before = still, len(left)

    def _width(self, name: Name) -> float:
        least, greatest = self.interval(name)
        return greatest - least

    def _far_enough(self, name: Name, width: float, tops: Mapping[Name, float]) -> bool:
        """Whether a cell has been seen to go as far as it has to."""
        return self._seen(name) >= width and _greatest_whole(self._high[self._place[name]]) >= tops.get(name, -math.inf)

    def _seen(self, name: Name) -> float:
        """How wide the interval of a cell is at least."""
        place = self._place[name]
        if self._low[place] > self._high[place]:
            return -math.inf
        return _greatest_whole(self._high[place]) - _least_whole(self._low[place])

    def _see(self, block: Mapping[str, Any], table: npt.NDArray[np.float64]) -> None:
        """Remember how far the cells go in a table, if all that is published agrees with it."""
        programme, mine = block["programme"], block["columns"]
        if (table < self._floors[mine] - _TOLERANCE).any():
            return
        for matrix, right, exact in (("A_eq", "b_eq", True), ("A_ub", "b_ub", False)):
            if matrix in programme:
                beyond = programme[matrix] @ table - programme[right]
                if (np.abs(beyond) if exact else beyond).max() > _TOLERANCE:
                    return
        self._low[mine] = np.minimum(self._low[mine], table)
        self._high[mine] = np.maximum(self._high[mine], table)

    def intervals(self) -> dict[Name, tuple[int, float]]:
        """The interval of every withheld cell."""
        return {name: self.interval(name) for name in self._names}

    def _block(self, label: int) -> dict[str, Any]:
        """The programme of the cells that hang together, without its costs."""
        if label not in self._blocks:
            mine = np.flatnonzero(self._label == label)
            equal, least = _touched(self._equal[:, mine]), _touched(self._least[:, mine])
            programme: dict[str, Any] = {"bounds": np.column_stack([self._floors[mine], np.full(len(mine), np.inf)])}
            if len(equal):
                programme |= {"A_eq": self._equal[equal][:, mine], "b_eq": self._equal_right[equal]}
            if len(least):
                programme |= {"A_ub": -self._least[least][:, mine], "b_ub": -self._least_right[least]}
            self._blocks[label] = {"columns": mine, "programme": programme, "equal": equal, "least": least}
        return self._blocks[label]

    def _matrix(self, rows: Sequence[tuple[dict[int, float], float]]) -> tuple[sparse.csr_matrix, npt.NDArray[np.float64]]:
        matrix = sparse.dok_matrix((len(rows), len(self._names)))
        for number, (unknown, _) in enumerate(rows):
            for place, entry in unknown.items():
                matrix[number, place] = entry
        return matrix.tocsr(), np.array([right for _, right in rows])


def _least_whole(number: float) -> int:
    return math.ceil(number - _TOLERANCE)


def _greatest_whole(number: float) -> float:
    return number if number == math.inf else math.floor(number + _TOLERANCE)


def _touched(matrix: sparse.csr_matrix) -> npt.NDArray[np.int64]:
    return np.flatnonzero(np.diff(matrix.indptr))


def _contradiction(names: Collection[object]) -> ConsistencyError:
    first, *others = [*map(str, names), "what is published"]
    return ConsistencyError(
        "The tables contradict one another, so nobody can tell what they disclose.",
        cells=(first, others[0]),
        remedy="Validate the tables before they are protected.",
    )
