"""Relations between cells of different measures, years and classifications, which no code list tells.

- A count that is a sum of another measure's cells: person-months are the persons of each month.
- Persons who are new or continuing: those of the year before who did not continue are a difference of two cells.
- Procedures by one profession have just one, so that, unlike joint ones, they add up over the professions.
- Joint ones have two at least, so that their professions come to twice as many, or more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kvarn import metadata
from kvarn.analyse._classification import children, total
from kvarn.analyse.disclosure.cell import Cell

__all__ = ["Link", "joint_parts", "linked_parts", "parts_in_other_tables", "those_of_the_year_before"]

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


def those_of_the_year_before(cells: dict[Cell, int]) -> Iterator[Link]:
    """The persons of a year, and those of them who continued into the next. Age is another in the next year."""
    for cell in cells:
        if cell.code("continuity") != "continuing" or cell.code("age") is not None:
            continue
        before = replace(cell.having("continuity", None), year=cell.year - 1)
        if before in cells:
            yield before, (cell,)


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
