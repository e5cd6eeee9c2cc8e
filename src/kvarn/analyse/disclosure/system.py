"""All tables of an edition as one system: which cells there are, and how they hang together.

A cell is a measure, a year and one category or the total of each classification. A table without a variable means its
total, so that the same cell is one cell in whichever tables it stands. The relations follow from the code lists and
from what ``programme/measures.yml`` says is additive.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from kvarn import metadata
from kvarn.analyse._classification import OF_PROCEDURE, children_of, codes_within, is_empty, position, total, with_all_above
from kvarn.analyse._not_reported import with_zero_where_nothing_was_reported
from kvarn.analyse.disclosure.cell import VERSION, Cell
from kvarn.analyse.disclosure.left import relations_of_what_is_left
from kvarn.analyse.disclosure.links import (
    joint_parts,
    linked_parts,
    relations_between_counts,
    relations_of_cooperation,
    those_of_several_ages,
    those_of_the_year_before,
    within_and_covered,
)
from kvarn.analyse.disclosure.most_each import Coverage, coverage_of, most_each
from kvarn.analyse.disclosure.nearly import Nearly
from kvarn.analyse.disclosure.relation import Division, Nest, Relation, Sum, less
from kvarn.analyse.disclosure.shared import shared_by_code
from kvarn.analyse.disclosure.unseen import (
    just_above,
    made_of_cells,
    of_measures,
    relations_of_unseen,
    unseen_wholes,
    wholes_of,
    with_counterparts,
    without,
)
from kvarn.errors import ConsistencyError
from kvarn.programme import Programme, current_programme

__all__ = ["Cell", "Nest", "Sum", "System", "by_size", "cells_of", "persons_behind", "ratio_parts", "system_of"]


@dataclass
class System:
    """The cells that count something, with their values, and every relation between them.

    Attributes
    ----------
    values, contributors
        The true figure, and the persons behind it (None where the cell is public).
    tables
        The tables in which a cell stands.
    not_reported
        Cells that are zero since nothing was accepted, and are published as not available. Nothing that is true of persons and
        procedures of one place need be true of them: one of the two may have been reported and the other not.
    sums, nests, relations
        The relations that hold.
    divisions
        What covers each whole: from them follows how it changes when its parts do (`memory.arrivals`).
    untrue
        Wholes and parts of which the part is the larger: persons with a procedure who had no care. Nobody can conclude
        anything from a relation that does not hold, so these are no nests, and what is left of them is no difference.
    differences
        Pairs of a total and parts that leave something over which stands in no table, and yet can be computed.
    overlaps
        Pairs of a total and parts that cover it, and come to more together: what is counted in several of them. The sum of the
        parts less the total stands in no table either, and can be computed as well.
    surpluses
        By how much some counts come to more than others: zero or more, and it can be computed too. What came to the parts of a
        whole between two registers less what came to the whole is made up by whoever came to a part and was in the whole
        already (`memory.arrivals`); so is what persons lack of all that each can have, the months without care (`most_each`), and
        what is left of wholes that stand in no table.
    nearly
        Which kinds of wholes are taken for the sum of their parts, and how far each kind is from one.
    """

    values: dict[Cell, int] = field(default_factory=dict)
    contributors: dict[Cell, int | None] = field(default_factory=dict)
    tables: dict[Cell, list[str]] = field(default_factory=dict)
    not_reported: set[Cell] = field(default_factory=set)
    sums: list[Sum] = field(default_factory=list)
    nests: list[Nest] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    divisions: list[Division] = field(default_factory=list)
    untrue: list[Nest] = field(default_factory=list)
    differences: list[tuple[Cell, tuple[Cell, ...]]] = field(default_factory=list)
    overlaps: list[tuple[Cell, tuple[Cell, ...]]] = field(default_factory=list)
    surpluses: list[Relation] = field(default_factory=list)
    nearly: Nearly = field(default_factory=Nearly)
    _nil: dict[Cell, bool] = field(default_factory=dict, repr=False)

    def is_within_a_nought(self, cell: Cell) -> bool:
        """Whether something that the cell is a part of is nought: then everybody knows it to be nought too, in a table or not."""
        if cell not in self._nil:
            self._nil[cell] = any(self.values.get(one) == 0 for one in wholes_of(cell))
        return self._nil[cell]

    def public(self, cell: Cell) -> bool:
        """Whether the figure needs no protection, and cannot be withheld either."""
        return metadata.measure(cell.measure).subject == "public"


def by_size(cells: Iterable[Cell], values: Mapping[Cell, int]) -> list[Cell]:
    """The smallest first, then in the order of the code lists."""
    # Lists can be imported at any time: places are remembered no longer than this takes.
    place = functools.cache(_place)

    def order(cell: Cell) -> tuple[object, ...]:
        return (values[cell], cell.measure, cell.year, tuple((name, place(name, code)) for name, code in cell.categories))

    return sorted(cells, key=order)


def _place(name: str, code: str) -> int:
    if name == VERSION:
        return -1
    try:
        return position(name, code)
    except ValueError:
        return -1


@metadata.lists_held()
def system_of(tables: Mapping[str, pd.DataFrame], taken_for_sums: float = 0.0) -> System:
    """The system that unprotected tables form.

    Parameters
    ----------
    taken_for_sums
        Wholes that their parts cover are taken for their sum where that is true, as far as all parts of the kind come to no more
        than this share beyond (`nearly`).

    Raises
    ------
    ConsistencyError
        The same cell is not the same number in two tables. Both are named.
    """
    system = System()
    for name, table in tables.items():
        _add_table(system, name, table)
    variables, shapes = _variables_of_measures(system), frozenset(map(_shape, system.values))
    for cell in by_size(system.values, dict.fromkeys(system.values, 0)):
        for variable in variables[cell.measure]:
            _relate(system, cell, variable, shapes)
    _relate_measures(system)
    system.nearly = Nearly.of(system.divisions, system.values, taken_for_sums)
    system.relations += system.nearly.relations(system.divisions, system.values)
    _relate_unseen(system, variables, coverage_of(tables), system.nearly)
    system.relations = [one for one in dict.fromkeys(system.relations) if one.terms and one.holds(system.values)]
    return system


def cells_of(table: str, frame: pd.DataFrame, measures: Collection[str] | None = None) -> Iterator[tuple[Cell, int]]:
    """Each row of a table as a cell, with the row's number; those of some `measures` alone, where others are of no concern."""
    # A cell has its categories in order of the variables' names. Rows are many: lists are gone through faster than columns.
    names = sorted(metadata.table(table).variables[1:])
    totals = [(name, total(name)) for name in names]
    columns = [frame[name].tolist() for name in ("measure", "year", *names)]
    for row, (measure, year, *codes) in enumerate(zip(*columns, strict=True)):
        if measures is not None and measure not in measures:
            continue
        kept = tuple((name, code) for (name, whole), code in zip(totals, codes, strict=True) if code != whole)
        yield Cell(measure, int(year), kept), row


