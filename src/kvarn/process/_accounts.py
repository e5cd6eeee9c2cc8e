"""The account of a year: every accepted row of every delivery in force is in the register, or is a duplicate of one that is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from kvarn.base.database import engine
from kvarn.errors import ConsistencyError, InputError
from kvarn.identity_numbers import without_identity_numbers
from kvarn.process._parcels import delivery_log
from kvarn.process._parquet import parquet
from kvarn.programme import current_programme

__all__ = ["accounts"]

_NAMED = 5

_ACCOUNTS = """
    SELECT
        COALESCE(delivery.file, found.file) AS file,
        delivery.name,
        delivery.type,
        delivery.municipality,
        delivery.month,
        COALESCE(delivery.accepted, 0) AS accepted,
        COALESCE(found.in_register, 0) AS in_register,
        COALESCE(found.duplicates, 0) AS duplicates
    FROM (
        SELECT file, name, type, municipality, month, accepted
        FROM {log}
        WHERE in_force
    ) AS delivery
    FULL JOIN (
        SELECT
            file,
            CAST(SUM(in_register) AS BIGINT) AS in_register,
            CAST(SUM(duplicates) AS BIGINT) AS duplicates
        FROM ({counted})
        GROUP BY file
    ) AS found
        ON found.file = delivery.file
    ORDER BY file
"""

# A duplicate whose row is not there either would be a row lost.
_ORPHANS = """
    SELECT DISTINCT duplicate.file
    FROM {duplicates} AS duplicate
    ANTI JOIN {months} AS month
        ON month.file = duplicate.kept_file AND month.line = duplicate.kept_line
    ORDER BY file
"""


def accounts(register: Path, collected: Path, year: int) -> pd.DataFrame:
    """What became of the accepted rows of each delivery of a year that is in force.

    Returns
    -------
    DataFrame
        One row a delivery: ``file``, ``name``, ``type``, ``municipality``, ``month``, ``accepted`` (rows at intake),
        ``in_register`` (rows), ``duplicates`` (person-months that another line had told of already).

    Raises
    ------
    InputError
        The year has not been collected, or has no register.
    ConsistencyError
        For a delivery, accepted rows are not rows in the register and duplicates together. The error names deliveries, never
        rows.
    """
    log = delivery_log(collected, year)
    months, duplicates, procedures = (
        register / table / f"year={year}" / "data.parquet" for table in ("person_months", "duplicates", "procedures")
    )
    wanted = [months, duplicates, *([procedures] if current_programme().about.has_events(year) else [])]
    for path in wanted:
        if not path.is_file():
            raise InputError(f"The register has no {path.parent.parent.name} for {year}.", file=path, remedy="Run kvarn publish.")
    counted = " UNION ALL ".join(
        f"SELECT file, COUNT(*) * {int(path != duplicates)} AS in_register, COUNT(*) * {int(path == duplicates)} AS duplicates "
        f"FROM {parquet(path)} GROUP BY file"
        for path in wanted
    )
    with engine(register / f"spill-accounts-{year}") as database:
        account: pd.DataFrame = database.sql(_ACCOUNTS.format(log=parquet(log), counted=counted)).df()
        orphans = [
            file for (file,) in database.sql(_ORPHANS.format(duplicates=parquet(duplicates), months=parquet(months))).fetchall()
        ]
    wrong = account[(account["accepted"] != account["in_register"] + account["duplicates"]) | account["file"].isin(orphans)]
    if len(wrong):
        raise ConsistencyError(
            f"Rows of {len(wrong)} deliveries of {year} are not accounted for.",
            cells=tuple(_said(row) for row in wrong.head(_NAMED).to_dict("records")),
            remedy="Take the deliveries in again, and report it: intake and the register must agree.",
        )
    return account


def _said(row: Mapping[Any, Any]) -> str:
    name = without_identity_numbers(row["name"]) if isinstance(row["name"], str) else f"file {row['file']}, which is not in force"
    return f"{name}: {row['accepted']} accepted, {row['in_register']} in the register, {row['duplicates']} duplicates"
