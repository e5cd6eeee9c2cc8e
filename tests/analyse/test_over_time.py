"""Preliminary, final and revised figures of one year, and the orders between, against an attacker who keeps them all."""

from __future__ import annotations

import csv
import io
import json
import random
import re
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import pytest

from kvarn import metadata
from kvarn.analyse import protect_order, protect_tables
from kvarn.analyse._tables import complete_table, write_table
from kvarn.analyse.disclosure.memory.kept import Memory
from kvarn.analyse.disclosure.memory.orders import keep_delivery, memories_of
from kvarn.edition import Disclosure, Order, Words
from kvarn.errors import DisclosureError

from .attacker_over_time import COOPERATION, COUNTY, MUNICIPALITIES, SEXES, Attacker, Cell, differences

LIMIT = WIDTH = 3


@dataclass(frozen=True)
class Person:
    sex: str
    # The months in each municipality.
    months: tuple[tuple[str, int], ...]
    # Of each municipality, whether by one profession or jointly.
    procedures: frozenset[tuple[str, str]]


def drawn(draw: random.Random) -> Person:
    """Most are in one municipality, a few in two; most have procedures of one kind."""
    where = draw.sample(MUNICIPALITIES, 2 if draw.random() < 0.06 else 1)
    months = tuple((one, 1 if draw.random() < 0.8 else 2) for one in where)
    kinds = COOPERATION if draw.random() < 0.08 else draw.choices(COOPERATION, weights=(3, 2))
    with_procedure = where if draw.random() < 0.8 else []
    return Person(draw.choice(SEXES), months, frozenset((one, kind) for one in with_procedure for kind in kinds))


def table_of(name: str, measures: tuple[str, ...], by: tuple[str, ...]) -> Order:
    categories = {"sex": ("T", *SEXES), "region": (COUNTY, *MUNICIPALITIES), "cooperation": ("T", *COOPERATION)}
    return Order(
        edition="first",
        title=Words(sv=f"{name}, {{years}}", en=f"{name}, {{years}}"),
        measures=measures,
        by=by,
        categories={variable: categories[variable] for variable in by},
        years=(2023,),
    )


EDITION = {
    "of-region": table_of("of-region", ("persons", "person_months"), ("region", "sex")),
    "of-cooperation": table_of("of-cooperation", ("persons_with_procedure",), ("cooperation", "sex")),
}
ORDERS = {
    "region-with-procedure": table_of("region-with-procedure", ("persons_with_procedure",), ("region", "sex")),
    "region-cooperation": table_of("region-cooperation", ("persons_with_procedure",), ("region", "cooperation")),
}


def count(people: list[Person], measure: str, region: str, sex: str, cooperation: str) -> tuple[int, int]:
    """A figure, and the persons behind it."""
    inside = set(MUNICIPALITIES) if region in (COUNTY, "00") else {region}
    found = behind = 0
    for one in people:
        if sex not in ("T", one.sex):
            continue
        months = max((months for where, months in one.months if where in inside), default=0)
        treated = any(where in inside and cooperation in ("T", kind) for where, kind in one.procedures)
        amount = {"persons": bool(months), "person_months": months, "persons_with_procedure": treated}[measure]
        found, behind = found + int(amount), behind + bool(amount)
    return found, behind


def counted(name: str, order: Order, people: list[Person]) -> pd.DataFrame:
    rows = []
    codes = {"region": "00", "sex": "T", "cooperation": "T"}
    places: list[dict[str, str]] = [codes]
    for variable in order.by:
        places = [place | {variable: code} for place in places for code in order.categories[variable]]
    for measure in order.measures:
        for place in places:
            value, behind = count(people, measure, **place)
            rows.append((2023, *(place[variable] for variable in order.by), measure, value, behind))
    return complete_table(name, pd.DataFrame(rows, columns=["year", *order.by, "measure", "value", "contributors"]))


