"""Judging a batch of deliveries: every row against the row rules, column by column; Python never touches a row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from kvarn.collect import _row_query
from kvarn.collect._accepted import accepted_rows
from kvarn.collect._deliveries import Delivery
from kvarn.collect._layouts import Layout
from kvarn.collect._lines import Counts, Lines, Mask, lines_of
from kvarn.collect._recognition import Recognised, Tails, head_of, recognise
from kvarn.collect._rows import ALWAYS, SHAPE, TAIL, ValidCodes, fault_bits
from kvarn.collect._rules import FaultCount
from kvarn.collect._verdicts import fatal_bits, fault_counts, give_verdicts

__all__ = ["Batch", "judge"]


class Batch(NamedTuple):
    """Deliveries of one type and year that are read together, and the bytes of their rows (`examine`)."""

    deliveries: list[Delivery]
    contents: list[bytes]


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
    own_list: bool = False,
    recognition: bool = True,
) -> tuple[pa.Table, list[FaultCount]]:
    """Apply the row rules to a batch: the accepted rows of accepted files, and how often each file breaks each rule.

    Sets each delivery's ``bad`` and, where the share of bad rows passes the limit or every row has the same fault, its verdict.

    Parameters
    ----------
    batch
        Deliveries with ascending numbers.
    persons
        Of events: the number of the delivery of periods in force, by municipality and month.
    persons_rows
        The Parquet files with the rows of those deliveries (``file``, ``identity_number``).
    deaths
        Known deaths, if there are any: ``identity_number`` and ``date``.
    own_list
        Whether the row alone is rejected, and not the whole file, where a code could not be checked (`ValidCodes.unchecked`).
    recognition
        Whether rows that are right beyond doubt are told at sight (`recognise`). Without, the rules are applied to every row: the
        result is the same, some ten times as slowly.
    """
    about = _delivery_table(batch, persons if layout.rows == "events" else {})
    lines = lines_of(batch.contents, layout.separator, 2 * layout.longest_row)
    database.register("delivery", about)
    database.register("valid_procedure", pa.table({"code": pa.array(sorted(codes.procedures or ()), pa.string())}))
    _known_deaths(database, deaths)
    if layout.rows == "events":
        _reported_persons(database, persons_rows)
        for delivery, known in zip(batch.deliveries, about["with_persons"].to_pylist(), strict=True):
            if not known:
                delivery.faults["file-without-persons"] = []
    recognised = _recognised(database, lines, batch, layout, codes) if recognition else None
    odd: Mask = np.ones(len(lines), np.bool_)
    if recognised is not None:
        odd[recognised.rows] = False
    judged = _judged(database, lines, np.flatnonzero(odd), layout, codes)
    faults = judged["faults"].to_numpy()
    faulty = judged.filter(pa.array(faults != 0))
    place = lines.place[faulty["row"].to_numpy()].astype(np.int64)
    rejected = give_verdicts(batch.deliveries, layout, place, faulty["faults"].to_numpy(), share_limit, own_list=own_list)
    right = judged.filter(pa.array((faults & fatal_bits(layout)) == 0))
    accepted = accepted_rows(layout, lines, batch.deliveries, recognised, right, rejected)
    return accepted, fault_counts(database, faulty, lines, batch.deliveries, layout, codes)


def _recognised(
    database: duckdb.DuckDBPyConnection, lines: Lines, batch: Batch, layout: Layout, codes: ValidCodes
) -> Recognised | None:
    """The rows that are right beyond doubt, or None where the layout does not allow to tell."""
    head = head_of(layout)
    if head is None:
        return None
    bits = fault_bits(layout)
    wrong_tail = sum(bit for rule, bit in bits.items() if rule in SHAPE or rule in ALWAYS or rule in TAIL)
    year = batch.deliveries[0].year
    assert year is not None

    def judge_identities(numbers: pa.Array) -> Mask:
        database.register("candidate", pa.table({"identity_number": numbers}))
        database.register("care", pa.table({"of_year": [year], "last_date": [(year - 1) * 10_000 + 1231]}))
        right = database.sql(_row_query.checked_identities(layout, codes)).to_arrow_table()
        found: Mask = pc.is_in(numbers, value_set=right["identity_number"].cast(pa.string()).combine_chunks()).to_numpy(
            zero_copy_only=False
        )
        return found

    def judge_tails(rows: Counts) -> Tails:
        specimens = _judged(database, lines, rows, layout, codes)
        order = pc.sort_indices(specimens, [(name, "ascending") for name in ("procedure", "profession", "further_professions")])
        rank = np.empty(len(specimens), np.int64)
        rank[order.to_numpy()] = np.arange(len(specimens))
        return Tails((specimens["faults"].to_numpy() & wrong_tail) == 0, specimens, rank)

    return recognise(
        lines,
        head,
        batch.deliveries,
        reported=_reported_numbers(database, batch, layout),
        judge_identities=judge_identities,
        judge_tails=judge_tails,
    )


def _judged(database: duckdb.DuckDBPyConnection, lines: Lines, rows: Counts, layout: Layout, codes: ValidCodes) -> pa.Table:
    """Some of the rows, cut into fields, with their faults (`_row_query.checked_rows`)."""
    columns = (layout.rows, *(field.role for field in layout.listed))
    if not len(rows) and columns in _none_judged:
        return _none_judged[columns]
    database.register("delivered", pa.table({"row": rows, "place": lines.place[rows], "text": lines.text(rows)}))
    database.register("duplicate", database.sql(_row_query.duplicates()).to_arrow_table())
    judged = database.sql(_row_query.checked_rows(layout, codes)).to_arrow_table()
    faults = judged.schema.get_field_index("faults")
    judged = judged.set_column(faults, "faults", judged["faults"].cast(pa.int64()))
    if not len(rows):
        _none_judged[columns] = judged
    return judged


# Most often every row has been recognised: what the query gives of none is the same each time, and takes longest to be planned.
_none_judged: dict[tuple[str, ...], pa.Table] = {}


def _delivery_table(batch: Batch, persons: Mapping[tuple[str, int], int]) -> pa.Table:
    """What the row rules need to know of each file, and which file holds the persons of its month."""
    columns: dict[str, list[Any]] = {name: [] for name in _DELIVERY_SCHEMA.names}
    for place, delivery in enumerate(batch.deliveries):
        assert delivery.municipality is not None and delivery.year is not None and delivery.month is not None
        period = f"{delivery.year:04}{delivery.month:02}"
        persons_file = persons.get((delivery.municipality, delivery.month))
        values = (
            place,
            delivery.municipality,
            period,
            delivery.year,
            dt.date(delivery.year, delivery.month, 1),
            f"{delivery.last_day:02}",
            int(f"{period}{delivery.last_day:02}"),
            persons_file,
            persons_file is not None,
        )
        for column, value in zip(columns.values(), values, strict=True):
            column.append(value)
    return pa.table(columns, schema=_DELIVERY_SCHEMA)


_DELIVERY_SCHEMA = pa.schema(
    [
        ("place", pa.int32()),
        ("municipality", pa.string()),
        ("period", pa.string()),
        ("year", pa.int64()),
        ("first_day", pa.date32()),
        ("last_day", pa.string()),
        ("last_date", pa.int64()),
        ("persons_file", pa.int32()),
        ("with_persons", pa.bool_()),
    ]
)


def _known_deaths(database: duckdb.DuckDBPyConnection, deaths: pa.Table | None) -> None:
    """Of each person who is known to have died the (first) date."""
    listed = pa.table({"identity_number": pa.array([], pa.string()), "date": pa.array([], pa.date32())})
    database.register("known_death", listed if deaths is None else deaths)
    database.execute(
        """
        CREATE OR REPLACE TEMP TABLE death AS
        SELECT identity_number, min(date) AS died
        FROM known_death
        WHERE identity_number IS NOT NULL AND date IS NOT NULL
        GROUP BY identity_number
        """
    )


def _reported_persons(database: duckdb.DuckDBPyConnection, rows: Sequence[Path]) -> None:
    """The persons of the files of periods that belong to a batch of files of events."""
    source = ", ".join(f"'{_quoted(path)}'" for path in rows)
    reading = f"read_parquet([{source}])" if rows else "(SELECT NULL::INTEGER AS file, NULL::VARCHAR AS identity_number LIMIT 0)"
    database.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE reported AS
        SELECT DISTINCT delivery.place, identity_number
        FROM {reading} AS persons
        JOIN delivery ON delivery.persons_file = persons.file
        """
    )


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _reported_numbers(database: duckdb.DuckDBPyConnection, batch: Batch, layout: Layout) -> list[npt.NDArray[np.int64] | None]:
    """For each delivery the identity numbers of its month's file of periods, ascending; None where there is no such file."""
    if layout.rows == "periods":
        return [None for _ in batch.deliveries]
    found = database.sql(
        """
        SELECT place, TRY_CAST(identity_number AS BIGINT) AS number
        FROM reported
        WHERE regexp_full_match(identity_number, '[0-9]{12}')
        ORDER BY place, number
        """
    ).to_arrow_table()
    with_persons = database.sql("SELECT with_persons FROM delivery ORDER BY place").fetchall()
    starts = np.searchsorted(found["place"].to_numpy(), np.arange(len(batch.deliveries) + 1))
    numbers = found["number"].to_numpy()
    return [numbers[starts[place] : starts[place + 1]] if known else None for place, (known,) in enumerate(with_persons)]