def ratio_parts(cell: Cell) -> tuple[Cell, Cell] | None:
    """The numerator and the denominator of a cell that is a ratio; None for any other."""
    ratio = metadata.measure(cell.measure).ratio
    if ratio is None:
        return None
    whole = tuple(pair for pair in cell.categories if pair[0] not in OF_PROCEDURE)
    return Cell(ratio.numerator, cell.year, cell.categories), Cell(ratio.denominator, cell.year, whole)


def persons_behind(cell: Cell) -> Cell:
    """The cell that counts the contributors of a count of procedures; a count of persons is its own."""
    return Cell(metadata.measure(cell.measure).behind or cell.measure, cell.year, cell.categories)


def _add_table(system: System, name: str, table: pd.DataFrame) -> None:
    counted = {measure for measure in table["measure"].unique() if _is_count(current_programme(), measure)}
    if not counted:
        return
    values, behind = with_zero_where_nothing_was_reported(table), table["contributors"].tolist()
    shown = table["value"].tolist()
    for cell, row in cells_of(name, table, counted):
        if not values[row].isdigit():
            continue
        if values[row] != shown[row]:
            system.not_reported.add(cell)
        value = int(values[row])
        if system.values.setdefault(cell, value) != value:
            raise ConsistencyError(
                "The same cell is not the same figure in two tables.",
                cells=(f"{system.tables[cell][0]}: {cell}", f"{name}: {cell}"),
                remedy="Count both in the same way, from the same register.",
            )
        system.contributors[cell] = None if pd.isna(behind[row]) else int(behind[row])
        system.tables.setdefault(cell, []).append(name)


