"""The tables of an extract, from the register by SQL: rows never pass through Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from kvarn.metadata import register_table
from kvarn.process.extracts._fields import PERSON, Column
from kvarn.process.extracts._request import Request
from kvarn.process.variables import Share, parquet

__all__ = ["choose_cohort", "missing_in", "write_table"]

_FORMATS = {"csv": "FORMAT csv, HEADER, DELIMITER ','", "parquet": "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880"}


def choose_cohort(database: duckdb.DuckDBPyConnection, register: Path, request: Request) -> None:
    """Make the table ``cohort``: ``person``, ``year`` of everybody who is in the extract.

    A person is in it who has a row that is given: of procedures where the request chooses by procedure or profession, else of
    any of the tables; of the person-months, where only the table of persons is given.
    """
    codes = register / register_table("codes").file
    database.execute(f"CREATE TEMPORARY TABLE codes AS SELECT * FROM {parquet(codes)}")
    database.execute(
        f"CREATE TEMPORARY TABLE sexes AS SELECT person, sex FROM {parquet(register / register_table('persons').file)}"
    )
    if request.only.procedure or request.only.profession:
        tables: Sequence[str] = ("procedures",)
    else:
        tables = [table for table in request.variables.tables if table != "persons"] or ("person_months",)
    queries = [
        f"SELECT DISTINCT person, {year} AS year FROM {parquet(file)} AS source WHERE {_condition(table, request)}"
        for table in tables
        for year, file in _files(register, table, request.years)
    ]
    nobody = "SELECT CAST(0 AS INTEGER) AS person, 0 AS year LIMIT 0"
    database.execute(f"CREATE TEMPORARY TABLE cohort AS SELECT DISTINCT * FROM ({' UNION ALL '.join(queries or [nobody])})")


def write_table(
    database: duckdb.DuckDBPyConnection, register: Path, request: Request, table: str, columns: Sequence[Column], path: Path
) -> int:
    """Write one table of the extract, sorted by the project's pseudonyms and then by every column; returns its number of rows.

    Person-months that have become the same by coarsening are one row; every procedure is a row.
    """
    made = ", ".join(f"{column.sql} AS {column.name}" for column in columns)
    if table == "persons":
        rows = f"SELECT place, {made} FROM people"
    else:
        distinct = "DISTINCT " if table == "person_months" else ""
        parts = [
            f"SELECT {distinct}place, {made} FROM (SELECT *, CAST({year} AS SMALLINT) AS year FROM {parquet(file)}) AS source "
            f"JOIN people USING (person) {_decoding(table)} WHERE {_condition(table, request)}"
            for year, file in _files(register, table, request.years)
        ]
        rows = " UNION ALL ".join(parts)
    names = ", ".join(column.name for column in columns)
    target = str(path).replace("'", "''")
    written = database.execute(
        f"COPY (SELECT {names} FROM ({rows}) ORDER BY place, {names}) TO '{target}' ({_FORMATS[request.format]})"
    ).fetchall()
    return int(written[0][0])


def missing_in(
    database: duckdb.DuckDBPyConnection, request: Request, table: str, columns: Sequence[Column], path: Path
) -> Mapping[str, Mapping[int, Share | None]]:
    """The share of each year's rows of a written table that lack a value, by column.

    A person belongs to the years that the table ``cohort`` tells.
    """
    source = parquet(path)
    if request.format == "csv":
        target = str(path).replace("'", "''")
        source = f"read_csv('{target}', header = true, all_varchar = true)"
    if table == "persons":
        years = f"SELECT {PERSON}, cohort.year FROM people JOIN cohort USING (person)"
        source = f"{source} JOIN ({years}) USING ({PERSON})"
    counted = [column for column in columns if column.listed.empty is None]
    lacking = ", ".join(f"count(*) FILTER (WHERE {column.name} IS NULL)" for column in counted)
    found = database.execute(f"SELECT CAST(year AS INTEGER), count(*), {lacking} FROM {source} GROUP BY ALL").fetchall()
    shares: dict[str, dict[int, Share | None]] = {column.name: {} for column in columns}
    for year, rows, *missing in sorted(found):
        for column, number in zip(counted, missing, strict=True):
            shares[column.name][year] = Share(number, rows)
    return shares


def _files(register: Path, table: str, years: Sequence[int]) -> list[tuple[int, Path]]:
    declared = register_table(table)
    files = [(year, register / declared.file.format(year=year)) for year in years if year >= declared.first_year]
    return [(year, file) for year, file in files if file.is_file()]


def _condition(table: str, request: Request) -> str:
    """Which rows of a table the request gives. Every code has been checked against its code list."""
    only = request.only
    conditions = ["true"]
    if only.sex:
        conditions.append(f"person IN (SELECT person FROM sexes WHERE sex IN ({', '.join(str(int(code)) for code in only.sex)}))")
    for name in ("county", "municipality"):
        codes = getattr(only, name)
        if codes:
            conditions.append(f"{name} IN ({', '.join(str(int(code)) for code in codes)})")
    if table == "procedures" and only.procedure:
        conditions.append(f"procedure IN ({_numbers('procedure', only.procedure)})")
    if table == "procedures" and only.profession:
        wanted = ", ".join(_quoted(code) for code in only.profession)
        joint = (
            f"SELECT number FROM codes WHERE kind = 'further_professions' AND list_has_any(string_split(code, ' '), [{wanted}])"
        )
        conditions.append(f"(profession IN ({_numbers('profession', only.profession)}) OR further_professions IN ({joint}))")
    return " AND ".join(conditions)


def _numbers(kind: str, codes: Sequence[str]) -> str:
    wanted = ", ".join(_quoted(code) for code in codes)
    return f"SELECT number FROM codes WHERE kind = '{kind}' AND code IN ({wanted})"


def _decoding(table: str) -> str:
    """The joins that give the codes behind the register's numbers."""
    numbered = [column.name for column in register_table(table).columns if column.numbered]
    return " ".join(
        f"LEFT JOIN (SELECT number, code FROM codes WHERE kind = '{name}') AS {name}_codes ON {name}_codes.number = source.{name}"
        for name in numbered
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
