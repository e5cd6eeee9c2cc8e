"""Judging a batch of deliveries: every row against the row rules, in DuckDB; Python never touches a row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from kvarn.collect import _rows
from kvarn.collect._deliveries import Delivery
from kvarn.collect._layouts import Layout
from kvarn.collect._receipts import FaultCount
from kvarn.collect._rows import ValidCodes
from kvarn.collect._rules import rules

__all__ = ["SCHEMAS", "Batch", "judge"]

LINES_SHOWN = 10
SCHEMAS = {
    "KHSL1": pa.schema(
        [
            ("file", pa.int32()),
            ("line", pa.int32()),
            ("municipality", pa.string()),
            ("identity_number", pa.string()),
            ("year", pa.int16()),
            ("month", pa.int8()),
        ]
    ),
    "KHSL2": pa.schema(
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
    ),
}

Mask = npt.NDArray[np.bool_]


class Batch(NamedTuple):
    """Deliveries of one type and year that are read together, and the bytes of their rows (`examine`)."""

    deliveries: list[Delivery]
    contents: list[bytes]


def _valid_procedures(database: duckdb.DuckDBPyConnection, codes: ValidCodes) -> None:
    listed = pa.table({"code": pa.array(sorted(codes.procedures or ()), pa.string())})
    database.register("valid_procedure", listed)


def _rows_of(batch: Batch, layout: Layout) -> pa.Table:
    """Every line as one value of a column that shares the files' bytes: no line is copied, none is touched by Python."""
    joined = np.frombuffer(bytearray().join(batch.contents), np.uint8)
    breaks = [np.flatnonzero(np.frombuffer(content, np.uint8) == ord("\n")) for content in batch.contents]
    rows = np.array([len(own) for own in breaks])
    begins = np.cumsum([0, *map(len, batch.contents[:-1])])
    ends = np.concatenate(breaks) + np.repeat(begins, rows)
    # The separator in place of the line break: splitting then leaves no break in the last field.
    joined[ends] = ord(layout.separator)
    offsets = np.concatenate([[0], ends + 1]).astype(np.int64)
    text = pa.LargeStringArray.from_buffers(len(ends), pa.py_buffer(offsets), pa.py_buffer(joined))
    first = np.cumsum(rows) - rows
    numbers = np.array([delivery.number for delivery in batch.deliveries], np.int32)
    line = np.arange(1, len(ends) + 1, dtype=np.int32) - np.repeat(first, rows).astype(np.int32)
    return pa.table({"file": np.repeat(numbers, rows), "line": line, "text": text})


def _delivery_table(batch: Batch, persons: Mapping[tuple[str, int], int]) -> pa.Table:
    """What the row rules need to know of each file, and which file holds the persons of its month."""
    columns: dict[str, list[Any]] = {name: [] for name in _DELIVERY_SCHEMA.names}
    for delivery in batch.deliveries:
        assert delivery.municipality is not None and delivery.month is not None
        period = f"{delivery.year:04}{delivery.month:02}"
        values = (
            delivery.number,
            delivery.municipality,
            period,
            delivery.year,
            delivery.month,
            dt.date(delivery.year, delivery.month, 1),
            f"{delivery.last_day:02}",
            int(f"{period}{delivery.last_day:02}"),
            persons.get((delivery.municipality, delivery.month)),
        )
        for column, value in zip(columns.values(), values, strict=True):
            column.append(value)
    return pa.table(columns, schema=_DELIVERY_SCHEMA)


_DELIVERY_SCHEMA = pa.schema(
    [
        ("file", pa.int32()),
        ("municipality", pa.string()),
        ("period", pa.string()),
        ("year", pa.int16()),
        ("month", pa.int8()),
        ("first_day", pa.date32()),
        ("last_day", pa.string()),
        ("last_date", pa.int64()),
        ("persons_file", pa.int32()),
    ]
)