# What is remembered is remembered of a programme: there may be several in one run, as in tests.
@functools.lru_cache(maxsize=256)
def _is_count(programme: Programme, name: str) -> bool:
    """Whether a measure counts persons or procedures, or the inhabitants whom persons are a part of."""
    declared = metadata.measure(name)
    if declared.is_function:
        return False
    return declared.subject != "public" or name in {whole for _, whole in _parts_of_wholes(programme)}


@functools.lru_cache(maxsize=8)
def _parts_of_wholes(_programme: Programme) -> tuple[tuple[str, str], ...]:
    """The measures that are a part of another one: the ratios of the programme whose two halves have one unit."""
    found: set[tuple[str, str]] = set()
    for table in metadata.tables():
        for ratio in [metadata.measure(name).ratio for name in table.measures]:
            if ratio is None or ratio.numerator == ratio.denominator:
                continue
            if metadata.measure(ratio.numerator).unit == metadata.measure(ratio.denominator).unit:
                found.add((ratio.numerator, ratio.denominator))
    # Of those that kvarn counts itself it is known, whatever ratios a programme has.
    found |= {(part, fact.part_of) for part, fact in metadata.COUNTED.items() if fact.part_of is not None}
    return tuple(sorted(found))


def _variables_of_measures(system: System) -> dict[str, list[str]]:
    found: dict[str, set[str]] = {cell.measure: set() for cell in system.values}
    for cell in system.values:
        found[cell.measure] |= {name for name, _ in cell.categories}
    return {measure: sorted(names) for measure, names in found.items()}


def _shape(cell: Cell, also: str | None = None) -> tuple[object, ...]:
    """What a cell is classified by (and `also`): cells of a shape that no table has need not be looked for one by one."""
    names = {name for name, _ in cell.categories} | ({also} if also else set())
    return cell.measure, cell.year, *sorted(names)


def _relate(system: System, whole: Cell, variable: str, shapes: frozenset[tuple[object, ...]]) -> None:
    """Relate a cell to its own parts in one classification."""
    for division in _divisions(system, whole, [variable], shapes):
        _record(system, division)


def _divisions(system: System, whole: Cell, variables: Iterable[str], shapes: frozenset[tuple[object, ...]]) -> list[Division]:
    """How a cell, or what is none, is divided in each classification, as far as its parts are cells."""
    found = []
    for variable in variables:
        code = whole.code(variable) or total(variable)
        if code is None:
            continue
        wanted: list[list[Cell]] = []
        top = whole.having(variable, None)
        has_procedures = whole.code("procedure") is None and _shape(top, "procedure") in shapes
        if _shape(whole, variable) in shapes:
            wanted.append(_nearest_parts(system, top, variable, children_of(variable), code, has_procedures))
        if has_procedures:
            wanted.append(_procedures_of(top, variable, code))
        additive = variable in metadata.measure(whole.measure).additive
        found += [division for one in wanted if (division := _division(system, whole, one, additive)) is not None]
    return found


def _nearest_parts(
    system: System, top: Cell, variable: str, below_of: Callable[[str], tuple[str, ...]], code: str, has_procedures: bool
) -> list[Cell]:
    """What a category is divided into: in place of each part that has no cell stand the parts of that part, as far as they have.

    A table need not have every level of a classification, and the parts of a part that it leaves out add up all the same. A
    group of procedures can be divided into the procedures themselves.
    """
    found = []
    for child in below_of(code):
        part = top.within(variable, child)
        below: list[Cell] = []
        if part not in system.values:
            if is_empty(variable, child):
                continue
            below = _nearest_parts(system, top, variable, below_of, child, has_procedures)
            if has_procedures and not below:
                below = _procedures_of(top, variable, child)
        found += below if any(cell in system.values for cell in below) else [part]
    return found


