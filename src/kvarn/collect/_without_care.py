"""Persons of whom a procedure has been taken in, and no care: counted at the door, long before anything is computed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from kvarn.base.database import engine
from kvarn.collect._ledger import Entry, open_ledger
from kvarn.collect._store import rows_of
from kvarn.programme import current_programme

__all__ = ["WithoutCare", "procedures_without_care"]


@dataclass(frozen=True)
class WithoutCare:
    """How many persons of a year have a procedure (files of events) and no care (files of periods) in the deliveries in force.

    Attributes
    ----------
    in_year
        Those who have no care in the year at all.
    in_month
        Those who have none in the month and municipality of a procedure, the others among them.
    """

    year: int
    in_year: int
    in_month: int


def procedures_without_care(
    store: Path, years: Collection[int] | None = None, *, as_of: dt.date | None = None
) -> list[WithoutCare]:
    """Count them year by year; a year without a delivery of procedures is left out.

    An identity number is a person here, and a local reserve number one in each municipality and month: who has had two numbers
    is joined when the register is made.

    Parameters
    ----------
    years
        The years that are wanted; every year of the store by default.
    as_of
        The day whose deliveries count; now by default.

    Raises
    ------
    InputError
        `store` is no store of deliveries.
    """
    about = current_programme().about
    if about.events is None:
        return []
    with open_ledger(store) as ledger:
        entries = [entry for entry in ledger.deliveries(as_of=as_of) if entry.in_force and entry.rows]
    found = []
    for year in sorted({entry.year for entry in entries if entry.type == about.events and entry.year is not None}):
        if years is None or year in years:
            found.append(_of_year(store, year, [entry for entry in entries if entry.year == year]))
    return found


def _of_year(store: Path, year: int, entries: list[Entry]) -> WithoutCare:
    # A letter in the ninth place makes a number a local one.
    person = "CASE WHEN regexp_matches(identity_number, '^.{8}[A-Za-z]') THEN identity_number || municipality || month "
    person += "ELSE identity_number END"
    about = current_programme().about
    with engine(store / "spill-care") as database:
        for name, kind, month in (("periods", about.periods, "month"), ("events", about.events, "MONTH(date)")):
            mine = [entry for entry in entries if entry.type == kind]
            files = [str(path) for path in rows_of(store, str(kind), year, [entry.rows for entry in mine])]
            if files:
                database.read_parquet(files).create_view(f"parcels_{name}")
                rows = f"parcels_{name} WHERE file IN (SELECT UNNEST($numbers))"
            else:
                rows = "(SELECT '' AS identity_number, '' AS municipality, 0 AS month WHERE false)"
            database.execute(
                f"CREATE TEMP TABLE {name} AS SELECT DISTINCT {person} AS person, municipality, month FROM "
                f"(SELECT identity_number, municipality, CAST({month} AS INTEGER) AS month FROM {rows})",
                {"numbers": [entry.number for entry in mine]} if files else None,
            )
        counted = database.sql(
            """
            SELECT
                COUNT(DISTINCT treated.person) FILTER (WHERE treated.person NOT IN (SELECT person FROM periods)),
                COUNT(DISTINCT treated.person)
            FROM events AS treated
            WHERE NOT EXISTS (
                SELECT 1 FROM periods AS care
                WHERE care.person = treated.person AND care.municipality = treated.municipality AND care.month = treated.month
            )
            """
        ).fetchall()[0]
    return WithoutCare(year, *map(int, counted))
