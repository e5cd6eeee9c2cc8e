"""What stands in no table, and ties what does: wholes that are shown nowhere, and what kinds and groups of procedures share.

A table may leave out a total, and still have all that it consists of: a month by sex and age has neither the month by sex nor the
month by age, and yet comes to the month. So every whole above a count is an unknown of the attack, at least nought. And so is
what one kind and one group have in common, as far as its codes are no counts themselves: kind, group and code classify one
thing. Written apart from the protector's `unseen`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from kvarn import metadata
from kvarn.analyse._classification import OF_PROCEDURE, children, codes_of_procedure, total
from kvarn.analyse.disclosure.written.ages import CAME, a_year_older
from kvarn.analyse.disclosure.written.crossings import finer_than_tables
from kvarn.analyse.disclosure.written.key import at
from kvarn.analyse.disclosure.written.line import Line
from kvarn.analyse.disclosure.written.noughts import within_a_nought
from kvarn.analyse.disclosure.written.relations import Key, left_of_several, lines

__all__ = ["Stated", "stated", "wholes_of"]

# All of them classify procedures by their code alone.
_BY_CODE = ("kind", "procedure", "procedure_group")
_SHARED = "shared"
_COUNTED_OF = {"persons": "person_months", "persons_with_procedure": "procedures"}
Categories = tuple[tuple[str, str], ...]


class Stated(NamedTuple):
    """Relations, and those of their unknowns that stand in no table."""

    lines: list[Line[Key]]
    unseen: set[Key]


def stated(
    keys: set[Key],
    untrue: Collection[Key] = (),
    not_available: Collection[Key] = (),
    months: Mapping[tuple[int, str], int] = MappingProxyType({}),
    noughts: Collection[Key] = (),
    first: Collection[Key] = (),
    covered: Mapping[tuple[str, int, str], int] = MappingProxyType({}),
) -> Stated:
    """Every relation that anyone can state between these counts and what stands in no table, as far as it tells something.

    `untrue`, `not_available`, `months`, `noughts` and `covered` are those of `lines`; `first` is that of `finer_than_tables`.
    """
    known = {key for key in keys if metadata.measure(key[0]).subject != "public"}
    wholes = wholes_of(keys)
    wholes |= left_of_several(known | wholes, noughts)
    wholes |= finer_than_tables(known | wholes, first, wholes_of)
    counts = known | wholes
    shared = [*_shared(counts), *a_year_older(counts), *_of_two_professions(counts)]
    shared += [Line({key: 1.0}, exact=True) for key in sorted(wholes) if within_a_nought(key, noughts)]
    unseen = {*wholes, *(key for line in shared for key in line.terms if key[0].endswith((_SHARED, CAME)))}
    return _telling([*lines(keys | wholes, untrue, not_available, wholes, months, noughts, covered), *shared], unseen)


def wholes_of(keys: Iterable[Key]) -> set[Key]:
    """What some of the counts are parts of, one step up or several, and is none of them."""
    above: dict[tuple[str, str], str | None] = {}
    left = [key for key in keys if metadata.measure(key[0]).subject != "public"]
    seen = set(left)
    found = set()
    while left:
        measure, year, categories = left.pop()
        for place, (name, code) in enumerate(categories):
            if (name, code) not in above:
                above[name, code] = _parent(name, code)
            parent = above[name, code]
            between = ((name, parent),) if parent is not None else ()
            of = (*categories[:place], *between, *categories[place + 1 :])
            # Persons of each month are person-months together as well.
            for counted in _sums_over(measure, name) if parent is None else (measure,):
                whole = counted, year, of
                if whole not in seen:
                    seen.add(whole)
                    found.add(whole)
                    left.append(whole)
    return found | _like_others(seen)


def _like_others(keys: set[Key]) -> set[Key]:
    """What other measures and years have in the place of a count, where something of that kind is counted."""
    kinds = {(measure, year, frozenset(name for name, _ in categories)) for measure, year, categories in keys}
    kinds |= {(measure, year, names - {name}) for measure, year, names in list(kinds) for name in names}
    found = set()
    for key in keys:
        for other in _in_the_place_of(key):
            if other not in keys and (other[0], other[1], frozenset(name for name, _ in other[2])) in kinds:
                found.add(other)
    return found | _by_cooperation(keys)


def _by_cooperation(keys: set[Key]) -> set[Key]:
    """The single and the joint procedures of each profession, where procedures are counted by profession and by cooperation."""
    found: set[Key] = set()
    for key in keys:
        held = dict(key[2])
        if key[0] != "procedures" or "cooperation" not in held or "profession" in held:
            continue
        by_profession = [at(at(key, "cooperation", None), "profession", code) for code in children("profession", "T")]
        if all(one in keys for one in by_profession):
            found |= {at(one, "cooperation", code) for one in by_profession for code in children("cooperation", "T")}
            found |= {at(key, "cooperation", code) for code in children("cooperation", "T")}
    return found - keys


def _in_the_place_of(key: Key) -> Iterator[Key]:
    measure, year, categories = key
    behind = metadata.measure(measure).behind
    if behind is not None:
        yield behind, year, categories
    if measure in _COUNTED_OF and "month" not in dict(categories):
        yield _COUNTED_OF[measure], year, categories
    if measure == "persons_with_procedure":
        yield "persons", year, tuple(pair for pair in categories if pair[0] not in OF_PROCEDURE)
    if "continuity" in dict(categories):
        yield measure, year - 1, at(key, "continuity", None)[2]
        yield at(key, "continuity", "continuing")


def _sums_over(measure: str, name: str) -> tuple[str, ...]:
    return (measure, "person_months") if (measure, name) == ("persons", "month") else (measure,)


def _parent(name: str, code: str) -> str | None:
    """The category that one is a part of, unless that is the total."""
    rows = metadata.codelist(metadata.variable(name).codelist or name)
    parent = rows.by_code[code].get("parent") if code in rows.by_code else None
    return None if parent in (None, "", total(name)) else parent


def _shared(keys: Collection[Key]) -> Iterator[Line[Key]]:
    """What kinds, groups and codes of procedures have in common, where the same is counted by kind and by group."""
    places: dict[tuple[str, int, Categories], list[Key]] = defaultdict(list)
    for key in keys:
        names = [name for name, _ in key[2] if name in _BY_CODE]
        if names:
            places[key[0], key[1], tuple(pair for pair in key[2] if pair[0] not in _BY_CODE)].append(key)
    within = _within() if places else {}
    for place, here in sorted(places.items()):
        if {"kind", "procedure_group"} <= {name for key in here for name, _ in key[2]}:
            yield from _atoms(place, sorted(here), place in keys, within)


def _of_two_professions(keys: Collection[Key]) -> Iterator[Line[Key]]:
    """What two professions have done beyond all that was done, each of them has done jointly; and nobody does so alone."""
    for joint in sorted(keys):
        held = dict(joint[2])
        if joint[0] != "procedures" or held.get("cooperation") != "joint" or "profession" not in held:
            continue
        one = at(joint, "cooperation", None)
        everything = at(one, "profession", None)
        others = [code for code in children("profession", str(total("profession"))) if code != held["profession"]]
        for code in others if one in keys and everything in keys else ():
            other = at(one, "profession", code)
            if other in keys:
                yield Line({joint: 1.0, everything: 1.0, one: -1.0, other: -1.0}, exact=False)
        beside = [at(joint, "profession", code) for code in others]
        if all(key in keys for key in beside):
            yield Line({joint: -1.0, **dict.fromkeys(beside, 1.0)}, exact=False)


def _within() -> dict[tuple[str, str], frozenset[str]]:
    """The procedures of each category on the code list."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for name in _BY_CODE:
        for leaf, categories in codes_of_procedure(name).items():
            for category in categories:
                found[name, category].add(leaf)
    return {category: frozenset(leaves) for category, leaves in found.items()}


