"""Editions and orders of one year's procedures, each by rules of its own, from persons of whom everything is known."""

from __future__ import annotations

import csv
import io
import itertools
import json
import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from kvarn import metadata
from kvarn.analyse import protect_order, protect_tables
from kvarn.analyse._columns import LARGEST
from kvarn.analyse.disclosure.memory.kept import Memory
from kvarn.analyse.disclosure.memory.orders import keep_delivery, memories_of
from kvarn.edition import Disclosure, Order, Words
from kvarn.errors import DisclosureError

# Categories, totals left out; and what a person has had of each finest kind.
Codes = tuple[tuple[str, str], ...]
Table = Mapping[str, tuple[str, ...]]
YEAR = 2023
CODES = {"sex": ("1", "2"), "cooperation": ("single", "joint"), "kind": ("assessing", "treating", "other")}
FINEST = [tuple(zip(CODES, codes, strict=True)) for codes in itertools.product(*CODES.values())]


@dataclass(frozen=True, eq=False)
class Person:
    """Somebody in one place, with so many procedures of each finest kind."""

    place: int
    had: Mapping[Codes, int]


@dataclass(frozen=True, eq=False)
class Register:
    """Everybody, as they were known at one time."""

    people: tuple[Person, ...]

    def figures(self, cell: Codes) -> tuple[int, ...]:
        """The procedures of a cell, the persons behind it, and its largest contributors: persons, and places."""
        each = [(one.place, sum(n for of, n in one.had.items() if set(cell) <= set(of))) for one in self.people]
        places = Counter[int]()
        for place, number in each:
            places[place] += number
        persons, of_places = (sorted((n for n in of if n), reverse=True) for of in ([n for _, n in each], places.values()))
        return sum(persons), len(persons), *_largest(persons), *_largest(of_places)

    def table(self, by: Table, rules: Disclosure) -> pd.DataFrame:
        rows = []
        for codes in itertools.product(*by.values()):
            rows.append((YEAR, *codes, "procedures", *self.figures(cell_of(dict(zip(by, codes, strict=True))))))
        frame = pd.DataFrame(rows, columns=["year", *by, "measure", "value", "contributors", *LARGEST])
        frame = frame.astype({"value": str, "year": "int32"})
        return frame if rules.of_dominance else frame.drop(columns=list(LARGEST))


def cell_of(codes: Mapping[str, str]) -> Codes:
    return tuple(sorted((name, code) for name, code in codes.items() if code != "T"))


def _largest(amounts: list[int]) -> tuple[int, int]:
    return sum(amounts[:1]), sum(amounts[:2])


def needs(register: Register, cell: Codes, rules: Disclosure) -> int:
    """How wide the interval of a cell has to be by rules, told from the persons; 0 where it tells of nobody."""
    value, persons, *shares = register.figures(cell)
    least = rules.contributors
    for name, code in cell:
        special = rules.sensitive.get(name)
        if special is not None and (special.codes is None or code in special.codes):
            least = max(least, special.contributors)
    secret, width = value > 0 and persons < least, float(rules.width)
    if secret:
        width = max(width, value * rules.amount_width_per_cent / 100)
    for one, two in (shares[:2], shares[2:]):
        if rules.dominance is not None and value:
            secret |= (one, two)[rules.dominance.n - 1] * 100 > rules.dominance.per_cent * value
        if rules.p_per_cent is not None and value:
            secret |= (value - two) * 100 < rules.p_per_cent * one
            width = max(width, one * rules.p_per_cent / 100)
    return math.ceil(width - 1e-9) if secret else 0


def needs_up(register: Register, cell: Codes, rules: Disclosure) -> float:
    """How far beyond its figure the interval of a cell has to reach by rules: so far that with the greatest figure that it can be
    the largest have no more than their share, and the second largest is as far off the largest as the p % rule says."""
    value, _, *shares = register.figures(cell)
    up = 0.0
    for one, two in (shares[:2], shares[2:]) if value else ():
        if rules.dominance is not None:
            up = max(up, 100 * (one, two)[rules.dominance.n - 1] / rules.dominance.per_cent - value)
        if rules.p_per_cent is not None:
            second = two - one
            up = max(up, one * (1 + rules.p_per_cent / 100) + second - value)
    return up


