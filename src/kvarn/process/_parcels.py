"""The accepted rows of the deliveries in force: what the register is made of."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb

from kvarn.base.temporary import own_folder
from kvarn.collect import layouts
from kvarn.errors import InputError
from kvarn.process._parquet import parquet, quoted

__all__ = ["delivery_log", "rows_in_force"]

_IN_FORCE = """
    SELECT
        delivered.* EXCLUDE (file),
        delivery.file,
        delivery.month,
        delivery.period,
        delivery.municipality,
        delivery.county
    FROM ({delivered}) AS delivered
    JOIN (
        SELECT
            delivery,
            file,
            month,
            CAST(year AS INTEGER) * 100 + month AS period,
            CAST(municipality AS SMALLINT) AS municipality,
            CAST(municipality[1:2] AS TINYINT) AS county
        FROM {log}
        WHERE in_force AND type = '{file_type}'
    ) AS delivery
        ON delivery.delivery = delivered.file
"""


def _columns(file_type: str) -> Mapping[str, str]:
    """The columns of a parcel that the register is made from.

    Year, month and municipality are the delivery's own: intake has rejected every row of another.
    """
    layout = layouts()[file_type]
    when = {"date": "DATE"} if layout.rows == "events" else {}
    codes = {field.role: "VARCHAR" for field in layout.codes}
    return {"file": "INTEGER", "line": "INTEGER", "identity_number": "VARCHAR", **when, **codes}


def delivery_log(collected: Path, year: int) -> Path:
    """The year's ``deliveries.parquet``.

    Raises
    ------
    InputError
        Nothing has been collected for the year.
    """
    log = collected / str(year) / "deliveries.parquet"
    if not log.is_file():
        raise InputError(
            f"Nothing has been collected for {year}.",
            file=log,
            remedy="Run kvarn publish; check data.deliveries, data.intake and first_year in the edition.",
        )
    return log


def rows_in_force(database: duckdb.DuckDBPyConnection, collected: Path, store: Path, year: int, file_type: str) -> str:
    """SQL for the accepted rows of a year's deliveries of one type, as far as they are in force.

    Columns: ``file`` (the delivery's number in the year's ``deliveries.parquet``), ``line``, ``identity_number``, ``month``,
    ``period`` INTEGER (YYYYMM), ``municipality`` SMALLINT, ``county`` TINYINT, of events ``date``, and the codes of the layout.
    Rows of a delivery that another has replaced stay in their parcel and are left out.

    Raises
    ------
    InputError
        Nothing has been collected for the year, or the store lacks a parcel.
    """
    log = parquet(delivery_log(collected, year))
    named = database.execute(
        f"SELECT DISTINCT rows FROM {log} WHERE in_force AND type = ? AND rows IS NOT NULL ORDER BY rows", [file_type]
    ).fetchall()
    parcels = [store / path for (path,) in named]
    for parcel in parcels:
        if not parcel.is_file():
            raise InputError(
                "The store lacks the rows of deliveries that it has accepted.",
                file=parcel,
                remedy="Put the store back from its safety copy, or take the deliveries in again.",
            )
    delivered = f"SELECT {', '.join(_columns(file_type))} FROM {parquet(*parcels, _nothing(database, file_type))}"
    return _IN_FORCE.format(delivered=delivered, log=log, file_type=file_type)


def _nothing(database: duckdb.DuckDBPyConnection, file_type: str) -> Path:
    """A parcel without rows, beside what `database` spills.

    It stands for a year without deliveries. And DuckDB trusts a lone file to have nothing empty where it does not trust several,
    and writes other bytes then: with this one there are always several, so that the register does not tell in how many parts the
    deliveries were taken in.
    """
    (spill,) = database.execute("SELECT current_setting('temp_directory')").fetchall()[0]
    # Where nothing can be spilled, among what is temporary: a path without a folder would be in the user's.
    path = Path(spill or own_folder()) / f"nothing-{file_type}.parquet"
    if not path.is_file():
        empty = ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in _columns(file_type).items())
        database.execute(f"COPY (SELECT {empty} LIMIT 0) TO {quoted(path)} (FORMAT parquet)")
    return path
