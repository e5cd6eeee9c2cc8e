"""How narrow an interval the attacker can put around each withheld cell.

Every solution of a programme is a table that fits what is published, so it widens the known reach of every cell that it
moves (witness pooling): most cells never need a programme of their own. Only tables of whole numbers count, so that a cell
that is said to reach as far as is wanted does so for an attacker who knows that cells are whole: both ends of what is
certified are tables that could be the true one.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from kvarn.analyse.disclosure.insiders import Insider, InsidersOfBlock
from kvarn.analyse.disclosure.linear import Flags, LinearSystem, Numbers
from kvarn.analyse.disclosure.programmes import TOLERANCE, Block, Reals, are_whole, blocks_of

__all__ = ["Asked", "Reach", "exact_limits", "kept_from", "narrow", "narrow_to_insiders", "reaches", "wide", "wide_enough"]

_ROUNDS = 6


@dataclass(frozen=True)
class Asked:
    """What every secret of a linear system must keep: its own width to everybody, and `room` to each insider."""

    insiders: Sequence[Insider] = ()
    room: int = 1


class Reach:
    """The least and greatest value seen in each cell of a block, over the whole-number tables that are known to fit.

    Attributes
    ----------
    wanted, secret
        The width that each cell needs (0: none), and the places of those that need one.
    insiders
        Who knows more than the public in this block.
    whole
        Whether only tables of whole numbers count.
    """

    def __init__(
        self, block: Block, wanted: Numbers, insiders: InsidersOfBlock, shifts: Sequence[Reals] = (), *, whole: bool = True
    ) -> None:
        self.block, self.wanted, self.insiders, self.whole = block, wanted, insiders, whole
        self.secret = np.flatnonzero(wanted)
        self.shifts = list(shifts)
        nothing = np.zeros((1, len(wanted)))
        seen = np.concatenate([nothing, np.array(self.shifts).reshape(-1, len(wanted))])
        self._down, self._up = seen.min(axis=0), seen.max(axis=0)
        self._evidence = self._told(seen)

    @property
    def least(self) -> Numbers:
        """The least whole number seen in each cell."""
        least: Numbers = self.block.values + np.ceil(self._down - TOLERANCE).astype(np.int64)
        return least

    @property
    def most(self) -> Numbers:
        """The greatest whole number seen in each cell."""
        most: Numbers = self.block.values + np.floor(self._up + TOLERANCE).astype(np.int64)
        return most

    def see(self, table: Reals) -> None:
        """One more table that fits; it counts if its numbers are whole, or need not be."""
        if self.whole and not are_whole(table):
            return
        shift = (table - self.block.values).round(6)
        self.shifts.append(shift)
        np.minimum(self._down, shift, out=self._down)
        np.maximum(self._up, shift, out=self._up)
        if self._evidence.size:
            self._evidence += self._told(shift[None])

    def without(self, place: int) -> Reach:
        """What is known from those tables alone in which one cell has its true value."""
        kept = [shift for shift in self.shifts if not shift[place]]
        return Reach(self.block, self.wanted, self.insiders, kept, whole=self.whole)

    def width(self) -> Numbers:
        """How wide each cell has been seen to reach."""
        return self.most - self.least

    def narrow(self) -> Numbers:
        """The secrets that have not been seen to reach far enough, the narrowest first."""
        width = self.width()[self.secret]
        left = self.secret[width < self.wanted[self.secret]]
        found: Numbers = left[np.argsort(self.width()[left], kind="stable")]
        return found

    def told(self) -> list[tuple[int, Numbers]]:
        """Insiders, and the secrets that none of the tables seen keeps from them."""
        missing = self.insiders.needs & (self._evidence == 0)
        return [(int(one), self.secret[missing[one]]) for one in np.flatnonzero(missing.any(axis=1))]

    def keeps(self, insider: int, place: int) -> bool:
        """Whether a table has been seen that keeps one secret from one insider."""
        return bool(self._evidence[insider, np.searchsorted(self.secret, place)])

    def ask(self, places: Numbers, within: Numbers) -> None:
        """Look for tables that move some cells, each up to so far."""
        self._limited(places, within)
        for sign in (1.0, -1.0):
            self.see(self.block.reach(places, sign))
        self.block.limit(places, self.block.floors[places], self.block.ceilings[places])

    def search(self, place: int, within: int, enough: Callable[[], bool]) -> bool:
        """Look for tables that move one cell up to so far, whole ones where the first is not, until it is enough."""
        if enough():
            return True
        block, one = self.block, np.array([place])
        self._limited(one, np.array([within]))
        for sign in (1.0, -1.0):
            table = block.reach(one, sign)
            self.see(table)
            if self.whole and not enough() and not are_whole(table) and abs(table[place] - block.values[place]) >= 1:
                self.see(block.reach_again(table))
            if enough():
                break
        block.limit(one, block.floors[one], block.ceilings[one])
        return enough()

    def _limited(self, places: Numbers, within: Numbers) -> None:
        block = self.block
        value = block.values[places].astype(np.float64)
        block.limit(places, np.maximum(block.floors[places], value - within), value + within)

    def _told(self, shifts: Reals) -> Numbers:
        """How many of these tables keep each secret (columns) from each insider (rows)."""
        if not self.insiders.known:
            return np.zeros((0, len(self.secret)), dtype=np.int64)
        unaware = self.insiders.unaware(shifts.T).astype(np.float32)
        moved = (np.abs(shifts[:, self.secret]) >= self.insiders.room - TOLERANCE).astype(np.float32)
        found: Numbers = (unaware @ moved).astype(np.int64)
        return found


def reaches(linear: LinearSystem, withheld: Flags, asked: Asked, *, whole: bool = True) -> list[Reach]:
    """The blocks of what is withheld, in which nothing has been seen yet; `whole` lets tables of whole numbers count alone."""
    found = []
    for block in blocks_of(linear, withheld | linear.hidden):
        wanted = np.where(linear.primary, linear.widths, 0)[block.columns]
        secret = np.flatnonzero(wanted)
        insiders = InsidersOfBlock(asked.insiders, block.columns, secret, asked.room)
        found.append(Reach(block, wanted, insiders, whole=whole))
    return found


def wide_enough(reach: Reach) -> bool:
    """Whether each secret has been shown to reach as far as wanted, and no more effort than it takes."""
    for _ in range(_ROUNDS):
        left = reach.narrow()
        if not len(left):
            return True
        reach.ask(left, reach.wanted[left])
    # What is not found among others is looked for alone.
    for place in reach.narrow():
        wide(reach, int(place))
    return not len(reach.narrow())


def wide(reach: Reach, place: int) -> bool:
    """Whether one secret can be shown to reach as far as wanted."""
    wanted = int(reach.wanted[place])
    return reach.search(place, wanted, lambda: bool(reach.width()[place] >= wanted))


def kept_from(reach: Reach, insider: int, secrets: Numbers, *, at_once: bool = False) -> bool:
    """Whether tables are found that keep all of some secrets from an insider; `at_once` gives up after the first that fails."""
    block, known = reach.block, reach.insiders.known[insider]
    fixed = known[~block.closed[known]]
    block.close(fixed)
    if not at_once and len(secrets) > 1:
        reach.ask(secrets, np.full(len(secrets), reach.insiders.room))
    kept = True
    for place in map(int, secrets):
        seen = functools.partial(reach.keeps, insider, place)
        kept = reach.search(place, reach.insiders.room, seen) and kept
        if at_once and not kept:
            break
    block.open(fixed)
    return kept


def narrow(linear: LinearSystem, withheld: Flags) -> Flags:
    """The primary cells whose interval is too narrow."""
    found = np.zeros(len(withheld), dtype=bool)
    for reach in reaches(linear, withheld, Asked()):
        wide_enough(reach)
        found[reach.block.columns[reach.narrow()]] = True
    return found


def narrow_to_insiders(linear: LinearSystem, withheld: Flags, asked: Asked) -> list[tuple[int, int]]:
    """Pairs of an insider, by his number, and the column of a secret that he could compute."""
    found = []
    for reach in reaches(linear, withheld, asked):
        wide_enough(reach)
        for insider, secrets in reach.told():
            kept_from(reach, insider, secrets)
        columns = reach.block.columns
        found += [(reach.insiders.who[one], int(columns[place])) for one, secrets in reach.told() for place in secrets]
    return sorted(found)


def exact_limits(block: Block) -> tuple[Reals, Reals]:
    """The least and greatest feasible value of every cell, whole numbers or not: no attacker can exclude less by these sums."""
    least, most = block.values.astype(np.float64), block.values.astype(np.float64)
    for place in range(len(block.columns)):
        for sign in (-1.0, 1.0):
            open_end = (
                least[place] > block.floors[place] + TOLERANCE if sign < 0 else most[place] < block.ceilings[place] - TOLERANCE
            )
            if open_end:
                table = block.reach(np.array([place]), sign)
                np.minimum(least, table, out=least)
                np.maximum(most, table, out=most)
    return least, most