def _procedures_of(top: Cell, variable: str, code: str) -> list[Cell]:
    return [top.within("procedure", leaf) for leaf in codes_within(variable, code)]


def _division(system: System, whole: Cell, wanted: Sequence[Cell], additive: bool) -> Division | None:
    parts = tuple(part for part in wanted if part in system.values)
    if not parts:
        return None
    missing = tuple(part for part in wanted if part not in system.values and not _is_nil(system, whole, part, parts))
    return Division(whole, parts, missing, additive, *within_and_covered(whole, parts[0]))


def _record(system: System, division: Division) -> None:
    """Record how a whole and its parts, which are categories of one variable, hang together."""
    whole, parts, complete = division.whole, division.parts, not division.missing
    if division.nested and division.covered:
        system.divisions.append(division)
    if not division.nested:
        if complete:
            system.relations.append(less(parts, (whole,)))
            system.overlaps += [(whole, parts)] if len(parts) > 1 else []
    elif not division.covered:
        system.nests.append(Nest(whole, parts, covering=False))
        system.differences += [(whole, (part,)) for part in parts]
    elif not division.additive:
        system.nests.append(Nest(whole, parts, complete))
        system.differences += [(whole, (part,)) for part in parts]
        if complete and len(parts) > 1:
            system.overlaps.append((whole, parts))
    elif complete:
        system.sums.append(Sum(whole, parts))
        # Where one part is all of the whole, everybody is known to be in it.
        alone = [part for part in parts if len(parts) > 1 and system.values[part] == system.values[whole] > 0]
        system.differences += [(whole, (part,)) for part in alone]
    else:
        system.nests.append(Nest(whole, parts, covering=False))
        system.differences.append((whole, parts))


def _is_nil(system: System, whole: Cell, missing: Cell, parts: Sequence[Cell]) -> bool:
    """Whether a part that has no cell is nil, which everybody knows: something that it is a part of is, or a table of the parts
    beside it leaves such categories out."""
    if system.is_within_a_nought(missing):
        return True
    beside = next((part for part in parts if _shape(part) == _shape(missing)), None)
    left_out = {name for table in system.tables[beside] for name in metadata.table(table).nil_left_out} if beside else set[str]()
    return any(missing.code(name) != whole.code(name) for name in left_out)


def _places_reported_apart(system: System) -> set[tuple[int, str | None]]:
    """Each year and region with a part of which procedures were reported and persons were not, or the other way round."""
    missing: dict[str, set[tuple[int, str | None, str | None]]] = {}
    for cell in system.not_reported:
        missing.setdefault(cell.measure, set()).add((cell.year, cell.code("region"), cell.code("month")))
    found: set[tuple[int, str | None]] = set()
    for part, whole in _parts_of_wholes(current_programme()):
        for year, region, _ in missing.get(whole, set()) ^ missing.get(part, set()):
            found |= {(year, above) for above in ([] if region is None else with_all_above("region", region))} | {(year, None)}
    return found


def _reported_apart(system: System, whole: Cell, part: Cell, apart: Collection[tuple[int, str | None]]) -> bool:
    """Whether `part` need not be a part of `whole`, since they come from other places.

    As long as the figures allow it anybody may take it for one, and the system does too.
    """
    if whole in system.not_reported or part in system.not_reported:
        return True
    return (part.year, part.code("region")) in apart and system.values[part] > system.values[whole]


