"""What of a year's deliveries an edition works with: those in force on a day, and the log of all that had come by then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from kvarn.collect._items import count_items
from kvarn.collect._ledger import Entry, open_ledger
from kvarn.collect._rules import FaultCount, rules
from kvarn.collect._store import require_rows
from kvarn.collect.safekeeping import partial_folder
from kvarn.errors import DeliveryError

__all__ = ["collect_year", "delivery_log"]

_DELIVERIES = pa.schema(
    [
        ("file", pa.int32()),
        ("delivery", pa.int32()),
        ("name", pa.string()),
        ("source", pa.string()),
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
    ]
)
_FAULTS = pa.schema(
    [
        ("file", pa.int32()),
        ("rule", pa.string()),
        ("severity", pa.string()),
        ("count", pa.int64()),
        ("first_lines", pa.string()),
    ]
)
_ITEMS = pa.schema(
    [("type", pa.string()), ("item", pa.string()), ("rows", pa.int64()), ("empty", pa.int64()), ("invalid", pa.int64())]
)
_LINES_SHOWN = 10


def collect_year(store: Path, year: int, into: Path, *, as_of: dt.date | None = None) -> None:
    """Write which deliveries of a care year an edition works with.

    Writes ``into/<year>/deliveries.parquet`` (one row a delivery that had come by then, as it was judged last; ``in_force`` tells
    which count, ``rows`` where their accepted rows are, relative to `store`), ``faults.parquet`` (one row a delivery and rule)
    and ``items.parquet`` (`count_items`: one row a file type and item). ``file`` numbers the year's deliveries from 1 by name and
    order of coming. The files appear at once, or not at all.

    Parameters
    ----------
    as_of
        The day whose state counts (preliminary or final); now by default.

    Raises
    ------
    DeliveryError
        No delivery of the year is in force.
    InputError
        `store` is no store of deliveries, or its ledger or rows are not what was written.
    """
    with open_ledger(store) as ledger:
        known = [entry for entry in ledger.deliveries(year=year, as_of=as_of) if not entry.judged_again]
        entries = sorted(known, key=lambda entry: (entry.name, entry.turn))
        if not any(entry.in_force for entry in entries):
            when = f" on {as_of.isoformat()}" if as_of else ""
            found = f"{len(entries)} had come, and all were rejected" if entries else "none had come"
            raise DeliveryError(
                f"There is not one delivery of {year} in force{when}: {found}.",
                file=store,
                remedy="Look at the receipts; or correct data.deliveries or data.intake, whichever the edition has, its "
                "data.as_of or its first_year.",
            )
        faults = ledger.faults(entry.number for entry in entries)
        all_rows = ledger.parcels()
    in_force = {entry.rows for entry in entries if entry.in_force and entry.rows}
    require_rows(store, {name: all_rows[name] for name in in_force})
    items = count_items(store, (entry for entry in entries if entry.in_force))
    with partial_folder(into / str(year)) as folder:
        _write(folder / "deliveries.parquet", [_row(number, entry) for number, entry in enumerate(entries, 1)], _DELIVERIES)
        _write(folder / "items.parquet", items, _ITEMS)
        told = [row for number, entry in enumerate(entries, 1) for row in _fault_rows(number, faults[entry.number])]
        _write(folder / "faults.parquet", told, _FAULTS)


def delivery_log(store: Path, *, as_of: dt.date | None = None) -> pd.DataFrame:
    """Every delivery that had come by a day, one row each, in the order of coming.

    Returns
    -------
    DataFrame
        ``number``, ``name``, ``type``, ``municipality``, ``year``, ``month``, ``arrived`` (date, or None where nobody has said),
        ``came`` (the day that decides the order), ``verdict``, ``received``, ``accepted``, ``rejected`` (rows), ``in_force``,
        ``judged_again`` (a later judgement of the same file, by other rules, takes its place).

    Raises
    ------
    InputError
        `store` is no store of deliveries.
    """
    names = ["number", "name", "type", "municipality", "year", "month", "arrived", "came", "verdict", "received", "accepted"]
    names += ["rejected", "in_force", "judged_again"]
    with open_ledger(store) as ledger:
        rows = [[getattr(entry, name) for name in names] for entry in ledger.deliveries(as_of=as_of)]
    return pd.DataFrame(rows, columns=names).astype({"year": "Int16", "month": "Int8"})


def _row(number: int, entry: Entry) -> tuple[Any, ...]:
    return (
        *(number, entry.number, entry.name, entry.place, entry.sha256, entry.bytes, entry.type, entry.municipality),
        *(entry.year, entry.month, entry.verdict, entry.received, entry.accepted, entry.rejected),
        *(entry.arrived, entry.in_force, entry.rows),
    )


def _fault_rows(number: int, counts: Sequence[FaultCount]) -> list[tuple[Any, ...]]:
    return [(number, c.rule, rules()[c.rule].severity, c.times, " ".join(map(str, c.first_lines[:_LINES_SHOWN]))) for c in counts]


def _write(path: Path, rows: Sequence[tuple[Any, ...]], schema: pa.Schema) -> None:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    pq.write_table(pa.table(arrays, schema=schema), path)