def cells_in(sheet: bytes) -> dict[Cell, int | None]:
    found: dict[Cell, int | None] = {}
    for row in csv.DictReader(io.StringIO(sheet.decode())):
        cell = (row["measure"], row.get("region", "00"), row.get("sex", "T"), row.get("cooperation", "T"))
        found[cell] = int(row["value"]) if row["status"] == "" else None
    return found


@dataclass(frozen=True)
class Plan:
    """What one edition is: its tables, the orders from it, and the municipalities that there are in its code list."""

    name: str
    tables: tuple[str, ...]
    orders: tuple[str, ...]
    municipalities: tuple[str, ...] = MUNICIPALITIES

    def of(self, order: Order) -> Order:
        """A table with the municipalities that there are."""
        if "region" not in order.categories:
            return order
        return order.model_copy(update={"categories": {**order.categories, "region": (COUNTY, *self.municipalities)}})


class Office:
    """Publishes editions and orders of one year by the true protector."""

    def __init__(self, root: Path) -> None:
        self.root, self.restricted = root, root / "restricted"
        self.orders = self.restricted / "orders"
        self.risks: set[str] = set()
        self.refused = 0

    def publish(self, name: str, people: list[Person], earlier: tuple[str, ...], plan: Plan) -> dict[Cell, int | None]:
        folder = self.restricted / name
        (folder / "tables").mkdir(parents=True)
        for table in plan.tables:
            write_table(folder / "tables" / f"{table}.parquet", counted(table, plan.of(EDITION[table]), people))
        report = folder / "disclosure-report.json"
        protect_tables(
            folder / "tables",
            self.root / "build" / name,
            disclosure=Disclosure(earlier=earlier),
            synthetic=False,
            report=report,
            orders=self.orders,
        )
        self.risks |= set(json.loads(report.read_text())["residual_risk"])
        sheets = [path.read_bytes() for path in sorted((self.root / "build" / name).glob("*.csv"))]
        return {cell: value for sheet in sheets for cell, value in cells_in(sheet).items()}

    def order(
        self, name: str, edition: str, people: list[Person], earlier: tuple[str, ...], plan: Plan
    ) -> dict[Cell, int | None]:
        own = Memory(self.restricted / edition / "disclosure", edition)
        memories = [own, *memories_of(self.restricted, edition, earlier, self.orders, synthetic=False)]
        tables = {table: counted(table, plan.of(EDITION[table]), people) for table in plan.tables}
        rules = Disclosure(earlier=earlier)
        try:
            made = protect_order(
                name, counted(name, plan.of(ORDERS[name]), people), tables, memories, disclosure=rules, synthetic=False
            )
        except DisclosureError:
            self.refused += 1
            return {}
        about = {"edition": edition, "synthetic": False}
        keep_delivery(self.orders, name, about, ORDERS[name].definition(name), own.folder, b"", made.keep)
        self.risks |= set(json.loads(made.report)["residual_risk"])
        return cells_in(made.sheet)


def revised(people: list[Person], draw: random.Random) -> list[Person]:
    """A few persons come, go, or turn out to be otherwise."""
    kept = [one for one in people if draw.random() > 0.04]
    kept += [drawn(draw) for _ in range(draw.randrange(6))]
    return kept


EDITIONS = ("preliminary", "final", "revised")


def at_random(draw: random.Random) -> list[Plan]:
    """Every edition shows all tables, and any orders come between."""
    return [Plan(name, tuple(EDITION), tuple(drawn_from(draw, ORDERS))) for name in EDITIONS]


def drawn_from(draw: random.Random, names: Mapping[str, object], least: int = 0) -> list[str]:
    return draw.sample(sorted(names), draw.randrange(least, len(names) + 1))


def coarse_then_fine(draw: random.Random) -> list[Plan]:
    """An order before a revision, and a finer one after it; or the finer one first."""
    first, second = draw.sample(sorted(ORDERS), 2)
    return [
        Plan("preliminary", tuple(EDITION), (first,)),
        Plan("final", tuple(EDITION), ()),
        Plan("revised", tuple(EDITION), (second,)),
    ]


