"""The columns of an extract: each with the SQL that makes it and the line of the variable list that tells of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from kvarn import metadata
from kvarn.metadata import RegisterColumn, register_table
from kvarn.process.extracts._request import Coarsening, Request
from kvarn.process.variables import Code, Listed, listed_column, word

__all__ = ["Column", "columns_of"]

PERSON = "project_person"


@dataclass(frozen=True)
class Column:
    """One column of an extract; `sql` makes it from ``source`` (a row of the register) and ``people``."""

    name: str
    sql: str
    listed: Listed


def columns_of(request: Request, table: str, *, synthetic: bool) -> tuple[Column, ...]:
    """The columns of one table: the project's pseudonym, the year, what was chosen, coarsened; and the mark of synthetic data."""
    columns = [_person()]
    if table != "persons":
        columns.append(_plain(table, register_table(table).column("year")))
    for name in request.variables.of(table):
        column = _column(table, register_table(table).column(name), request.coarsening)
        if column is not None and column.name not in {made.name for made in columns}:
            columns.append(column)
    return (*columns, _synthetic()) if synthetic else tuple(columns)


def _column(table: str, column: RegisterColumn, coarser: Coarsening) -> Column | None:
    """A column as the request wants it; None for a date of which only the year is left, which stands there anyhow."""
    plain = _plain(table, column)
    if column.name == "age" and coarser.age == "groups":
        return _age_groups(plain)
    if column.name == "age" and coarser.age:
        return _bands(plain, int(coarser.age))
    if column.name == "birth_year" and coarser.birth_year:
        return _bands(plain, coarser.birth_year)
    if column.name == "municipality" and coarser.municipality == "county":
        return _plain(table, register_table(table).column("county"))
    if column.name in {"date", "month"} and coarser.date:
        return _period(plain, coarser.date)
    return plain


def _plain(table: str, column: RegisterColumn) -> Column:
    source = "people" if table == "persons" else "source"
    sql = f"{source}.{column.name}"
    if column.numbered:
        sql = f"NULLIF({column.name}_codes.code, '')"
    elif column.digits:
        sql = f"lpad(CAST({sql} AS VARCHAR), {column.digits}, '0')"
    return Column(column.name, sql, replace(listed_column(column, {}), whole=False, numbered=False))


def _bands(plain: Column, width: int) -> Column:
    low = f"({plain.sql} // {width} * {width})"
    sql = f"CAST({low} AS VARCHAR) || '-' || CAST({low} + {width - 1} AS VARCHAR)"
    listed = replace(plain.listed, type="text", minimum=None, maximum=None, pattern="[0-9]+-[0-9]+")
    return Column(plain.name, sql, _said(listed, "extract.bands", width=width))


def _age_groups(plain: Column) -> Column:
    groups = metadata.codelist("age")
    rows = [groups.by_code[code] for code in groups.leaves]
    cases = []
    for row in rows:
        below = f" AND {plain.sql} <= {row['to_age']}" if row["to_age"] else ""
        cases.append(f"WHEN {plain.sql} >= {row['from_age']}{below} THEN {_quoted(row['code'])}")
    sql = f"CASE {' '.join(cases)} END"
    codes = tuple(Code(row["code"], row["sv"], row["en"]) for row in rows)
    listed = replace(plain.listed, type="code", minimum=None, maximum=None, codes=codes, codelist="age")
    return Column(plain.name, sql, _said(listed, "extract.groups"))


def _period(plain: Column, period: str) -> Column | None:
    dated = plain.listed.type == "date"
    month = f"month({plain.sql})" if dated else plain.sql
    if period == "year":
        return None
    if period == "month":
        if not dated:
            return plain
        listed = replace(plain.listed, name="month", titles=_titles("month"), type="integer", minimum=1, maximum=12)
        return Column("month", f"CAST({month} AS TINYINT)", _said(listed, "extract.month"))
    listed = replace(plain.listed, name="quarter", titles=_titles("quarter"), type="integer", minimum=1, maximum=4)
    return Column("quarter", f"CAST(({month} + 2) // 3 AS TINYINT)", _said(listed, "extract.quarter"))


def _said(listed: Listed, key: str, **values: object) -> Listed:
    """The variable with a sentence more in its definition: how it was coarsened."""
    definition: Mapping[str, str] = {
        language: f"{listed.definition[language].strip()} {word(key, language, **values)}" for language in metadata.languages
    }
    return replace(listed, definition=definition)


def _titles(name: str) -> Mapping[str, str]:
    return {language: word(f"extract.{name}.title", language) for language in metadata.languages}


def _person() -> Column:
    listed = Listed(
        name=PERSON,
        titles=_titles(PERSON),
        definition={language: word("extract.project_person", language) for language in metadata.languages},
        type="text",
        source={language: word("extract.kvarn", language) for language in metadata.languages},
        valid_from=register_table("persons").first_year,
        pattern="[0-9a-f]{32}",
    )
    return Column(PERSON, f"people.{PERSON}", listed)


def _synthetic() -> Column:
    listed = Listed(
        name="synthetic",
        titles=_titles("synthetic"),
        definition={language: metadata.text("synthetic.notice", language) for language in metadata.languages},
        type="boolean",
        source={language: word("extract.kvarn", language) for language in metadata.languages},
        valid_from=register_table("persons").first_year,
    )
    return Column("synthetic", "true", listed)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
