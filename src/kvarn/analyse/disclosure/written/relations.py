"""What ties published figures together, as anyone can state it from the code lists and the definitions of the measures.

Written apart from the protector's `system` and `links`: the audit must not share their mistakes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from kvarn import metadata
from kvarn.analyse._classification import OF_PROCEDURE, children, children_of, codes_within, is_empty, total
from kvarn.analyse.disclosure.written.ages import year_before
from kvarn.analyse.disclosure.written.key import Key, at
from kvarn.analyse.disclosure.written.line import Line
from kvarn.analyse.disclosure.written.noughts import within_a_nought
from kvarn.analyse.disclosure.written.overlapping import beyond_the_first, no_more_than_in_all

__all__ = [
    "Covering",
    "Difference",
    "Key",
    "coverings",
    "differences",
    "is_zero_where_not_available",
    "key_of",
    "left_of_several",
    "lines",
    "lines_of_ratios",
    "months_covered",
    "months_told",
    "name_of",
    "overlaps",
    "parts_of_function",
    "parts_of_ratio",
    "untrue_of",
    "whole_groups",
]

# A total, and the parts that are taken from it: what is left stands in no table. Or a total, and parts that cover it: what they
# come to beyond it is counted in several of them.
Difference = tuple[Key, tuple[Key, ...]]


# Of which files a measure is made, by the measure that tells of how many months they are.
_MONTHS_OF = {
    "persons": "months_persons",
    "person_months": "months_persons",
    "persons_with_procedure": "months_procedures",
    "procedures": "months_procedures",
}
_LENGTH_OF_MUNICIPALITY = 4
# A county has no more municipalities, and no other list but those of codes is longer.
_FEW_PARTS = 60


class Covering(NamedTuple):
    """A whole and everything that covers it, counted or not; `apart` where nothing is in two parts."""

    whole: Key
    parts: tuple[Key, ...]
    apart: bool


def key_of(measure: str, year: object, codes: Mapping[str, str]) -> Key:
    """The one name of a cell, whichever table it stands in."""
    kept = sorted((name, code) for name, code in codes.items() if code != total(name))
    return measure, int(str(year)), tuple(kept)


def name_of(key: Key) -> str:
    """A cell in words, as an error says it."""
    return ", ".join([key[0], str(key[1]), *(f"{variable} {code}" for variable, code in key[2])])


def is_zero_where_not_available(key: Key) -> bool:
    """Whether a count that is published as not available is zero to whoever knows why: nothing was accepted there.

    How many are new or continuing is not available for another reason: nothing is known of the year before.
    """
    return "continuity" not in dict(key[2])


def lines(
    keys: set[Key],
    untrue: Collection[Key] = (),
    not_available: Collection[Key] = (),
    unseen: Collection[Key] = (),
    months: Mapping[tuple[int, str], int] = MappingProxyType({}),
    noughts: Collection[Key] = (),
    covered: Mapping[tuple[str, int, str], int] = MappingProxyType({}),
) -> Iterator[Line[Key]]:
    """Every relation that anyone can state between these counts.

    Parameters
    ----------
    untrue
        Persons with a procedure of whom nobody can say that they are part of the persons who had care (`untrue_of`).
    not_available
        Counts that are published as not available. Where procedures were reported and persons were not, or the other way round,
        nobody can say that the former are a part of the latter: not there, and not in the county and the country.
    unseen
        Those of the counts that stand in no table (`wholes`): of them nobody knows whether they are `untrue`.
    months
        How many months there are files of, by year and region (`months_told`); twelve where nothing is told.
    noughts
        The counts that are known to be nought: so is all that is a part of one, also what is not counted.
    covered
        Of how many months there are files, by the measure that tells it, year and municipality (`months_covered`).
    """
    apart = _reported_apart(keys, not_available)
    beyond = beyond_the_first(keys)
    by_code = _counted_by_code(keys)
    for whole, name in _divisible(keys):
        yield from _divided(keys, by_code, whole, name, noughts, beyond)
    yield from no_more_than_in_all(beyond)
    for key in sorted(keys):
        yield from _of_measures(keys, key, untrue, apart, unseen)
        behind = ("persons", *key[1:])
        if key[0] == "person_months" and "month" not in dict(key[2]) and behind in keys:
            most = min(months.get((key[1], "00"), 12), months.get(_place(key), 12))
            yield Line({behind: float(most), key: -1.0}, exact=False)
        yield from _of_covered_months(keys, key, unseen, noughts, covered)


def _of_covered_months(
    keys: set[Key],
    whole: Key,
    unseen: Collection[Key],
    noughts: Collection[Key],
    covered: Mapping[tuple[str, int, str], int],
) -> Iterator[Line[Key]]:
    """Nothing happened in months of which there are no files: where as many are shown as are covered, they are the year."""
    measure, year, categories = whole
    held = dict(categories)
    months = covered.get((_MONTHS_OF.get(measure, ""), year, held.get("region", "00")))
    if months is None or "month" in held:
        return
    behind = ("persons", year, categories) if measure == "person_months" else whole
    cells = [at(behind, "month", code) for code in children("month", "T")]
    # Of what stands in no table nobody knows whether there are files.
    there = [cell for cell in cells if cell in keys and cell not in unseen and cell not in noughts]
    further = min(months - len(there), sum(cell not in keys or cell in unseen for cell in cells))
    if not there:
        return
    if measure == "person_months":
        if behind in keys:
            yield Line({**dict.fromkeys(there, 1.0), behind: float(max(further, 0)), whole: -1.0}, exact=False)
    elif further <= 0:
        yield Line({**dict.fromkeys(there, 1.0), whole: -1.0}, exact="month" in metadata.measure(measure).additive)


def months_covered(figures: Mapping[Key, str]) -> dict[tuple[str, int, str], int]:
    """Of how many months there are files, by the measure that tells it, year and municipality."""
    found = {}
    for key, text in figures.items():
        region = dict(key[2]).get("region", "00")
        if key[0] in _MONTHS_OF.values() and len(region) == _LENGTH_OF_MUNICIPALITY and text.isdigit() and int(text) > 0:
            found[key[0], key[1], region] = int(text)
    return found


def months_told(figures: Mapping[Key, str], not_available: Collection[Key]) -> dict[tuple[int, str], int]:
    """How many months there are figures of, by year and region: by the coverage, and in the whole country by the months shown."""
    silent = Counter(key[1] for key in not_available if key[0] == "persons" and [name for name, _ in key[2]] == ["month"])
    found = {(year, "00"): 12 - number for year, number in silent.items()}
    for key, text in figures.items():
        if key[0] == "months_persons" and (place := _place(key)) not in found and text.isdigit() and int(text) > 0:
            found[place] = min(int(text), 12)
    return found


def untrue_of(counts: Mapping[Key, int]) -> frozenset[Key]:
    """The persons with a procedure who are more than the persons of whom they should be a part."""
    wholes = {key: whole for key in counts if (whole := _everyone(key)) is not None}
    return frozenset(key for key, whole in wholes.items() if whole in counts and counts[key] > counts[whole])


def differences(keys: set[Key]) -> Iterator[Difference]:
    """Totals and parts of them that leave something over, which anyone who has both can compute."""
    by_code = _counted_by_code(keys)
    for whole, name in _divisible(keys):
        for division in _divisions(keys, whole, name, by_code):
            parts = tuple(part for part in division if part in keys)
            if name not in metadata.measure(whole[0]).additive:
                yield from ((whole, (part,)) for part in parts if _within(whole, name))
            elif parts and len(parts) < len(division):
                yield whole, parts
    for key in sorted(keys):
        for above in (_everyone(key), *year_before(keys, key)[:1]):
            if above is not None and above in keys:
                yield above, (key,)


def whole_groups(keys: set[Key]) -> Iterator[Difference]:
    """Totals and each of the parts that they are the sum of: where one is all of the total, everybody is known to be in it."""
    by_code = _counted_by_code(keys)
    for whole, name in _divisible(keys):
        if name in metadata.measure(whole[0]).additive:
            for division in _divisions(keys, whole, name, by_code):
                if len(division) > 1 and all(part in keys for part in division):
                    yield from ((whole, (part,)) for part in division)


def overlaps(keys: set[Key]) -> Iterator[Difference]:
    """Totals and parts that cover them without being apart: the sum of the parts less the total is counted more than once.

    Persons in several months, groups, professions or municipalities; person-months in several municipalities; joint procedures;
    and what each person has beyond the first procedure or month. Where codes that nobody had have no row, only the protector
    knows that the others cover the total, and keeps it on its list.
    """
    by_code = _counted_by_code(keys)
    for whole, name in _divisible(keys):
        if name in metadata.measure(whole[0]).additive:
            continue
        for division in _divisions(keys, whole, name, by_code):
            parts = tuple(part for part in division if part in keys)
            if len(parts) == len(division) > 1 and _covered(whole, name):
                yield whole, parts
    for key in sorted(keys):
        behind = metadata.measure(key[0]).behind
        if behind is not None and (behind, *key[1:]) in keys:
            yield (behind, *key[1:]), (key,)


def coverings(keys: set[Key]) -> Iterator[Covering]:
    """Each whole with all that covers it: the parts that are counted, and those that are not."""
    by_code = _counted_by_code(keys)
    for whole, name in _divisible(keys):
        for division in _divisions(keys, whole, name, by_code):
            if not keys.isdisjoint(division) and _within(whole, name) and _covered(whole, name):
                yield Covering(whole, tuple(division), name in metadata.measure(whole[0]).additive)
    for key in sorted(keys):
        behind = metadata.measure(key[0]).behind
        if behind is not None and (behind, *key[1:]) in keys:
            yield Covering((behind, *key[1:]), (key,), apart=False)


def lines_of_ratios(figures: Mapping[Key, str], known: Mapping[Key, int]) -> Iterator[Line[Key]]:
    """A ratio that is published tells of its parts, as far as its decimals go."""
    for (measure, year, categories), text in sorted(figures.items()):
        ratio = metadata.measure(measure).ratio
        if ratio is None or not text.replace(".", "", 1).isdigit():
            continue
        above, below = parts_of_ratio((measure, year, categories))
        if above in known and below in known:
            continue
        half = 0.5 * 10.0 ** -metadata.measure(measure).decimals
        if above != below:
            yield Line({above: float(ratio.factor), below: -(float(text) - half)}, exact=False)
            yield Line({above: -float(ratio.factor), below: float(text) + half}, exact=False)


def parts_of_ratio(key: Key) -> tuple[Key, ...]:
    """The two counts that a ratio is made of."""
    measure, year, categories = key
    ratio = metadata.measure(measure).ratio
    return () if ratio is None else ((ratio.numerator, year, categories), (ratio.denominator, year, _of_persons(categories)))


def parts_of_function(key: Key) -> tuple[Key, ...]:
    """The counts that a quantile or a standardised rate is made of: it tells of them in ways that no line can say."""
    measure, year, categories = key
    declared = metadata.measure(measure)
    if declared.quantile is not None:
        return (declared.quantile.among, year, categories), (declared.quantile.of, year, categories)
    if declared.standardised is not None:
        counted = (declared.standardised.numerator, year, categories)
        return counted, *(at(counted, "age", group) for group in declared.standardised.groups)
    return ()


def _divisible(keys: set[Key]) -> Iterator[tuple[Key, str]]:
    """Each count with each variable that counts of its measure are classified by, where any count is its part in it."""
    variables: dict[str, set[str]] = defaultdict(set)
    classified = set()
    for measure, year, categories in keys:
        names = frozenset(name for name, _ in categories)
        variables[measure] |= names
        classified.add((measure, year, names))
    for key in sorted(keys):
        names = frozenset(name for name, _ in key[2])
        for name in sorted(variables[key[0]]):
            finer = names | {name}, (names - {name}) | {"procedure"}
            if any((key[0], key[1], by) in classified for by in finer):
                yield key, name


_Shape = tuple[str, int, frozenset[str]]


def _counted_by_code(keys: set[Key]) -> frozenset[_Shape]:
    """By which measures, years and variables anything is counted by code: a list has thousands of them, and few tables do."""
    shapes = {(measure, year, frozenset(name for name, _ in categories)) for measure, year, categories in keys}
    return frozenset(shape for shape in shapes if "procedure" in shape[2])


def _divisions(keys: set[Key], whole: Key, name: str, by_code: Collection[_Shape] | None = None) -> list[list[Key]]:
    """The ways in which a cell falls into categories of one variable: those just below it, and procedures.

    Where a category below has no count its own categories stand for it, since a table may leave a level of a list out.

    Parameters
    ----------
    by_code
        What `keys` count by code (`_counted_by_code`), for whom a division of which nothing is counted is none.
    """
    held = dict(whole[2])
    code = held.get(name) or total(name)
    if code is None:
        return []
    with_codes = "procedure" not in held and (
        by_code is None or (whole[0], whole[1], frozenset(held) - {name} | {"procedure"}) in by_code
    )
    in_procedures = [_in_procedures(whole, name, code)] if with_codes else []
    # Asked of each count, for each variable: what is the same for all of its parts is made once.
    below_of = children_of(name)
    before = tuple(pair for pair in whole[2] if pair[0] < name)
    after = tuple(pair for pair in whole[2] if pair[0] > name)
    found: list[Key] = []
    left = list(reversed(below_of(code)))
    while left:
        below = left.pop()
        part = (whole[0], whole[1], (*before, (name, below), *after))
        if part in keys:
            found.append(part)
            continue
        if is_empty(name, below):
            continue
        further = below_of(below)
        left += reversed(further)
        if not further:
            finer = _in_procedures(whole, name, below) if with_codes else []
            found += finer if not keys.isdisjoint(finer) else [part]
    return [found, *in_procedures]


def _in_procedures(whole: Key, name: str, code: str) -> list[Key]:
    # A list has thousands of codes: what is the same of all is made once.
    left = [pair for pair in whole[2] if pair[0] != name]
    before = tuple(pair for pair in left if pair[0] < "procedure")
    after = tuple(pair for pair in left if pair[0] > "procedure")
    return [(whole[0], whole[1], (*before, ("procedure", leaf), *after)) for leaf in codes_within(name, code)]


def _divided(
    keys: set[Key],
    by_code: Collection[_Shape],
    whole: Key,
    name: str,
    noughts: Collection[Key],
    beyond: dict[tuple[Key, str], Collection[Key]],
) -> Iterator[Line[Key]]:
    """What a count's divisions by one variable tell; `beyond` learns what covers it without being apart."""
    additive = name in metadata.measure(whole[0]).additive
    for division in _divisions(keys, whole, name, by_code):
        parts = [part for part in division if part in keys]
        complete = bool(parts) and all(part in keys or within_a_nought(part, noughts) for part in division)
        if not parts:
            continue
        if additive:
            yield Line({whole: 1.0, **dict.fromkeys(parts, -1.0)}, exact=complete)
            continue
        if _within(whole, name):
            yield from (Line({whole: 1.0, part: -1.0}, exact=False) for part in parts)
        if complete and _covered(whole, name):
            yield Line({whole: -1.0, **dict.fromkeys(parts, 1.0)}, exact=False)
            # Of a list of codes there are thousands: what they come to beyond the whole tells little of a part of it.
            if _within(whole, name) and len(parts) <= _FEW_PARTS:
                beyond.setdefault((whole, name), parts)


