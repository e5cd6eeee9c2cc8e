"""Taking in a year's deliveries: files in batches, each through DuckDB at once, accepted rows straight on to Parquet."""

from __future__ import annotations

import csv
import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from kvarn.collect import _rows
from kvarn.collect._deliveries import Delivery, Found, examine, find_deliveries, read_name
from kvarn.collect._layouts import Layout, layouts
from kvarn.collect._receipts import FaultCount, write_faults, write_receipts
from kvarn.collect._rows import ValidCodes
from kvarn.collect._rules import rules
from kvarn.collect.safekeeping import engine, partial_folder
from kvarn.errors import DeliveryError, InputError

__all__ = ["arrival_dates", "take_in"]

ARRIVALS = "arrivals.csv"
PRODUCTS: Mapping[str, str] = {"KHSL1": "persons.parquet", "KHSL2": "procedures.parquet"}
# Bytes of delivery files that go through DuckDB together, and rows of a Parquet row group. Both decide the bytes written.
BATCH_BYTES = 64 * 1024 * 1024
ROW_GROUP = 500_000
LINES_SHOWN = 10

_DICTIONARY = pa.dictionary(pa.int32(), pa.string())
_SCHEMAS = {
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
    """Deliveries that are read together, and the bytes of their rows."""

    deliveries: list[Delivery]
    contents: list[bytes]


def take_in(
    deliveries: Path,
    year: int,
    into: Path,
    *,
    codes: ValidCodes,
    share_limit: float = 0.05,
    arrivals: Path | None = None,
    threads: int | None = None,
) -> None:
    """Validate the deliveries of one care year and take in what is right.

    Writes ``into/<year>/``: ``persons.parquet`` and, from 2019, ``procedures.parquet`` (accepted rows of accepted files, by
    file and line), ``deliveries.parquet`` (one row a file), ``faults.parquet`` (one row a file and rule) and
    ``receipts/<file name>.json``. The whole year appears at once, or not at all. For every file, received = accepted + rejected.

    Parameters
    ----------
    deliveries
        Delivery files are found anywhere under this folder by their names.
    codes
        The codes that are right in the year.
    share_limit
        A file is rejected whole when a larger share of its rows than this is bad.
    arrivals
        The portal's log of arrivals (``file,arrived``); by default ``arrivals.csv`` in `deliveries`, where there is one.
    threads
        For DuckDB; all by default. The bytes written are the same.

    Raises
    ------
    DeliveryError
        There is no such folder, it has no delivery of the year, or two files of the same name differ, so that nobody can tell
        which is in force.
    InputError
        The log of arrivals cannot be read.
    """
    known = _known_deliveries(deliveries, year, codes, arrivals)
    with partial_folder(into / str(year)) as folder, engine(folder / "spill", threads=threads) as database:
        _valid_procedures(database, codes)
        counts: list[FaultCount] = []
        for layout in layouts().values():
            if year < layout.first_year:
                continue
            own = [d for d in known if d.type == layout.type and not _refused(d)]
            product = folder / PRODUCTS[layout.type]
            schema = _SCHEMAS[layout.type]
            with pq.ParquetWriter(product, schema, compression="zstd") as writer:
                for batch in _batches(own):
                    table, found = _judge(database, batch, layout, codes, share_limit, known, folder)
                    counts += found
                    writer.write_table(table.cast(schema), row_group_size=ROW_GROUP)
        for delivery in known:
            if not delivery.sha256:
                examine(delivery)
                delivery.verdict = "rejected"
        write_receipts(folder / "receipts", known, counts)
        write_faults(folder, known, counts)


def _known_deliveries(folder: Path, year: int, codes: ValidCodes, arrivals: Path | None) -> list[Delivery]:
    """The year's deliveries as their names and the log of arrivals tell."""
    arrived = arrival_dates(arrivals if arrivals is not None else folder / ARRIVALS, required=arrivals is not None)
    files = _one_of_each_name(find_deliveries(folder, [year])[year])
    if not files:
        raise DeliveryError(
            f"There is not one delivery of {year}.",
            file=folder,
            remedy="Correct data.deliveries or first_year in the edition, or put the year's files there.",
        )
    known = [read_name(number, file, year, codes.municipalities) for number, file in enumerate(files, start=1)]
    for delivery in known:
        delivery.arrived = arrived.get(delivery.name)
    return known


def _one_of_each_name(files: Sequence[Found]) -> list[Found]:
    """The files without second copies of the same name and content."""
    kept = []
    for name, same_name in itertools.groupby(files, key=lambda file: file.name):
        first, *others = same_name
        content = Path(first.path).read_bytes() if others else b""
        for other in others:
            if Path(other.path).read_bytes() != content:
                raise DeliveryError(
                    f"Two different deliveries have the name {name}.",
                    file=f"{first.path} and {other.path}",
                    remedy="Keep the one that is in force among the deliveries, and move the other elsewhere.",
                )
        kept.append(first)
    return kept


def arrival_dates(log: Path, *, required: bool) -> dict[str, dt.date]:
    """The dates of arrival by file name, from the portal's log (``file,arrived``); none where there is no log.

    Raises
    ------
    InputError
        There is no such file though it is `required`, or a row of it has no file name or no ISO date.
    """
    if not required and not log.is_file():
        return {}
    dates: dict[str, dt.date] = {}
    try:
        with log.open(encoding="utf-8-sig", newline="") as lines:
            for number, row in enumerate(csv.reader(lines), start=1):
                if number > 1 and row:
                    dates[row[0]] = dt.date.fromisoformat(row[1].strip())
    except OSError as error:
        raise InputError(f"The log of arrivals cannot be read: {error.strerror}.", file=log) from error
    except (IndexError, ValueError) as error:
        raise InputError(
            "The log of arrivals has a row without a file name and a date.",
            file=log,
            line=number,
            field="arrived",
            remedy="Write the file's name and the date as 2023-03-31, with a comma between them.",
        ) from error
    return dates


def _refused(delivery: Delivery) -> bool:
    """Whether a file rule rejects the file."""
    return any(rules()[fault].severity == "error" for fault in delivery.faults)


def _batches(deliveries: Iterable[Delivery]) -> Iterator[Batch]:
    """Read the deliveries, and hand on those that no file rule rejects in batches of about `BATCH_BYTES`."""
    batch, size = Batch([], []), 0
    for delivery in deliveries:
        content = examine(delivery)
        if _refused(delivery):
            delivery.verdict = "rejected"
            continue
        if batch.contents and size + len(content) > BATCH_BYTES:
            yield batch
            batch, size = Batch([], []), 0
        batch.deliveries.append(delivery)
        batch.contents.append(content)
        size += len(content)
    if batch.contents:
        yield batch


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


def _delivery_table(batch: Batch, known: Sequence[Delivery]) -> pa.Table:
    """What the row rules need to know of each file, and which file holds the persons of its month."""
    persons = {(d.municipality, d.month): d.number for d in known if d.type == "KHSL1" and d.verdict == "accepted" and d.sha256}
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
            persons.get((delivery.municipality, delivery.month)) if delivery.type == "KHSL2" else None,
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


def _judge(
    database: duckdb.DuckDBPyConnection,
    batch: Batch,
    layout: Layout,
    codes: ValidCodes,
    share_limit: float,
    known: Sequence[Delivery],
    folder: Path,
) -> tuple[pa.Table, list[FaultCount]]:
    """Apply the row rules to a batch: the accepted rows of accepted files, and how often each file breaks each rule."""
    about = _delivery_table(batch, known)
    database.register("delivered", _rows_of(batch, layout))
    database.register("delivery", about)
    database.register("duplicate", database.sql(_rows.duplicates()).to_arrow_table())
    if layout.type == "KHSL2":
        _reported_persons(database, about, folder)
        for delivery, file in zip(batch.deliveries, about["persons_file"].to_pylist(), strict=True):
            if file is None:
                delivery.faults["file-without-persons"] = []
    checked = database.sql(_rows.checked_rows(layout, codes)).to_arrow_table()
    return _sift(database, checked, batch.deliveries, layout, share_limit)


def _reported_persons(database: duckdb.DuckDBPyConnection, about: pa.Table, folder: Path) -> None:
    """The persons of the KHSL1 files that belong to a batch of KHSL2 files."""
    database.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE reported AS
        SELECT DISTINCT persons.file AS persons_file, identity_number
        FROM read_parquet('{_quoted(folder / PRODUCTS["KHSL1"])}') AS persons
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
