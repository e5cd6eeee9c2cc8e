"""Publishing again what need not be withheld: the dearest first, as long as every primary cell keeps the width it needs."""

from __future__ import annotations

import numpy as np

from kvarn.analyse.disclosure.suppression.intervals import Asked, Reach, reaches, wide, wide_enough
from kvarn.analyse.disclosure.suppression.linear import Flags, LinearSystem, Numbers
from kvarn.analyse.disclosure.suppression.programmes import Block, Reals
from kvarn.analyse.disclosure.suppression.witnesses import Witnesses
from kvarn.base.stages import Counter

__all__ = ["clean_up"]

# A block with fewer cells to try is done at once.
_MANY = 200


def clean_up(linear: LinearSystem, withheld: Flags, keep: Flags, dear: Reals, witnesses: Witnesses) -> Flags:
    """What of `withheld` is enough, whole numbers or not: a few secrets can be told by whole numbers then, and need more.

    Parameters
    ----------
    keep
        What must stay withheld.
    dear
        The wish to publish each column.
    """
    enough = withheld.copy()
    for reach in reaches(linear, withheld, Asked(), witnesses, whole=False, seen=False):
        columns = reach.block.columns
        may_go = np.flatnonzero((withheld & ~keep & ~linear.hidden)[columns])
        if not len(may_go):
            continue
        if not len(reach.secret):
            enough[columns[may_go]] = False
            continue
        order = may_go[np.lexsort((columns[may_go], -dear[columns[may_go]]))]
        enough[columns[_dropped(reach, order)]] = False
    return enough


def _dropped(reach: Reach, order: Numbers) -> list[int]:
    block, wanted = reach.block, reach.wanted
    wide_enough(reach)
    gaps = Gaps(block)
    dropped: list[int] = []
    counter = Counter("protection: cells of a block that could be published again", len(order)) if len(order) > _MANY else None
    for place in order:
        if counter is not None:
            counter.one()
        if wanted[gaps.left_alone(place)].any():
            continue
        fitting = reach.without(place)
        block.close(np.array([place]))
        if _still_wide(fitting):
            reach = fitting
            gaps.close(place)
            dropped.append(int(place))
        else:
            block.open(np.array([place]))
    return dropped


class Gaps:
    """How many withheld cells each equation of a block has."""

    def __init__(self, block: Block) -> None:
        self._rows = block.equations
        self._columns = block.equations.tocsc()
        self._open = np.ones(len(block.columns), dtype=bool)
        self._number = np.diff(block.equations.indptr)

    def left_alone(self, place: int) -> Numbers:
        """The cells that would be the only gap of an equation if this one were published: anyone could tell them."""
        of_two = [row for row in self._lines(place) if self._number[row] == 2]
        found = [
            other
            for row in of_two
            for other in self._rows.indices[self._rows.indptr[row] : self._rows.indptr[row + 1]]
            if other != place and self._open[other]
        ]
        return np.array(found, dtype=np.int64)

    def close(self, place: int) -> None:
        """One cell is published."""
        self._open[place] = False
        self._number[self._lines(place)] -= 1

    def _lines(self, place: int) -> Numbers:
        lines: Numbers = self._columns.indices[self._columns.indptr[place] : self._columns.indptr[place + 1]]
        return lines


def _still_wide(reach: Reach) -> bool:
    """Whether every secret cell reaches far enough, the narrowest first, and no further than one that does not."""
    while len(left := reach.narrow()):
        if not wide(reach, int(left[0])):
            return False
    return True
