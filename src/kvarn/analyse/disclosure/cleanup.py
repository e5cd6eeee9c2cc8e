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
    dropped = []
    for place in order:
        fitting = reach.without(place)
        one, value = np.array([place]), block.values[[place]].astype(np.float64)
        block.limit(one, value, value)
        if _still_wide(fitting, secret, wanted):
            reach = fitting
            dropped.append(int(place))
        else:
            block.limit(one, block.floors[one], block.ceilings[one])
    return dropped


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
