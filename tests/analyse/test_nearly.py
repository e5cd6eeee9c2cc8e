"""Whoever takes a county for the sum of its municipalities is nearly always right, and must not compute a secret either."""

from __future__ import annotations

import csv
import io
import json
import random
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from kvarn import metadata
from kvarn.analyse import protect_order, protect_tables
from kvarn.analyse._tables import complete_table, write_table
from kvarn.analyse.disclosure.memory.kept import Memory, rules_of
from kvarn.analyse.disclosure.memory.orders import keep_delivery, memories_of
from kvarn.analyse.disclosure.system import system_of
from kvarn.analyse.disclosure.written.audit import Published, ToldTooClosely, audit_written, read_csv
from kvarn.analyse.disclosure.written.nearly import lines_taken_for_sums
from kvarn.analyse.disclosure.written.secrecy import secrets_of, true_counts
from kvarn.edition import Disclosure, Order, Words
from kvarn.errors import InputError

COUNTY = "22"
PLACES = ("2260", "2262", "2280", "2281", "2282", "2283", "2284")
SEXES = ("T", "1", "2")
# The persons of each place and sex; of the county too, where some are in two municipalities.
Counts = Mapping[tuple[str, str], int]
Shown = dict[tuple[str, str], int | None]
RULES = Disclosure()


def counts(seed: int, twice: int = 0) -> dict[tuple[str, str], int]:
    """A county, of whom so many men are in two of its municipalities."""
    draw = random.Random(seed)
    found = {(place, sex): draw.choice((1, 2, 3, *range(4, 30))) for place in PLACES for sex in "12"}
    found |= {(COUNTY, sex): sum(found[place, sex] for place in PLACES) - (twice if sex == "1" else 0) for sex in "12"}
    return found | {(place, "T"): found[place, "1"] + found[place, "2"] for place in (COUNTY, *PLACES)}


def order_of(name: str, sexes: tuple[str, ...]) -> Order:
    return Order(
        edition="first",
        title=Words(sv=f"{name}, {{years}}", en=f"{name}, {{years}}"),
        measures=("persons",),
        by=("region", "sex"),
        categories={"region": (COUNTY, *PLACES), "sex": sexes},
        years=(2023,),
    )


ORDERS = {"by-place": order_of("by-place", ("T",)), "by-sex": order_of("by-sex", SEXES), "men": order_of("men", ("1",))}


def table(name: str, of: Counts) -> pd.DataFrame:
    order = ORDERS[name]
    rows = [
        (2023, place, sex, "persons", of[place, sex], of[place, sex])
        for place in order.categories["region"]
        for sex in order.categories["sex"]
    ]
    columns = ["year", "region", "sex", "measure", "value", "contributors"]
    return complete_table(name, pd.DataFrame(rows, columns=columns))


class Office:
    """Editions of one table, and an order."""

    def __init__(self, root: Path, rules: Disclosure = RULES) -> None:
        self.restricted, self.build, self.rules = root / "restricted", root / "build", rules
        self.orders, self.out = self.restricted / "orders", list[str]()

    def publish(self, edition: str, name: str, of: Counts) -> Shown:
        folder = self.restricted / edition
        (folder / "tables").mkdir(parents=True)
        write_table(folder / "tables" / f"{name}.parquet", table(name, of))
        protect_tables(
            folder / "tables",
            self.build / edition,
            disclosure=self.rules.model_copy(update={"earlier": tuple(self.out)}),
            synthetic=False,
            report=folder / "disclosure-report.json",
            orders=self.orders,
        )
        self.out.append(edition)
        return read((self.build / edition / f"{name}.csv").read_text(encoding="utf-8"))

    def order(self, name: str, of: Counts, edition: str, beside: str) -> Shown:
        own = Memory(self.restricted / edition / "disclosure", edition)
        memories = [own, *memories_of(self.restricted, edition, tuple(self.out[:-1]), self.orders, synthetic=False)]
        made = protect_order(name, table(name, of), {beside: table(beside, of)}, memories, disclosure=self.rules, synthetic=False)
        about = {"edition": edition, "synthetic": False}
        keep_delivery(self.orders, name, about, ORDERS[name].definition(name), own.folder, b"", made.keep)
        return read(made.sheet.decode())


