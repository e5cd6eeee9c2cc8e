"""Who continues from one year into the next is a year older: what that tells of age groups, as anyone can state it.

Written apart from the protector's `links`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from kvarn import metadata
from kvarn.analyse._classification import total
from kvarn.analyse.disclosure.written.key import Key, at
from kvarn.analyse.disclosure.written.line import Line

__all__ = ["CAME", "a_year_older", "year_before"]

# How many came from one age group to another stands in no table.
CAME = "came"
_OLDEST = 200


def year_before(keys: set[Key], key: Key) -> list[Key]:
    """The persons of the year before, of whom those who continue are a part, the fewest ages first: each was a year younger."""
    held = dict(key[2])
    if held.get("continuity") != "continuing":
        return []
    before = key[0], key[1] - 1, at(at(key, "continuity", None), "age", None)[2]
    if "age" not in held:
        return [before] if before in keys else []
    low, high = _span(held["age"])
    spans = {code: _span(code) for code in metadata.codelist("age").codes}
    fit = [code for code, (first, last) in spans.items() if first <= max(low - 1, 0) and last >= high - 1]
    fit.sort(key=lambda code: spans[code][1] - spans[code][0])
    found = [at(before, "age", code if code != total("age") else None) for code in fit]
    return [one for one in found if one in keys]


def a_year_older(keys: set[Key]) -> Iterator[Line[Key]]:
    """Those who continue have come from the age groups of the year before, by ways that nobody has counted.

    Of each group of the year before so many have come to each group that has their ages a year later; no more than were in it.
    """
    places: dict[Key, list[str]] = defaultdict(list)
    for key in keys:
        held = dict(key[2])
        if held.get("continuity") == "continuing" and "age" in held:
            places[at(key, "age", None)].append(held["age"])
    for place, codes in sorted(places.items()):
        before = place[0], place[1] - 1, at(place, "continuity", None)[2]
        groups = {code: _span(code) for code in metadata.codelist("age").codes}
        younger = _apart([code for code in groups if at(before, "age", code if code != total("age") else None) in keys], groups)
        older = _apart(codes, groups)
        came: dict[str, list[Key]] = {}
        for code in older:
            low, high = max(groups[code][0] - 1, 0), groups[code][1] - 1
            of = [one for one in younger if groups[one][0] <= high and groups[one][1] >= low]
            if of and sum(min(groups[one][1], high) - max(groups[one][0], low) + 1 for one in of) == high - low + 1:
                came[code] = [_way(place, one, code) for one in of]
                part = at(place, "age", code)
                yield Line({part: 1.0, **dict.fromkeys(came[code], -1.0)}, exact=True)
        for one in younger:
            whole = at(before, "age", one if one != total("age") else None)
            ways = [_way(place, one, code) for code in older if _way(place, one, code) in came.get(code, [])]
            if ways:
                yield Line({whole: 1.0, **dict.fromkeys(ways, -1.0)}, exact=False)


def _way(place: Key, one: str, other: str) -> Key:
    return f"{place[0]} {CAME}", place[1], (*place[2], ("age", other), ("age before", one))


def _apart(codes: Iterable[str], groups: Mapping[str, tuple[int, int]]) -> list[str]:
    """The smallest of these age groups that have no age in common."""
    found: list[str] = []
    for code in sorted(codes, key=lambda code: (groups[code][1] - groups[code][0], groups[code])):
        if all(groups[code][0] > groups[one][1] or groups[code][1] < groups[one][0] for one in found):
            found.append(code)
    return found


def _span(code: str) -> tuple[int, int]:
    row = metadata.codelist("age").by_code[code]
    return int(row["from_age"]), int(row["to_age"] or _OLDEST)
