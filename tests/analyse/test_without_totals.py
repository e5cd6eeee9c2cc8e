"""Orders without totals: what they show comes to what stands elsewhere, over wholes that no table has.

The attacker here is apart from kvarn: his unknowns are the finest cells there are, and every figure is a sum of some of them.
"""

from __future__ import annotations

import contextlib
import itertools
import math
import random
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from kvarn import metadata
from kvarn.analyse.disclosure.primary import primary_suppression
from kvarn.analyse.disclosure.suppression.audit import audit
from kvarn.analyse.disclosure.suppression.secondary import protection
from kvarn.analyse.disclosure.system import system_of
from kvarn.analyse.disclosure.written.audit import Published, audit_written
from kvarn.analyse.disclosure.written.relations import Key
from kvarn.analyse.disclosure.written.secrecy import secrets_of, true_counts
from kvarn.edition import Disclosure, Order, Words
from kvarn.errors import DisclosureError

WIDTH = 3
RULES = Disclosure(threshold=4, contributors=4, width=WIDTH, singletons=False, municipalities=False)
AGES = {
    **{"0-64": ("0-17", "18-64"), "65-79": ("65-69", "70-74", "75-79"), "80+": ("80-84", "85-89", "90+")},
    "65+": ("65-69", "70-74", "75-79", "80-84", "85-89", "90+"),
}
FINEST = ("0-17", "18-64", "65-69", "70-74", "75-79", "80-84", "85-89", "90+")
PROFESSIONS = tuple(
    row["code"] for row in metadata.codelist("profession").rows if row.get("accepted", "true") == "true" and row["code"] != "T"
)
Leaf = tuple[str, ...]
Table = tuple[str, tuple[str, ...], dict[str, Sequence[str]]]  # measure, variables, categories


def leaves_of(code: str) -> frozenset[str]:
    return frozenset(AGES.get(code, (code,)))


class World:
    """The finest cells of one measure, and tables that are sums of them."""

    def __init__(self, variables: Mapping[str, Mapping[str, frozenset[str]]], counts: Mapping[Leaf, int]) -> None:
        self.variables, self.counts, self.leaves = variables, counts, list(counts)

    def within(self, codes: Mapping[str, str]) -> list[int]:
        """The finest cells of a cell."""
        places = list(self.variables)
        wanted = [(places.index(name), self.variables[name][code]) for name, code in codes.items() if code != "T"]
        return [number for number, leaf in enumerate(self.leaves) if all(leaf[place] in of for place, of in wanted)]

    def frame(self, table: Table) -> pd.DataFrame:
        measure, by, categories = table
        rows = []
        for codes in itertools.product(*(categories[name] for name in by)):
            value = sum(self.counts[self.leaves[number]] for number in self.within(dict(zip(by, codes, strict=True))))
            rows.append((2023, *codes, measure, str(value), value))
        return pd.DataFrame(rows, columns=["year", *by, "measure", "value", "contributors"])

    def narrow(self, tables: Sequence[Table], withheld: set[Key], secrets: set[Key]) -> set[Key]:
        """The secrets that are told too closely, by two linear programmes over the finest cells."""
        rows: dict[Key, np.ndarray] = {}
        for measure, by, categories in tables:
            for codes in itertools.product(*(categories[name] for name in by)):
                row = np.zeros(len(self.leaves))
                row[self.within(dict(zip(by, codes, strict=True)))] = 1
                held = tuple(sorted((name, code) for name, code in zip(by, codes, strict=True) if code != "T"))
                rows[measure, 2023, held] = row
        true = np.array(list(self.counts.values()), dtype=float)
        shown = [row for key, row in rows.items() if key not in withheld]
        gaps = [row for key, row in rows.items() if key in withheld]
        programme = {
            "A_eq": np.array(shown) if shown else None,
            "b_eq": np.array([row @ true for row in shown]) if shown else None,
            "A_ub": -np.array(gaps) if gaps else None,
            "b_ub": -np.ones(len(gaps)) if gaps else None,
        }
        found = set()
        for key in sorted(secrets):
            least = linprog(rows[key], **programme)
            most = linprog(-rows[key], **programme)
            assert least.status == 0
            if most.status == 0 and math.floor(-most.fun + 1e-6) - math.ceil(least.fun - 1e-6) < WIDTH:
                found.add(key)
        return found