def judge(
    database: duckdb.DuckDBPyConnection,
    batch: Batch,
    layout: Layout,
    codes: ValidCodes,
    *,
    share_limit: float,
    persons: Mapping[tuple[str, int], int],
    persons_rows: Sequence[Path],
    deaths: pa.Table | None = None,
) -> tuple[pa.Table, list[FaultCount]]:
    """Apply the row rules to a batch: the accepted rows of accepted files, and how often each file breaks each rule.

    Sets each delivery's ``bad`` and, where the share of bad rows passes the limit, its verdict.

    Parameters
    ----------
    batch
        Deliveries with ascending numbers.
    persons
        For KHSL2: the number of the KHSL1 delivery in force, by municipality and month.
    persons_rows
        The Parquet files with the rows of those deliveries (``file``, ``identity_number``).
    """
    about = _delivery_table(batch, persons if layout.type == "KHSL2" else {})
    _valid_procedures(database, codes)
    database.register("delivered", _rows_of(batch, layout))
    database.register("delivery", about)
    database.register("duplicate", database.sql(_rows.duplicates()).to_arrow_table())
    if layout.type == "KHSL2":
        _reported_persons(database, persons_rows)
        for delivery, file in zip(batch.deliveries, about["persons_file"].to_pylist(), strict=True):
            if file is None:
                delivery.faults["file-without-persons"] = []
    checked = database.sql(_rows.checked_rows(layout, codes)).to_arrow_table()
    return _sift(database, checked, batch.deliveries, layout, share_limit)


def _reported_persons(database: duckdb.DuckDBPyConnection, rows: Sequence[Path]) -> None:
    """The persons of the KHSL1 files that belong to a batch of KHSL2 files."""
    source = ", ".join(f"'{_quoted(path)}'" for path in rows)
    reading = f"read_parquet([{source}])" if rows else "(SELECT NULL::INTEGER AS file, NULL::VARCHAR AS identity_number LIMIT 0)"
    database.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE reported AS
        SELECT DISTINCT persons.file AS persons_file, identity_number
        FROM {reading} AS persons
        SEMI JOIN delivery ON delivery.persons_file = persons.file
        """
    )


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _sift(
    database: duckdb.DuckDBPyConnection,
    checked: pa.Table,
    deliveries: Sequence[Delivery],
    layout: Layout,
    share_limit: float,
) -> tuple[pa.Table, list[FaultCount]]:
    """Give each delivery its verdict, and keep the good rows of the accepted ones."""
    bits = _rows.fault_bits(layout.type)
    fatal = sum(bit for rule, bit in bits.items() if rules()[rule].severity == "error")
    faults: npt.NDArray[np.int64] = checked["faults"].to_numpy().astype(np.int64)
    file: npt.NDArray[np.int64] = checked["file"].to_numpy().astype(np.int64)
    first = deliveries[0].number
    bad_rows = np.bincount(file[(faults & fatal) != 0] - first, minlength=deliveries[-1].number - first + 1)
    rejected: Mask = np.zeros(len(bad_rows), np.bool_)
    for delivery in deliveries:
        delivery.bad = int(bad_rows[delivery.number - first])
        if delivery.bad > share_limit * delivery.received:
            delivery.faults["file-bad-rows"] = []
            delivery.verdict = "rejected"
            rejected[delivery.number - first] = True
    keep = ((faults & fatal) == 0) & ~rejected[file - first]
    counts = _fault_counts(database, checked.filter(pa.array(faults != 0)), bits)
    accepted = checked.drop_columns(["faults"])
    return (accepted if keep.all() else accepted.filter(pa.array(keep))), counts


def _fault_counts(database: duckdb.DuckDBPyConnection, faulty: pa.Table, bits: Mapping[str, int]) -> list[FaultCount]:
    database.register("faulty", faulty.select(["file", "line", "faults"]))
    database.register("rule", pa.table({"rule": list(bits), "bit": pa.array(list(bits.values()), pa.int64())}))
    rows = database.sql(
        f"""
        SELECT file, rule, count(*), min(line, {LINES_SHOWN})
        FROM faulty
        JOIN rule ON faults::BIGINT & bit <> 0
        GROUP BY file, rule, bit
        ORDER BY file, bit
        """
    ).fetchall()
    return [FaultCount(*row) for row in rows]
