"""A small register in the declared columns, for the tests of what reads it."""

from __future__ import annotations

import datetime as dt
import hashlib
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from kvarn.metadata import RegisterColumn, register_table

YEARS = (2018, 2019, 2020)
MUNICIPALITIES = (114, 180, 2584)
_PROFESSIONS = ("XS910", "XS918", "XS919")
_FURTHER = ("", "XS912 XS917", "XS917")
CODES = {
    (kind, code): number
    for kind, codes in {
        "further_professions": _FURTHER,
        "procedure": ("DT019", "PM007", "QM015"),
        "profession": _PROFESSIONS,
    }.items()
    for number, code in enumerate(codes)
}


def numbered(rng: random.Random, kind: str) -> int:
    return rng.choice([number for (known, _), number in CODES.items() if known == kind])


def pseudonym(number: int, key: bytes) -> str:
    return hashlib.blake2b(identity_number(number).encode(), digest_size=16, key=key).hexdigest()


def identity_number(number: int) -> str:
    return f"19{20 + number % 60}0101{number:04}"


def make_register(folder: Path, key: bytes, *, persons: int = 60, seed: int = 1) -> Path:
    """Persons with care in 2018–2020 and procedures from 2019; the same seed gives the same rows."""
    rng = random.Random(seed)
    numbers = sorted(range(persons), key=lambda number: pseudonym(number, key))
    people = [
        {
            "person": person,
            "pseudonym": pseudonym(number, key),
            "sex": 1 + number % 2,
            "birth_year": 1920 + number % 60,
            "followable": number % 20 != 0,
        }
        for person, number in enumerate(numbers)
    ]
    save(folder, "persons", people)
    known = [
        {"identity_number": identity_number(number), "municipality": None, "period": None, "person": person}
        for person, number in enumerate(numbers)
    ]
    save(folder, "identity_numbers", known)
    save(folder, "codes", [{"kind": kind, "number": number, "code": code} for (kind, code), number in CODES.items()])
    population = []
    for year in YEARS:
        months, procedures = [], []
        for one in people:
            for municipality in rng.sample(MUNICIPALITIES, rng.choice((1, 1, 1, 2))):
                where = {
                    "person": one["person"],
                    "municipality": municipality,
                    "county": municipality // 100,
                    "age": year - int(one["birth_year"]),
                    "file": 1,
                }
                for month in sorted(rng.sample(range(1, 13), rng.randint(1, 4))):
                    months.append(where | {"month": month, "line": len(months) + 1})
                    for _ in range(rng.randint(0, 3) if year >= 2019 else 0):
                        procedures.append(
                            where
                            | {
                                "date": dt.date(year, month, rng.randint(1, 28)),
                                "procedure": numbered(rng, "procedure"),
                                "profession": numbered(rng, "profession"),
                                "further_professions": numbered(rng, "further_professions"),
                                "line": len(procedures) + 1,
                            }
                        )
        save(folder, "person_months", months, year)
        save(folder, "duplicates", [{"file": 2, "line": 1, "kept_file": 1, "kept_line": 1}], year)
        if procedures:
            save(folder, "procedures", procedures, year)
        covered = [
            {"file_type": kind, "municipality": municipality, "month": month}
            for kind in ("KHSL1", "KHSL2")
            if kind == "KHSL1" or procedures
            for municipality in MUNICIPALITIES
            for month in range(1, 13)
        ]
        save(folder, "coverage", covered, year)
        population += [
            {"year": year, "municipality": municipality, "sex": sex, "age": age, "population": 10 * age}
            for municipality in MUNICIPALITIES
            for sex in (1, 2)
            for age in (0, 80, 100)
        ]
    save(folder, "population", population)
    return folder


def save(folder: Path, name: str, rows: list[dict[str, object]], year: int | None = None) -> Path:
    """Rows as the declared Parquet file of a table."""
    table = register_table(name)
    file = folder / table.file.format(year=year)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    schema = pa.schema([(column.name, kind(column)) for column in table.columns if not column.partition])
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), file)
    return file


def kind(column: RegisterColumn) -> pa.DataType:
    if column.type == "date":
        return pa.date32()
    if column.type == "boolean":
        return pa.bool_()
    return pa.int32() if column.type == "integer" or column.digits or column.numbered else pa.string()


def decoded(register: Path, name: str, year: int | str = "*") -> str:
    """SQL of a table with its year and its codes, as the variable list describes it."""
    table = register_table(name)
    source = str(register / table.file.format(year=year))
    codes = f"SELECT code FROM '{register}/codes.parquet' WHERE number ="
    columns = ", ".join(
        f"({codes} source.{column.name} AND kind = '{column.name}') AS {column.name}" if column.numbered else column.name
        for column in table.columns
    )
    return f"SELECT {columns} FROM read_parquet('{source}', hive_partitioning = {table.yearly}) AS source"
