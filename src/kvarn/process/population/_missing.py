"""Which figures are missing, in words that say where to look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

from kvarn.process.population._cells import OLDEST
from kvarn.process.population._regions import names_of

__all__ = ["described"]

# By municipality: the pairs of sex and age that are missing.
Holes = Mapping[int, frozenset[tuple[int, int]]]
_EVERYTHING = frozenset((sex, age) for sex in (1, 2) for age in range(OLDEST + 1))
_SEXES = {1: "men", 2: "women"}
_MOST_NAMED = 4


def described(holes: Holes, of: int) -> str:
    """The holes of one year, those that are alike together.

    Parameters
    ----------
    of
        How many municipalities there should be.
    """
    alike: dict[frozenset[tuple[int, int]], list[int]] = {}
    for region, missing in sorted(holes.items()):
        if missing:
            alike.setdefault(missing, []).append(region)
    listed = sorted(alike.items(), key=lambda one: (-len(one[1]), one[1][0]))
    parts = [f"{_regions(regions, of)}: {_what(missing)}" for missing, regions in listed[:_MOST_NAMED]]
    further = sum(len(regions) for _, regions in listed[_MOST_NAMED:])
    return "; ".join(parts) + (f"; and {further} further municipalities" if further else "")


def _regions(regions: list[int], of: int) -> str:
    if len(regions) == of > 1:
        return f"every municipality ({names_of(regions)})"
    return names_of(regions) if len(regions) == 1 else f"{len(regions)} municipalities ({names_of(regions)})"


def _what(missing: frozenset[tuple[int, int]]) -> str:
    if missing == _EVERYTHING:
        return "everything"
    by_sex = {sex: _ages(age for one, age in missing if one == sex) for sex in _SEXES}
    if by_sex[1] == by_sex[2]:
        return f"men and women {by_sex[1]}"
    return ", ".join(f"{_SEXES[sex]} {ages}" for sex, ages in by_sex.items() if ages)


def _ages(ages: Iterable[int]) -> str:
    listed = sorted(ages)
    if not listed:
        return ""
    starts = [listed[0]] + [after for before, after in pairwise(listed) if after != before + 1]
    ends = [before for before, after in pairwise(listed) if after != before + 1] + [listed[-1]]
    shown = [_age(start) if start == end else f"{start}–{_age(end)}" for start, end in zip(starts, ends, strict=True)]
    return ", ".join(shown[:_MOST_NAMED]) + (" …" if len(shown) > _MOST_NAMED else "")


def _age(age: int) -> str:
    return f"{OLDEST}+" if age == OLDEST else str(age)
