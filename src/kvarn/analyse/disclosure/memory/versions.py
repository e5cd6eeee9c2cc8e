"""Counts as they were before they were revised: other cells than those of today, tied to one another as they were then.

A count that is another figure now has been two counts. Whoever holds both publications knows that the counts which were not
revised are the same in both, withheld ones among them: so the relations of then still tell of the secrets of today, and those of
today of the secrets of then. A version of a count is a cell with one category more, the edition or order that published it
(`VERSION`).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pandas as pd
import pyarrow.parquet as pq

from kvarn.analyse.disclosure.cell import VERSION, Cell
from kvarn.analyse.disclosure.memory.arrivals import Register, arrivals
from kvarn.analyse.disclosure.memory.kept import Memory, pattern_hash
from kvarn.analyse.disclosure.memory.pattern import values_of
from kvarn.analyse.disclosure.memory.tied import Before
from kvarn.analyse.disclosure.relation import Nest, Relation, Sum
from kvarn.analyse.disclosure.system import System, system_of
from kvarn.analyse.disclosure.written.secrecy import true_counts

__all__ = ["Versions", "add_versions", "epochs", "registers", "tables_of"]

_Link = tuple[Cell, tuple[Cell, ...]]


@dataclass
class Versions:
    """What has been published, and what withheld, of counts as they were; and the name of each, by what it was. `before` has
    those that no table of today has, the newest register first."""

    published: set[Cell] = field(default_factory=set)
    withheld: set[Cell] = field(default_factory=set)
    names: dict[tuple[Cell, int], Cell] = field(default_factory=dict)
    before: list[Before] = field(default_factory=list)


def epochs(memories: Sequence[Memory]) -> Iterator[list[Memory]]:
    """What was counted from one register each time: an edition, or an order with its edition as it was then."""
    for place, memory in enumerate(memories):
        # What an order keeps of its edition comes after it (`Delivery.memories`).
        yield [memory] if memory.table is None else [memory, *memories[place + 1 : place + 2]]


def registers(memories: Sequence[Memory]) -> list[tuple[str, list[Memory]]]:
    """The epochs, those of one register put together, each with a name that no other has.

    Orders from an edition are from its register as long as that has the same pattern: what one order shows and another one
    withholds belongs together, whatever has been revised since.
    """
    found: list[list[Memory]] = []
    of_pattern: dict[str, list[list[Memory]]] = {}
    for epoch in epochs(memories):
        alike = of_pattern.setdefault(pattern_hash(epoch[-1].folder) or str(epoch[-1].folder), [])
        into = next((register for register in alike if _agree(register, epoch[:-1])), None)
        if into is None:
            alike.append(epoch)
            found.append(epoch)
        else:
            into += [memory for memory in epoch[:-1] if memory not in into]
    names = [register[0].name for register in found]
    return [
        (name if names.count(name) == 1 else f"{name}/{len(found) - place}", register)
        for place, (name, register) in enumerate(zip(names, found, strict=True))
    ]


def _agree(one: Sequence[Memory], other: Sequence[Memory]) -> bool:
    """Whether no count is another figure in the one than in the other."""
    if not other:
        return True
    # By their columns alone: the tables need not be declared.
    figures = [true_counts(tables_of(memories)) for memories in (one, other)]
    return all(figures[1].get(cell, figure) == figure for cell, figure in figures[0].items())


def tables_of(memories: Sequence[Memory]) -> dict[str, pd.DataFrame]:
    """What memories of one register keep, by the tables' names."""
    return {name: pq.read_table(path).to_pandas() for memory in memories for name, path in memory.tables().items()}


