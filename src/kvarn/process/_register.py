"""The register: person-months and procedures by year, sorted by person, in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from kvarn.base.database import engine
from kvarn.collect import layouts
from kvarn.errors import InputError
from kvarn.process._accounts import accounts
from kvarn.process._parcels import delivery_log, rows_in_force
from kvarn.process._parquet import parquet, write_folder
from kvarn.process._persons import CODES, IDENTITY_NUMBERS, PERSONS
from kvarn.programme import current_programme

__all__ = ["register_year"]

_NUMBERS = """
    CREATE TEMPORARY TABLE numbers AS
    SELECT
        identity_number,
        municipality,
        period,
        person,
        CAST({year} - birth_year AS SMALLINT) AS age
    FROM {identity_numbers} AS identity_numbers
    JOIN {persons} AS persons USING (person)
"""

# Who a row is about. A reserve number is another person in every municipality and month.
_WHO = """numbers
        ON numbers.identity_number = delivered.identity_number
        AND (
            numbers.municipality IS NULL
            OR (numbers.municipality = delivered.municipality AND numbers.period = delivered.period)
        )"""

_DELIVERED_MONTHS = f"""
    CREATE TEMPORARY TABLE delivered_months AS
    SELECT
        numbers.person,
        numbers.age,
        delivered.month,
        delivered.municipality,
        delivered.county,{{delivered}}
        CAST(delivered.file AS BIGINT) * 4294967296 + delivered.line AS place
    FROM ({{rows}}) AS delivered
    JOIN {_WHO}
"""

# Of several lines that tell of the same the first is kept, with what it says.
_KEPT_MONTHS = """
    CREATE TEMPORARY TABLE kept_months AS
    SELECT
        person,
        month,
        municipality,
        any_value(county) AS county,
        any_value(age) AS age,{kept}
        MIN(place) AS place
    FROM delivered_months
    GROUP BY person, month, municipality
"""

_PERSON_MONTHS = """
    SELECT
        person,
        month,
        municipality,
        county,
        age,{numbered}
        CAST(place >> 32 AS INTEGER) AS file,
        CAST(place & 4294967295 AS INTEGER) AS line
    FROM kept_months{codes}
    ORDER BY person, month, municipality
"""

_DUPLICATES = """
    SELECT
        CAST(delivered.place >> 32 AS INTEGER) AS file,
        CAST(delivered.place & 4294967295 AS INTEGER) AS line,
        CAST(kept.place >> 32 AS INTEGER) AS kept_file,
        CAST(kept.place & 4294967295 AS INTEGER) AS kept_line
    FROM delivered_months AS delivered
    JOIN kept_months AS kept USING (person, month, municipality)
    WHERE delivered.place <> kept.place
    ORDER BY delivered.place
"""

# Sorting is what takes the time, so everything is a small whole number before it.
_PROCEDURES = f"""
    SELECT
        numbers.person,
        delivered.date,
        delivered.municipality,
        delivered.county,
        numbers.age,
        CAST(procedures.number AS SMALLINT) AS procedure,
        CAST(professions.number AS SMALLINT) AS profession,
        further.number AS further_professions,
        delivered.file,
        delivered.line
    FROM ({{rows}}) AS delivered
    JOIN {_WHO}
    JOIN (SELECT code, number FROM {{codes}} WHERE kind = 'procedure') AS procedures
        ON procedures.code = delivered.procedure
    JOIN (SELECT code, number FROM {{codes}} WHERE kind = 'profession') AS professions
        ON professions.code = delivered.profession
    JOIN (SELECT code, number FROM {{codes}} WHERE kind = 'further_professions') AS further
        ON further.code = delivered.further_professions
    ORDER BY person, date, procedure, file, line
"""

# Which municipality has an accepted file of which type for which month, however many rows of it were accepted.
_COVERAGE = """
    SELECT DISTINCT
        type AS file_type,
        CAST(municipality AS SMALLINT) AS municipality,
        CAST(month AS TINYINT) AS month
    FROM {log}
    WHERE in_force AND month IS NOT NULL
    ORDER BY file_type, municipality, month