def _relate_measures(system: System) -> None:
    """Persons with a procedure are persons, each has at least one procedure, and in the whole country persons are inhabitants.

    By region they are not: persons are counted where they were reported, and live where they are registered. Inhabitants without
    care are no secret; their number is no difference that needs protection. Procedures beyond the first of each person are like
    an overlap: where they are few, few persons have more than one.
    """
    for whole in system.values:
        behind = persons_behind(whole)
        if behind != whole and behind in system.values:
            system.nests.append(Nest(whole, (behind,), covering=False))
            system.overlaps.append((behind, (whole,)))
            system.divisions.append(Division(behind, (whole,)))
    system.sums += [Sum(whole, parts) for whole, parts in linked_parts(system.values)]
    for whole, parts in joint_parts(system.values):
        system.relations.append(Relation(((whole, -2), *((part, 1) for part in parts)), exact=False))
    of_professions = list(relations_of_cooperation(system.values))
    system.relations += [*relations_between_counts(system.values), *of_professions]
    # What is left of these is a number of procedures of few, too.
    system.surpluses += of_professions
    for whole, parts in those_of_the_year_before(system.values):
        system.nests.append(Nest(whole, parts, covering=False))
        system.differences.append((whole, parts))
    for wholes, parts in those_of_several_ages(system.values):
        system.relations.append(less(wholes, parts))
        system.differences += [(wholes[0], parts)] if len(wholes) == 1 else []
    apart = _places_reported_apart(system)
    for part_measure, whole_measure in _parts_of_wholes(current_programme()):
        for part in [cell for cell in system.values if cell.measure == part_measure]:
            kept = tuple(pair for pair in part.categories if pair[0] not in OF_PROCEDURE)
            whole = Cell(whole_measure, part.year, kept)
            if whole not in system.values or (system.public(whole) and part.code("region") is not None):
                continue
            if _reported_apart(system, whole, part, apart):
                continue
            nest = Nest(whole, (part,), covering=False)
            if system.values[part] > system.values[whole]:
                system.untrue.append(nest)
                continue
            system.nests.append(nest)
            if not system.public(whole):
                system.differences.append((whole, (part,)))


def _relate_unseen(system: System, variables: Mapping[str, Sequence[str]], coverage: Coverage, nearly: Nearly) -> None:
    """Relate what hangs together over wholes that stand in no table, and over what kinds and groups of procedures share."""
    cells = dict.fromkeys(cell for cell in system.values if not system.public(cell))
    # What alone is missing of two wholes is what is left of either.
    missing = [one.missing[0] for one in system.divisions if one.additive and len(one.missing) == 1]
    above = dict.fromkeys([*unseen_wholes(cells), *missing])
    wholes = with_counterparts(above, cells, _parts_of_wholes(current_programme()))
    # Beside cells stand the wholes that are sums of cells. They are in no table, so that nobody knows a part of them to be nil.
    beside = System(values=dict(system.values), tables=dict(system.tables))
    shapes = frozenset(map(_shape, [*system.values, *wholes]))
    made_of: dict[Cell, tuple[Cell, ...]] = {}

    def divisions(one: Cell) -> list[Division]:
        return _divisions(beside, one, variables[one.measure], shapes)

    for whole in wholes:
        parts = made_of_cells(whole, divisions(whole), made_of, beside.values)
        if parts or system.is_within_a_nought(whole):
            made_of[whole] = parts
            beside.values[whole], beside.tables[whole] = sum(system.values[part] for part in parts), []
    found = [one for whole in wholes for one in relations_of_unseen(whole, divisions, beside.values)]
    found += of_measures(beside.values, made_of)
    found += _of_everyone(system, beside.values, made_of)
    found += nearly.relations([one for whole in made_of for one in divisions(whole)], beside.values)
    system.differences += [
        (whole, without(parts, made_of))
        for whole, parts in those_of_the_year_before(beside.values)
        if whole in system.values and parts[0] in made_of
    ]

    def divided_into(figures: Mapping[Cell, int]) -> Callable[[Cell], list[Division]]:
        further = System(values=dict(figures), tables={**{cell: [] for cell in figures}, **beside.tables})
        return lambda one: _divisions(further, one, variables[one.measure], shapes)

    found += relations_of_what_is_left([whole for whole in wholes if whole not in made_of], beside.values, divided_into)
    for whole in just_above(made_of, system.values):
        for division in divisions(whole):
            if not made_of.keys().isdisjoint(division.parts):
                found += _record_over_unseen(system, division, made_of)
                found += nearly.relations([division], beside.values)
    lacking_parts = [one for one in system.divisions if one.additive and one.missing]
    lacking_parts += [one for whole in made_of for one in divisions(whole) if one.additive and one.missing]
    found += _of_the_others(lacking_parts, beside.values)
    for one in shared_by_code(beside.values):
        found.append(one.relation)
        if one.difference is not None and one.difference[0] in system.values:
            system.differences.append((one.difference[0], without(one.difference[1], made_of)))
        if one.overlap is not None and one.overlap[0] in system.values:
            system.overlaps.append((one.overlap[0], without(one.overlap[1], made_of)))
    # How many occasions the persons lack of all that they can have is what is left of them.
    lacking = most_each(beside.values, system.not_reported, coverage)
    for relation, of_each in (*((one, False) for one in found), *((one, True) for one in lacking)):
        plus = [cell for cell, entry in relation.terms for _ in range(entry)]
        minus = [cell for cell, entry in relation.terms for _ in range(-entry)]
        in_cells = less(without(plus, made_of), without(minus, made_of), exact=relation.exact)
        system.relations.append(in_cells)
        # Who had something twice counts once: of joint procedures nobody can tell how many persons are left.
        if not in_cells.exact and (of_each or all(abs(entry) == 1 for _, entry in in_cells.terms)):
            system.surpluses.append(in_cells)
    # Without what is nought a whole is left as it is.
    system.differences = [one for one in dict.fromkeys(system.differences) if one[1]]
    system.overlaps = [one for one in dict.fromkeys(system.overlaps) if one[1]]


