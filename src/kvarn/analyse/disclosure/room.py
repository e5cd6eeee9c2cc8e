"""How far from its figure a secret has to reach: in all, and upwards.

An amount that one or two contributors nearly make up tells of them by its upper end: whoever has the second most takes that from
the greatest that the total can be. So the rules of dominance ask for room upwards, as much as the total would need to be safe
(Hundepool et al., Handbook on Statistical Disclosure Control: the upper protection levels of the (n,k) and the p % rule).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

__all__ = ["Room", "larger", "level_of_dominance", "level_of_p_per_cent", "share_of"]

_Name = TypeVar("_Name")


@dataclass(frozen=True)
class Room:
    """What a secret needs.

    Attributes
    ----------
    width
        How wide the interval has to be that anyone can put around it.
    up
        How far beyond its figure that interval has to reach.
    """

    width: int
    up: int = 0

    def and_of(self, other: Room) -> Room:
        """What both ask for."""
        return Room(max(self.width, other.width), max(self.up, other.up))


def level_of_dominance(total: int, of_largest: int, per_cent: float) -> int:
    """How much more a total has to be for its largest contributors to have no more than `per_cent` of it."""
    return max(0, math.ceil(Fraction(of_largest * 100) / _exactly(per_cent) - total))


def level_of_p_per_cent(total: int, one: int, two: int, per_cent: float) -> int:
    """How much more a total has to be for the second largest contributor to be `per_cent` off the largest, who has `one`."""
    return max(0, math.ceil(Fraction(one) * _exactly(per_cent) / 100 - (total - two)))


def share_of(amount: int, per_cent: float) -> int:
    """`per_cent` of an amount, rounded up."""
    return math.ceil(Fraction(amount) * _exactly(per_cent) / 100)


def larger(one: Mapping[_Name, int], other: Mapping[_Name, int]) -> dict[_Name, int]:
    """Of each name the larger of two numbers."""
    return {**one, **{name: max(number, one.get(name, 0)) for name, number in other.items()}}


def _exactly(per_cent: float) -> Fraction:
    """As it is written in the edition: 33.3 and not the nearest binary number."""
    return Fraction(str(per_cent))