@pytest.fixture(autouse=True)
def _declared() -> object:
    with metadata.tables_beside(*(order.definition(name) for name, order in ORDERS.items())):
        yield


def read(sheet: str) -> Shown:
    rows = csv.DictReader(io.StringIO(sheet))
    return {(row["region"], row["sex"]): int(row["value"]) if row["status"] == "" else None for row in rows}


def told(*registers: tuple[Counts, Sequence[Shown]]) -> list[tuple[str, str]]:
    """The secrets that lie in an interval narrower than is wanted, to whoever takes the county for the sum.

    Each register is what was true, and all that was published of it. The same figure in two registers is one unknown.
    """
    names: dict[tuple[tuple[str, str], int], int] = {}

    def of(true: Counts, cell: tuple[str, str]) -> int:
        return names.setdefault((cell, true[cell]), len(names))

    sums: list[tuple[int, list[int]]] = []
    known: dict[int, int] = {}
    for true, shown in registers:
        for place in (COUNTY, *PLACES):
            sums.append((of(true, (place, "T")), [of(true, (place, sex)) for sex in "12"]))
        for sex in SEXES:
            if true[COUNTY, sex] == sum(true[place, sex] for place in PLACES):
                sums.append((of(true, (COUNTY, sex)), [of(true, (place, sex)) for place in PLACES]))
        known |= {of(true, cell): value for one in shown for cell, value in one.items() if value is not None}
    held = {of(true, cell) for true, shown in registers for one in shown for cell, value in one.items() if value is None}
    matrix = np.zeros((len(sums), len(names)))
    for row, (whole, parts) in enumerate(sums):
        matrix[row, whole] = 1
        matrix[row, parts] = -1
    bounds: list[tuple[int, int | None]] = [(known.get(one, int(one in held)), known.get(one)) for one in range(len(names))]
    found = []
    for (cell, value), one in names.items():
        if one in held and 0 < value < RULES.threshold:
            ends = []
            for sign in (1, -1):
                cost = np.zeros(len(names))
                cost[one] = sign
                done = linprog(cost, A_eq=matrix, b_eq=np.zeros(len(sums)), bounds=bounds)
                ends.append(sign * done.fun if done.status == 0 else sign * -np.inf)
            if ends[1] - ends[0] < RULES.width - 1e-6:
                found.append(cell)
    return found


def test_no_secret_is_told_to_whoever_takes_the_county_for_the_sum(tmp_path: Path) -> None:
    without = RULES.model_copy(update={"taken_for_sums": 0.0})
    found = dict[bool, int]()
    for rules in (RULES, without):
        of = {seed: counts(seed) for seed in range(12)}
        shown = {seed: Office(tmp_path / f"{rules is RULES}{seed}", rules).publish("first", "by-sex", of[seed]) for seed in of}
        found[rules is RULES] = sum(len(told((of[seed], [shown[seed]]))) for seed in of)
    assert found[True] == 0
    assert found[False] > 0, "a check of the attacker"


def test_what_is_not_nearly_a_sum_is_taken_for_none(tmp_path: Path) -> None:
    of = counts(3, twice=30)
    office = Office(tmp_path / "with")
    office.publish("first", "by-sex", of)
    without = Office(tmp_path / "without", RULES.model_copy(update={"taken_for_sums": 0.0}))
    without.publish("first", "by-sex", of)
    assert len({(one.build / "first" / "by-sex.csv").read_bytes() for one in (office, without)}) == 1
    # Whoever answers for it is told that it is not assumed, and why.
    for twice, said in ((30, r"[1-9]\d*\.\d per cent beyond; not taken"), (0, r"0\.0 per cent beyond; taken")):
        other = Office(tmp_path / str(twice))
        other.publish("first", "by-sex", counts(3, twice=twice))
        report = json.loads((other.restricted / "first" / "disclosure-report.json").read_text(encoding="utf-8"))
        (words,) = report["wholes_that_are_taken_for_the_sum_of_their_parts"].values()
        assert re.fullmatch(said, words)


