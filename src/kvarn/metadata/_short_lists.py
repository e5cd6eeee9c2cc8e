"""Lists that are too short to be a year's list: a part of it, a selection, or a download that was cut off."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from kvarn.metadata._rules import KVA_PARTS, Part

__all__ = ["Shortfall", "parts_of", "shortfalls", "whole_enough"]

# What a list of a year has at the least, and what lists are known to have: KVÅ of 2020, the municipalities of today (277 or more
# since 1974), the professions of kvarn's own list. The limits are assumptions.
LEAST: Mapping[str, int] = {"KKÅ": 3_000, "KMÅ": 2_000, "profession": 10, "municipality": 250}
_KNOWN: Mapping[str, str] = {
    "KKÅ": "KKÅ 2020 has 6,057",
    "KMÅ": "KMÅ 2020 has 4,495",
    "profession": "kvarn's own list has 17",
    "municipality": "there are 290",
}
# Of the codes of the nearest year so large a share is there: from year to year a few in a hundred come or go.
_LEAST_SHARE = 0.5


class Shortfall(NamedTuple):
    """What a list, or a part of KVÅ, has too few codes of.

    Attributes
    ----------
    part
        ``KKÅ``, ``KMÅ``, ``profession`` or ``municipality``.
    codes, least
        How many codes there are, and how many there must be.
    why
        Where the limit comes from.
    """

    part: str
    codes: int
    least: int
    why: str

    def __str__(self) -> str:
        noun = "code" if self.codes == 1 else "codes"
        named = self.part if self.part.startswith("K") else f"the list ({self.part})"
        return f"{named} has {self.codes:,} {noun}, and at least {self.least:,} were expected: {self.why}"


def parts_of(name: str, codes: Collection[str]) -> Mapping[str, frozenset[str]]:
    """The codes of a list by the parts that are published by themselves: of KVÅ two, of other lists one. A part may be empty."""
    if name != "procedure":
        return {name: frozenset(codes)}
    return {part.name: frozenset(filter(part.form.fullmatch, codes)) for part in KVA_PARTS}


def whole_enough(part: Part, codes: Collection[str]) -> bool:
    """Whether so many codes of a part of KVÅ are there that the rest can be called unknown."""
    return len(list(filter(part.form.fullmatch, codes))) >= LEAST[part.name]


def shortfalls(
    name: str, year: int, codes: Collection[str], nearest: tuple[int, Collection[str]] | None = None
) -> Iterator[Shortfall]:
    """Each part of a list that is there and has too few codes.

    Parameters
    ----------
    year, codes
        The year of the list, and its codes that are valid in it.
    nearest
        The nearest other year that has been imported, and the codes of that list, where there is one.
    """
    of_nearest = parts_of(name, nearest[1]) if nearest else {}
    for part, found in parts_of(name, codes).items():
        if not found:
            continue
        if len(found) < LEAST[part]:
            yield Shortfall(part, len(found), LEAST[part], _KNOWN[part])
        elif nearest and len(found) < _LEAST_SHARE * len(of_nearest[part]):
            least = -int(-_LEAST_SHARE * len(of_nearest[part]) // 1)
            yield Shortfall(part, len(found), least, f"the list of {nearest[0]} has {len(of_nearest[part]):,}")