def _atoms(
    place: Key, keys: list[Key], whole_is_there: bool, within: Mapping[tuple[str, str], frozenset[str]]
) -> Iterator[Line[Key]]:
    """Divide the code list into what no count of one place divides further: each count is the sum of such atoms."""
    everything = within["procedure", str(total("procedure"))]
    of: dict[Key, frozenset[str]] = {}
    for key in keys:
        leaves = everything.intersection(*(within.get(pair, frozenset()) for pair in key[2] if pair[0] in _BY_CODE))
        if leaves:
            of[key] = leaves
    if whole_is_there:
        of[place] = everything
    in_counts: dict[str, list[Key]] = defaultdict(list)
    for key, leaves in of.items():
        for leaf in leaves:
            in_counts[leaf].append(key)
    atoms: dict[tuple[Key, ...], list[str]] = defaultdict(list)
    for leaf in sorted(in_counts):
        atoms[tuple(in_counts[leaf])].append(leaf)
    named: dict[Key, list[Key]] = defaultdict(list)
    for counts, codes in atoms.items():
        itself = next((key for key in counts if len(of[key]) == len(codes)), None)
        name = itself or (f"{place[0]} {_SHARED}", place[1], (*place[2], ("procedure", " ".join(codes))))
        for key in counts:
            named[key].append(name)
    additive = "procedure" in metadata.measure(place[0]).additive
    for key, parts in named.items():
        if parts == [key]:
            continue
        if additive:
            yield Line({key: 1.0, **dict.fromkeys(parts, -1.0)}, exact=True)
            continue
        yield from (Line({key: 1.0, part: -1.0}, exact=False) for part in parts)
        yield Line({key: -1.0, **dict.fromkeys(parts, 1.0)}, exact=False)


def _telling(all_lines: Iterable[Line[Key]], unseen: set[Key]) -> Stated:
    """Leave out unknowns that can be whatever their lines want, with those lines: nothing follows from them."""
    kept: list[Line[Key]] = []
    left: list[Line[Key]] = []
    for line in all_lines:
        (kept if unseen.isdisjoint(line.terms) else left).append(line)
    while True:
        of: dict[Key, list[Line[Key]]] = defaultdict(list)
        for line in left:
            for key in line.terms.keys() & unseen:
                of[key].append(line)
        idle = {key for key, mine in of.items() if _is_idle(key, mine)}
        if not idle:
            return Stated([*kept, *left], set(of))
        left = [line for line in left if idle.isdisjoint(line.terms)]


def _is_idle(key: Key, mine: list[Line[Key]]) -> bool:
    """Whether an unknown is only bounded from below, or stands in one line that says nothing of what else is in it."""
    if all(not line.exact and line.terms[key] > 0 for line in mine):
        return True
    sign = mine[0].terms[key]
    return (
        len(mine) == 1
        and (mine[0].exact or sign < 0)
        and all(entry * sign < 0 for other, entry in mine[0].terms.items() if other != key)
    )
