"""Figures of before that contradict those of now are left out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from kvarn.analyse.disclosure.memory.impossible import impossible
from kvarn.analyse.disclosure.memory.pattern import Earlier
from kvarn.analyse.disclosure.system import Cell, System, cells_of, system_of
from kvarn.analyse.disclosure.written.relations import untrue_of
from kvarn.analyse.disclosure.written.wholes import stated

__all__ = ["settled"]

# So many times figures are left out one by one.
_ROUNDS = 8


def settled(earlier: Earlier, taken_for_sums: float = 0.0) -> System:
    """The system of all tables, once figures of before that contradict those of now have been left out: parts, say, of a
    total that has been revised; or what does not go with what follows from the others for a total that no table has. The oldest
    go first."""
    system = system_of(earlier.tables, taken_for_sums)
    rounds = 0
    while stale := _stale(system, earlier):
        rounds += 1
        if rounds > _ROUNDS:
            # What contradicts so much is from another register altogether.
            alike = {_origin(cell, earlier) for cell in stale}
            stale = {cell for cell in earlier.joined if _origin(cell, earlier) in alike}
        for name, table in earlier.tables.items():
            left_out = [row for cell, row in cells_of(name, table) if cell in stale]
            earlier.tables[name] = table.drop(index=table.index[left_out]).reset_index(drop=True) if left_out else table
        earlier.joined = {cell: place for cell, place in earlier.joined.items() if cell not in stale}
        system = system_of(earlier.tables, taken_for_sums)
    return system


def _stale(system: System, earlier: Earlier) -> set[Cell]:
    """The figures of the oldest memory in each relation that does not hold."""
    if not earlier.joined:
        return set()
    values = system.values
    wrong = [one.cells for one in system.sums if sum(values[part] for part in one.parts) != values[one.total]]
    for nest in system.nests:
        wrong += [(nest.total, part) for part in nest.parts if values[part] > values[nest.total]]
        if nest.covering and sum(values[part] for part in nest.parts) < values[nest.total]:
            wrong.append((nest.total, *nest.parts))
    wrong += [tuple(cell for cell, _ in one.terms) for one in system.relations if not one.holds(values)]
    # What stands in no table is looked at once all that does is settled.
    return _oldest(wrong, earlier) or _oldest(_impossible(system, earlier), earlier)


def _oldest(wrong: Iterable[Collection[Cell]], earlier: Earlier) -> set[Cell]:
    """Of each of these, the figures of the oldest memory."""
    place = earlier.joined
    found: set[Cell] = set()
    for cells in wrong:
        before = [cell for cell in cells if cell in place]
        oldest = max((place[cell] for cell in before), default=None)
        found |= {cell for cell in before if place[cell] == oldest}
    return found


def _impossible(system: System, earlier: Earlier) -> Iterator[list[Cell]]:
    """Figures that contradict one another by what anyone can state of them, in tables or not."""
    # Those of a year are tied to those of the years beside it, and to no others.
    years = {cell.year + by for cell in earlier.joined for by in (-1, 0, 1)}
    cells = {(cell.measure, cell.year, cell.categories): cell for cell in system.values if cell.year in years}
    figures = {key: system.values[cell] for key, cell in cells.items()}
    silent = [key for key, cell in cells.items() if cell in system.not_reported]
    noughts = {key for key, value in figures.items() if value == 0}
    for keys in impossible(figures, stated(set(figures), untrue_of(figures), silent, noughts=noughts)):
        yield [cells[key] for key in keys]


def _origin(cell: Cell, earlier: Earlier) -> tuple[int, str, int]:
    return earlier.joined[cell], cell.measure, cell.year
