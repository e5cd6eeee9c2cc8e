"""How narrow an interval the attacker can put around each withheld cell.

Every solution of a programme is a table that fits what is published, so it widens the known reach of every cell that it
moves (witness pooling): most cells never need a programme of their own.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kvarn.analyse.disclosure.linear import Flags, LinearSystem, Numbers
from kvarn.analyse.disclosure.programmes import TOLERANCE, Block, Reals, blocks_of

__all__ = ["Reach", "exact_reach", "narrow", "whole_width", "wide_enough"]

_ROUNDS = 6


class Reach:
    """The least and greatest value seen in each cell of a block, over the tables that are known to fit."""

    def __init__(self, block: Block, tables: Sequence[Reals] = ()) -> None:
        self.block = block
        self.tables = list(tables)
        values = block.values.astype(np.float64)
        self.least = np.minimum.reduce([values, *self.tables])
        self.most = np.maximum.reduce([values, *self.tables])

    def see(self, table: Reals) -> None:
        """One more table that fits."""
        self.tables.append(table)
        np.minimum(self.least, table, out=self.least)
        np.maximum(self.most, table, out=self.most)

    def without(self, place: int) -> Reach:
        """What is known from those tables alone in which one cell has its true value."""
        value = self.block.values[place]
        return Reach(self.block, [table for table in self.tables if abs(table[place] - value) < TOLERANCE])

    def width(self) -> Reals:
        """How wide each cell reaches, to an attacker who knows that cells are whole."""
        return whole_width(self.least, self.most)


def whole_width(least: Reals, most: Reals) -> Reals:
    """The width between the outermost whole numbers of intervals."""
    width: Reals = np.floor(most + TOLERANCE) - np.ceil(least - TOLERANCE)
    return width


def wide_enough(reach: Reach, wanted: Numbers) -> Flags:
    """Which cells have been shown to reach as far as wanted (0: nothing is wanted), and no more effort than it takes."""
    block = reach.block
    secret = np.flatnonzero(wanted)
    if not len(secret):
        return np.ones(len(wanted), dtype=bool)
    low = np.maximum(block.floors[secret], block.values[secret] - wanted[secret])
    block.limit(secret, low, (block.values[secret] + wanted[secret]).astype(np.float64))
    left = secret
    for _ in range(_ROUNDS):
        for sign in (1.0, -1.0):
            reach.see(block.reach(left, sign))
            left = secret[reach.width()[secret] < wanted[secret]]
            if not len(left):
                break
        if not len(left):
            break
    block.limit(secret, block.floors[secret], block.ceilings[secret])
    for place in left:
        for sign in (1.0, -1.0):
            if reach.width()[place] < wanted[place]:
                reach.see(block.reach(np.array([place]), sign))
    return reach.width() >= wanted


def exact_reach(reach: Reach) -> None:
    """Widen to the least and greatest feasible value of every cell."""
    block = reach.block
    for place in range(len(block.columns)):
        if reach.least[place] > block.floors[place] + TOLERANCE:
            reach.see(block.reach(np.array([place]), -1.0))
        if reach.most[place] < block.ceilings[place] - TOLERANCE:
            reach.see(block.reach(np.array([place]), 1.0))


def narrow(linear: LinearSystem, withheld: Flags) -> Flags:
    """The primary cells whose interval is too narrow."""
    found = np.zeros(len(withheld), dtype=bool)
    for block in blocks_of(linear, withheld | linear.hidden):
        wanted = np.where(linear.primary, linear.widths, 0)[block.columns]
        found[block.columns[~wide_enough(Reach(block), wanted)]] = True
    return found
