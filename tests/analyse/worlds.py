"""Small worlds of which everything is known, tables of them drawn by chance, and an attacker who has what is published.

A world has finest kinds (of persons, each with all that happened to one; or of procedures), and how many there are of each. The
attacker knows the kinds that there can be, every published figure, and that a withheld one is at least 1; of the numbers he asks
an integer programme what they can be. He shares nothing with kvarn: no relation is stated here, they all follow from the kinds.
"""

from __future__ import annotations

import functools
import itertools
import math
import random
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from kvarn.analyse._classification import children, codes_within

# A measure, a year and the categories; totals are left out.
Key = tuple[str, int, tuple[tuple[str, str], ...]]
# How often each kind is counted.
Count = dict[int, int]
Spec = tuple[list[str], list[str], list[tuple[object, ...]]]

LIMIT, WIDTH = 4, 3
WHOLE = {"region": "00"}
OTHERS = ("1081", "1082", "1083")  # of the county of 1060 and 1080
AGES = {"0-64": ("0-64",), "65-79": ("65-79", "65+"), "80+": ("80+", "65+"), "0-17": ("0-17", "0-64"), "18-64": ("18-64", "0-64")}
AGES |= {"65+": ("65+",)}
LEAVES = (["0-64", "65+"], ["0-64", "65-79", "80+"], ["0-17", "18-64", "65+"])
MONTHS = [f"{month:02d}" for month in range(1, 13)]
DAYS = list("1234567")
PROFESSIONS = list(children("profession", "T"))
FIRST, SECOND = PROFESSIONS[0], PROFESSIONS[8]
# Who took part: one of two professions, or another one.
TOGETHER = [("1",), ("2",), ("*",), ("*", "*"), ("1", "2"), ("1", "*"), ("2", "*"), ("1", "2", "*")]


@dataclass
class World:
    """How many there are of each kind (`numbers`), what is counted of them, and tables.

    Attributes
    ----------
    count
        What a cell counts of the kinds.
    behind
        How many persons are behind a cell.
    at_least
        What is true of the numbers besides: counts that are no less than nought.
    """

    numbers: list[int]
    count: Callable[[Key], Count]
    behind: Callable[[Key], int]
    at_least: list[Count] = field(default_factory=list)
    tables: dict[str, Spec] = field(default_factory=dict)

    def figure(self, key: Key) -> int:
        return sum(times * self.numbers[kind] for kind, times in self.count(key).items())

    def add(self, year: int, categories: Mapping[str, Sequence[str]], measures: Sequence[str]) -> None:
        """One more table with these categories."""
        rows: list[tuple[object, ...]] = []
        for codes in itertools.product(*categories.values()):
            for measure in measures:
                key = key_of(measure, year, dict(zip(categories, codes, strict=True)))
                rows.append((year, *codes, measure, self.figure(key), self.behind(key)))
        self.tables[f"t{'abcdefgh'[len(self.tables)]}x"] = (["year", *categories], list(measures), rows)


def key_of(measure: str, year: object, codes: Mapping[str, str]) -> Key:
    return measure, int(str(year)), tuple(sorted((name, code) for name, code in codes.items() if code != WHOLE.get(name, "T")))


def told(world: World, published: Mapping[Key, int | None]) -> list[str]:
    """The secrets that an attacker can tell more closely than he may, in words."""
    rows = [
        (world.count(key), value, value) if value is not None else (world.count(key), 1, None) for key, value in published.items()
    ]
    rows += [(count, 0, None) for count in world.at_least]
    matrix = sparse.dok_matrix((len(rows), len(world.numbers)))
    for place, (count, _, _) in enumerate(rows):
        for kind, times in count.items():
            matrix[place, kind] = times
    low = np.array([least for _, least, _ in rows], dtype=float)
    high = np.array([math.inf if most is None else most for _, _, most in rows], dtype=float)
    matrix = matrix.tocsr()
    true = matrix @ np.array(world.numbers)
    assert ((low <= true) & (true <= high)).all(), "the attacker takes for true what is not"
    found = []
    for key, value in published.items():
        if value is None and 0 < world.behind(key) < LIMIT:
            least, most = (_end(sign, world.count(key), matrix, low, high) for sign in (1, -1))
            assert least <= world.figure(key) <= most
            if most - least < WIDTH:
                found.append(f"{key}: {world.figure(key)} is between {least} and {most}")
    return found


