"""Relations between cells of different measures, years and classifications, which no code list tells.

- A count that is a sum of another measure's cells: person-months are the persons of each month.
- Persons who are new or continuing: those of the year before who did not continue are a difference of two cells.
- Procedures by one profession have just one, so that, unlike joint ones, they add up over the professions.
- Joint ones have two at least, so that their professions come to twice as many, or more.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from kvarn import metadata
from kvarn.analyse._classification import children, listed, total
from kvarn.analyse.disclosure.cell import Cell

__all__ = [
    "Link",
    "joint_parts",
    "linked_parts",
    "parts_in_other_tables",
    "those_of_several_ages",
    "those_of_the_year_before",
    "within_and_covered",
]

Link = tuple[Cell, tuple[Cell, ...]]


def parts_in_other_tables(cell: Cell) -> tuple[tuple[Cell, ...], ...]:
    """What a cell is exactly the sum of, by the definitions of the measures; nothing where there is no such definition."""
    return _of_other_measure(cell), _of_one_profession(cell)


def linked_parts(cells: dict[Cell, int]) -> Iterator[Link]:
    """Totals and parts of which they are exactly the sum, where all of them are cells."""
    for cell in cells:
        for parts in parts_in_other_tables(cell):
            if parts and all(part in cells for part in parts):
                yield cell, parts


def joint_parts(cells: dict[Cell, int]) -> Iterator[Link]:
    """Joint procedures, or the persons who had any, and those of each profession: each is counted in two of them, or more."""
    for cell in cells:
        if cell.code("cooperation") != "joint" or cell.code("profession") is not None:
            continue
        parts = tuple(cell.having("profession", code) for code in children("profession", str(total("profession"))))
        if all(part in cells for part in parts):
            yield cell, parts


def within_and_covered(whole: Cell, part: Cell) -> tuple[bool, bool]:
    """Whether whoever is in a part is in the whole, and whoever is in the whole is in a part.

    Who moves within a county is new in the municipality and continues in the county.
    """
    continuity = whole.code("continuity") if whole.code("region") != part.code("region") else None
    return continuity != "new", continuity != "continuing"


def those_of_the_year_before(cells: Collection[Cell]) -> Iterator[Link]:
    """The persons of a year, and those of them who continued into the next, in which each is a year older.

    Those who continue at some ages were a year younger, so that they are a part of the smallest age group that has those ages and
    is a cell.
    """
    by_place: dict[Cell, list[Cell]] = defaultdict(list)
    for cell in cells:
        if cell.code("continuity") == "continuing":
            by_place[cell.having("age", None)].append(cell)
    for place, here in by_place.items():
        before = replace(place.having("continuity", None), year=place.year - 1)
        wholes = [one for code in (None, *_ages()) if (one := before.having("age", code)) in cells]
        for cell in here:
            if (whole := _youngest(wholes, cell)) is not None:
                yield whole, (cell,)


def those_of_several_ages(cells: Collection[Cell]) -> Iterator[tuple[tuple[Cell, ...], tuple[Cell, ...]]]:
    """As `those_of_the_year_before`, of neighbouring age groups together: the cells that they were in, and they."""
    by_place: dict[Cell, list[Cell]] = defaultdict(list)
    for cell in cells:
        if cell.code("continuity") == "continuing" and cell.code("age") is not None:
            by_place[cell.having("age", None)].append(cell)
    for place, here in by_place.items():
        before = replace(place.having("continuity", None), year=place.year - 1)
        wholes = _finest([one for code in (None, *_ages()) if (one := before.having("age", code)) in cells])
        parts = _finest(here)
        for first in range(len(parts)):
            for last in range(first + 1, len(parts)):
                together = parts[first : last + 1]
                low, high = _ages_of(together[0])[0], _ages_of(together[-1])[1]
                found = [one for one in wholes if _ages_of(one)[1] >= low - 1 and _ages_of(one)[0] < high]
                if _neighbours(together) and _neighbours(found) and _has(found, max(low - 1, 0), high - 1):
                    yield tuple(found), tuple(together)


def _ages() -> tuple[str, ...]:
    return tuple(code for code in listed("age").codes if code != total("age"))


def _ages_of(cell: Cell) -> tuple[float, float]:
    """The first and the last age of a cell, both included."""
    row = listed("age").by_code[cell.code("age") or str(total("age"))]
    return float(row["from_age"]), float(row["to_age"] or math.inf)


def _has(cells: Sequence[Cell], low: float, high: float) -> bool:
    return bool(cells) and _ages_of(cells[0])[0] <= low and _ages_of(cells[-1])[1] >= high


def _youngest(wholes: Sequence[Cell], cell: Cell) -> Cell | None:
    """The smallest of these that has all who are of the cell's ages a year later."""
    low, high = _ages_of(cell)
    fit = [one for one in wholes if _has([one], max(low - 1, 0), high - 1)]
    return min(fit, key=lambda one: _ages_of(one)[1] - _ages_of(one)[0], default=None)


def _finest(cells: Collection[Cell]) -> list[Cell]:
    """As many of these as have no age in common, the smallest first, in order of age."""
    found: list[Cell] = []
    for cell in sorted(cells, key=lambda one: (_ages_of(one)[1] - _ages_of(one)[0], _ages_of(one)[0])):
        low, high = _ages_of(cell)
        if all(_ages_of(one)[1] < low or _ages_of(one)[0] > high for one in found):
            found.append(cell)
    return sorted(found, key=_ages_of)


def _neighbours(cells: Sequence[Cell]) -> bool:
    return all(_ages_of(one)[1] + 1 == _ages_of(other)[0] for one, other in pairwise(cells))


def _of_other_measure(cell: Cell) -> tuple[Cell, ...]:
    summed = metadata.measure(cell.measure).sum_of
    if summed is None or cell.code(summed.over) is not None:
        return ()
    whole = replace(cell, measure=summed.measure)
    return tuple(whole.having(summed.over, code) for code in children(summed.over, str(total(summed.over))))


def _of_one_profession(cell: Cell) -> tuple[Cell, ...]:
    if cell.code("cooperation") != "single" or cell.code("profession") is not None:
        return ()
    if metadata.measure(cell.measure).subject != "procedures":
        return ()
    return tuple(cell.having("profession", code) for code in children("profession", str(total("profession"))))
