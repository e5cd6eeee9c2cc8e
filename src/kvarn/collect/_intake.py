"""Taking in a year's deliveries: files in batches, each through DuckDB at once, accepted rows straight on to Parquet."""

from __future__ import annotations

import csv
import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow.parquet as pq

from kvarn.collect._deliveries import Delivery, Found, examine, find_deliveries, read_name
from kvarn.collect._judge import SCHEMAS, Batch, judge
from kvarn.collect._layouts import layouts
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
        counts: list[FaultCount] = []
        for layout in layouts().values():
            if year < layout.first_year:
                continue
            own = [d for d in known if d.type == layout.type and not _refused(d)]
            product = folder / PRODUCTS[layout.type]
            schema = SCHEMAS[layout.type]
            with pq.ParquetWriter(product, schema, compression="zstd") as writer:
                for batch in _batches(own):
                    table, found = judge(
                        database,
                        batch,
                        layout,
                        codes,
                        share_limit=share_limit,
                        persons=_persons_files(known),
                        persons_rows=[folder / PRODUCTS["KHSL1"]],
                    )
                    counts += found
                    writer.write_table(table.cast(schema), row_group_size=ROW_GROUP)
        for delivery in known:
            if not delivery.sha256:
                examine(delivery)
                delivery.verdict = "rejected"
        write_receipts(folder / "receipts", known, counts)
        write_faults(folder, known, counts)


def _persons_files(known: Sequence[Delivery]) -> dict[tuple[str, int], int]:
    return {
        (d.municipality, d.month): d.number
        for d in known
        if d.type == "KHSL1" and d.verdict == "accepted" and d.sha256 and d.municipality and d.month
    }


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
