"""Wholes that stand in no table, and tie what they are divided into: men and women come to as many as all age groups do.

A custom order may leave out a total, or a group between two levels, and still have all that it consists of. A whole that is fully
divided into cells, in one step or in several, is the sum of these cells, so that whatever is true of it is true of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import permutations, product

from kvarn import metadata
from kvarn.analyse._classification import listed, total, with_all_above
from kvarn.analyse.disclosure.cell import VERSION, Cell
from kvarn.analyse.disclosure.links import (
    counterparts,
    joint_parts,
    kin_of,
    linked_parts,
    parts_in_other_tables,
    relations_between_counts,
    relations_of_cooperation,
    those_of_several_ages,
    those_of_the_year_before,
)
from kvarn.analyse.disclosure.relation import Division, Relation, less

__all__ = [
    "just_above",
    "made_of_cells",
    "of_measures",
    "relations_of_unseen",
    "unseen_wholes",
    "wholes_of",
    "with_counterparts",
    "without",
]


def unseen_wholes(cells: Collection[Cell]) -> list[Cell]:
    """What some of the cells are parts of, one step up or several, and is none of them: the finest first."""
    above: dict[tuple[str, str], str | None] = {}
    sums = _sums_of({cell.measure for cell in cells})
    found: dict[Cell, None] = {}
    left = list(cells)
    while left:
        cell = left.pop()
        for place, (name, code) in enumerate(cell.categories):
            if (name, code) not in above:
                above[name, code] = _above(name, code)
            parent = above[name, code]
            between = ((name, parent),) if parent is not None else ()
            of = (*cell.categories[:place], *between, *cell.categories[place + 1 :])
            measures = [cell.measure, *([sums[cell.measure, name]] if parent is None and (cell.measure, name) in sums else [])]
            for whole in [Cell(measure, cell.year, of) for measure in measures]:
                if whole not in cells and whole not in found:
                    found[whole] = None
                    left.append(whole)
    return sorted(found, key=_finest_first)


def _finest_first(whole: Cell) -> tuple[object, ...]:
    return (-_depth(whole), whole.measure, whole.year, whole.categories)


def wholes_of(cell: Cell) -> Iterator[Cell]:
    """All that a cell is a part of, of its own measure and of those that are nought with it: persons and what they have had.

    Who is new in a municipality need not be new in the county.
    """
    kin = [cell.measure, *kin_of(cell.measure)]
    still = {VERSION, *(["region"] if cell.code("continuity") == "new" else [])}
    above = [
        [code] if name in still or code not in listed(name).by_code else with_all_above(name, code)
        for name, code in cell.categories
    ]
    names = [name for name, _ in cell.categories]
    for codes in product(*above):
        kept = tuple((name, code) for name, code in zip(names, codes, strict=True) if code != total(name))
        yield from (Cell(measure, cell.year, kept) for measure in kin if (measure, kept) != (cell.measure, cell.categories))


def with_counterparts(wholes: Collection[Cell], cells: Collection[Cell], parts: Iterable[tuple[str, str]]) -> list[Cell]:
    """These wholes, and what other measures and years have in the place of each cell: the persons behind a count, those of whom
    they are a part (`parts`: the measure and the one that it is a part of), those of the year before, and those who continue.

    Those alone of which a table has the like: by nothing else could one of them follow.
    """
    shapes = {_shape(cell) for cell in cells} | {_shape(cell, less=name) for cell in cells for name, _ in cell.categories}
    of = dict(parts)
    found = dict.fromkeys(wholes)
    for cell in (*cells, *wholes):
        for other in counterparts(cell, of):
            if other not in cells and _shape(other) in shapes and not _of_months(other):
                found.setdefault(other)
    return sorted(found, key=_finest_first)


def _shape(cell: Cell, less: str | None = None) -> tuple[str, int, frozenset[str]]:
    return cell.measure, cell.year, frozenset(name for name, _ in cell.categories if name != less)


def _of_months(cell: Cell) -> bool:
    """Whether it is a count over what it is counted in: person-months of one month are persons."""
    summed = metadata.measure(cell.measure).sum_of
    return summed is not None and cell.code(summed.over) is not None


def _sums_of(measures: Iterable[str]) -> dict[tuple[str, str], str]:
    """The measures that are sums of another, by that and by the variable that it is summed over."""
    declared = {name: metadata.measure(name).sum_of for name in sorted(measures)}
    return {(one.measure, one.over): name for name, one in declared.items() if one is not None}


def _above(name: str, code: str) -> str | None:
    """The category above one; None where that is the total."""
    codes = listed(name)
    parent = codes.parent(code) if code in codes.by_code else None
    return None if parent in (None, codes.total) else parent


def _depth(cell: Cell) -> int:
    return sum(len(with_all_above(name, code)) if code in listed(name).by_code else 1 for name, code in cell.categories)


def made_of_cells(
    whole: Cell, divisions: Sequence[Division], made_of: Mapping[Cell, tuple[Cell, ...]], cells: Collection[Cell]
) -> tuple[Cell, ...]:
    """The cells that a whole is exactly the sum of; none where nothing divides it fully.

    Parameters
    ----------
    divisions
        Those of the whole, in cells and in what is made of cells.
    made_of
        What finer wholes consist of.
    cells
        All cells, and the finer wholes.
    """
    linked = [parts for parts in parts_in_other_tables(whole) if parts and all(part in cells for part in parts)]
    full = [*linked, *(one.parts for one in divisions if one.additive and not one.missing)]
    return without(full[0], made_of) if full else ()


def without(parts: Iterable[Cell], made_of: Mapping[Cell, tuple[Cell, ...]]) -> tuple[Cell, ...]:
    """These cells, with what each of them consists of in place of those that stand in no table."""
    return tuple(cell for part in parts for cell in made_of.get(part, (part,)))


def relations_of_unseen(
    whole: Cell, divisions: Callable[[Cell], Sequence[Division]], cells: Collection[Cell]
) -> Iterator[Relation]:
    """What ties the parts of a whole that stands in no table: whatever is a part is no more than what covers it.

    `cells` are all cells, and the finer wholes that are sums of them.
    """
    linked = [parts for parts in parts_in_other_tables(whole) if parts and all(part in cells for part in parts)]
    found = [*divisions(whole), *(Division(whole, parts, additive=True) for parts in linked)]
    for one, other in permutations(found, 2):
        if one.missing or not (one.covered and other.nested):
            continue
        if one.additive and other.additive and not other.missing:
            if found.index(one) < found.index(other):
                yield less(one.parts, other.parts, exact=True)
        elif other.additive:
            yield less(one.parts, other.parts)
        else:
            yield from (less(one.parts, (part,)) for part in other.parts)


def just_above(made_of: Mapping[Cell, tuple[Cell, ...]], cells: Collection[Cell]) -> list[Cell]:
    """The cells that have a whole that stands in no table among their parts."""
    found: dict[Cell, None] = {}
    for whole in made_of:
        for name, code in whole.categories:
            for above in with_all_above(name, code)[1:]:
                if (cell := whole.having(name, above)) in cells:
                    found[cell] = None
                    break
    return list(found)


def of_measures(cells: dict[Cell, int], made_of: Mapping[Cell, tuple[Cell, ...]]) -> Iterator[Relation]:
    """What ties measures and years to one another, where one of the two stands in no table."""
    exact = [(whole, parts) for whole, parts in linked_parts(cells) if any(cell in made_of for cell in (whole, *parts))]
    yield from (less((whole,), parts, exact=True) for whole, parts in exact)
    for wholes, together in those_of_several_ages(cells):
        if any(cell in made_of for cell in (*wholes, *together)):
            yield less(wholes, together)
    for whole, parts in joint_parts(cells):
        if any(cell in made_of for cell in (whole, *parts)):
            yield less(parts, (whole, whole))
    for one in (*relations_between_counts(cells), *relations_of_cooperation(cells)):
        if any(cell in made_of for cell, _ in one.terms):
            yield one
    covered = [*those_of_the_year_before(cells), *((cell, (_persons_behind(cell),)) for cell in cells)]
    for whole, parts in covered:
        if parts != (whole,) and parts[0] in cells and any(cell in made_of for cell in (whole, *parts)):
            yield less((whole,), parts)


def _persons_behind(cell: Cell) -> Cell:
    return replace(cell, measure=metadata.measure(cell.measure).behind or cell.measure)