def order_then_edition(draw: random.Random) -> list[Plan]:
    """The first edition shows little of the year, orders show more, and then comes the year's whole edition."""
    little = (draw.choice(sorted(EDITION)),)
    return [
        Plan("preliminary", little, tuple(drawn_from(draw, ORDERS, 1))),
        Plan("final", tuple(EDITION), ()),
        Plan("revised", tuple(drawn_from(draw, EDITION, 1)), tuple(drawn_from(draw, ORDERS))),
    ]


def merged(draw: random.Random) -> list[Plan]:
    """From the second edition on, the code list has two municipalities as one; or has one as two."""
    fewer = MUNICIPALITIES[:-1]
    plans = [replace(plan, municipalities=fewer if number else MUNICIPALITIES) for number, plan in enumerate(at_random(draw))]
    if draw.random() < 0.5:
        plans = [replace(plan, municipalities=MUNICIPALITIES if number else fewer) for number, plan in enumerate(plans)]
    return plans


def in_list(people: list[Person], municipalities: tuple[str, ...]) -> list[Person]:
    """The persons by the code list of an edition: what it does not have belongs to the last that it has."""

    def code(where: str) -> str:
        return where if where in municipalities else municipalities[-1]

    found = []
    for one in people:
        months: dict[str, int] = {}
        for where, number in one.months:
            months[code(where)] = max(number, months.get(code(where), 0))
        found.append(Person(one.sex, tuple(months.items()), frozenset((code(where), kind) for where, kind in one.procedures)))
    return found


def told(
    root: Path, seed: int, planned: Callable[[random.Random], list[Plan]] = at_random, still: bool = False
) -> tuple[list[str], int, Office]:
    """What the attacker tells of the secrets of every register, and how many secrets there were; `still` revises nothing."""
    draw, attacker, office = random.Random(seed), Attacker(), Office(root)
    people = [drawn(draw) for _ in range(draw.randrange(30, 120))]
    plans = planned(random.Random(f"{planned.__name__} {seed}")) if planned is not at_random else None
    earlier: tuple[str, ...] = ()
    registers: list[tuple[dict[Cell, int], set[Cell]]] = []
    definitions = [order.definition(name) for name, order in {**EDITION, **ORDERS}.items()]
    with ExitStack() as stack:
        stack.enter_context(metadata.tables_beside(*definitions))
        for number, name in enumerate(EDITIONS):
            plan = plans[number] if plans else Plan(name, tuple(EDITION), ())
            there = in_list(people, plan.municipalities)
            figures = _figures(there)
            shown = office.publish(name, there, earlier, plan)
            attacker.read(figures, shown)
            cells = set(shown)
            for order in plan.orders if plans else draw.sample(sorted(ORDERS), draw.randrange(len(ORDERS) + 1)):
                ordered = office.order(order, name, there, earlier, plan)
                attacker.read(figures, ordered)
                cells |= set(ordered)
            # He knows, too, what has not been revised of what only earlier publications have, and that it is part of today's.
            attacker.state(figures, cells | {one for then, seen in registers for one in seen if then[one] == figures[one]})
            if still:
                for before in registers:
                    attacker.knows_of_merged(before, (figures, cells))
            registers.append((figures, cells))
            earlier, people = (*earlier, name), people if still else revised(people, draw)
    return _narrow(attacker, registers), sum(len(cells) for _, cells in registers), office


def _figures(people: list[Person]) -> dict[Cell, int]:
    regions, sexes, kinds = ("00", COUNTY, *MUNICIPALITIES), ("T", *SEXES), ("T", *COOPERATION)
    measures = ("persons", "person_months", "persons_with_procedure")
    return {
        (measure, region, sex, kind): count(people, measure, region, sex, kind)[0]
        for measure in measures
        for region in regions
        for sex in sexes
        for kind in kinds
    }