@dataclass
class Publication:
    """What an edition, or an order, showed (None: withheld), from which register and by which rules."""

    register: Register
    rules: Disclosure
    shown: dict[Codes, int | None]


@dataclass
class Office:
    """Publishes by the true protector; each table must be declared (`definitions`)."""

    root: Path
    published: list[Publication] = field(default_factory=list)
    risks: set[str] = field(default_factory=set)
    editions: list[str] = field(default_factory=list)
    refused: int = 0

    @property
    def restricted(self) -> Path:
        return self.root / "restricted"

    def edition(self, register: Register, rules: Disclosure, by: Table, table: str = "edition") -> dict[Codes, int | None]:
        """The next edition, with one table."""
        name = f"edition-{len(self.editions)}"
        tables, report = self.restricted / name / "tables", self.restricted / name / "disclosure-report.json"
        tables.mkdir(parents=True)
        _write(tables / f"{table}.parquet", register.table(by, rules))
        own = rules.model_copy(update={"earlier": tuple(self.editions)})
        into, orders = self.root / "build" / name, self.restricted / "orders"
        protect_tables(tables, into, disclosure=own, synthetic=False, report=report, orders=orders)
        self.editions.append(name)
        return self._out(register, rules, (into / f"{table}.csv").read_bytes(), report.read_bytes())

    def order(
        self, name: str, register: Register, rules: Disclosure, by: Table, edition: Table, of_edition: str = "edition"
    ) -> dict[Codes, int | None]:
        """One table from the last edition, which has the table `edition`; nothing where it is refused."""
        last, orders = self.editions[-1], self.restricted / "orders"
        own = rules.model_copy(update={"earlier": tuple(self.editions[:-1])})
        kept = Memory(self.restricted / last / "disclosure", last)
        memories = [kept, *memories_of(self.restricted, last, own.earlier, orders, synthetic=False)]
        table, tables = register.table(by, rules), {of_edition: register.table(edition, rules)}
        try:
            made = protect_order(name, table, tables, memories, disclosure=own, synthetic=False)
        except DisclosureError:
            self.refused += 1
            return {}
        about = {"edition": last, "synthetic": False}
        keep_delivery(orders, name, about, definition(name, by), kept.folder, b"", made.keep)
        return self._out(register, rules, made.sheet, made.report)

    def _out(self, register: Register, rules: Disclosure, sheet: bytes, report: bytes) -> dict[Codes, int | None]:
        found: dict[Codes, int | None] = {}
        for row in csv.DictReader(io.StringIO(sheet.decode())):
            cell = cell_of({name: row[name] for name in CODES if name in row})
            found[cell] = int(row["value"]) if row["status"] == "" else None
        self.published.append(Publication(register, rules, found))
        self.risks |= {re.sub(r", edition [\w/-]+", "", one) for one in json.loads(report)["residual_risk"]}
        return found


def definition(name: str, by: Table) -> metadata.TableDefinition:
    words = Words(sv=f"{name} {{years}}", en=f"{name} {{years}}")
    order = Order(
        edition="first", title=words, measures=("procedures",), by=tuple(by), categories={**by}, years=(YEAR,)
    )  # fmt: skip
    return order.definition(name)


def _write(path: Path, frame: pd.DataFrame) -> None:
    types = {"year": pa.int32(), "contributors": pa.int64(), **{column: pa.int64() for column in LARGEST}}
    schema = pa.schema([(column, types.get(column, pa.string())) for column in frame.columns])
    pq.write_table(pa.Table.from_pandas(frame, schema=schema, preserve_index=False).replace_schema_metadata(None), path)