def _end(sign: int, count: Count, matrix: sparse.csr_matrix, low: np.ndarray, high: np.ndarray) -> float:
    costs = np.zeros(matrix.shape[1])
    costs[list(count)] = [sign * times for times in count.values()]
    whole, rows = np.ones(len(costs)), LinearConstraint(matrix, low, high)
    solved = milp(costs, constraints=rows, integrality=whole, bounds=Bounds(0, np.inf), options={"time_limit": 20})
    # What is not found in time counts as wide: it is a test, and finds what can be found.
    return float(sign * round(solved.fun)) if solved.status == 0 else -sign * math.inf


def procedures(chance: random.Random) -> World:
    """Procedures by sex, weekday, kind, group, code, profession and cooperation: each kind by persons of its own."""
    use = set(chance.sample(["sex", "weekday", "code", "profession"], chance.choice([2, 2, 3, 4])))
    days = ["1", "2", "*"] if "weekday" in use else ["1"]
    codes = _codes() if "code" in use else [("", "", "")]
    kinds = list(itertools.product("12" if "sex" in use else "1", days, codes, TOGETHER if "profession" in use else TOGETHER[:1]))
    numbers, persons = [0] * len(kinds), [0] * len(kinds)

    def some(kind: int) -> None:
        numbers[kind] = chance.choice([1, 2, 3, 3, 5, 6, 8, 12, 15, 20])
        persons[kind] = min(numbers[kind], chance.choice([1, 2, 3, 4, 6, 9]))

    dense = chance.random() < 0.4
    for kind, (_, day, _, who) in enumerate(kinds):
        if dense and day != "*" and "*" not in who:
            some(kind)
    for _ in range(chance.randint(4, 12)):
        kind = chance.randrange(len(kinds))
        if not ((kinds[kind][1] == "*" or "*" in kinds[kind][3]) and chance.random() < 0.85):
            some(kind)

    @functools.cache
    def of(categories: tuple[tuple[str, str], ...]) -> tuple[int, ...]:
        return tuple(
            place
            for place, (sex, day, code, who) in enumerate(kinds)
            if all(code_ == sex if name == "sex" else _is_of(name, code_, day, code, who) for name, code_ in categories)
        )

    world = World(numbers, lambda key: dict.fromkeys(of(key[2]), 1), lambda key: sum(persons[kind] for kind in of(key[2])))
    there = [kind for kind, number in zip(kinds, numbers, strict=True) if number]
    of_code = ["kind", "procedure_group", "procedure"] if "code" in use else []
    variables = [*sorted(use & {"sex", "weekday"}), *of_code, *(["profession", "cooperation"] if "profession" in use else [])]
    for _ in range(chance.choice([2, 2, 3, 3, 4])):
        world.add(
            2023, _categories(chance, variables, [day for _, day, _, _ in there], [who for *_, who in there]), ["procedures"]
        )
    return world


