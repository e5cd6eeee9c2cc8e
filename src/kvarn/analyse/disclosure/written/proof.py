"""What follows from the relations together, told of the counts that stand in tables alone.

A secret that lies in too narrow an interval does so because of some relations, each taken so many times. What stands in no table
falls out of their sum, or is left with a sign by which it can only make the sum less. What remains is a relation between counts,
true as those are that it follows from, by which a protector who did not know it can protect the secret.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction

from kvarn.analyse.disclosure.written.key import Key
from kvarn.analyse.disclosure.written.line import Line

__all__ = ["what_follows"]

# Relations have small whole coefficients, and so have the proofs that they make: what is nearer to one than this is it.
_MOST = 1000


def what_follows(
    secret: Key, taken: Sequence[tuple[Line[Key], float]], unseen: Collection[Key], computed: Mapping[Key, Mapping[Key, int]]
) -> Line[Key] | None:
    """The relation between counts that some lines come to; None where none remains.

    Parameters
    ----------
    secret
        What they tell too closely.
    taken
        Lines, each with how often it is taken; those that are not exact are taken no less than nought times.
    unseen
        What stands in no table, and is nought or more.
    computed
        What is computed of counts (`rests_of`), nought or more too, each with the counts and how often they are counted.
    """
    come_to: dict[Key, Fraction] = defaultdict(Fraction)
    for line, by in taken:
        times = Fraction(by).limit_denominator(_MOST)
        if times < 0 and not line.exact:
            return None
        for key, entry in line.terms.items():
            if isinstance(entry, float) and entry != int(entry):
                # A ratio that is published tells of its parts as far as its decimals go: not once they are withheld.
                return None
            come_to[key] += times * Fraction(entry)
    for rest in [key for key in come_to if key in computed]:
        often = come_to.pop(rest)
        # What else is computed can only make the sum less, and can be left out.
        if often > 0 or rest == secret:
            for key, number in computed[rest].items():
                come_to[key] += often * number
    for key in [key for key in come_to if key in unseen]:
        if come_to.pop(key) > 0:
            return None
    left = {key: entry for key, entry in sorted(come_to.items()) if entry}
    if not left:
        return None
    scale = math.lcm(*(entry.denominator for entry in left.values()))
    whole = {key: int(entry * scale) for key, entry in left.items()}
    common = math.gcd(*whole.values())
    return Line({key: entry // common for key, entry in whole.items()}, exact=False)