def add_versions(system: System, memories: Sequence[Memory], taken_for_sums: float = 0.0) -> Versions:
    """Add to a system every count that has been published, or withheld, as another figure than it is now, with all relations
    that it had then. The tables that `Memory.beside` names must be declared."""
    found = Versions()
    now = dict(system.values)
    counted = [Register.of(system, {cell: cell for cell in now})]
    for register, kept in registers(memories):
        tables = tables_of(kept)
        then = _counts(tables)
        if all(now.get(cell) == value for cell, (value, _) in then.items()):
            continue
        of_then = system_of(tables, taken_for_sums)

        def version(cell: Cell, of_then: System = of_then, name: str = register) -> Cell:
            value = of_then.values[cell]
            if now.get(cell) == value:
                return cell
            # The same figure in two publications is one version, named after the newer.
            named = found.names.setdefault((cell, value), _named(cell, name))
            system.values[named], system.contributors[named] = value, of_then.contributors[cell]
            system.tables[named] = of_then.tables[cell]
            return named

        withheld: set[Cell] = set()
        names = {cell: version(cell) for cell in then}
        for cell, (_, status) in then.items():
            if (one := names[cell]) != cell:
                (withheld if status else found.published).add(one)
        found.withheld |= withheld
        _relate(system, of_then, version)
        found.before.append(Before(tables, {cell: one for cell, one in names.items() if cell not in now}))
        counted.append(Register.of(of_then, names))
    for newer, older in itertools.combinations(counted, 2):
        came = list(arrivals(newer, older, system.values))
        system.relations += came
        system.surpluses += [one for one in came if not one.exact]
    system.surpluses = list(dict.fromkeys(system.surpluses))
    system.relations = list(dict.fromkeys(system.relations))
    found.withheld -= found.published
    return found


def _counts(tables: dict[str, pd.DataFrame]) -> dict[Cell, tuple[int, str]]:
    """Each count with its status."""
    found: dict[Cell, tuple[int, str]] = {}
    for name, table in tables.items():
        status = table["status"].tolist()
        found |= {cell: (int(value), status[row]) for cell, row, value in values_of(name, table) if value.isdigit()}
    return found


def _named(cell: Cell, name: str) -> Cell:
    return Cell(cell.measure, cell.year, tuple(sorted([*cell.categories, (VERSION, name)])))


def _relate(system: System, then: System, version: Callable[[Cell], Cell]) -> None:
    """Add the relations of then in which a count stands that is another now: those of counts of today are there.

    They come from the code lists of today. Where a list was another one then, with other groups, some are not true of the
    figures of then, and tie nothing.
    """
    known_sums, known_nests = set(system.sums), set(system.nests)
    for one in then.sums:
        link = version(one.total), tuple(map(version, one.parts))
        if _of_then(link) and _left(link, system) == 0 and (summed := Sum(*link)) not in known_sums:
            known_sums.add(summed)
            system.sums.append(summed)
    for nest in then.nests:
        whole, parts = version(nest.total), tuple(map(version, nest.parts))
        parts = tuple(part for part in parts if _left((whole, (part,)), system) >= 0)
        covering = nest.covering and len(parts) == len(nest.parts) and _left((whole, parts), system) <= 0
        if _of_then((whole, parts)) and parts and (nested := Nest(whole, parts, covering)) not in known_nests:
            known_nests.add(nested)
            system.nests.append(nested)
    for relation in then.relations:
        mine = Relation(tuple((version(cell), entry) for cell, entry in relation.terms), relation.exact)
        if any(cell.code(VERSION) is not None for cell, _ in mine.terms) and mine.holds(system.values):
            system.relations.append(mine)
    for of_then, into, sign in ((then.differences, system.differences, 1), (then.overlaps, system.overlaps, -1)):
        known = set(into)
        for whole, parts in of_then:
            link = version(whole), tuple(map(version, parts))
            if _of_then(link) and sign * _left(link, system) >= 0 and link not in known:
                known.add(link)
                into.append(link)


def _left(link: _Link, system: System) -> int:
    """What is left of a whole without the parts."""
    whole, parts = link
    return system.values[whole] - sum(system.values[part] for part in parts)


def _of_then(link: _Link) -> bool:
    return any(cell.code(VERSION) is not None for cell in (link[0], *link[1]))