"""


def register_year(collected: Path, store: Path, year: int, register: Path, *, threads: int | None = None) -> None:
    """Write one year of the register from the accepted rows of the deliveries in force.

    Writes, each as ``<table>/year=<year>/data.parquet`` in `register`:

    - ``person_months``: ``person`` INTEGER, ``month`` TINYINT, ``municipality`` SMALLINT, ``county`` TINYINT, ``age`` SMALLINT
      (on 31 December), the codes that a row has as numbers of ``codes.parquet`` SMALLINT, ``file``, ``line``; distinct person,
      month and municipality, sorted by them. Delivered twice, the first is kept.
    - ``duplicates``: ``file``, ``line`` of every person-month that another line had told of already, and ``kept_file``,
      ``kept_line``, which is that line; sorted.
    - ``procedures`` (of the years of which events are delivered): ``person``, ``date``, ``municipality``, ``county``, ``age``,
      ``procedure`` SMALLINT, ``profession`` SMALLINT, ``further_professions`` INTEGER (numbers of ``codes.parquet``), ``file``,
      ``line``; sorted by person, date, procedure, file, line.
    - ``coverage``: ``file_type``, ``municipality`` SMALLINT, ``month`` TINYINT; one row for each municipality, month and file
      type of which a file was accepted, also where it had no accepted row; sorted. A zero anywhere else is no figure.

    ``file`` and ``line`` tell where in the year's deliveries a row stands.

    Parameters
    ----------
    threads
        For DuckDB; all by default. The bytes written are the same.

    Raises
    ------
    InputError
        Persons have not been numbered, nothing has been collected, or the store is not whole.
    ConsistencyError
        A row was lost on the way; see ``accounts``.
    """
    for name in (IDENTITY_NUMBERS, PERSONS, CODES):
        if not (register / name).is_file():
            raise InputError("The persons have not been numbered.", file=register / name, remedy="Run kvarn publish.")
    about = current_programme().about
    with engine(register / f"spill-{year}", threads=threads) as database:
        database.execute(
            _NUMBERS.format(
                year=year,
                identity_numbers=parquet(register / IDENTITY_NUMBERS),
                persons=parquet(register / PERSONS),
            )
        )
        codes = [field.role for field in layouts()[about.periods].codes]
        _write_months(database, rows_in_force(database, collected, store, year, about.periods), register, year, codes)
        if about.events is not None and about.has_events(year):
            rows = rows_in_force(database, collected, store, year, about.events)
            query = _PROCEDURES.format(rows=rows, codes=parquet(register / CODES))
            write_folder(database, query, register / "procedures" / f"year={year}")
        coverage = _COVERAGE.format(log=parquet(delivery_log(collected, year)))
        write_folder(database, coverage, register / "coverage" / f"year={year}")
    accounts(register, collected, year)


def _write_months(database: duckdb.DuckDBPyConnection, rows: str, register: Path, year: int, codes: Sequence[str]) -> None:
    listed = parquet(register / CODES)
    joined = "".join(
        f"""
    JOIN (SELECT code, number FROM {listed} WHERE kind = '{name}') AS {name}_codes
        ON {name}_codes.code = kept_months.{name}"""
        for name in codes
    )
    database.execute(_DELIVERED_MONTHS.format(rows=rows, delivered="".join(f"\n        delivered.{name}," for name in codes)))
    database.execute(_KEPT_MONTHS.format(kept="".join(f"\n        arg_min({name}, place) AS {name}," for name in codes)))
    numbered = "".join(f"\n        CAST({name}_codes.number AS SMALLINT) AS {name}," for name in codes)
    months = _PERSON_MONTHS.format(numbered=numbered, codes=joined)
    write_folder(database, months, register / "person_months" / f"year={year}")
    write_folder(database, _DUPLICATES, register / "duplicates" / f"year={year}")
    for name in ("delivered_months", "kept_months"):
        database.execute(f"DROP TABLE {name}")