@contextlib.contextmanager
def declared(tables: Sequence[Table]) -> Iterator[list[str]]:
    definitions = []
    for number, (measure, by, categories) in enumerate(tables):
        title = Words(sv="Prov", en="Trial")
        of = {name: tuple(codes) for name, codes in categories.items()}
        order = Order(edition="first", title=title, measures=(measure,), by=by, categories=of, years=(2023,))
        definitions.append(order.definition(f"trial-{number}"))
    with metadata.tables_beside(*definitions):
        yield [one.name for one in definitions]


def attacked(frames: Mapping[str, pd.DataFrame], withheld: set[Key], secrets: Mapping[Key, int]) -> bool:
    """Whether the audit of what was written refuses."""
    published = Published()
    for key, value in true_counts(frames).items():
        published.see(key, "" if key in withheld else str(value), "X" if key in withheld else "", "csv")
    try:
        audit_written(published, secrets)
    except DisclosureError:
        return True
    return False


def sexes_and_ages(draw: random.Random, most: int) -> World:
    variables = {
        "month": {month: frozenset({month}) for month in ("01", "02")},
        "sex": {sex: frozenset({sex}) for sex in "12"},
        "age": {age: leaves_of(age) for age in (*FINEST, *AGES)},
    }
    finest = itertools.product(("01", "02"), "12", FINEST)
    return World(variables, {leaf: draw.randint(0, most) for leaf in finest})


def by_cooperation(counts: Mapping[str, int]) -> World:
    variables = {
        "month": {"01": frozenset({"01"})},
        "cooperation": {"single": frozenset({"single"}), "joint": frozenset({"joint"})},
        "profession": {code: frozenset({code}) for code in PROFESSIONS},
    }
    return World(variables, {("01", "joint", "several"): 40, **{("01", "single", code): n for code, n in counts.items()}})


def by_code(counts: Mapping[str, int]) -> World:
    listed = metadata.codelist("procedure").rows
    leaves = {row["code"]: (row["kind"], row["group"], row["code"]) for row in listed if row["code"] != "T"}
    variables: dict[str, dict[str, frozenset[str]]] = {}
    for place, name in enumerate(("kind", "procedure_group", "procedure")):
        variables[name] = {leaf[place]: frozenset({leaf[place]}) for leaf in leaves.values()}
    return World(variables, {leaf: counts.get(code, 5) for code, leaf in leaves.items()})


def kinds_groups_and_codes() -> tuple[World, list[Table]]:
    """Of the kind `other`, one group is no other kind's, and two codes are left beside it: one of them is of two persons."""
    world = by_code({"XS012": 2, "XV028": 30})
    kinds, groups = (sorted({leaf[place] for leaf in world.leaves}) for place in (0, 1))
    return world, [
        ("procedures", ("kind",), {"kind": kinds}),
        ("procedures", ("procedure_group",), {"procedure_group": groups}),
        ("procedures", ("procedure",), {"procedure": ["XS012", "XV028"]}),
    ]


def a_month_by_sex_and_age() -> tuple[World, list[Table]]:
    world = sexes_and_ages(random.Random(1), 9)
    world.counts = dict.fromkeys(world.counts, 12) | {("01", "1", "90+"): 2}
    months = {"month": ("01", "02")}
    return world, [
        ("persons_with_procedure", ("month",), months),
        ("persons_with_procedure", ("month", "sex", "age"), {**months, "sex": ("1", "2"), "age": FINEST}),
    ]


def a_month_by_profession() -> tuple[World, list[Table]]:
    world = by_cooperation(dict.fromkeys(PROFESSIONS, 12) | {"XS912": 2})
    month = {"month": ("01",)}
    return world, [
        ("procedures", ("month",), month),
        ("procedures", ("month", "cooperation"), {**month, "cooperation": ("joint",)}),
        (
            "procedures",
            ("month", "profession", "cooperation"),
            {**month, "profession": PROFESSIONS, "cooperation": ("single",)},
        ),
    ]


CASES = [a_month_by_sex_and_age, a_month_by_profession, kinds_groups_and_codes]


