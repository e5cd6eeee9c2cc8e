"""A store of accepted rows and the log of deliveries, written by hand as intake writes them."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from kvarn.process import derived_key, number_persons, register_year

KEY = derived_key("test")
Act = tuple[str, str, str, str, str]  # identity number, date, procedure, profession, further professions

PERSONS = pa.schema(
    [
        ("file", pa.int32()),
        ("line", pa.int32()),
        ("municipality", pa.string()),
        ("identity_number", pa.string()),
        ("year", pa.int16()),
        ("month", pa.int8()),
    ]
)
PROCEDURES = pa.schema(
    [
        ("file", pa.int32()),
        ("line", pa.int32()),
        ("municipality", pa.string()),
        ("identity_number", pa.string()),
        ("date", pa.date32()),
        ("procedure", pa.string()),
        ("profession", pa.string()),
        ("further_professions", pa.string()),
    ]
)
LOG = pa.schema(
    [
        ("file", pa.int32()),
        ("delivery", pa.int32()),
        ("name", pa.string()),
        ("sha256", pa.string()),
        ("bytes", pa.int64()),
        ("type", pa.string()),
        ("municipality", pa.string()),
        ("year", pa.int16()),
        ("month", pa.int8()),
        ("verdict", pa.string()),
        ("received", pa.int64()),
        ("accepted", pa.int64()),
        ("rejected", pa.int64()),
        ("arrived", pa.date32()),
        ("in_force", pa.bool_()),
        ("rows", pa.string()),
        ("source", pa.string()),
    ]
)


def number(born: str, birth_number: int) -> str:
    """An identity number with the right check digit."""
    nine = f"{born}{birth_number:03d}"
    total = 0
    for place, digit in enumerate(nine[2:]):
        product = int(digit) * (2 if place % 2 == 0 else 1)
        total += product // 10 + product % 10
    return nine + str(-total % 10)


def pseudonym(identity: str, key: bytes = KEY) -> str:
    return hashlib.blake2b(identity.encode(), digest_size=16, key=key).hexdigest()


@dataclass
class Delivery:
    number: int
    type: str
    municipality: str
    year: int
    month: int
    rows: list[tuple[int, ...]]
    accepted: bool = True
    in_force: bool = True
    parcel: str | None = None

    @property
    def name(self) -> str:
        return f"{self.type}_{self.municipality}_{self.year}{self.month:02}.txt"


@dataclass
class Intake:
    """Deliveries in the order in which they came; a later one for the same municipality, month and type replaces the earlier."""

    root: Path
    deliveries: list[Delivery] = field(default_factory=list)
    first_number: int = 1

    @property
    def store(self) -> Path:
        return self.root / "store"

    @property
    def collected(self) -> Path:
        return self.root / "collected"

    def months(self, municipality: str, year: int, month: int, people: Sequence[str], *, accepted: bool = True) -> Delivery:
        """A KHSL1, its rows on lines 1, 2, 3 …"""
        rows = [(line, municipality, who, year, month) for line, who in enumerate(people, 1)]
        return self._come(Delivery(self._next, "KHSL1", municipality, year, month, rows, accepted))

    def acts(self, municipality: str, year: int, month: int, acts: Sequence[Act]) -> Delivery:
        """A KHSL2, its rows on every second line: the others were rejected."""
        rows = [
            (2 * place, municipality, who, dt.date.fromisoformat(date), *codes)
            for place, (who, date, *codes) in enumerate(acts, 1)
        ]
        return self._come(Delivery(self._next, "KHSL2", municipality, year, month, rows))

    @property
    def _next(self) -> int:
        return self.first_number + len(self.deliveries)

    def _come(self, delivery: Delivery) -> Delivery:
        for earlier in self.deliveries:
            if earlier.name == delivery.name and delivery.accepted:
                earlier.in_force = False
        delivery.in_force = delivery.accepted
        self.deliveries.append(delivery)
        return delivery

    def write(self, together: int = 3) -> Intake:
        """Parcels of up to so many deliveries, and the log of every year."""
        by = sorted(self.deliveries, key=lambda one: (one.type, one.year, one.number))
        for (kind, year), group in itertools.groupby(by, key=lambda one: (one.type, one.year)):
            accepted = [one for one in group if one.accepted]
            folder = self.store / "rows" / kind / str(year)
            folder.mkdir(parents=True, exist_ok=True)
            for start in range(0, len(accepted), together):
                parcel = accepted[start : start + together]
                path = folder / f"{parcel[0].number}-{parcel[-1].number}.parquet"
                schema = PERSONS if kind == "KHSL1" else PROCEDURES
                rows = [(one.number, *row) for one in parcel for row in one.rows]
                pq.write_table(_table(rows, schema), path)
                for one in parcel:
                    one.parcel = str(path.relative_to(self.store))
        for year, of_year in itertools.groupby(sorted(by, key=lambda one: one.year), key=lambda one: one.year):
            self._log(year, sorted(of_year, key=lambda one: (one.name, one.number)))
        return self

    def _log(self, year: int, deliveries: Sequence[Delivery]) -> None:
        rows = [
            (
                *(file, one.number, one.name, f"{one.number:064x}", 100, one.type, one.municipality, one.year, one.month),
                *("accepted" if one.accepted else "rejected", len(one.rows), len(one.rows) if one.accepted else 0, 0),
                *(dt.date(year + 1, 1, 31), one.in_force, one.parcel, f"in/{one.name}"),
            )
            for file, one in enumerate(deliveries, 1)
        ]
        folder = self.collected / str(year)
        folder.mkdir(parents=True, exist_ok=True)
        pq.write_table(_table(rows, LOG), folder / "deliveries.parquet")

    def register(
        self, name: str = "register", *, key: bytes = KEY, corrections: Path | None = None, threads: int | None = None
    ) -> Path:
        """The register of every year that has come."""
        years = sorted({one.year for one in self.deliveries})
        register = self.root / name
        number_persons(self.collected, self.store, years, register, key=key, corrections=corrections)
        for year in years:
            register_year(self.collected, self.store, year, register, threads=threads)
        return register


def _table(rows: Sequence[tuple[object, ...]], schema: pa.Schema) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.table([pa.array(list(column), kind.type) for column, kind in zip(columns, schema, strict=True)], schema=schema)


def read(register: Path, table: str, year: int) -> pd.DataFrame:
    return pd.read_parquet(register / table / f"year={year}" / "data.parquet")


def decoded(register: Path, year: int) -> pd.DataFrame:
    """The procedures of a year with codes instead of numbers."""
    frame = read(register, "procedures", year)
    codes = pd.read_parquet(register / "codes.parquet")
    for kind in ("procedure", "profession", "further_professions"):
        frame[kind] = frame[kind].map(codes[codes["kind"] == kind].set_index("number")["code"])
    return frame