def _within(whole: Key, name: str) -> bool:
    """Whether who is in a part is in the whole: not who is new in a municipality, and was elsewhere in the county before."""
    return name != "region" or dict(whole[2]).get("continuity") != "new"


def _covered(whole: Key, name: str) -> bool:
    """Whether who is in the whole is in a part: not who continues in the county, and has moved to another municipality of it."""
    return name != "region" or dict(whole[2]).get("continuity") != "continuing"


def left_of_several(keys: set[Key], noughts: Collection[Key]) -> set[Key]:
    """What is in no table and alone is missing of two wholes or more: it is what is left of each of them."""
    found: Counter[Key] = Counter()
    for whole, name in _divisible(keys):
        if name in metadata.measure(whole[0]).additive:
            for division in _divisions(keys, whole, name):
                missing = [part for part in division if part not in keys and not within_a_nought(part, noughts)]
                if len(missing) == 1:
                    found[missing[0]] += 1
    return {key for key, number in found.items() if number > 1}


def _reported_apart(keys: set[Key], not_available: Collection[Key]) -> set[tuple[int, str]]:
    """The years and regions in a part of which persons were reported and procedures were not, or the other way round."""
    silent: dict[str, set[tuple[int, str, str]]] = defaultdict(set)
    for key in not_available:
        if key in keys:
            silent[key[0]].add((*_place(key), dict(key[2]).get("month", "T")))
    places = silent["persons"] ^ silent["persons_with_procedure"]
    return {(year, above) for year, region, _ in places for above in ("00", region[:2], region)}


