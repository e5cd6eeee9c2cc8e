"""The register's files against the declarations: the columns that they have, and the values that they lack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from kvarn.base.database import engine
from kvarn.errors import InputError
from kvarn.metadata import RegisterColumn, RegisterTable, register_table, register_tables
from kvarn.process.variables._listed import Share

__all__ = ["check_register", "missing_shares", "parquet"]

_REMEDY = "Make the register anew with this version of kvarn, or declare its columns in programme/register/register.yml."


def check_register(register: Path, years: Sequence[int]) -> None:
    """Hold the register's files to the declarations, column by column.

    Raises
    ------
    InputError
        The register lacks a year or a file, or has a column that is not declared, lacks one that is, or holds another type
        than is declared.
    """
    if not years:
        raise InputError("No year was asked for.", field="years", remedy="Give the years, such as 2020 to 2023.")
    for table in register_tables():
        for year in years if table.yearly else years[:1]:
            file = register / table.file.format(year=year)
            if (table.yearly and year < table.first_year) or (table.gaps and not file.is_file()):
                continue
            if not file.is_file():
                what = f"The register has no {table.name} for {year}." if table.yearly else f"The register has no {table.name}."
                raise InputError(what, file=file, remedy="Ask for years that were collected, or run kvarn publish first.")
            _check_columns(table, pq.read_schema(file), file)


def _check_columns(table: RegisterTable, schema: pa.Schema, file: Path) -> None:
    declared = {column.name: column for column in table.columns if not column.partition}
    for name in schema.names:
        if name not in declared:
            raise InputError(
                f"The register's {table.name} has a column that is not declared.", file=file, field=name, remedy=_REMEDY
            )
    for name, column in declared.items():
        if name not in schema.names:
            raise InputError(
                f"The register's {table.name} lacks a column that is declared.", file=file, field=name, remedy=_REMEDY
            )
        stored = schema.field(name).type
        if not _fits(column, stored):
            raise InputError(
                f"The column is declared as {column.type}, and is kept as {stored}.", file=file, field=name, remedy=_REMEDY
            )


def _fits(column: RegisterColumn, stored: pa.DataType) -> bool:
    if pa.types.is_dictionary(stored):
        stored = stored.value_type
    if column.type == "date":
        return bool(pa.types.is_date(stored))
    if column.type == "boolean":
        return bool(pa.types.is_boolean(stored))
    if column.type == "integer" or column.numbered or column.digits is not None:
        return bool(pa.types.is_integer(stored))
    return bool(pa.types.is_string(stored) or pa.types.is_large_string(stored))


def missing_shares(register: Path, years: Sequence[int]) -> Mapping[tuple[str, str], Mapping[int, Share | None]]:
    """The share of each year's rows that lack a value, by table and column.

    A person belongs to every year in which there is a person-month of theirs; a table without years to all of them. None
    where the value cannot be missing (an empty one has a meaning of its own) or where there are no rows.
    """
    found: dict[tuple[str, str], dict[int, Share | None]] = {}
    with engine(register / "spill-variables") as database:
        for table in register_tables():
            for year in years:
                for name, share in _of_year(database, register, table, year).items():
                    found.setdefault((table.name, name), {})[year] = share
    return found


def _of_year(database: duckdb.DuckDBPyConnection, register: Path, table: RegisterTable, year: int) -> Mapping[str, Share | None]:
    file = register / table.file.format(year=year)
    if year < table.first_year or not file.is_file():
        return {column.name: None for column in table.columns}
    rows = parquet(file)
    if table.name == "persons":
        months = register / "person_months" / f"year={year}" / "data.parquet"
        rows += f" WHERE person IN (SELECT person FROM {parquet(months)})"
    elif not table.yearly and "year" in (column.name for column in table.columns):
        rows += f" WHERE year = {year}"
    counted = [column for column in table.columns if not column.partition and column.empty is None]
    codes = parquet(register / register_table("codes").file)
    lacking = ", ".join(f"count(*) FILTER (WHERE {_lacks(column, codes)})" for column in counted)
    total, *missing = database.execute(f"SELECT count(*), {lacking} FROM {rows}").fetchall()[0]
    shares: dict[str, Share | None] = {column.name: None for column in table.columns}
    if total:
        shares |= {column.name: Share(number, total) for column, number in zip(counted, missing, strict=True)}
        shares |= {column.name: Share(0, total) for column in table.columns if column.partition}
    return shares


def _lacks(column: RegisterColumn, codes: str) -> str:
    if column.numbered:
        empty = f"(SELECT number FROM {codes} WHERE kind = '{column.name}' AND code = '')"
        return f"{column.name} IS NULL OR {column.name} IN {empty}"
    if column.digits is None and column.type in {"text", "code"}:
        return f"{column.name} IS NULL OR {column.name} = ''"
    return f"{column.name} IS NULL"


def parquet(file: Path) -> str:
    """A Parquet file as DuckDB reads it: the file's own columns, none from the folder's name."""
    quoted = str(file).replace("'", "''")
    return f"read_parquet('{quoted}', hive_partitioning = false)"
