"""Counts that no register can have together, because of what follows from them for wholes that stand in no table.

A county and its women come to its men, whom no table has; more men than the country has are in no register. Where one of these
figures is of before and another of now, the one of before has been revised since.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import linprog
from scipy.sparse import csgraph

from kvarn.analyse.disclosure.written.line import Line
from kvarn.analyse.disclosure.written.relations import Key
from kvarn.analyse.disclosure.written.wholes import Stated

__all__ = ["impossible"]

_Numbers: TypeAlias = npt.NDArray[Any]
_TOLERANCE = 1e-6


def impossible(figures: Mapping[Key, int], found: Stated) -> Iterator[set[Key]]:
    """Counts that contradict one another, each set by itself; nothing where some register has all figures.

    Parameters
    ----------
    found
        What ties the counts to one another, and to what stands in no table.
    """
    open_lines = []
    for line in found.lines:
        if not found.unseen.isdisjoint(line.terms):
            open_lines.append(line)
        elif not _holds(line, figures):
            yield set(line.terms)
    for block in _blocks(open_lines, found.unseen):
        left = block
        while wrong := _conflict(left, figures, found.unseen):
            yield {key for line in wrong for key in line.terms if key not in found.unseen}
            left = [line for line in left if line not in wrong]


def _holds(line: Line[Key], figures: Mapping[Key, int]) -> bool:
    come_to = float(sum(entry * figures[key] for key, entry in line.terms.items()))
    return abs(come_to) <= _TOLERANCE if line.exact else come_to >= -_TOLERANCE


def _blocks(lines: Sequence[Line[Key]], unseen: set[Key]) -> Iterator[list[Line[Key]]]:
    """The lines that hang together by what stands in no table."""
    if not lines:
        return
    matrix = _matrix(lines, {key: place for place, key in enumerate(sorted(unseen, key=str))})
    labels = csgraph.connected_components(sparse.bmat([[None, matrix], [matrix.T, None]]), directed=False)[1][: len(lines)]
    order = np.argsort(labels, kind="stable")
    for members in np.split(order, np.flatnonzero(np.diff(labels[order])) + 1):
        yield [lines[place] for place in members]


def _conflict(lines: Sequence[Line[Key]], figures: Mapping[Key, int], unseen: set[Key]) -> list[Line[Key]]:
    """The lines that cannot all hold whatever the unseen wholes are, none of them superfluous; none where all can."""
    names = sorted({key for line in lines for key in line.terms if key in unseen}, key=str)
    matrix = _matrix(lines, {key: place for place, key in enumerate(names)})
    right = np.array([-sum(entry * figures[key] for key, entry in line.terms.items() if key not in unseen) for line in lines])
    exact = np.array([line.exact for line in lines])
    wrong = _lines_at_odds(matrix, right, exact)
    # What the programme weighs need not be the fewest: each line is tried for whether the others contradict without it.
    for line in wrong.copy():
        fewer = wrong[wrong != line]
        if _lines_at_odds(matrix[fewer], right[fewer], exact[fewer]).size:
            wrong = fewer
    return [lines[place] for place in wrong]


def _lines_at_odds(matrix: sparse.csr_matrix, right: _Numbers, exact: _Numbers) -> _Numbers:
    """The lines that hold the least shortfall up; none where there is none: all lines hold for some unseen wholes."""
    number = matrix.shape[0]
    short = sparse.identity(number, format="csr")
    # Every line may fall short, at a cost, and an exact one may go beyond.
    beyond = short[:, np.flatnonzero(exact)]
    programme = sparse.hstack([matrix, short, -beyond]).tocsr()
    costs = np.concatenate([np.zeros(matrix.shape[1]), np.ones(programme.shape[1] - matrix.shape[1])])
    given: dict[str, Any] = {}
    if exact.any():
        given |= {"A_eq": programme[exact], "b_eq": right[exact]}
    if not exact.all():
        given |= {"A_ub": -programme[~exact], "b_ub": -right[~exact]}
    solved = linprog(costs, **given, bounds=(0, None), method="highs")
    weights = np.zeros(number)
    if solved.fun > _TOLERANCE:
        weights[exact], weights[~exact] = solved.eqlin.marginals, solved.ineqlin.marginals
    return np.flatnonzero(np.abs(weights) > _TOLERANCE)


def _matrix(lines: Sequence[Line[Key]], place: Mapping[Key, int]) -> sparse.csr_matrix:
    matrix = sparse.dok_matrix((len(lines), len(place)))
    for number, line in enumerate(lines):
        for key, entry in line.terms.items():
            if key in place:
                matrix[number, place[key]] = entry
    return matrix.tocsr()