def _narrow(attacker: Attacker, registers: list[tuple[dict[Cell, int], set[Cell]]]) -> list[str]:
    found = []
    asked: dict[object, None] = {}
    for figures, cells in registers:
        secrets: list[Mapping[Cell, int]] = [{cell: 1} for cell in sorted(cells) if 0 < figures[cell] <= LIMIT]
        secrets += [terms for terms in differences(cells) if 0 < sum(figures[cell] * n for cell, n in terms.items()) <= LIMIT]
        for terms in secrets:
            versions = {(cell, figures[cell]): entry for cell, entry in terms.items()}
            key = tuple(sorted(versions.items()))
            if key in asked:
                continue
            asked[key] = None
            least, most = attacker.interval(versions)
            if most - least < WIDTH:
                found.append(in_words(terms))
    return found


def in_words(terms: Mapping[Cell, int]) -> str:
    """A cell, a difference or an overlap as the officer's report names it."""
    wholes, parts = ([named(cell) for cell, entry in terms.items() if entry == sign] for sign in (1, -1))
    if not parts:
        return wholes[0]
    if len(wholes) == 1 and not (wholes[0].startswith("person_months") and parts[0].startswith("persons, ")):
        return f"what is left of {wholes[0]} without {' and '.join(parts)}"
    together = " together" if len(wholes) > 1 else ""
    return f"what is counted beyond {parts[0]} in {' and '.join(wholes)}{together}"


def named(cell: Cell) -> str:
    measure, *codes = cell
    of = sorted(zip(("region", "sex", "cooperation"), codes, strict=True))
    return ", ".join([measure, "2023", *(f"{name} {code}" for name, code in of if code not in ("00", "T"))])


SCENES = [coarse_then_fine, order_then_edition, merged]
LONG = [pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 60)]


@pytest.mark.parametrize("seed", [0, *LONG])
@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("still", [False, True])
def test_whatever_comes_first_and_whatever_the_code_lists_no_secret_is_told_that_is_not_reported(
    tmp_path: Path, seed: int, scene: Callable[[random.Random], list[Plan]], still: bool
) -> None:
    """Of editions by several code lists the attacker knows which municipality became part of which."""
    found, cells, office = told(tmp_path, seed, scene, still)
    reported = {re.sub(r", edition [\w/-]+", "", risk) for risk in office.risks}
    assert set(found) <= reported and cells > 40


@pytest.mark.parametrize("seed", [1, 2, 5, *(pytest.param(seed, marks=pytest.mark.long) for seed in (3, 4, 6))])
def test_nobody_who_keeps_every_publication_can_tell_a_secret_of_any_of_them(tmp_path: Path, seed: int) -> None:
    found, cells, office = told(tmp_path, seed)
    assert cells > 100 and office.risks == set()
    assert found == []


@pytest.mark.parametrize("seed", [0, 54, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(20, 320) if seed != 54)])
def test_what_can_be_told_all_the_same_was_out_before_and_is_reported(tmp_path: Path, seed: int) -> None:
    """Where figures that cannot be taken back leave no room, the officer reads it: of each secret by its own name."""
    found, _, office = told(tmp_path, seed)
    reported = {re.sub(r", edition [\w/-]+", "", risk) for risk in office.risks}
    assert set(found) <= reported


def test_the_attacker_tells_secrets_of_what_nobody_protected(tmp_path: Path) -> None:
    """A check of the attacker: everything but the small counts themselves is shown."""
    people = [drawn(random.Random(seed)) for seed in range(60)]
    figures = _figures(people)
    cells = {cell for cell in figures if cell[1] != "00" and cell[3] == "T" and cell[0] != "persons_with_procedure"}
    attacker = Attacker()
    attacker.read(figures, {cell: None if 0 < figures[cell] <= LIMIT else figures[cell] for cell in cells})
    attacker.state(figures, cells)
    assert len(_narrow(attacker, [(figures, cells)])) > 10
