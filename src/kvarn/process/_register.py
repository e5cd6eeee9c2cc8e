"""The register: person-months and procedures by year, sorted by person, persons behind pseudonyms."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from kvarn.collect.safekeeping import engine, partial_file, partial_folder
from kvarn.errors import InputError

__all__ = ["number_persons", "register_year"]

# Rows of a Parquet row group. It decides the bytes written.
ROW_GROUP = 122_880
PSEUDONYM_BYTES = 16

_PERSONS = """
    SELECT DISTINCT identity_number
    FROM read_parquet({files})
    ORDER BY identity_number
"""

# The ninth digit of the birth number tells the sex: odd for men. Co-ordination numbers carry the year in the same place.
_NUMBERED = """
    SELECT
        CAST(row_number() OVER (ORDER BY pseudonym) - 1 AS INTEGER) AS person,
        pseudonym,
        CAST(CASE WHEN CAST(identity_number[11] AS INTEGER) % 2 = 1 THEN 1 ELSE 2 END AS TINYINT) AS sex,
        CAST(identity_number[1:4] AS SMALLINT) AS birth_year,
        identity_number
    FROM pseudonymised
    ORDER BY pseudonym
"""

_PERSON_MONTHS = """
    SELECT
        person,
        month,
        CAST(municipality AS SMALLINT) AS municipality,
        arg_min(file, file * 4294967296 + line) AS file,
        arg_min(line, file * 4294967296 + line) AS line
    FROM read_parquet({persons}) AS row
    JOIN read_parquet({numbers}) AS number USING (identity_number)
    GROUP BY person, month, municipality
    ORDER BY person, month, municipality
"""

_PROCEDURES = """
    SELECT
        person,
        date,
        CAST(municipality AS SMALLINT) AS municipality,
        procedure,
        profession,
        further_professions,
        file,
        line
    FROM read_parquet({procedures}) AS row
    JOIN read_parquet({numbers}) AS number USING (identity_number)
    ORDER BY person, date, procedure, file, line
"""


def number_persons(collected: Path, years: Sequence[int], register: Path, *, key: bytes) -> None:
    """Give every person of these years a pseudonym and a number.

    Writes ``persons.parquet`` (``person``, ``pseudonym``, ``sex``, ``birth_year``), and ``identity_numbers.parquet``
    (``identity_number``, ``person``), which only this room reads. Persons are numbered in the order of their
    pseudonyms, so that the numbers tell nothing.

    Parameters
    ----------
    key
        The secret key of the pseudonyms: keyed BLAKE2b, 128 bits, of the identity number.

    Raises
    ------
    InputError
        Two persons have got the same pseudonym (a collision; chance 10⁻²⁶ for a million persons).
    """
    sources = [path for year in years for path in sorted((collected / str(year)).glob("p*.parquet"))]
    if not sources:
        raise InputError("Nothing has been collected.", file=collected, remedy="Check data.deliveries in the edition.")
    with engine(register / "spill") as database:
        numbers = database.sql(_PERSONS.format(files=_files(sources))).to_arrow_table()["identity_number"]
        pseudonyms = [
            hashlib.blake2b(number.encode(), digest_size=PSEUDONYM_BYTES, key=key).hexdigest() for number in numbers.to_pylist()
        ]
        if len(set(pseudonyms)) < len(pseudonyms):
            raise InputError(
                "Two persons have the same pseudonym.", file=register, remedy="Report it: a longer pseudonym is needed."
            )
        database.register("pseudonymised", pa.table({"identity_number": numbers, "pseudonym": pa.array(pseudonyms, pa.string())}))
        numbered = database.sql(_NUMBERED).to_arrow_table()
    with partial_file(register / "identity_numbers.parquet") as beside:
        pq.write_table(numbered.select(["identity_number", "person"]), beside, compression="zstd")
    with partial_file(register / "persons.parquet") as beside:
        pq.write_table(numbered.select(["person", "pseudonym", "sex", "birth_year"]), beside, compression="zstd")


def register_year(collected: Path, year: int, register: Path) -> None:
    """Write one year of the register from what was collected.

    Writes ``person_months/year=<year>/data.parquet`` (``person``, ``month``, ``municipality``, ``file``, ``line``; distinct
    person, month and municipality) and, where procedures were collected, ``procedures/year=<year>/data.parquet`` (``person``,
    ``date``, ``municipality``, ``procedure``, ``profession``, ``further_professions``, ``file``, ``line``). ``file`` and
    ``line`` tell where in the year's deliveries a row stands; a person-month delivered twice keeps the first.
    """
    numbers = register / "identity_numbers.parquet"
    source = collected / str(year)
    values = {"numbers": _files([numbers])}
    with engine(register / f"spill-{year}") as database:
        query = _PERSON_MONTHS.format(persons=_files([source / "persons.parquet"]), **values)
        _write(database, query, register / "person_months" / f"year={year}")
        if (source / "procedures.parquet").is_file():
            query = _PROCEDURES.format(procedures=_files([source / "procedures.parquet"]), **values)
            _write(database, query, register / "procedures" / f"year={year}")


def _write(database: duckdb.DuckDBPyConnection, query: str, folder: Path) -> None:
    with partial_folder(folder) as beside:
        database.execute(
            f"COPY ({query}) TO {_text(beside / 'data.parquet')} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP})"
        )


def _files(paths: Sequence[Path]) -> str:
    return "[" + ", ".join(_text(path) for path in paths) + "]"


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
