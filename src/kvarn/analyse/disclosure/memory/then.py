"""What was a secret then stays one, by the rules of then and by the persons and shares that were behind it then.

Rules get milder, rules are dropped, a figure is revised, or keeps its number and gets other persons behind it: none of that takes
back what was withheld for somebody's sake. So every set of rules that a publication was protected by is asked again, of
everything that was out when it was, with what the office has kept of each count: its figure, its persons, and its largest
contributors where a rule asked for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from kvarn.analyse._columns import LARGEST, is_total
from kvarn.analyse.disclosure.dominance import Largest, largest_of
from kvarn.analyse.disclosure.memory.kept import Memory, as_asked, pattern_hash, rules_of
from kvarn.analyse.disclosure.memory.pattern import values_of
from kvarn.analyse.disclosure.memory.versions import tables_of
from kvarn.analyse.disclosure.primary import Problem, primary_cells, primary_suppression
from kvarn.analyse.disclosure.room import Room, larger
from kvarn.analyse.disclosure.system import Cell, System
from kvarn.edition import Disclosure

__all__ = ["Then", "rules_of_then", "with_secrets_of_then"]

# The name that a count of then has in the system of today: another one, where it has been revised.
Names = Mapping[tuple[Cell, int], Cell]


@dataclass
class Then:
    """One set of rules, and what it was asked of.

    Attributes
    ----------
    known
        The counts that were out, or went out, when something was protected by these rules, by their names of today.
    secret
        Those that told of somebody by themselves, each with the room that it needed.
    """

    rules: Disclosure
    known: set[Cell] = field(default_factory=set)
    secret: dict[Cell, Room] = field(default_factory=dict)


def with_secrets_of_then(problem: Problem, memories: Sequence[Memory], names: Names, rules: Disclosure) -> Problem:
    """The problem with all that was a secret when it was withheld: cells, and what stands in no table.

    Parameters
    ----------
    memories
        What is out, the newest first.
    names
        The counts that are other figures now.
    rules
        Those of today.
    """
    for one in rules_of_then(problem.system, memories, names, rules):
        secret = {cell: room for cell, room in one.secret.items() if cell in problem.withheld_before}
        problem = replace(
            problem,
            primary=problem.primary | secret.keys(),
            widths=larger(problem.widths, {cell: room.width for cell, room in secret.items()}),
            ups=larger(problem.ups, {cell: room.up for cell, room in secret.items() if room.up}),
        )
        if one.rules != as_asked(rules):
            problem = _with_hidden(problem, primary_suppression(problem.system, one.rules), one.known)
    return problem


def rules_of_then(system: System, memories: Sequence[Memory], names: Names, rules: Disclosure) -> list[Then]:
    """Each set of rules, those of today first, with what was secret by them: whatever was out already when they were new."""
    found = [Then(as_asked(rules))]
    # The same counts are asked again only where there have come further rules to ask.
    asked: dict[str, int] = {}
    for place, memory in enumerate(memories):
        own = rules_of(memory.folder)
        if own is not None and as_asked(own) not in [one.rules for one in found]:
            found.append(Then(as_asked(own)))
        same = pattern_hash(memory.folder)
        if same is not None and asked.get(same) == len(found):
            continue
        if same is not None:
            asked[same] = len(found)
        # What an order keeps of its edition comes after it, and whatever that shows of municipalities stood beside the order.
        edition = memories[place + 1 : place + 2] if memory.table is not None else []
        _ask(found, memory, edition, own, system, names)
    return found


def _ask(
    asking: Sequence[Then], memory: Memory, edition: Sequence[Memory], own: Disclosure | None, system: System, names: Names
) -> None:
    """Ask each set of rules of what one publication has kept."""
    tables = tables_of([memory])
    beside = tables_of(edition) if any(one.rules.of_dominance for one in asking) else {}
    then = _system_of_then(tables)
    name_of = {
        cell: cell if system.values.get(cell) == value else names.get((cell, value)) for cell, value in then.values.items()
    }
    untold = dict(_untold(tables, then)) if own is not None and own.of_dominance else {}
    for one in asking:
        largest = {**largest_of({**beside, **tables}, one.rules), **(untold if one.rules.of_dominance else {})}
        one.known |= {name for name in name_of.values() if name is not None}
        for cell, room in primary_cells(then, one.rules, largest).items():
            if name := name_of[cell]:
                one.secret[name] = room.and_of(one.secret.get(name, room))


def _system_of_then(tables: Mapping[str, pd.DataFrame]) -> System:
    """The counts of then with the persons behind them, and no relations."""
    then = System()
    for name, table in tables.items():
        behind = table["contributors"].tolist()
        for cell, row, value in values_of(name, table):
            if value.isdigit():
                then.values[cell] = int(value)
                then.contributors[cell] = None if pd.isna(behind[row]) else int(behind[row])
    return then


def _untold(tables: Mapping[str, pd.DataFrame], then: System) -> Iterator[tuple[Cell, tuple[Largest, ...]]]:
    """The totals that a rule was asked about and that do not tell their largest contributors: taken for those of one."""
    for name, table in tables.items():
        told = table[list(LARGEST)].notna().all(axis=1).tolist() if set(LARGEST) <= set(table.columns) else [False] * len(table)
        for cell, row, _ in values_of(name, table):
            if is_total(cell.measure) and not told[row] and (value := then.values.get(cell)):
                yield cell, (Largest(value, value),)


def _with_hidden(problem: Problem, strict: Problem, known: set[Cell]) -> Problem:
    """The problem with what was hidden by other rules: differences, overlaps and surpluses of what was known then."""
    of_sums = {one.parts[-1]: (one, {one.total, *one.parts[:-1]}) for one in strict.sums if one.parts[-1] in strict.hidden}
    of_overlaps = {one.repeated: (one, {one.whole, *one.parts}) for one in strict.overlaps}
    of_surpluses = {one.surplus: (one, {cell for cell, _ in one.relation.terms}) for one in strict.surpluses}
    every = {cell: made_of for of in (of_sums, of_overlaps, of_surpluses) for cell, (_, made_of) in of.items()}
    hidden = {cell for cell, made_of in every.items() if made_of <= known}
    new = hidden - problem.hidden.keys()
    return replace(
        problem,
        hidden={**problem.hidden, **{cell: value for cell, value in strict.hidden.items() if cell in new}},
        sums=(*problem.sums, *(one for cell, (one, _) in of_sums.items() if cell in new)),
        overlaps=(*problem.overlaps, *(one for cell, (one, _) in of_overlaps.items() if cell in new)),
        surpluses=(*problem.surpluses, *(one for cell, (one, _) in of_surpluses.items() if cell in new)),
        floors={**problem.floors, **{cell: floor for cell, floor in strict.floors.items() if cell in new}},
        widths=larger(problem.widths, {cell: strict.width(cell) for cell in every if cell in hidden}),
    )