def persons_with_procedures(chance: random.Random) -> World:
    """Persons by sex and age, each with some of a few events; and procedures, of which each has had one of each event or more."""
    mode = chance.choice(["profession", "code", "day", "kind and day", "kind and day", "kind and group"])
    events = _events(mode)
    ages, sexes = (["0-64", "65+"] if chance.random() < 0.6 else ["T"]), ("12" if chance.random() < 0.8 else "1")
    sets = [some for number in range(len(events) + 1) for some in itertools.combinations(range(len(events)), number)]
    kinds = list(itertools.product(sexes, ages, sets))
    numbers = [0] * len(kinds)
    known, dense, care = chance.random() < 0.7, chance.random() < 0.5, chance.random() < 0.6

    def strange(kind: int) -> bool:
        return any(day == "*" or "*" in who for day, _, who in (events[one] for one in kinds[kind][2]))

    few = [kind for kind, (_, _, some) in enumerate(kinds) if len(some) <= (1 if dense else 2)]
    for kind in few if dense else ():
        numbers[kind] += 0 if strange(kind) else chance.choice([1, 1, 2, 3, 5])
    for _ in range(chance.randint(4, 10)):
        kind = chance.choice(few) if chance.random() < 0.6 else chance.randrange(len(kinds))
        numbers[kind] += 0 if known and strange(kind) else chance.choice([1, 1, 2, 3, 4, 5, 7, 9])
    if not care:
        numbers = [number if some else 0 for number, (_, _, some) in zip(numbers, kinds, strict=True)]
    # Procedures beyond the first of each, where anybody has any.
    more = list(itertools.product(sexes, ages, range(len(events))))
    first = len(kinds)
    at_least = []
    for place, (sex, age, event) in enumerate(more):
        having = [kind for kind, (s, a, some) in enumerate(kinds) if (s, a) == (sex, age) and event in some]
        numbers.append(chance.choice([0, 0, 0, 1, 2, 3, 7]) if sum(numbers[kind] for kind in having) else 0)
        at_least.append({**dict.fromkeys(having, 1000), first + place: -1})

    @functools.cache
    def pairs(key: Key) -> tuple[tuple[int, int], ...]:
        held = dict(key[2])
        mine = {
            n for n, event in enumerate(events) if all(_is_of(*pair, *event) for pair in key[2] if pair[0] not in ("sex", "age"))
        }
        found: Count = {}
        for kind, (sex, age, some) in enumerate(kinds):
            if held.get("sex", sex) == sex and held.get("age", age) == age:
                times = 1 if key[0] == "persons" else len(mine.intersection(some))
                if times:
                    found[kind] = times if key[0] == "procedures" else 1
        for place, (sex, age, event) in enumerate(more):
            if key[0] == "procedures" and event in mine and held.get("sex", sex) == sex and held.get("age", age) == age:
                found[first + place] = 1
        return tuple(found.items())

    def behind(key: Key) -> int:
        measure = "persons_with_procedure" if key[0] == "procedures" else key[0]
        return sum(times * numbers[kind] for kind, times in pairs((measure, *key[1:])))

    world = World(numbers, lambda key: dict(pairs(key)), behind, at_least)
    there = [events[one] for number, (_, _, some) in zip(numbers, kinds, strict=False) if number for one in some]
    of_person = [*(["sex"] if len(sexes) > 1 else []), *(["age"] if len(ages) > 1 else [])]
    of_event = {"profession": ["profession", "cooperation"], "code": ["kind", "procedure_group", "procedure"], "day": ["weekday"]}
    of_event |= {"kind and day": ["kind", "weekday"], "kind and group": ["kind", "procedure_group"]}
    with_procedure = ["persons_with_procedure"]
    choices = [["persons"], with_procedure, with_procedure, ["procedures"], ["procedures"], ["procedures", *with_procedure]]
    for _ in range(chance.choice([2, 2, 3, 3, 4])):
        measures = chance.choice(choices)
        if measures == ["persons"] and not care:
            measures = with_procedure
        variables = of_person if measures == ["persons"] else [*of_person, *of_event[mode]]
        chosen = _categories(
            chance, variables, [day for day, _, _ in there], [who for *_, who in there], ages=ages, any_number=True
        )
        world.add(2023, chosen, measures)
    return world


def months(chance: random.Random) -> World:
    """Persons by sex, age, municipality and month: each was in some municipalities in some months."""
    leaves = chance.choice(LEAVES)
    places = ["1060", "1080"] if chance.random() < 0.75 else ["*"]
    when = MONTHS[: chance.choice([2, 2, 3])]
    events = list(itertools.product(places, when))
    sets = [some for number in range(1, len(events) + 1) for some in itertools.combinations(events, number)]
    kinds = list(itertools.product("12", leaves, sets))
    numbers = [0] * len(kinds)
    single = [kind for kind, (_, _, some) in enumerate(kinds) if len(some) == 1]
    for _ in range(chance.randint(3, 10)):
        kind = chance.choice(single) if chance.random() < 0.6 else chance.randrange(len(kinds))
        numbers[kind] = chance.randint(1, 12)

    @functools.cache
    def pairs(key: Key) -> tuple[tuple[int, int], ...]:
        held = dict(key[2])
        found: Count = {}
        for kind, (sex, age, some) in enumerate(kinds):
            if held.get("sex", sex) == sex and ("age" not in held or held["age"] in AGES[age]):
                there = {month for place, month in some if _is_in(held, place) and held.get("month", month) == month}
                if there:
                    found[kind] = len(there) if key[0] == "person_months" else 1
        return tuple(found.items())

    def behind(key: Key) -> int:
        return sum(times * numbers[kind] for kind, times in pairs(("persons", *key[1:])))

    world = World(numbers, lambda key: dict(pairs(key)), behind)
    variables = ["sex", "age", *(["region"] if len(places) > 1 else []), "month"]
    for _ in range(chance.choice([2, 2, 3, 3, 4])):
        chosen = {name: chance.choice(_lists(name, leaves)) for name in variables if chance.random() < 0.5} or {"sex": ["1", "2"]}
        measures = chance.choice([["persons"], ["persons"], ["persons", "person_months"], ["person_months"]])
        world.add(2023, chosen, ["persons"] if "month" in chosen else measures)
    # That nobody was elsewhere is published: the attacker thinks of no other places and months.
    world.add(2023, {"month": MONTHS[len(when) :]}, ["persons"])
    if len(places) > 1:
        world.add(2023, {"region": [*OTHERS, *_counties()]}, ["persons"])
    return world


