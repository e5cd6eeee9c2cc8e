"""Which codes of the statistics each value of the register belongs to: the tables that a count is joined with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

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

__all__ = ["members", "members_of_cooperation", "members_of_professions"]


def members(name: str) -> pa.Table:
    """One row for each code of `name` that a value of the register belongs to."""
    key = _query.KEYS[name][0]
    found: Mapping[int, Sequence[str]] | Mapping[str, Sequence[str]]
    if name == "age":
        found = codes_of_age()
    elif key == "procedure":
        found = codes_of_procedure(name)
    elif name == "continuity":
        found = {1: ("new", "T"), 2: ("continuing", "T")}
    else:
        found = codes_of_key(name)
    rows = [{key: value, "position": position(name, code)} for value, codes in found.items() for code in codes]
    return pa.Table.from_pylist(rows)


def members_of_professions(joint: Iterable[tuple[str, str]]) -> pa.Table:
    """One row for each profession that took part, and one for the total; null where a profession is unknown."""
    rows = []
    known = set(listed("profession").codes)
    for first, further in joint:
        taking_part = {first, *further.split()}
        places: set[int | None] = {None} if taking_part - known else set()
        for code in taking_part & known:
            places |= {position("profession", above) for above in with_all_above("profession", code)}
        rows += [{"profession": first, "further_professions": further, "position": place} for place in places]
    columns: dict[str, pa.DataType] = {"profession": pa.string(), "further_professions": pa.string(), "position": pa.int64()}
    return pa.Table.from_pylist(rows, schema=pa.schema(columns))


def members_of_cooperation(joint: Iterable[tuple[str, str]]) -> pa.Table:
    """One row for each combination of professions, by whether it is of one or several, and one for the total."""
    rows = []
    for first, further in joint:
        code = "joint" if {first, *further.split()} - {first} else "single"
        rows += [
            {"profession": first, "further_professions": further, "position": position("cooperation", above)}
            for above in with_all_above("cooperation", code)
        ]
    columns: dict[str, pa.DataType] = {"profession": pa.string(), "further_professions": pa.string(), "position": pa.int64()}
    return pa.Table.from_pylist(rows, schema=pa.schema(columns))
