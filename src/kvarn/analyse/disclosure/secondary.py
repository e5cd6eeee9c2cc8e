"""Secondary suppression: which cells have to go with the primary ones so that those cannot be computed.

First the check of totals over all tables together: no sum may lack exactly one of its cells. Then the attacker of
`audit` is asked, and whatever he finds is given company, until he finds nothing. Full elimination and linear
programming can take the place of this module: it needs `secondary_suppression` alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain

from kvarn.analyse.disclosure.audit import exposed
from kvarn.analyse.disclosure.primary import Problem
from kvarn.analyse.disclosure.system import Cell, Nest, Sum, by_size
from kvarn.errors import DisclosureError

__all__ = ["secondary_suppression"]


def secondary_suppression(problem: Problem) -> frozenset[Cell]:
    """The further cells to withhold.

    Of the cells that could go, the smallest goes, then the first in code order; a nought is shown always.

    Raises
    ------
    DisclosureError
        A secret cell can be computed from figures that cannot be withheld, such as the population.
    """
    lines = [*problem.sums, *_only_part_left(problem)]
    standing: dict[Cell, list[Sum]] = defaultdict(list)
    for line in lines:
        for cell in line.cells:
            standing[cell].append(line)
    withheld = set(problem.primary)
    _never_one_alone(problem, lines, standing, withheld)
    while found := exposed(problem, withheld):
        _give_company(problem, standing, withheld, found)
        _never_one_alone(problem, lines, standing, withheld)
    return frozenset(withheld - problem.primary)


def _only_part_left(problem: Problem) -> list[Sum]:
    """Where all parts but one are nought, that part is the total: one municipality in a county, one procedure in a
    group."""
    found = []
    for nest in problem.system.nests:
        parts = [part for part in nest.parts if problem.value(part) or part in problem.primary]
        if nest.covering and len(parts) == 1:
            found.append(Sum(nest.total, tuple(parts)))
    return found


def _never_one_alone(problem: Problem, lines: Sequence[Sum], standing: Mapping[Cell, Sequence[Sum]], withheld: set[Cell]) -> None:
    """Go through the lines until none lacks exactly one cell."""
    waiting = list(reversed(lines))
    while waiting:
        line = waiting.pop()
        unknown = [cell for cell in line.cells if cell in withheld or cell in problem.hidden]
        if len(unknown) != 1:
            continue
        chosen = _smallest(problem, line.cells, withheld)
        if chosen is None:
            raise _nothing_to_withhold(unknown[0])
        withheld.add(chosen)
        waiting += reversed(standing[chosen])


def _give_company(problem: Problem, standing: Mapping[Cell, Sequence[Sum]], withheld: set[Cell], found: Iterable[Cell]) -> None:
    """Withhold one more cell beside each that was found, in its own line where that can be, else in the nearest."""
    nested: dict[Cell, list[Nest]] = defaultdict(list)
    for nest in problem.system.nests:
        for cell in (nest.total, *nest.parts):
            nested[cell].append(nest)

    def in_lines(cell: Cell) -> set[Cell]:
        return {other for line in standing.get(cell, ()) for other in line.cells}

    def in_nests_too(cell: Cell) -> set[Cell]:
        return in_lines(cell) | {other for nest in nested.get(cell, ()) for other in (nest.total, *nest.parts)}

    done: set[Cell] = set()
    for cell in sorted(found, key=lambda cell: (problem.value(cell), str(cell))):
        # What narrows a cell from outside its sums is tried last.
        for ring in chain(_rings(problem, cell, in_lines, withheld), _rings(problem, cell, in_nests_too, withheld)):
            if ring & done:
                break
            chosen = _smallest(problem, ring, withheld)
            if chosen is not None:
                withheld.add(chosen)
                done.add(chosen)
                break
        else:
            raise _nothing_to_withhold(cell)


def _rings(
    problem: Problem, cell: Cell, neighbours: Callable[[Cell], set[Cell]], withheld: Collection[Cell]
) -> Iterator[set[Cell]]:
    """The cells beside a cell, then those beside the withheld ones of them, and so on outwards."""
    reached, edge = {cell}, {cell}
    while edge:
        ring = set().union(*(neighbours(one) for one in edge)) - reached
        yield ring
        reached |= ring
        edge = {one for one in ring if one in withheld or one in problem.hidden}


def _smallest(problem: Problem, cells: Iterable[Cell], withheld: set[Cell]) -> Cell | None:
    can_go = {
        cell
        for cell in cells
        if cell not in withheld and cell not in problem.hidden and problem.value(cell) > 0 and not problem.system.public(cell)
    }
    return next(iter(by_size(can_go, problem.system.values)), None)


def _nothing_to_withhold(cell: Cell) -> DisclosureError:
    return DisclosureError(
        "A cell that must be secret follows from figures that cannot be withheld.",
        where=str(cell),
        remedy="Coarsen the table (fewer ages, counties instead of municipalities), or leave it out of the programme.",
    )
