"""Telling what the columns before the figures are from what stands in them, where no headings say it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from kvarn.process.population._cells import Unknown
from kvarn.process.population._regions import Regions
from kvarn.process.population._words import age_of, sex_of, year_of

__all__ = ["roles_by_content"]

_ENOUGH = 400


def roles_by_content(rows: Sequence[Sequence[str]], width: int, wanted: Sequence[str], regions: Regions) -> dict[int, str]:
    """Which of the first `width` columns are region, age, sex and year.

    A column is what all its texts can be. Where they can be several things (1 and 2 are sexes and ages), it is what agrees
    with the column beside it that says the same in words, else what no other column is.
    """
    sampled = [[cell.strip() for cell in row] for row in rows[:_ENOUGH]]
    # The figures end at the first empty row; footnotes stand below it.
    begun = next((number for number, row in enumerate(sampled) if any(row)), 0)
    ends = next((number for number in range(begun, len(sampled)) if not any(sampled[number])), len(sampled))
    columns = [[row[place] if place < len(row) else "" for row in sampled[begun:ends]] for place in range(width)]
    readers: dict[str, Callable[[str], int]] = {"region": regions.of, "age": age_of, "sex": sex_of, "year": year_of}
    possible = {
        place: {name for name in wanted if all(_read(readers[name], text) is not None for text in texts if text)}
        for place, texts in enumerate(columns)
        if any(texts)
    }
    return _decided(possible, columns, readers)


def _decided(
    possible: Mapping[int, set[str]], columns: Sequence[Sequence[str]], readers: Mapping[str, Callable[[str], int]]
) -> dict[int, str]:
    roles: dict[int, str] = {}
    left = {place: set(names) for place, names in possible.items()}
    while left:
        before = sum(map(len, left.values()))
        for place in [place for place, names in left.items() if len(names) <= 1]:
            names = left.pop(place)
            if names:
                roles[place] = names.pop()
        for place, names in left.items():
            names -= {name for other, name in roles.items() if _contradict(columns[place], columns[other], readers[name])}
        if left and sum(map(len, left.values())) == before:
            for names in left.values():
                names -= set(roles.values())
            if sum(map(len, left.values())) == before:
                break
    return roles


def _contradict(mine: Sequence[str], theirs: Sequence[str], read: Callable[[str], int]) -> bool:
    return any(_read(read, one) != _read(read, other) for one, other in zip(mine, theirs, strict=True) if one and other)


def _read(read: Callable[[str], int], text: str) -> int | None:
    try:
        return read(text)
    except Unknown:
        return None
