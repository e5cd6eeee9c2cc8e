"""Figures of before that contradict those of now are left out."""

from __future__ import annotations

from kvarn.analyse.disclosure.memory.pattern import Earlier
from kvarn.analyse.disclosure.system import Cell, System, cells_of, system_of

__all__ = ["settled"]

# So many times figures are left out one by one.
_ROUNDS = 8


def settled(earlier: Earlier) -> System:
    """The system of all tables, once figures of before that contradict those of now have been left out: parts, say, of a
    total that has been revised. The oldest go first."""
    system = system_of(earlier.tables)
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
        system = system_of(earlier.tables)
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
    place = earlier.joined
    found: set[Cell] = set()
    for cells in wrong:
        before = [cell for cell in cells if cell in place]
        oldest = max((place[cell] for cell in before), default=None)
        found |= {cell for cell in before if place[cell] == oldest}
    return found


def _origin(cell: Cell, earlier: Earlier) -> tuple[int, str, int]:
    return earlier.joined[cell], cell.measure, cell.year