@pytest.mark.parametrize("seed", range(4))
def test_an_order_and_a_revision_tell_no_more(seed: int, tmp_path: Path) -> None:
    first = counts(seed)
    office = Office(tmp_path)
    shown = office.publish("first", "by-place", first)
    men = office.order("men", first, "first", "by-place")
    assert told((first, [shown, men])) == []
    # Late files of one municipality: so many more men there, and in the county.
    more = 1 + seed
    late = {cell: value + more * (cell[0] in (COUNTY, PLACES[seed]) and cell[1] in "T1") for cell, value in first.items()}
    again = office.publish("second", "by-sex", late)
    assert told((first, [shown, men]), (late, [again])) == []


@pytest.mark.parametrize("seed", range(3))
def test_what_was_released_before_there_was_the_rule_stays_readable_and_tells_no_more_than_it_told(
    seed: int, tmp_path: Path
) -> None:
    """The certificate of then has no such rule, and parts of one that there is no longer."""
    of = counts(seed)
    before = Office(tmp_path, RULES.model_copy(update={"taken_for_sums": 0.0}))
    shown = before.publish("first", "by-sex", of)
    file = tmp_path / "restricted" / "first" / "disclosure" / "certificate.json"
    kept = json.loads(file.read_text(encoding="utf-8"))
    del kept["rules"]["taken_for_sums"], kept["rules"]["floor"]["taken_for_sums"]
    kept["rules"] |= {"keyed": {**kept["rules"]["keyed"], "wider": 0}, "gone": True}
    file.write_text(json.dumps(kept), encoding="utf-8")
    assert rules_of(file.parent) == RULES
    late = {cell: value + 2 * (cell[0] in (COUNTY, PLACES[seed]) and cell[1] in "T1") for cell, value in of.items()}
    now = Office(tmp_path)
    now.out = ["first"]
    again = now.publish("second", "by-sex", late)
    assert set(told((of, [shown]), (late, [again]))) <= set(told((of, [shown])))
    kept["rules"]["width"] = "three"
    file.write_text(json.dumps(kept), encoding="utf-8")
    with pytest.raises(InputError, match="damaged"):
        rules_of(file.parent)


def test_the_audit_refuses_what_was_protected_without_it(tmp_path: Path) -> None:
    refused = 0
    for seed in range(12):
        of = counts(seed)
        office = Office(tmp_path / f"{seed}", RULES.model_copy(update={"taken_for_sums": 0.0}))
        shown = office.publish("first", "by-sex", of)
        published, tables = Published(), {"by-sex": table("by-sex", of)}
        read_csv(office.build / "first", published)
        secrets = secrets_of(tables, RULES)
        audit_written(published, secrets)
        taken = lines_taken_for_sums(true_counts(tables), RULES.taken_for_sums)
        if told((of, [shown])):
            refused += 1
            with pytest.raises(ToldTooClosely):
                audit_written(published, secrets, taken=taken)
        else:
            audit_written(published, secrets, taken=taken)
    assert refused


@pytest.mark.parametrize("share", [0.0, 0.02, 0.2])
@pytest.mark.parametrize("seed", range(3))
def test_protector_and_audit_take_the_same_for_sums_and_nothing_that_is_not_true(seed: int, share: float) -> None:
    of = counts(seed, twice=seed)
    # One municipality is in no table: the others are no more than the county.
    frame = table("by-sex", of)
    tables = {"by-sex": frame[(frame["region"] != PLACES[0]) | (seed == 0)].reset_index(drop=True)}
    figures = true_counts(tables)
    lines = lines_taken_for_sums(figures, share)
    stated = {(frozenset(line.terms.items()), line.exact) for line in lines}
    alone = set(system_of(tables).relations)
    assumed = [one for one in system_of(tables, share).relations if one not in alone]
    terms = [{((cell.measure, cell.year, cell.categories), float(entry)) for cell, entry in one.terms} for one in assumed]
    assert {(frozenset(one), relation.exact) for one, relation in zip(terms, assumed, strict=True)} == stated
    assert bool(stated) == bool(share)
    for line in lines:
        come_to = sum(entry * figures[key] for key, entry in line.terms.items())
        assert come_to == 0 if line.exact else come_to >= 0
