"""Which codes of the statistics each number of the register belongs to: the tables that a count is joined with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import pyarrow as pa

from kvarn.analyse import _query
from kvarn.analyse._classification import (
    codes_of_age,
    codes_of_key,
    codes_of_procedure,
    listed,
    position,
    with_all_above,
)
from kvarn.metadata import codes_of_periods

__all__ = ["Codes", "members", "members_of_cooperation", "members_of_professions"]

# What a statement says of a person who was there in the year before, or not, or who cannot be followed.
CONTINUITY = {1: "new", 2: "continuing", 3: "unknown"}
# The code behind each number of the register, by kind.
Codes: TypeAlias = Mapping[str, Mapping[int, str]]


def members(name: str, codes: Codes) -> pa.Table:
    """One row for each code of `name` that a number of the register belongs to; `codes` are those behind the numbers."""
    key = _query.keys_of(name)[0]
    found: Mapping[int, Sequence[str]]
    if name == "municipality":
        # Each is only itself, whatever it is called.
        numbers = sorted(codes_of_key("region"))
        return _numbers({key: numbers, "position": numbers})
    if name == "age":
        found = codes_of_age()
    elif key == "procedure":
        known = codes_of_procedure(name)
        found = {number: known[code] for number, code in codes[key].items() if code in known}
    elif name in codes_of_periods():
        known = {code: with_all_above(name, code) for code in listed(name).codes}
        found = {number: known[code] for number, code in codes[name].items() if code in known}
    elif name == "continuity":
        found = {number: with_all_above(name, code) for number, code in CONTINUITY.items()}
    else:
        found = codes_of_key(name)
    rows = [(value, position(name, code)) for value, of in found.items() for code in of]
    return _numbers({key: [value for value, _ in rows], "position": [place for _, place in rows]})


def members_of_professions(joint: Iterable[tuple[int, int]], codes: Codes) -> pa.Table:
    """One row for each profession that took part, and one for the total; null where a profession is unknown."""
    rows: list[tuple[int, int, int | None]] = []
    known = set(listed("profession").codes)
    for first, further in joint:
        taking_part = {codes["profession"][first], *codes["further_professions"][further].split()}
        places: set[int | None] = {None} if taking_part - known else set()
        for code in taking_part & known:
            places |= {position("profession", above) for above in with_all_above("profession", code)}
        rows += [(first, further, place) for place in places]
    names = ("profession", "further_professions", "position")
    return _numbers({name: [row[place] for row in rows] for place, name in enumerate(names)})


def members_of_cooperation(joint: Iterable[tuple[int, int]], codes: Codes) -> pa.Table:
    """One row for each combination of professions, by whether it is of one or several, and one for the total."""
    rows: list[tuple[int, int, int]] = []
    for first, further in joint:
        others = {*codes["further_professions"][further].split()} - {codes["profession"][first]}
        above = with_all_above("cooperation", "joint" if others else "single")
        rows += [(first, further, position("cooperation", code)) for code in above]
    names = ("profession", "further_professions", "position")
    return _numbers({name: [row[place] for row in rows] for place, name in enumerate(names)})


def _numbers(columns: Mapping[str, Sequence[int | None]]) -> pa.Table:
    return pa.table({name: pa.array(values, pa.int64()) for name, values in columns.items()})