def _of_the_others(divisions: Iterable[Division], cells: Collection[Cell]) -> Iterator[Relation]:
    """What is not in a part adds up as the whole does, though no table has it: procedures that are not by one profession, on each
    day of the week. So of some days they are no more than in all.

    `divisions` are those that lack a part: where none is lacking the sums say it.
    """
    for division in divisions:
        part = division.whole
        by = {name for name, _ in set(division.parts[0].categories) ^ set(part.categories)}
        for name, code in part.categories:
            if name in by or (name == "region" and part.code("continuity") == "new"):
                continue
            whole = next((one for above in with_all_above(name, code)[1:] if (one := part.having(name, above)) in cells), None)
            if whole is None:
                continue
            pairs = [(one.having(name, whole.code(name)), one) for one in division.parts]
            pairs = [(of_all, one) for of_all, one in pairs if of_all in cells]
            if pairs:
                yield less((whole, *(one for _, one in pairs)), (part, *(of_all for of_all, _ in pairs)))


def _of_everyone(system: System, cells: Mapping[Cell, int], made_of: Mapping[Cell, tuple[Cell, ...]]) -> Iterator[Relation]:
    """Persons with a procedure are persons, where one of the two stands in no table; as far as the figures allow it."""
    apart = _places_reported_apart(system)
    for part_measure, whole_measure in _parts_of_wholes(current_programme()):
        for part in [cell for cell in cells if cell.measure == part_measure]:
            kept = tuple(pair for pair in part.categories if pair[0] not in OF_PROCEDURE)
            whole = Cell(whole_measure, part.year, kept)
            if whole not in cells or system.public(whole) or (part.year, part.code("region")) in apart:
                continue
            if (part in made_of or whole in made_of) and cells[part] <= cells[whole]:
                yield less((whole,), (part,))


def _record_over_unseen(system: System, division: Division, made_of: Mapping[Cell, tuple[Cell, ...]]) -> list[Relation]:
    """Record how a cell is divided, where some of its parts stand in no table and are sums of cells."""
    whole, parts = division.whole, without(division.parts, made_of)
    if division.additive and not division.missing:
        return [less((whole,), parts, exact=True)]
    if division.additive:
        system.differences.append((whole, parts))
        return [less((whole,), parts)]
    unseen = [made_of[part] for part in division.parts if part in made_of] if division.nested else []
    system.differences += [(whole, cells) for cells in unseen]
    found = [less((whole,), cells) for cells in unseen]
    if not division.missing and division.covered:
        system.overlaps += [(whole, parts)] if len(division.parts) > 1 else []
        found.append(less(parts, (whole,)))
    return found
