"""What somebody concludes who knows the rules and the program: whoever has both can run it on guesses.

Of the counts of persons of each place and year every set is made that fits what was published, where a county is taken for the
sum of its municipalities: hardly anyone has care in two. The program is run on each, by keys that were never in use; and what
nearly all have in common that come out with the gaps that were published is claimed. The claims use what was published, the rules
and the program, and nothing else. Whoever holds the true figures can say how many of them are right, and how many a guess would
have got right that looks at the figures alone and not at the gaps.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import pandas as pd

from kvarn import metadata
from kvarn.analyse._classification import children, total
from kvarn.analyse.disclosure.cell import Cell
from kvarn.analyse.disclosure.draw import Draw, draw_by
from kvarn.analyse.disclosure.primary import primary_suppression
from kvarn.analyse.disclosure.suppression.secondary import protection
from kvarn.analyse.disclosure.system import cells_of, system_of
from kvarn.base.stages import silence
from kvarn.edition import Disclosure
from kvarn.errors import KvarnError

__all__ = ["Claims", "Place", "claims_of", "judged", "places_of", "sets_that_fit", "tried"]

_WITHHELD = "X"
_NOT_AVAILABLE = ".."
_REGION = "region"
# What so large a share of the guesses have in common that come out right is claimed.
_SURE = Fraction(9, 10)
# Of a place with more sets of counts that fit than this the gaps tell little, and it would take long.
_FITTING = 40
# So many sets are begun before a place is left.
_BEGUN = 20_000
_KEYS = 4
# The least and the most that a count can be; of the most nothing may be known.
_Bounds = tuple[int, int | None]


@dataclass(frozen=True)
class Place:
    """The counts of persons of one place and year in a table: what was published, and what was not.

    Attributes
    ----------
    bounds
        Between what the counts lie, as far as the places around tell.
    """

    table: str
    known: Mapping[Cell, int]
    withheld: frozenset[Cell]
    bounds: Mapping[Cell, _Bounds] = field(default_factory=dict)


@dataclass(frozen=True)
class Claims:
    """What is claimed of one place.

    Attributes
    ----------
    exact
        The figure that a withheld count is said to be.
    primary
        The withheld counts that are said to be withheld for what they are, and not to protect others.
    guessed, guessed_primary
        The figure that most sets that fit have, of each withheld count; and the counts that are secret for what they are in most
        of them: guesses that do not look at the gaps.
    fitting, reproduced
        How many sets fit, and how many of them have come out with the gaps at least once.
    """

    exact: Mapping[Cell, int]
    primary: frozenset[Cell]
    guessed: Mapping[Cell, int]
    guessed_primary: frozenset[Cell]
    fitting: int
    reproduced: int


def places_of(published: Mapping[str, pd.DataFrame]) -> list[Place]:
    """The places of published tables (``measure``, ``value``, ``status`` and the classification) that have a gap."""
    seen: dict[tuple[str, tuple[object, ...]], dict[Cell, tuple[str, str]]] = defaultdict(dict)
    for name, table in published.items():
        measures = {one for one in table["measure"].unique() if _counts_persons(one)}
        values, statuses = table["value"].tolist(), table["status"].tolist()
        for cell, row in cells_of(name, table, measures) if measures else ():
            seen[name, _place(cell)][cell] = (values[row], statuses[row])
    around = {name: _between({key[1]: cells for key, cells in seen.items() if key[0] == name}) for name in published}
    found = []
    for (name, _), cells in seen.items():
        withheld = frozenset(cell for cell, (_, status) in cells.items() if status == _WITHHELD)
        if withheld and all(status in ("", _WITHHELD) for _, status in cells.values()):
            known = {cell: int(value) for cell, (value, _) in cells.items() if cell not in withheld}
            bounds = {cell: around[name][cell] for cell in sorted(withheld, key=str) if cell in around[name]}
            found.append(Place(name, known, withheld, bounds))
    return found


def _between(places: Mapping[tuple[object, ...], Mapping[Cell, tuple[str, str]]]) -> dict[Cell, _Bounds]:
    """Between what the withheld counts of a table lie to whoever takes each region for the sum of those that it consists of."""
    cells = {cell: told for of in places.values() for cell, told in of.items()}
    regions: dict[tuple[int, str | None], set[Cell]] = defaultdict(set)
    for cell in cells:
        regions[cell.year, cell.code(_REGION)].add(cell)
    found: dict[Cell, _Bounds] = {}
    for (year, region), wholes in sorted(regions.items(), key=str):
        below = [part for code in children(_REGION, region or total(_REGION) or "") for part in regions.get((year, code), ())]
        rows = {whole: _parts(whole, _REGION, region or total(_REGION) or "", cells) for whole in sorted(wholes, key=str)}
        of = {cell: _told(*cells[cell]) for cell in (*rows, *below)}
        of |= {cell: bounds for cell, bounds in found.items() if cell in of}
        taken = [(whole, parts) for whole, parts in rows.items() if parts and all(part in of for part in parts)]
        try:
            _narrow(of, [*_sums_of(of.keys()), *taken], _within(of.keys()))
        except _Contradiction:
            # Somebody is in two of them.
            continue
        found |= of
    return found


def _told(value: str, status: str) -> _Bounds:
    if status == _NOT_AVAILABLE:
        return 0, 0
    return (int(value), int(value)) if status == "" else (int(status == _WITHHELD), None)


def claims_of(place: Place, sets: Sequence[Mapping[Cell, int]], rules: Disclosure, draws: Sequence[Draw | None]) -> Claims:
    """What is claimed of a place of which all these sets of counts fit; the program is run by each of the draws."""
    runs = [_run(place, one, rules, draws) for one in sets]
    weights = [came_out for came_out, _ in runs]
    whole = sum(weights)
    cells = sorted(place.withheld, key=str)
    guessed = {cell: _most(_shares(cell, sets, [1] * len(sets)))[0] for cell in cells}
    exact: dict[Cell, int] = {}
    primary: set[Cell] = set()
    of_most = frozenset(cell for cell in cells if 2 * sum(cell in secret for _, secret in runs) > len(runs))
    for cell in cells if whole else ():
        figure, weight = _most(_shares(cell, sets, weights))
        if weight >= _SURE * whole:
            exact[cell] = figure
        if sum(came_out for came_out, secret in runs if cell in secret) >= _SURE * whole:
            primary.add(cell)
    return Claims(exact, frozenset(primary), guessed, of_most, len(sets), sum(map(bool, weights)))


def tried(
    places: Iterable[Place], rules: Disclosure, *, keyed: bool, guesses: int, fitting: int = _FITTING, keys: int = _KEYS
) -> list[Claims]:
    """What is claimed of these places, one after the other, as long as the program has been run no more than so many times.

    Parameters
    ----------
    keyed
        Whether a key has decided anything: then the program is run by so many `keys` that nobody has used, else once.
    """
    draws: list[Draw | None] = [None]
    if keyed:
        draws = [draw_by(f"never in use {number}".encode(), rules) for number in range(keys)]
    found, left = [], guesses
    for place in places:
        sets = sets_that_fit(place, min(fitting, left // len(draws)))
        if sets:
            left -= len(sets) * len(draws)
            found.append(claims_of(place, sets, rules, draws))
    return found


def judged(claims: Iterable[Claims], figures: Mapping[Cell, int], primary: Collection[Cell]) -> dict[str, int]:
    """How many claims are made and right, to whoever holds the true figures."""
    found = dict.fromkeys(
        (
            *("places", "reproduced", "withheld", "exact", "exact_right", "guess_right"),
            *("primary", "primary_right", "primary_guess_right"),
        ),
        0,
    )
    for one in claims:
        found["places"] += 1
        found["reproduced"] += bool(one.reproduced)
        found["withheld"] += len(one.guessed)
        found["exact"] += len(one.exact)
        found["exact_right"] += sum(figures[cell] == value for cell, value in one.exact.items())
        found["guess_right"] += sum(figures[cell] == one.guessed[cell] for cell in one.exact)
        found["primary"] += len(one.primary)
        found["primary_right"] += len(one.primary & set(primary))
        found["primary_guess_right"] += len(one.primary & one.guessed_primary & set(primary))
    return found


def _counts_persons(measure: str) -> bool:
    declared = metadata.measure(measure)
    return declared.subject == "persons" and not declared.is_function


def _place(cell: Cell) -> tuple[object, ...]:
    additive = metadata.measure(cell.measure).additive
    return cell.year, tuple(pair for pair in cell.categories if pair[0] == _REGION or pair[0] not in additive)


def _sums_of(cells: Collection[Cell]) -> list[tuple[Cell, tuple[Cell, ...]]]:
    """Each count and those that add up to it."""
    found = []
    variables = sorted({name for cell in cells for name, _ in cell.categories} - {_REGION})
    for whole in cells:
        additive = metadata.measure(whole.measure).additive
        for variable in variables:
            code = whole.code(variable) or total(variable)
            if variable in additive and code is not None:
                parts = _parts(whole, variable, code, cells)
                if parts:
                    found.append((whole, parts))
    return found


def _parts(whole: Cell, variable: str, code: str, cells: Collection[Cell]) -> tuple[Cell, ...]:
    """What a category is divided into: in place of a part that has no count stand the parts of that part."""
    found: list[Cell] = []
    for part in children(variable, code):
        cell = whole.having(variable, part)
        below = (cell,) if cell in cells else _parts(whole, variable, part, cells)
        if not below:
            return ()
        found += below
    return tuple(found)


def _within(cells: Collection[Cell]) -> list[tuple[Cell, Cell]]:
    """Each count of persons with something, and that of all of them."""
    found = []
    for cell in cells:
        fact = metadata.COUNTED.get(cell.measure)
        whole = cell if fact is None or fact.part_of is None else Cell(fact.part_of, cell.year, cell.categories)
        if whole != cell and whole in cells:
            found.append((cell, whole))
    return found


class _Contradiction(Exception):
    """No set of counts is within these bounds."""


def sets_that_fit(place: Place, at_most: int) -> list[dict[Cell, int]]:
    """All sets of counts that fit; none where there are more than so many, or it takes too long to know."""
    cells = place.known.keys() | place.withheld
    sums, within = _sums_of(cells), _within(cells)
    bounds: dict[Cell, _Bounds] = {cell: (value, value) for cell, value in place.known.items()}
    bounds |= {cell: place.bounds.get(cell, (1, None)) for cell in place.withheld}
    found: list[dict[Cell, int]] = []
    begun = 0
    waiting = [bounds]
    while waiting:
        begun += 1
        now = waiting.pop()
        try:
            _narrow(now, sums, within)
        except _Contradiction:
            continue
        open_cells = [cell for cell in place.withheld if now[cell][0] != now[cell][1]]
        if not open_cells:
            found.append({cell: now[cell][0] for cell in place.withheld})
        if len(found) > at_most or begun > _BEGUN:
            return []
        if open_cells:
            ranges = [(most - least, str(cell), cell) for cell in open_cells for least, most in [now[cell]] if most is not None]
            if not ranges:
                return []
            width, _, cell = min(ranges)
            if width > _BEGUN:
                return []
            least = now[cell][0]
            waiting += [{**now, cell: (value, value)} for value in range(least, least + width + 1)]
    return sorted(found, key=lambda one: sorted((str(cell), value) for cell, value in one.items()))


def _narrow(
    bounds: dict[Cell, _Bounds],
    sums: Sequence[tuple[Cell, tuple[Cell, ...]]],
    within: Sequence[tuple[Cell, Cell]],
) -> None:
    """Narrow all bounds by one another, until nothing changes."""
    changed = True

    def limit(cell: Cell, least: int, most: int | None) -> None:
        nonlocal changed
        before = bounds[cell]
        now = (max(least, before[0]), before[1] if most is None else most if before[1] is None else min(most, before[1]))
        if now[1] is not None and now[0] > now[1]:
            raise _Contradiction
        if now != before:
            bounds[cell], changed = now, True

    while changed:
        changed = False
        for whole, parts in sums:
            lower, upper = sum(bounds[part][0] for part in parts), [bounds[part][1] for part in parts]
            limited = [most for most in upper if most is not None]
            limit(whole, lower, sum(limited) if len(limited) == len(upper) else None)
            least, most = bounds[whole]
            for part, highest in zip(parts, upper, strict=True):
                others = sum(limited) - (highest or 0) if len(limited) == len(upper) - (highest is None) else None
                limit(part, 0 if others is None else least - others, None if most is None else most - (lower - bounds[part][0]))
        for part, whole in within:
            limit(part, 0, bounds[whole][1])
            limit(whole, bounds[part][0], None)


def _run(
    place: Place, withheld: Mapping[Cell, int], rules: Disclosure, draws: Sequence[Draw | None]
) -> tuple[int, frozenset[Cell]]:
    """By how many of the keys the program leaves the gaps that were published, and what is secret by the rules."""
    figures = {**place.known, **withheld}
    system = system_of(_as_table(place, figures, in_region=_REGION in rules.sensitive), rules.taken_for_sums)
    here = {cell: cell if _REGION in rules.sensitive else cell.having(_REGION, None) for cell in figures}
    gaps = {here[cell] for cell in place.withheld}
    came_out = 0
    for draw in draws:
        problem = primary_suppression(system, rules, draw=draw)
        try:
            with silence():
                found = protection(problem)
        except KvarnError:
            continue
        came_out += (problem.primary | found.secondary) & set(here.values()) == gaps
    primary = primary_suppression(system, rules).primary
    return came_out, frozenset(cell for cell, one in here.items() if one in primary)


def _as_table(place: Place, figures: Mapping[Cell, int], *, in_region: bool) -> dict[str, pd.DataFrame]:
    """The figures as a table of the whole country, unless the region matters: no other region is looked at anyhow."""
    variables = metadata.table(place.table).variables
    rows = [
        [str(cell.year), *(_code(cell, one, in_region=in_region) for one in variables[1:]), cell.measure, str(value)]
        for cell, value in sorted(figures.items(), key=lambda pair: str(pair[0]))
    ]
    frame = pd.DataFrame(rows, columns=[*variables, "measure", "value"])
    return {place.table: frame.assign(contributors=frame["value"].astype("Int64"))}


def _code(cell: Cell, variable: str, *, in_region: bool) -> str | None:
    code = cell.code(variable) if in_region or variable != _REGION else None
    return code or total(variable)


def _shares(cell: Cell, sets: Sequence[Mapping[Cell, int]], weights: Sequence[int]) -> dict[int, int]:
    found: dict[int, int] = defaultdict(int)
    for one, weight in zip(sets, weights, strict=True):
        found[one[cell]] += weight
    return found


def _most(shares: Mapping[int, int]) -> tuple[int, int]:
    """The figure with the largest weight, the smallest of several, and the weight."""
    figure = min(shares, key=lambda one: (-shares[one], one))
    return figure, shares[figure]