def two_years(chance: random.Random) -> World:
    """Persons of two years by sex, age and municipality, of whom some were there the year before, a year younger."""
    leaves = chance.choice(LEAVES) if chance.random() < 0.75 else ["T"]
    places = ["1060", "1080"] if chance.random() < 0.5 else ["*"]
    sexes = "12" if chance.random() < 0.7 else "1"
    sets = [(), *(some for number in range(1, len(places) + 1) for some in itertools.combinations(places, number))]
    kinds: list[tuple[str, str, str, tuple[str, ...], tuple[str, ...], bool]] = []
    for sex, (place, age), before, now in itertools.product(sexes, enumerate(leaves), sets, sets):
        if not before and not now:
            continue
        older = [age] if not before or not now else leaves[place : place + 2]
        kinds += [(sex, age, then, before, now, True) for then in older]
        # Somebody with a reserve number is another person each month, and in one place.
        if len(before) + len(now) == 1:
            kinds.append((sex, age, age, before, now, False))
    numbers = [0] * len(kinds)
    stayed = [kind for kind, (*_, before, now, _) in enumerate(kinds) if before and before == now]
    all_known = chance.random() < 0.5
    for _ in range(chance.randint(4, 12)):
        kind = chance.choice(stayed) if chance.random() < 0.5 else chance.randrange(len(kinds))
        numbers[kind] += chance.randint(1, 9) if kinds[kind][-1] or not all_known else 0

    def is_in(key: Key, kind: tuple[str, str, str, tuple[str, ...], tuple[str, ...], bool]) -> bool:
        sex, age, older, before, now, is_known = kind
        held = dict(key[2])
        there, of_age = (before, age) if key[1] == 2022 else (now, older)
        if held.get("sex", sex) != sex or ("age" in held and held["age"] not in AGES[of_age]):
            return False
        if not any(_is_in(held, place) for place in there):
            return False
        was = is_known and any(_is_in(held, place) for place in before)
        return held.get("continuity") in (None, "unknown" if not is_known else "continuing" if was else "new")

    @functools.cache
    def of(key: Key) -> tuple[int, ...]:
        return tuple(place for place, kind in enumerate(kinds) if is_in(key, kind))

    world = World(numbers, lambda key: dict.fromkeys(of(key), 1), lambda key: sum(numbers[kind] for kind in of(key)))
    variables = [
        *(["sex"] if len(sexes) > 1 else []),
        *(["age"] if len(leaves) > 1 else []),
        *(["region"] if len(places) > 1 else []),
    ]
    lists = (
        ["T", "new", "continuing", "unknown"],
        ["new", "continuing", "unknown"],
        ["continuing"],
        ["T", "new"],
        ["new", "unknown"],
    )
    for number in range(chance.choice([2, 3, 3, 4])):
        year = (2022, 2023)[number] if number < 2 else chance.choice([2022, 2023])
        chosen = {name: chance.choice(_lists(name, leaves)) for name in variables if chance.random() < 0.55}
        if year == 2023 and chance.random() < 0.8:
            chosen["continuity"] = list(chance.choice(lists))
        if chosen or variables:
            world.add(year, chosen or {variables[0]: chance.choice(_lists(variables[0], leaves))}, ["persons"])
    if len(places) > 1:
        for year in (2022, 2023):
            world.add(year, {"region": [*OTHERS, *_counties()]}, ["persons"])
    if all_known:
        world.add(2023, {"continuity": ["unknown"]}, ["persons"])
    return world


WORLDS = {
    "procedures": procedures,
    "persons with procedures": persons_with_procedures,
    "months": months,
    "two years": two_years,
}


@functools.cache
def _codes() -> list[tuple[str, str, str]]:
    """Kind, group and code: the codes of one group, and others by kind alone."""
    group = "pain-and-senses"
    of_kind = {code: kind for kind in ("assessing", "treating", "other") for code in codes_within("kind", kind)}
    mine = [(of_kind[code], group, code) for code in codes_within("procedure_group", group)]
    return [
        *mine,
        ("assessing", "wounds-and-skin", ""),
        ("treating", "wounds-and-skin", ""),
        *((kind, "", "") for kind in _KINDS),
    ]


