"""What stands in no table and anyone can compute who has everything else: each is one unknown more in the attack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kvarn.analyse.disclosure.written.line import Line
from kvarn.analyse.disclosure.written.relations import Difference, Key, name_of

__all__ = ["Excused", "Overlapping", "Rest", "Surpassing", "Surplus", "rests_of"]

# By how much some counts come to more than others do: each with how often it is counted, in the order of the counts.
Surplus = tuple[tuple[Key, int], ...]
# An overlap among what is excused: it must not be taken for the difference of the same cells. And a surplus likewise.
Overlapping = tuple[str, Difference]
Surpassing = tuple[str, Surplus]
Excused = Key | Difference | Overlapping | Surpassing


@dataclass(frozen=True)
class Rest:
    """What some counts come to, each times a coefficient.

    Attributes
    ----------
    width
        How wide its interval has to be.
    words
        What it is, for messages.
    """

    terms: Mapping[Key, int]
    width: int
    words: str

    def line(self, rest: Key) -> Line[Key]:
        """What ties it, as an unknown of this name, to the counts."""
        return Line({**self.terms, rest: -1.0}, exact=True)


def rests_of(
    differences: Mapping[Difference, int], overlaps: Mapping[Difference, int], surpluses: Mapping[Surplus, int]
) -> dict[Key, Rest]:
    """What is left of totals, what parts come to beyond them, and surpluses, each by a name that no count has."""
    found: dict[Key, Rest] = {}
    for number, one in enumerate(sorted(differences, key=str)):
        whole, parts = one
        words = f"what is left of {name_of(whole)} without {_joined(parts)}"
        terms = {whole: 1, **dict.fromkeys(parts, -1)}
        found[f"{whole[0]} remainder", number, ()] = Rest(terms, differences[one], words)
    for number, one in enumerate(sorted(overlaps, key=str)):
        whole, parts = one
        words = f"what is counted beyond {name_of(whole)} in {_joined(parts)} together"
        terms = {whole: -1, **dict.fromkeys(parts, 1)}
        found[f"{whole[0]} repeated", number, ()] = Rest(terms, overlaps[one], words)
    for number, surplus in enumerate(sorted(surpluses, key=str)):
        less, more = ([key for key, entry in surplus if entry * sign > 0] for sign in (-1, 1))
        words = f"what is counted beyond {_joined(less)} in {_joined(more)} together"
        found[f"{surplus[0][0][0]} surplus", number, ()] = Rest(dict(surplus), surpluses[surplus], words)
    return found


def _joined(keys: Sequence[Key]) -> str:
    return " and ".join(map(name_of, keys))
