"""Who knows more than the public: whoever is alone in a withheld cell, and a municipality that has its own records.

With what they know besides, insiders must not be able to compute a secret about anybody else: at least `room` must be left
between the least and the greatest whole number that it can be. Room for 1 means that it is not determined. More would ask the
tables to hide, from somebody who sees part of the truth, what is hidden from everybody else by being unknown to them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from kvarn.analyse._classification import children, total, with_all_above
from kvarn.analyse.disclosure.primary import Problem
from kvarn.analyse.disclosure.suppression.linear import Flags, LinearSystem, Numbers
from kvarn.analyse.disclosure.system import Cell

__all__ = ["Insider", "InsidersOfBlock", "insiders_of"]

_NONE = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Insider:
    """Somebody who knows more than the public.

    Attributes
    ----------
    known
        The columns that the insider knows, withheld or not.
    own
        The columns that are about nobody but the insider (or the insider's own records): those need not be kept secret there.
    """

    known: Numbers
    own: Numbers


def insiders_of(problem: Problem, linear: LinearSystem) -> list[Insider]:
    """Everybody from whom the secrets must be kept too, as the problem asks (`singletons`, `municipalities`).

    Somebody alone in a cell is alone in whatever contains it and has one contributor, and in whatever it contains: all of
    those cells are about the same person, who is taken to know them all. A municipality knows every cell of its own region
    code; a cell of a larger region is its own where all of it was counted there.
    """
    found = []
    if problem.singletons:
        found += list(_alone(problem, linear))
    if problem.municipalities:
        found += list(_municipalities(problem, linear))
    return found


def _families(problem: Problem) -> Iterator[tuple[Cell, tuple[Cell, ...]]]:
    """Wholes and the parts that they contain."""
    yield from ((one.total, one.parts) for one in problem.sums)
    yield from ((nest.total, nest.parts) for nest in problem.system.nests)


def _alone(problem: Problem, linear: LinearSystem) -> Iterator[Insider]:
    number = len(linear.cells)
    # A difference of one is one person too.
    alone = linear.alone | (linear.hidden & (linear.values == 1))
    pairs = []
    for whole, parts in _families(problem):
        place = linear.column[whole]
        if alone[place]:
            within = [linear.column[part] for part in parts if linear.values[linear.column[part]] > 0]
            # What is left over of one person is that person too.
            alone[within] = True
            pairs += [(place, other) for other in within]
    ties = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    graph = sparse.csr_matrix((np.ones(len(ties)), (ties[:, 0], ties[:, 1])), shape=(number, number))
    label = csgraph.connected_components(graph, directed=False)[1]
    members: dict[int, list[int]] = defaultdict(list)
    for column in np.flatnonzero(alone & (linear.values > 0)):
        members[int(label[column])].append(int(column))
    for columns in members.values():
        yield Insider(np.array(columns, dtype=np.int64), np.array(columns, dtype=np.int64))


def _municipalities(problem: Problem, linear: LinearSystem) -> Iterator[Insider]:
    mine: dict[str, list[int]] = defaultdict(list)
    larger: dict[str, list[int]] = defaultdict(list)
    above = _regions_above(problem)
    for column, cell in enumerate(linear.cells):
        code = cell.code("region")
        if code is None or code not in above:
            continue
        mine[code].append(column)
        for region in above[code]:
            whole = linear.column.get(cell.having("region", region))
            if whole is not None and linear.values[whole] == linear.values[column] > 0:
                larger[code].append(whole)
    for one in problem.sums:
        rest = one.parts[-1]
        codes = {cell.code("region") for cell in one.cells if cell != rest}
        code = codes.pop() if rest in problem.hidden and len(codes) == 1 else None
        # Whoever knows a whole and its parts knows what is left over.
        if code is not None and code in above:
            mine[code].append(linear.column[rest])
    for code in sorted(mine):
        yield Insider(np.array(mine[code], dtype=np.int64), np.array(mine[code] + larger[code], dtype=np.int64))


def _regions_above(problem: Problem) -> dict[str, list[str | None]]:
    """For each municipality that has cells of its own, the regions that it lies in, whether they have cells or not."""
    found = {cell.code("region") for cell in problem.system.values if not problem.system.public(cell)} - {None}
    country = total("region")
    above: dict[str, list[str | None]] = {}
    for code in found:
        if code is not None and not children("region", code):
            above[code] = [None if region == country else region for region in with_all_above("region", code)[1:]]
    return above


class InsidersOfBlock:
    """Those insiders who know a withheld cell of a block, in numbers; a secret is one of `secret`, a place in the block.

    Attributes
    ----------
    who, known
        The insiders, by their number among all, and the places that each knows.
    needs
        Which secrets (columns) must be kept from each of them (rows); none of those `told` already, columns of the linear system.
    """

    def __init__(self, insiders: Sequence[Insider], columns: Numbers, secret: Numbers, room: int, told: Numbers = _NONE) -> None:
        self.secret, self.room = secret, room
        self.who: list[int] = []
        self.known: list[Numbers] = []
        needs = []
        for number, one in enumerate(insiders):
            places = _within(one.known, columns)
            if not len(places):
                continue
            self.who.append(number)
            self.known.append(places)
            needs.append(~np.isin(secret, np.concatenate([places, _within(one.own, columns)])))
        self.needs: Flags = np.array(needs, dtype=bool).reshape(len(needs), len(secret))
        self.needs[:, np.isin(columns[secret], told)] = False
        starts = np.cumsum([0, *map(len, self.known)])
        known = np.concatenate([_NONE, *self.known])
        shape = (len(self.known), len(columns))
        self._knows = sparse.csr_matrix((np.ones(len(known), dtype=np.float32), known, starts), shape=shape)

    def unaware(self, shifts: sparse.csr_matrix) -> Flags:
        """Which insiders (rows) know nothing that a shift (a row there, a column here) moves."""
        moves = shifts.astype(bool).astype(np.float32)
        unaware: Flags = (self._knows @ moves.T).toarray() == 0
        return unaware


def _within(wanted: Numbers, columns: Numbers) -> Numbers:
    places = np.searchsorted(columns, wanted)
    there = places < len(columns)
    there[there] = columns[places[there]] == wanted[there]
    return np.unique(places[there])
