"""Relations between cells of different measures, years and classifications, which no code list tells.

- A count that is a sum of another measure's cells: person-months are the persons of each month.
- Persons who are new or continuing: those of the year before who did not continue are a difference of two cells.
- Procedures by one profession have just one, so that, unlike joint ones, they add up over the professions.
- Joint ones have two at least, so that their professions come to twice as many, or more; and what all professions come to beyond
  the procedures is joint.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from kvarn import metadata
from kvarn.analyse._classification import OF_PROCEDURE, children, listed, total
from kvarn.analyse.disclosure.cell import Cell
from kvarn.analyse.disclosure.relation import Relation, less

__all__ = [
    "Link",
    "counterparts",
    "joint_parts",
    "kin_of",
    "linked_parts",
    "parts_in_other_tables",
    "relations_between_counts",
    "relations_of_cooperation",
    "those_of_several_ages",
    "those_of_the_year_before",
    "within_and_covered",
]

_OLDEST = 200
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


def joint_among_professions(cells: Mapping[Cell, int]) -> Iterator[tuple[Cell, Cell, tuple[Cell, ...]]]:
    """All procedures, the joint ones, and those of each profession.

    A joint one is counted once more at least, and at most once for each further profession that has any.
    """
    for joint in cells:
        if joint.code("cooperation") != "joint" or joint.code("profession") is not None:
            continue
        if metadata.measure(joint.measure).subject != "procedures":
            continue
        whole = joint.having("cooperation", None)
        parts = tuple(whole.having("profession", code) for code in children("profession", str(total("profession"))))
        if whole in cells and all(part in cells for part in parts):
            yield whole, joint, parts


def relations_between_counts(cells: Mapping[Cell, int]) -> Iterator[Relation]:
    """What the counts of several classifications and measures tell of one another, beside `relations_of_cooperation`."""
    yield from relations_of_joint(cells)
    yield from relations_of_persons_within(cells)


def relations_of_joint(cells: Mapping[Cell, int]) -> Iterator[Relation]:
    """How many procedures are joint, by what their professions come to: whoever has none of them is known to have none."""
    for whole, joint, parts in joint_among_professions(cells):
        there = sum(cells[part] > 0 for part in parts)
        yield Relation(((whole, -1), (joint, -1), *((part, 1) for part in parts)), exact=False)
        yield Relation(((joint, max(there - 1, 0)), (whole, 1), *((part, -1) for part in parts)), exact=False)


def relations_of_cooperation(cells: Mapping[Cell, int]) -> Iterator[Relation]:
    """What some professions tell of one another.

    Single procedures of some are no more than all single ones; what two professions come to beyond all procedures is joint, and
    what is not by the one is all that can be by the other alone.
    """
    for cell in cells:
        cooperation, profession = cell.code("cooperation"), cell.code("profession")
        if cooperation is None or metadata.measure(cell.measure).subject != "procedures":
            continue
        others = [code for code in children("profession", str(total("profession"))) if code != profession]
        if profession is None and cooperation == "single":
            parts = [one for code in others if (one := cell.having("profession", code)) in cells]
            if parts and len(parts) < len(others):
                yield less((cell,), parts)
        elif profession is not None:
            of_it = cell.having("cooperation", None)
            whole = of_it.having("profession", None)
            for other in [whole.having("profession", code) for code in others] if whole in cells else ():
                if other not in cells:
                    continue
                if cooperation == "single":
                    yield less((whole,), (other, cell))
                elif cooperation == "joint" and of_it in cells:
                    yield less((cell, whole), (of_it, other))


def relations_of_persons_within(cells: Mapping[Cell, int]) -> Iterator[Relation]:
    """Whoever has something has it once at least: a count is no less than the persons of all its parts together, where it is not
    counted by part itself."""
    shapes = {(cell.measure, cell.year, frozenset(name for name, _ in cell.categories)) for cell in cells}
    for whole in cells:
        behind = metadata.measure(whole.measure).behind
        if behind is None:
            continue
        names = frozenset(name for name, _ in whole.categories)
        for name in metadata.measure(whole.measure).additive:
            # An official list has thousands of codes: they are looked at where persons are counted by them.
            if (behind, whole.year, names | {name}) not in shapes:
                continue
            code = whole.code(name) or total(name)
            below = [whole.having(name, child) for child in children(name, code)] if code is not None else []
            parts = [one for part in below if (one := replace(part, measure=behind)) in cells]
            if len(parts) > 1 and any(part not in cells for part in below):
                yield less((whole,), parts)


def counterparts(cell: Cell, parts: Mapping[str, str]) -> Iterator[Cell]:
    """What other measures and years have in the place of a cell; `parts` has each measure that is a part of another, and that."""
    yield from (replace(cell, measure=measure) for measure in kin_of(cell.measure))
    if cell.measure in parts and metadata.measure(parts[cell.measure]).subject != "public":
        yield Cell(parts[cell.measure], cell.year, tuple(pair for pair in cell.categories if pair[0] not in OF_PROCEDURE))
    if (continuity := cell.code("continuity")) is not None:
        yield replace(cell.having("continuity", None), year=cell.year - 1)
        if continuity != "continuing":
            yield cell.having("continuity", "continuing")
        if (age := cell.code("age")) is not None:
            yield from (cell.having("age", one) for one in children("age", listed("age").parent(age) or age))
    if cell.code("cooperation") == "single":
        yield cell.having("cooperation", "joint")


def kin_of(measure: str) -> tuple[str, ...]:
    """The persons behind a count, or what is counted of the persons: the one is nought where the other is."""
    behind = metadata.measure(measure).behind
    counted = [name for name, fact in metadata.COUNTED.items() if fact.behind == measure]
    return (*([behind] if behind is not None else []), *counted)


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
    """As `those_of_the_year_before`, of any neighbouring ages: the cells that cover them, and all that have come from there.

    So many neighbouring age groups as there are, each together with those beside it.
    """
    by_place: dict[Cell, list[Cell]] = defaultdict(list)
    for cell in cells:
        if cell.code("continuity") == "continuing":
            by_place[cell.having("age", None)].append(cell)
    for place, here in by_place.items():
        if here == [place]:
            continue
        before = replace(place.having("continuity", None), year=place.year - 1)
        wholes = [one for code in (None, *_ages()) if (one := before.having("age", code)) in cells]
        told = set()
        for low in sorted({_ages_of(one)[0] for one in here}):
            for high in sorted({_ages_of(one)[1] for one in here if _ages_of(one)[1] >= low}):
                cover = _covering(wholes, max(low - 1, 0), high - 1)
                if not cover or cover in told:
                    continue
                told.add(cover)
                first, last = _ages_of(cover[0])[0], _ages_of(cover[-1])[1]
                came = _largest([one for one in here if _came_from(one, first, last)])
                if len(cover) + len(came) > len((place, before)):
                    yield cover, came


def _came_from(cell: Cell, first: int, last: int) -> bool:
    """Whether all who continue into these ages were of those ages."""
    low, high = _ages_of(cell)
    return max(low - 1, 0) >= first and high - 1 <= last


def _covering(cells: Sequence[Cell], low: int, high: int) -> tuple[Cell, ...]:
    """The smallest cells that have all these ages together; none where they do not."""
    found: list[Cell] = []
    at = low
    while at <= high:
        fit = [one for one in cells if _ages_of(one)[0] <= at <= _ages_of(one)[1]]
        if not fit:
            return ()
        # A larger one that has the next age has those before it as well.
        smallest = min(fit, key=_size)
        found = [one for one in found if _ages_of(one)[1] < _ages_of(smallest)[0]] + [smallest]
        at = _ages_of(smallest)[1] + 1
    return tuple(found)


def _largest(cells: Collection[Cell]) -> tuple[Cell, ...]:
    """As many of these as have no age in common, the largest first, in order of age."""
    found: list[Cell] = []
    for cell in sorted(cells, key=lambda one: (-_size(one), _ages_of(one))):
        low, high = _ages_of(cell)
        if all(_ages_of(one)[1] < low or _ages_of(one)[0] > high for one in found):
            found.append(cell)
    return tuple(sorted(found, key=_ages_of))


def _ages() -> tuple[str, ...]:
    return tuple(code for code in listed("age").codes if code != total("age"))


def _ages_of(cell: Cell) -> tuple[int, int]:
    """The first and the last age of a cell, both included."""
    row = listed("age").by_code[cell.code("age") or str(total("age"))]
    return int(row["from_age"]), int(row["to_age"] or _OLDEST)


def _size(cell: Cell) -> int:
    low, high = _ages_of(cell)
    return high - low


def _has(cells: Sequence[Cell], low: int, high: int) -> bool:
    return bool(cells) and _ages_of(cells[0])[0] <= low and _ages_of(cells[-1])[1] >= high


def _youngest(wholes: Sequence[Cell], cell: Cell) -> Cell | None:
    """The smallest of these that has all who are of the cell's ages a year later."""
    low, high = _ages_of(cell)
    fit = [one for one in wholes if _has([one], max(low - 1, 0), high - 1)]
    return min(fit, key=_size, default=None)


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
