"""Wholes that are nearly the sum of their parts: persons are counted once in a county, and hardly anyone is in two of its
municipalities.

Nobody can exclude that somebody is, so that no interval is any narrower. But whoever takes the whole for the sum is right nearly
everywhere, and what they compute is true wherever nobody is in two of the parts. So protection assumes of them that they do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from kvarn.analyse._ratio import decimal_text
from kvarn.analyse.disclosure.cell import Cell
from kvarn.analyse.disclosure.relation import Division, Relation, less

__all__ = ["Nearly"]

# What is counted, and the variables that its parts are categories of.
_Kind = tuple[str, frozenset[str]]


@dataclass(frozen=True)
class Nearly:
    """The kinds of divisions of which a whole is nearly the sum of its parts.

    Attributes
    ----------
    kinds
        Those that are taken for sums.
    found
        Of each kind, how much all its parts come to beyond all its wholes, and what these come to; of kinds that are not
        taken too.
    """

    kinds: frozenset[_Kind] = frozenset()
    found: Mapping[_Kind, tuple[int, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, divisions: Iterable[Division], values: Mapping[Cell, int], share: float) -> Nearly:
        """Those of which all parts together come to no more than `share` beyond all wholes; none where it is 0.

        Where no whole has all of its parts nothing tells that they come to more.
        """
        wholes: dict[_Kind, int] = defaultdict(int)
        beyond: dict[_Kind, int] = defaultdict(int)
        for one in divisions:
            if _is_covered(one):
                whole = 0 if one.missing else values[one.whole]
                wholes[_kind(one)] += whole
                beyond[_kind(one)] += 0 if one.missing else sum(values[part] for part in one.parts) - whole
        taken = frozenset(kind for kind, number in beyond.items() if share and number <= share * wholes[kind])
        return cls(taken, {kind: (number, wholes[kind]) for kind, number in beyond.items()})

    def words(self) -> dict[str, str]:
        """Of each kind, how far it is from a sum and whether it is taken for one."""
        told = {}
        for kind, (number, whole) in sorted(self.found.items(), key=lambda one: (one[0][0], sorted(one[0][1]))):
            beyond = (
                f"{decimal_text(number, whole, factor=100, decimals=1)} per cent beyond" if whole else "no whole to hold it to"
            )
            told[f"{kind[0]} by {', '.join(sorted(kind[1]))}"] = f"{beyond}; {'taken' if kind in self.kinds else 'not taken'}"
        return told

    def relations(self, divisions: Iterable[Division], values: Mapping[Cell, int]) -> Iterator[Relation]:
        """That wholes come to no less than their parts, and to the same where all parts are there, as far as it is true."""
        for one in divisions:
            if _is_covered(one) and _kind(one) in self.kinds:
                left = values[one.whole] - sum(values[part] for part in one.parts)
                if left == 0 or (left > 0 and one.missing):
                    yield less((one.whole,), one.parts, exact=not one.missing)


def _is_covered(one: Division) -> bool:
    of_one_measure = all(part.measure == one.whole.measure for part in one.parts)
    return not one.additive and one.nested and one.covered and of_one_measure and len(one.parts) > 1


def _kind(one: Division) -> _Kind:
    return one.whole.measure, frozenset(name for name, _ in {*one.parts[0].categories} ^ {*one.whole.categories})
