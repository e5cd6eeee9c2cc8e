"""Who continues from one year into the next is a year older: what that tells of age groups, as anyone can state it.

Written apart from the protector's `links`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

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

    Of each of the smallest groups so many have come to each that has their ages a year later; no more than were in it.
    """
    places: dict[Key, list[Key]] = defaultdict(list)
    for key in keys:
        if dict(key[2]).get("continuity") == "continuing":
            places[at(key, "age", None)].append(key)
    if not places:
        return
    groups = {row["code"]: _span(row["code"]) for row in metadata.codelist("age").rows}
    smallest = [one for one in groups if not any(other != one and _in(groups[other], groups[one]) for other in groups)]
    ways = [(one, other) for one in smallest for other in smallest if _can_come(groups[one], groups[other])]
    for place, here in sorted(places.items()):
        if here == [place]:
            continue
        before = place[0], place[1] - 1, at(place, "continuity", None)[2]
        for key in here:
            to = groups[dict(key[2]).get("age", str(total("age")))]
            mine = [_way(place, one, other) for one, other in ways if _in(groups[other], to)]
            yield Line({key: 1.0, **dict.fromkeys(mine, -1.0)}, exact=True)
        for code, of in groups.items():
            whole = at(before, "age", code if code != total("age") else None)
            if whole in keys:
                mine = [_way(place, one, other) for one, other in ways if _in(groups[one], of)]
                yield Line({whole: 1.0, **dict.fromkeys(mine, -1.0)}, exact=False)


def _in(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return other[0] <= one[0] and one[1] <= other[1]


def _can_come(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether somebody of the one age can be of the other a year later."""
    return one[0] + 1 <= other[1] and one[1] + 1 >= other[0]


def _way(place: Key, one: str, other: str) -> Key:
    return f"{place[0]} {CAME}", place[1], (*place[2], ("age", other), ("age before", one))


def _span(code: str) -> tuple[int, int]:
    row = metadata.codelist("age").by_code[code]
    return int(row["from_age"]), int(row["to_age"] or _OLDEST)
