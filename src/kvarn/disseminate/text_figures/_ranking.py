"""Which category is the largest, the second, the smallest: ties are ties, and what is not settled is not said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from kvarn.disseminate.counted import Number, compare

__all__ = ["Entry", "could_disturb", "group_at", "rank_of"]

SUPPRESSED = "X"
# More categories than this in one place are no finding, and nobody reads their names.
MOST_NAMED = 3


@dataclass(frozen=True)
class Entry:
    """A published cell among those that are compared."""

    code: str
    number: Number


def group_at(entries: Sequence[Entry], place: int, *, largest: bool) -> tuple[Entry, ...]:
    """The categories that share a place, in their own order; empty where the place is not there or cannot be told.

    Categories of equal numbers share one place, and the next number has the next place. Nothing is the largest of zeros.
    """
    sign = 1 if largest else -1
    left = list(entries)
    group: tuple[Entry, ...] = ()
    for _ in range(place):
        group = _first(left, sign)
        left = [entry for entry in left if entry not in group]
    zeros = largest and bool(group) and group[0].number.high <= 0
    # Where all are alike none is the largest, nor the smallest.
    alike = len(group) == len(entries) > 1
    return () if len(group) > MOST_NAMED or zeros or alike else group


def _first(entries: Sequence[Entry], sign: int) -> tuple[Entry, ...]:
    """Those that no other surpasses, when every comparison with them is settled."""
    if not entries:
        return ()
    # If any is the first, it is the one of which the least (or the most) that it can be is largest (or smallest).
    one = max(entries, key=lambda entry: entry.number.low) if sign > 0 else min(entries, key=lambda entry: entry.number.high)
    found = [0 if other is one else compare(one.number, other.number) for other in entries]
    if any(order not in (0, sign) for order in found):
        return ()
    return tuple(other for other, order in zip(entries, found, strict=True) if order == 0)


def rank_of(others: Sequence[Entry], own: Number) -> tuple[int, bool] | None:
    """The place of a number among others, 1 for the largest, and whether it shares it; None where it is not settled."""
    found = [compare(entry.number, own) for entry in others]
    if None in found:
        return None
    return 1 + found.count(1), 0 in found


def could_disturb(withheld: Sequence[str], most: Fraction | None, number: Number, *, largest: bool) -> bool:
    """Whether a cell that is not published could be larger (or smaller) than `number`, or as large.

    Parameters
    ----------
    withheld
        The symbols of such cells. A suppressed count is at least 1, since zeros are shown.
    most
        The most that a suppressed cell can be, where the total tells.
    """
    if not withheld:
        return False
    if any(symbol != SUPPRESSED for symbol in withheld):
        return True
    if not largest:
        return number.high > 0
    return most is None or most >= number.low