def _place(key: Key) -> tuple[int, str]:
    return key[1], dict(key[2]).get("region", "00")


def _of_measures(
    keys: set[Key], key: Key, untrue: Collection[Key], apart: Collection[tuple[int, str]], unseen: Collection[Key]
) -> Iterator[Line[Key]]:
    """Whoever has a procedure is a person, has one procedure at least, and lives in the country."""
    measure, year, categories = key
    if measure == "persons_with_procedure":
        nobody_can_say = key in untrue or _place(key) in apart or key in unseen or _everyone(key) in unseen
        for whole in (("procedures", year, categories), None if nobody_can_say else _everyone(key)):
            if whole in keys:
                yield Line({whole: 1.0, key: -1.0}, exact=False)
    yield from _of_several_tables(keys, key)
    if (
        measure == "persons"
        and key not in unseen
        and ("population", year, categories) in keys
        and "region" not in dict(categories)
    ):
        yield Line({("population", year, categories): 1.0, key: -1.0}, exact=False)


def _of_several_tables(keys: set[Key], key: Key) -> Iterator[Line[Key]]:
    """Person-months are the months' persons; who continues was there the year before; one profession is one, several are two."""
    measure, year, categories = key
    held = dict(categories)
    if measure == "person_months":
        if ("persons", year, categories) in keys:
            yield Line({key: 1.0, ("persons", year, categories): -1.0}, exact=False)
        months = [at(("persons", year, categories), "month", f"{month:02d}") for month in range(1, 13)]
        if "month" not in held and all(month in keys for month in months):
            yield Line({key: 1.0, **dict.fromkeys(months, -1.0)}, exact=True)
    yield from (Line({before: 1.0, key: -1.0}, exact=False) for before in year_before(keys, key))
    if measure == "procedures" and held.get("cooperation") == "single" and "profession" not in held:
        parts = [at(key, "profession", code) for code in children("profession", "T")]
        there = [part for part in parts if part in keys]
        if there:
            yield Line({key: 1.0, **dict.fromkeys(there, -1.0)}, exact=len(there) == len(parts))
    if measure in ("procedures", "persons_with_procedure") and held.get("cooperation") == "joint" and "profession" not in held:
        parts = [at(key, "profession", code) for code in children("profession", "T")]
        if all(part in keys for part in parts):
            yield Line({key: -2.0, **dict.fromkeys(parts, 1.0)}, exact=False)


def _everyone(key: Key) -> Key | None:
    """The persons of whom those with a procedure are a part."""
    return ("persons", key[1], _of_persons(key[2])) if key[0] == "persons_with_procedure" else None


def _of_persons(categories: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple(pair for pair in categories if pair[0] not in OF_PROCEDURE)