_KINDS = ["assessing", "treating", "other"]


def _events(mode: str) -> list[tuple[str, tuple[str, str, str], tuple[str, ...]]]:
    """A few events: weekday, codes, and who took part."""
    none = ("", "", "")
    if mode == "profession":
        return [("1", none, who) for who in TOGETHER if len(who) < 3]
    if mode == "code":
        return [("1", code, ("1",)) for code in [*[code for code in _codes() if code[2]][:5], ("treating", "", "")]]
    if mode == "day":
        return [(day, none, ("1",)) for day in ("1", "2", "*")]
    if mode == "kind and day":
        return [(day, (kind, "", ""), ("1",)) for kind in _KINDS[:2] for day in ("1", "2", "*")]
    groups = itertools.product(_KINDS[:2], ("pain-and-senses", "wounds-and-skin", ""))
    return [("1", (kind, group, ""), ("1",)) for kind, group in [*groups, ("other", "")]]


def _is_of(name: str, wanted: str, day: str, code: tuple[str, str, str], who: tuple[str, ...]) -> bool:
    """Whether an event is of a category."""
    if name == "weekday":
        return (wanted if wanted in "12" else "*") == day
    if name in ("kind", "procedure_group", "procedure"):
        return code[("kind", "procedure_group", "procedure").index(name)] == wanted
    if name == "cooperation":
        return ("joint" if len(who) > 1 else "single") == wanted
    return {FIRST: "1", SECOND: "2"}.get(wanted, "*") in who


def _is_in(held: Mapping[str, str], place: str) -> bool:
    return held.get("region", place) in (place, place[:2])


def _counties() -> list[str]:
    return [code for code in children("region", "00") if code != "10"]


def _lists(name: str, leaves: Sequence[str]) -> list[list[str]]:
    """Of which categories a table can be, some of them likelier."""
    if name == "sex":
        return [["1", "2"], ["1", "2"], ["T", "1", "2"], ["1"], ["T", "1"]]
    if name == "age":
        every = list(dict.fromkeys(code for leaf in leaves for code in AGES.get(leaf, ())))
        return [list(leaves), list(leaves), every, ["T", *every], ["T", *leaves], [leaves[0]], every[-2:], every[1:]]
    if name == "region":
        both = ["1060", "1080"]
        return [[*both, *OTHERS], [*both, *OTHERS], ["10", *both, *OTHERS], ["10"], ["10", "1060"], ["1060"], both]
    return [MONTHS, MONTHS, ["T", *MONTHS], ["01", "02"]]


def _categories(
    chance: random.Random,
    variables: Sequence[str],
    days: Collection[str],
    who: Collection[Iterable[str]],
    *,
    ages: Sequence[str] = (),
    any_number: bool = False,
) -> dict[str, list[str]]:
    """Some of the variables, each with categories that tell the truth of what there is: all days only where none is unknown."""
    chosen = [name for name in variables if chance.random() < 0.5]
    if not chosen and not any_number:
        chosen = [chance.choice(list(variables))]
    if "procedure" in chosen:
        chosen = [name for name in chosen if name not in ("kind", "procedure_group")]
    codes = [code for _, _, code in _codes() if code]
    lists = {
        "kind": [_KINDS, _KINDS, ["treating"], ["assessing"], ["T", *_KINDS]],
        "procedure_group": [["pain-and-senses"], ["pain-and-senses", "wounds-and-skin"], ["T", "pain-and-senses"]],
        "procedure": [codes, codes, codes[:3], codes[1:]],
        "cooperation": [["single", "joint"], ["single"], ["joint"], ["T", "single", "joint"], ["T", "single"], ["T", "joint"]],
        "weekday": [DAYS, DAYS, ["T", *DAYS], ["1", "2"], ["1"]] if "*" not in days else [["1", "2"], ["T", "1", "2"]],
        "profession": [PROFESSIONS, PROFESSIONS, ["T", *PROFESSIONS], [FIRST, SECOND], [FIRST]]
        if not any("*" in some for some in who)
        else [[FIRST, SECOND], ["T", FIRST, SECOND], [FIRST]],
    }
    return {name: chance.choice(lists[name] if name in lists else _lists(name, ages)) for name in chosen}
