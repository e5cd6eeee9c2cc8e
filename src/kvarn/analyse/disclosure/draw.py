"""What a key that nobody knows decides, so that whoever has the program cannot run it and see what comes out.

The draw of a cell depends on the key and on what the cell is, and on nothing else: it is the same in every run, in later editions
and in orders.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from kvarn.analyse.disclosure.cell import Cell
from kvarn.edition import Disclosure

__all__ = ["Draw", "draw_by"]

_BYTES = 8


@dataclass(frozen=True)
class Draw:
    """Numbers drawn for cells by a key.

    Attributes
    ----------
    key
        Of any length; whoever has it can run the program as the office does.
    choice
        By how much of itself the price of withholding a cell may be higher for one than for another that is alike.
    decoys
        The share of the counts just above the limits that are suppressed as if they were below.
    reach
        So many times a limit is just above it.
    """

    key: bytes
    choice: float = 0.0
    decoys: float = 0.0
    reach: float = 2.0

    def dearer(self, cell: Cell) -> float:
        """What the price of withholding a cell is multiplied by, from 1 to 1 + `choice`."""
        return 1 + self.choice * self._number("price", cell)

    def is_decoy(self, number: int, limit: int, *cells: Cell) -> bool:
        """Whether a number of persons, a cell's or what is left of it without others, counts as if it were below its limit."""
        return limit <= number < self.reach * limit and self._number("decoy", *cells) < self.decoys

    def _number(self, what: str, *cells: Cell) -> float:
        said = "\x1f".join((what, *map(repr, cells)))
        digest = hashlib.blake2b(said.encode(), key=hashlib.sha256(self.key).digest(), digest_size=_BYTES).digest()
        return int.from_bytes(digest, "big") / float(2 ** (8 * _BYTES))


def draw_by(key: bytes | None, rules: Disclosure) -> Draw | None:
    """What the rules let a key decide; None where there is no key, or they let it decide nothing."""
    keyed = rules.keyed
    return Draw(key, keyed.choice, keyed.decoys, keyed.reach) if key and keyed.decides else None
