"""Persons behind pseudonyms, and the codes behind the register's numbers."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from kvarn.base.database import engine
from kvarn.collect import layouts
from kvarn.errors import InputError
from kvarn.process._corrections import read_corrections
from kvarn.process._parcels import rows_in_force
from kvarn.process._parquet import parquet, together, write_file
from kvarn.programme import current_programme

__all__ = ["CODES", "IDENTITY_NUMBERS", "PERSONS", "number_persons"]

PERSONS = "persons.parquet"
IDENTITY_NUMBERS = "identity_numbers.parquet"
CODES = "codes.parquet"
PSEUDONYM_BYTES = 16

# A letter in the ninth place makes it a reserve number.
_FORM = re.compile(r"[0-9]{8}[0-9A-Z][0-9]{3}")
_RESERVE = "identity_number[9] NOT BETWEEN '0' AND '9'"

# One local reserve number is a person in one municipality in one month, and perhaps another in the next.
_NUMBERS = f"""
    SELECT DISTINCT
        identity_number,
        CASE WHEN {_RESERVE} THEN municipality END AS municipality,
        CASE WHEN {_RESERVE} THEN period END AS period
    FROM ({{rows}})
    ORDER BY ALL
"""

# The eleventh character tells the sex: odd for men. Co-ordination and reserve numbers carry sex and year in the same places.
_PERSONS = """
    SELECT
        CAST(row_number() OVER (ORDER BY pseudonym) - 1 AS INTEGER) AS person,
        pseudonym,
        CAST(CASE WHEN CAST(in_force[11] AS INTEGER) % 2 = 1 THEN 1 ELSE 2 END AS TINYINT) AS sex,
        CAST(in_force[1:4] AS SMALLINT) AS birth_year,
        followable
    FROM (
        SELECT DISTINCT
            pseudonym,
            in_force,
            municipality IS NULL AS followable
        FROM pseudonymised
    )
    ORDER BY pseudonym
"""

_IDENTITY_NUMBERS = """
    SELECT
        identity_number,
        municipality,
        period,
        person
    FROM pseudonymised
    JOIN {persons} AS persons USING (pseudonym)
    ORDER BY identity_number, municipality, period
"""

# Combinations first: there are few of them, and many rows.
_COMBINATIONS = """
    SELECT
        unnest([{kinds}]) AS kind,
        unnest([{codes}]) AS code
    FROM (SELECT DISTINCT {codes} FROM ({rows}))
"""

_CODES = """
    SELECT
        kind,
        CAST(row_number() OVER (PARTITION BY kind ORDER BY code) - 1 AS INTEGER) AS number,
        code
    FROM (
        SELECT DISTINCT
            kind,
            code
        FROM ({combinations})
    )
    ORDER BY kind, code
"""


def number_persons(
    collected: Path, store: Path, years: Sequence[int], register: Path, *, key: bytes, corrections: Path | None = None
) -> None:
    """Give every person of these years a pseudonym and a number, and every code a number.

    Writes three files into `register`:

    - ``persons.parquet``: ``person`` INTEGER, ``pseudonym``, ``sex`` (1 man, 2 woman), ``birth_year``, ``followable`` (false for
      reserve numbers). Persons are numbered in the order of their pseudonyms, so that the numbers tell nothing.
    - ``codes.parquet``: ``kind`` (the field of the delivery files), ``number`` INTEGER (from 0, in the
      order of the codes), ``code``.
    - ``identity_numbers.parquet``: ``identity_number``, ``municipality`` and ``period`` (YYYYMM; both empty but for reserve
      numbers), ``person``. Only this room reads it.

    A reserve number is local: it is one person in one municipality and month of care, counted but not followed.

    Parameters
    ----------
    key
        The secret key of the pseudonyms: keyed BLAKE2b, 128 bits, of the identity number in force.
    corrections
        A CSV ``from,to`` that joins a person's two numbers; see ``read_corrections``. Pseudonym, sex and birth year are those of
        the number in force.

    Raises
    ------
    InputError
        Nothing has been collected, the store is not whole, the corrections are wrong, or two persons have got the same pseudonym
        (a collision; chance 10⁻²⁶ for a million persons).
    """
    about = current_programme().about
    events = about.events
    successors = {} if corrections is None else read_corrections(corrections)
    with engine(register / "spill") as database:
        rows = [rows_in_force(database, collected, store, year, about.periods) for year in years]
        acts = [rows_in_force(database, collected, store, year, events) for year in years if events and about.has_events(year)]
        columns = "SELECT identity_number, municipality, period FROM"
        numbers = database.sql(
            _NUMBERS.format(rows=together(f"{columns} ({query})" for query in (*rows, *acts)))
        ).to_arrow_table()
        database.register("pseudonymised", _pseudonymised(numbers, key, successors, store))
        write_file(database, _PERSONS, register / PERSONS)
        write_file(database, _IDENTITY_NUMBERS.format(persons=parquet(register / PERSONS)), register / IDENTITY_NUMBERS)
        _write_codes(database, {about.periods: rows, **({events: acts} if events else {})}, register / CODES)


def _pseudonymised(numbers: pa.Table, key: bytes, successors: Mapping[str, str], store: Path) -> pa.Table:
    """`numbers` with the number ``in_force`` and the ``pseudonym`` of each."""
    in_force, named = [], []
    columns = (numbers[name].to_pylist() for name in ("identity_number", "municipality", "period"))
    for number, municipality, period in zip(*columns, strict=True):
        if not _FORM.fullmatch(number):
            raise InputError(
                "The store holds a row without a right identity number.", file=store, remedy="Take the deliveries in again."
            )
        valid = successors.get(number, number)
        in_force.append(valid)
        named.append(valid if municipality is None else f"{valid}{municipality:04}{period}")
    pseudonyms = [hashlib.blake2b(name.encode(), digest_size=PSEUDONYM_BYTES, key=key).hexdigest() for name in named]
    if len(set(pseudonyms)) < len(set(named)):
        raise InputError("Two persons have the same pseudonym.", file=store, remedy="Report it: a longer pseudonym is needed.")
    return numbers.append_column("in_force", pa.array(in_force, pa.string())).append_column(
        "pseudonym", pa.array(pseudonyms, pa.string())
    )


def _write_codes(database: duckdb.DuckDBPyConnection, rows: Mapping[str, Sequence[str]], path: Path) -> None:
    """The codes of each file type, of which `rows` has a query a year."""
    found = []
    for file_type, queries in rows.items():
        codes = [field.role for field in layouts()[file_type].codes]
        if codes and queries:
            kinds = ", ".join(f"'{name}'" for name in codes)
            of_years = together(f"SELECT {', '.join(codes)} FROM ({query})" for query in queries)
            found.append(_COMBINATIONS.format(kinds=kinds, codes=", ".join(codes), rows=of_years))
    nothing = "SELECT '' AS kind, '' AS code LIMIT 0"
    write_file(database, _CODES.format(combinations=together(found or [nothing])), path)
