"""Late procedures: whoever knows which part was not revised when the whole was learns no more than if nothing had come."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
import pytest

from kvarn import metadata
from kvarn.analyse import protect_order, protect_tables
from kvarn.analyse._tables import complete_table, write_table
from kvarn.analyse.disclosure.memory.kept import Memory
from kvarn.analyse.disclosure.memory.orders import keep_delivery, memories_of
from kvarn.edition import Disclosure, Order, Words

DAYS, KINDS = tuple("1234567"), ("single", "joint")
# Procedures of men by weekday and cooperation. Day 2 has five, of three persons; so day 5, the least of the others, is withheld
# with it in an order by weekday.
MEN: Mapping[tuple[str, str], int] = {
    **{(day, kind): 12 + 8 * (kind == "single") + int(day) for day in DAYS for kind in KINDS},
    ("2", "single"): 3,
    ("2", "joint"): 2,
    ("5", "single"): 9,
    ("5", "joint"): 6,
}
BY_SEX, BY_DAY, BY_KIND = "men-and-women", "men-by-day", "men-by-kind"
Shown = dict[tuple[str, ...], int | None]


def order_of(name: str, by: tuple[str, ...], categories: dict[str, tuple[str, ...]]) -> Order:
    return Order(
        edition="first",
        title=Words(sv=f"{name}, {{years}}", en=f"{name}, {{years}}"),
        measures=("procedures",),
        by=by,
        categories=categories,
        years=(2023,),
    )


ORDERS = {
    BY_SEX: order_of(BY_SEX, ("sex",), {"sex": ("T", "1", "2")}),
    BY_DAY: order_of(BY_DAY, ("sex", "weekday"), {"sex": ("1",), "weekday": DAYS}),
    BY_KIND: order_of(BY_KIND, ("sex", "weekday", "cooperation"), {"sex": ("1",), "weekday": ("5",), "cooperation": KINDS}),
}


def counted(name: str, men: Mapping[tuple[str, str], int]) -> pd.DataFrame:
    def persons(procedures: int) -> int:
        return min(procedures, 3) if procedures <= 5 else 5 + procedures // 10

    rows: list[tuple[object, ...]] = []
    everything = sum(men.values())
    if name == BY_SEX:
        rows = [("T", everything + 300), ("1", everything), ("2", 300)]
    if name == BY_DAY:
        rows = [("1", day, sum(men[day, kind] for kind in KINDS)) for day in DAYS]
    if name == BY_KIND:
        rows = [("1", "5", kind, men["5", kind]) for kind in KINDS]
    full = [(2023, *row[:-1], "procedures", row[-1], persons(int(str(row[-1])))) for row in rows]
    return complete_table(name, pd.DataFrame(full, columns=["year", *ORDERS[name].by, "measure", "value", "contributors"]))


class Office:
    """Editions with tables of the country, and orders between them."""

    def __init__(self, root: Path) -> None:
        self.restricted, self.build, self.earlier = root / "restricted", root / "build", ()
        self.orders = self.restricted / "orders"

    def publish(self, edition: str, men: Mapping[tuple[str, str], int], tables: Sequence[str] = (BY_SEX,)) -> Shown:
        folder, into = self.restricted / edition, self.build / edition
        for name in tables:
            (folder / "tables").mkdir(parents=True, exist_ok=True)
            write_table(folder / "tables" / f"{name}.parquet", counted(name, men))
        rules, report = Disclosure(earlier=self.earlier), folder / "disclosure-report.json"
        protect_tables(folder / "tables", into, disclosure=rules, synthetic=False, report=report, orders=self.orders)
        return {cell: value for name in tables for cell, value in read((into / f"{name}.csv").read_text()).items()}

    def order(self, name: str, edition: str, men: Mapping[tuple[str, str], int]) -> Shown:
        own, rules = Memory(self.restricted / edition / "disclosure", edition), Disclosure(earlier=self.earlier)
        memories = [own, *memories_of(self.restricted, edition, self.earlier, self.orders, synthetic=False)]
        tables = {BY_SEX: counted(BY_SEX, men)}
        made = protect_order(name, counted(name, men), tables, memories, disclosure=rules, synthetic=False)
        about = {"edition": edition, "synthetic": False}
        keep_delivery(self.orders, name, about, ORDERS[name].definition(name), own.folder, b"", made.keep)
        return read(made.sheet.decode())

    def revise(self, edition: str) -> None:
        self.earlier = (*self.earlier, edition)


def read(sheet: str) -> Shown:
    return {
        tuple(code for name, code in row.items() if name in ("sex", "weekday", "cooperation")): int(row["value"])
        if row["status"] == ""
        else None
        for row in csv.DictReader(io.StringIO(sheet))
    }


def with_late(men: Mapping[tuple[str, str], int], day: str, kind: str = "single", more: int = 1) -> dict[tuple[str, str], int]:
    return {**men, (day, kind): men[day, kind] + more}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


@pytest.mark.parametrize("by_day", ["order", "edition"])
@pytest.mark.parametrize("late", [(), ("7",), ("7", "7"), ("6", "1"), ("2",)], ids=lambda days: "-".join(days) or "nothing")
def test_no_part_of_a_day_that_was_not_revised_tells_another_day(office: Office, late: tuple[str, ...], by_day: str) -> None:
    """The days are published before, by an order or by an edition that has them alone; their kinds after the late procedures."""
    men = dict(MEN)
    with metadata.tables_beside(*(order.definition(name) for name, order in ORDERS.items())):
        first = office.publish("first", men, (BY_SEX, BY_DAY) if by_day == "edition" else (BY_SEX,))
        days = first if by_day == "edition" else office.order(BY_DAY, "first", men)
        assert days["1", "2"] is None and days["1", "5"] is None
        last = "first"
        for number, day in enumerate(late, 2):
            men = with_late(men, day)
            office.revise(last)
            last = f"edition-{number}"
            office.publish(last, men)
        kinds = office.order(BY_KIND, last, men)
    assert None in kinds.values()


def test_a_day_that_was_revised_is_shown_by_kind(office: Office) -> None:
    """Its figure of before cannot be that of today: of what it is today nothing follows for then, but that it was other."""
    with metadata.tables_beside(*(order.definition(name) for name, order in ORDERS.items())):
        office.publish("first", MEN)
        office.order(BY_DAY, "first", MEN)
        men = with_late(with_late(MEN, "5", "joint", 20), "7", "single", 5)
        office.revise("first")
        office.publish("second", men)
        assert None not in office.order(BY_KIND, "second", men).values()
