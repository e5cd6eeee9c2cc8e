"""How narrow an interval the attacker can put around each withheld cell.

Every solution of a programme is a table that fits what is published, so it widens the known reach of every cell that it
moves (witness pooling): most cells never need a programme of their own. Only tables of whole numbers count, so that a cell
that is said to reach as far as is wanted does so for an attacker who knows that cells are whole: both ends of what is
certified are tables that could be the true one.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from kvarn.analyse.disclosure.suppression.insiders import Insider, InsidersOfBlock
from kvarn.analyse.disclosure.suppression.linear import Flags, LinearSystem, Numbers
from kvarn.analyse.disclosure.suppression.neighbourhood import Nearby
from kvarn.analyse.disclosure.suppression.programmes import TOLERANCE, Block, Reals, are_whole, blocks_of
from kvarn.analyse.disclosure.suppression.witnesses import Witnesses

__all__ = [
    "Asked",
    "Reach",
    "ask_together",
    "exact_limits",
    "kept_from",
    "narrow",
    "narrow_to_insiders",
    "reaches",
    "wide",
    "wide_enough",
]

_ROUNDS = 6
# Tables whose evidence is counted together.
_AT_ONCE = 2000


@dataclass(frozen=True)
class Asked:
    """What every secret of a linear system must keep: its own width to everybody, and `room` to each insider but for the columns
    that have been `told` already."""

    insiders: Sequence[Insider] = ()
    room: int = 1
    told: Numbers = field(default_factory=lambda: np.zeros(0, dtype=np.int64))


class Reach:
    """The least and greatest value seen in each cell of a block, over the whole-number tables that are known to fit.

    Attributes
    ----------
    wanted, ups, secret
        The width that each cell needs (0: none), how far beyond its figure it has to reach, and the places of those that need a
        width.
    insiders
        Who knows more than the public in this block.
    whole
        Whether only tables of whole numbers count.
    """

    def __init__(
        self,
        block: Block,
        wanted: Numbers,
        ups: Numbers,
        insiders: InsidersOfBlock,
        around: Nearby,
        shifts: sparse.csr_matrix | None = None,
        *,
        whole: bool = True,
        witnesses: Witnesses | None = None,
    ) -> None:
        self.block, self.wanted, self.ups, self.insiders, self.whole = block, wanted, ups, insiders, whole
        self.secret = np.flatnonzero(wanted)
        self._around = around
        self._shifts = sparse.csr_matrix((0, len(wanted))) if shifts is None else shifts
        self._later: list[sparse.csr_matrix] = []
        self._witnesses = witnesses
        self._down, self._up = np.zeros(len(wanted)), np.zeros(len(wanted))
        self._widen(self._shifts)
        self._evidence = self._told(self._shifts)

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
        places = np.flatnonzero(shift)
        if self._witnesses is not None and are_whole(shift):
            self._witnesses.add(self.block.columns[places], shift[places].round().astype(np.int64))
        row = sparse.csr_matrix((shift[places], places, np.array([0, len(places)])), shape=(1, len(shift)))
        self._later.append(row)
        self._widen(row)
        if self._evidence.size:
            self._evidence += self._told(row)

    def without(self, place: int) -> Reach:
        """What is known from those tables alone in which one cell has its true value."""
        if self._later:
            self._shifts, self._later = sparse.vstack([self._shifts, *self._later]).tocsr(), []
        kept = self._shifts[np.flatnonzero(self._shifts[:, [place]].getnnz(axis=1) == 0)]
        return Reach(
            self.block, self.wanted, self.ups, self.insiders, self._around, kept, whole=self.whole, witnesses=self._witnesses
        )

    def width(self) -> Numbers:
        """How wide each cell has been seen to reach."""
        return self.most - self.least

    def far_enough(self, places: Numbers) -> Flags:
        """Which of some cells have been seen to reach far enough, in all and upwards."""
        enough: Flags = (self.width()[places] >= self.wanted[places]) & (self.most - self.block.values >= self.ups)[places]
        return enough

    def narrow(self) -> Numbers:
        """The secrets that have not been seen to reach far enough, the narrowest first."""
        left = self.secret[~self.far_enough(self.secret)]
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

    def nudge(self, place: int, moves: Sequence[int], enough: Callable[[], bool]) -> bool | None:
        """Look for tables that differ from the true one as little as can be, but in one cell so much, until it is enough.

        They touch few cells, so that most insiders know of none.

        Returns
        -------
        bool or None
            None where the cell can move so far, but in whole numbers it has not been seen to.
        """
        block = self.block
        if enough():
            return True
        still = block.columns[block.closed]
        left: bool | None = False
        for by in moves:
            moved = self._around.shift(place, by, still, whole=self.whole)
            if moved is not None:
                self.see(block.values + moved)
                left = None
            if enough():
                return True
        return left

    def _limited(self, places: Numbers, within: Numbers) -> None:
        block = self.block
        value = block.values[places].astype(np.float64)
        block.limit(places, np.maximum(block.floors[places], value - within), value + within)

    def _widen(self, shifts: sparse.csr_matrix) -> None:
        np.minimum.at(self._down, shifts.indices, shifts.data)
        np.maximum.at(self._up, shifts.indices, shifts.data)

    def _told(self, shifts: sparse.csr_matrix) -> Numbers:
        """How many of these tables keep each secret (columns) from each insider (rows)."""
        if not self.insiders.known:
            return np.zeros((0, len(self.secret)), dtype=np.int64)
        found = np.zeros((len(self.insiders.known), len(self.secret)), dtype=np.int64)
        for start in range(0, shifts.shape[0], _AT_ONCE):
            some = shifts[start : start + _AT_ONCE]
            moved = abs(some[:, self.secret])
            moved.data = (moved.data >= self.insiders.room - TOLERANCE).astype(np.float32)
            found += (moved.T @ self.insiders.unaware(some).T.astype(np.float32)).T.astype(np.int64)
        return found


def reaches(
    linear: LinearSystem, withheld: Flags, asked: Asked, witnesses: Witnesses, *, whole: bool = True, seen: bool = True
) -> list[Reach]:
    """The blocks of what is withheld.

    Parameters
    ----------
    witnesses
        Where the tables that are found are kept; with `seen` those that are there and fit have been seen already.
    whole
        Whether tables of whole numbers count alone.
    """
    found = []
    unknown = withheld | linear.hidden
    tables = witnesses.fitting(linear, unknown) if seen else sparse.csr_matrix((0, len(unknown)))
    for block in blocks_of(linear, unknown):
        wanted, ups = (np.where(linear.primary, needed, 0)[block.columns] for needed in (linear.widths, linear.ups))
        secret = np.flatnonzero(wanted)
        insiders = InsidersOfBlock(asked.insiders, block.columns, secret, asked.room, asked.told)
        exact = np.arange(len(block.room)) < block.equations.shape[0]
        around = Nearby(linear, block.columns, block.rows.tocsr(), block.room, exact)
        here = tables[:, block.columns]
        shifts = here[np.flatnonzero(here.getnnz(axis=1))].astype(np.float64)
        found.append(Reach(block, wanted, ups, insiders, around, shifts, whole=whole, witnesses=witnesses))
    return found


def ask_together(reach: Reach) -> None:
    """Look for tables that move the secrets which have not been seen to reach far enough, all at once."""
    for _ in range(_ROUNDS):
        left = reach.narrow()
        if not len(left):
            return
        reach.ask(left, np.maximum(reach.wanted, reach.ups)[left])


def wide_enough(reach: Reach) -> bool:
    """Whether each secret has been shown to reach as far as wanted, and no more effort than it takes."""
    ask_together(reach)
    # What is not found among others is looked for alone.
    for place in reach.narrow():
        wide(reach, int(place))
    return not len(reach.narrow())


def wide(reach: Reach, place: int) -> bool:
    """Whether one secret can be shown to reach as far as wanted."""
    wanted, least_up = int(reach.wanted[place]), int(reach.ups[place])
    down, up = int(reach.block.values[place] - reach.least[place]), int(reach.most[place] - reach.block.values[place])
    moves = [wanted - down, up - wanted]
    if up < least_up:
        # What goes up so far may be wide enough by that; if not, the rest is looked for below.
        moves = [max(least_up, wanted - down), least_up, least_up - wanted]

    def enough() -> bool:
        return bool(reach.far_enough(np.array([place]))[0])

    return bool(reach.nudge(place, [by for by in moves if by], enough)) or reach.search(place, max(wanted, least_up), enough)


def kept_from(reach: Reach, insider: int, secrets: Numbers) -> None:
    """Look for tables that keep some secrets from an insider."""
    block, known = reach.block, reach.insiders.known[insider]
    fixed = known[~block.closed[known]]
    block.close(fixed)
    room = reach.insiders.room
    for place in map(int, secrets):
        seen = functools.partial(reach.keeps, insider, place)
        if reach.nudge(place, (room, -room), seen) is None:
            reach.search(place, room, seen)
    block.open(fixed)


def narrow(linear: LinearSystem, withheld: Flags, witnesses: Witnesses) -> Flags:
    """The primary cells whose interval is too narrow."""
    found = np.zeros(len(withheld), dtype=bool)
    for reach in reaches(linear, withheld, Asked(), witnesses):
        wide_enough(reach)
        found[reach.block.columns[reach.narrow()]] = True
    return found


def narrow_to_insiders(linear: LinearSystem, withheld: Flags, asked: Asked, witnesses: Witnesses) -> list[tuple[int, int]]:
    """Pairs of an insider, by number, and the column of a secret that the insider could compute."""
    found = []
    for reach in reaches(linear, withheld, asked, witnesses):
        wide_enough(reach)
        for insider, secrets in reach.told():
            kept_from(reach, insider, secrets)
        columns = reach.block.columns
        found += [(reach.insiders.who[one], int(columns[place])) for one, secrets in reach.told() for place in secrets]
    return sorted(found)


def exact_limits(reach: Reach) -> tuple[Reals, Reals]:
    """The least and greatest feasible value of every cell, whole numbers or not: no attacker can exclude less by these sums."""
    block = reach.block
    # Most cells have been seen to reach as far as single rows let them: those need no programme.
    floors, ceilings = block.whole_limits()
    least, most = reach.least.astype(np.float64), reach.most.astype(np.float64)
    for place in range(len(block.columns)):
        for sign in (-1.0, 1.0):
            open_end = least[place] > floors[place] + TOLERANCE if sign < 0 else most[place] < ceilings[place] - TOLERANCE
            if open_end:
                table = block.reach(np.array([place]), sign)
                np.minimum(least, table, out=least)
                np.maximum(most, table, out=most)
    return least, most
