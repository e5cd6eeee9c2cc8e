"""Publishing again what need not be withheld: the dearest first, as long as every primary cell keeps the width it needs."""

from __future__ import annotations

import numpy as np

from kvarn.analyse.disclosure.intervals import Reach, wide_enough
from kvarn.analyse.disclosure.linear import Flags, LinearSystem, Numbers
from kvarn.analyse.disclosure.programmes import Block, Reals, blocks_of

__all__ = ["clean_up"]


def clean_up(linear: LinearSystem, withheld: Flags, keep: Flags, dear: Reals) -> Flags:
    """What of `withheld` is enough.

    Parameters
    ----------
    keep
        What must stay withheld.
    dear
        The wish to publish each column.
    """
    enough = withheld.copy()
    for block in blocks_of(linear, withheld | linear.hidden):
        wanted = np.where(linear.primary, linear.widths, 0)[block.columns]
        may_go = np.flatnonzero((withheld & ~keep & ~linear.hidden)[block.columns])
        if not len(may_go):
            continue
        if not wanted.any():
            enough[block.columns[may_go]] = False
            continue
        order = may_go[np.lexsort((block.columns[may_go], -dear[block.columns[may_go]]))]
        for place in _dropped(block, wanted, order):
            enough[block.columns[place]] = False
    return enough


def _dropped(block: Block, wanted: Numbers, order: Numbers) -> list[int]:
    reach = Reach(block)
    wide_enough(reach, wanted)
    secret = np.flatnonzero(wanted)
    gaps = Gaps(block)
    dropped = []
    for place in order:
        if wanted[gaps.left_alone(place)].any():
            continue
        fitting = reach.without(place)
        one, value = np.array([place]), block.values[[place]].astype(np.float64)
        block.limit(one, value, value)
        if _still_wide(fitting, secret, wanted):
            reach = fitting
            gaps.close(place)
            dropped.append(int(place))
        else:
            block.limit(one, block.floors[one], block.ceilings[one])
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


def _still_wide(reach: Reach, secret: Numbers, wanted: Numbers) -> bool:
    """Whether every secret cell reaches far enough, the narrowest first, and no further than one that does not."""
    while True:
        width = reach.width()[secret]
        left = secret[width < wanted[secret]]
        if not len(left):
            return True
        narrowest = left[int(np.argmin(reach.width()[left]))]
        for sign in (1.0, -1.0):
            if reach.width()[narrowest] < wanted[narrowest]:
                reach.see(reach.block.reach(np.array([narrowest]), sign))
        if reach.width()[narrowest] < wanted[narrowest]:
            return False