@pytest.mark.parametrize("case", CASES)
def test_the_attack_on_what_was_written_adds_up_what_no_table_has(case) -> None:  # type: ignore[no-untyped-def]
    world, tables = case()
    with declared(tables) as names:
        frames = {name: world.frame(table) for name, table in zip(names, tables, strict=True)}
        secrets = secrets_of(frames, RULES)
        assert len(secrets) == 1
        assert world.narrow(tables, set(secrets), set(secrets)) == set(secrets)
        assert attacked(frames, set(secrets), secrets)


def protected(frames: Mapping[str, pd.DataFrame]) -> set[Key]:
    """What the protector withholds, and has certified."""
    problem = primary_suppression(system_of(frames), RULES)
    withheld = problem.primary | protection(problem).secondary
    audit(problem, withheld)
    return {(cell.measure, cell.year, cell.categories) for cell in withheld}


@pytest.mark.parametrize("case", CASES)
def test_the_protector_adds_it_up_too_and_withholds_more(case) -> None:  # type: ignore[no-untyped-def]
    world, tables = case()
    with declared(tables) as names:
        frames = {name: world.frame(table) for name, table in zip(names, tables, strict=True)}
        secrets, withheld = secrets_of(frames, RULES), protected(frames)
        assert set(secrets) < withheld
        assert not world.narrow(tables, withheld, set(secrets))
        assert not attacked(frames, withheld, secrets)


def random_tables(draw: random.Random) -> list[Table]:
    """Some tables of persons by month, sex and age: with totals or without, levels left out, and some categories only."""
    ages = [FINEST, ("0-64", "65-79", "80+"), ("0-64", "65+"), ("T",), ("65-79", "80-84", "85-89", "90+"), ("T", "0-64", "65+")]
    sexes = [("1", "2"), ("T",), ("1",), ("T", "1", "2")]
    found: list[Table] = []
    for _ in range(draw.randint(2, 4)):
        categories = {"month": ("01", "02"), "sex": draw.choice(sexes), "age": draw.choice(ages)}
        by = tuple(name for name, codes in categories.items() if codes != ("T",))
        found.append(("persons_with_procedure", by, {name: categories[name] for name in by}))
    return found


@pytest.mark.parametrize("seed", range(40))
def test_of_any_orders_by_sex_and_age_the_attack_finds_what_the_finest_cells_tell_and_nothing_is_left(seed: int) -> None:
    draw = random.Random(seed)
    world, tables = sexes_and_ages(draw, 12), random_tables(draw)
    with declared(tables) as names:
        frames = {name: world.frame(table) for name, table in zip(names, tables, strict=True)}
        secrets = secrets_of(frames, RULES)
        if world.narrow(tables, set(secrets), set(secrets)):
            assert attacked(frames, set(secrets), secrets)
        try:
            withheld = protected(frames)
        except DisclosureError:
            return
        assert not world.narrow(tables, withheld, set(secrets))
        assert not attacked(frames, withheld, secrets)


def random_codes(draw: random.Random) -> tuple[World, list[Table]]:
    """Procedures by kind, by group and by some codes, all small."""
    world, tables = kinds_groups_and_codes()
    kinds, groups = (tables[place][2][tables[place][1][0]] for place in (0, 1))
    world.counts = {leaf: draw.choice((0, 0, 0, 1, 2, 9)) for leaf in world.leaves}
    codes = draw.sample([leaf[2] for leaf in world.leaves], draw.randint(1, 60))
    kinds, groups = draw.sample(kinds, draw.randint(2, 3)), draw.sample(groups, draw.randint(9, len(groups)))
    wanted = {"kind": kinds, "procedure_group": groups, "procedure": codes}
    return world, [("procedures", (name,), {name: sorted(of)}) for name, of in wanted.items()]


@pytest.mark.parametrize("seed", range(20))
def test_of_any_orders_by_kind_group_and_code_nothing_is_left(seed: int) -> None:
    world, tables = random_codes(random.Random(seed))
    with declared(tables) as names:
        frames = {name: world.frame(table) for name, table in zip(names, tables, strict=True)}
        secrets = secrets_of(frames, RULES)
        if world.narrow(tables, set(secrets), set(secrets)):
            assert attacked(frames, set(secrets), secrets)
        try:
            withheld = protected(frames)
        except DisclosureError:
            return
        # What the protector does not see, the attack on what was written does: nothing of it goes out.
        assert attacked(frames, withheld, secrets) or not world.narrow(tables, withheld, set(secrets))
