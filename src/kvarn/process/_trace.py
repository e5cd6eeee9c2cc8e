"""Where a row of the register comes from, and what became of a line of a delivery."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Literal

import duckdb
import pandas as pd

from kvarn.base.database import engine
from kvarn.errors import InputError
from kvarn.metadata import codes_of_periods
from kvarn.process._parcels import delivery_log
from kvarn.process._parquet import parquet
from kvarn.process._persons import CODES, PERSONS

__all__ = ["trace"]

Table = Literal["person_months", "procedures"]

# A person-month that several lines told of: the line that the register kept, and the others.
_MONTHS = """
    SELECT
        month.person,
        month.month,
        month.municipality,{names}
        line.file,
        line.line,
        line.duplicate
    FROM {months} AS month
    JOIN (
        SELECT file AS kept_file, line AS kept_line, file, line, false AS duplicate
        FROM {months}
        UNION ALL
        SELECT kept_file, kept_line, file, line, true AS duplicate
        FROM {duplicates}
    ) AS line
        ON line.kept_file = month.file AND line.kept_line = month.line{joined}
"""

_PROCEDURES = """
    SELECT
        act.person,
        act.date,
        act.municipality,
        procedures.code AS procedure,
        professions.code AS profession,
        further.code AS further_professions,
        act.file,
        act.line
    FROM {procedures} AS act
    JOIN (SELECT code, number FROM {codes} WHERE kind = 'procedure') AS procedures
        ON procedures.number = act.procedure
    JOIN (SELECT code, number FROM {codes} WHERE kind = 'profession') AS professions
        ON professions.number = act.profession
    JOIN (SELECT code, number FROM {codes} WHERE kind = 'further_professions') AS further
        ON further.number = act.further_professions
"""

_TRACED = """
    SELECT
        person.pseudonym,
        found.* REPLACE (printf('%04d', found.municipality) AS municipality),
        delivery.name AS delivery,
        delivery.sha256,
        delivery.source,
        delivery.arrived
    FROM ({rows}) AS found
    JOIN {persons} AS person USING (person)
    JOIN {log} AS delivery USING (file)
    WHERE {wanted}
    ORDER BY found.person, {order}, found.file, found.line
"""


def trace(
    register: Path,
    collected: Path,
    *,
    table: Table,
    year: int,
    pseudonym: str | None = None,
    person: int | None = None,
    procedure: str | None = None,
    delivery: str | None = None,
    line: int | None = None,
) -> pd.DataFrame:
    """Rows of the register with the delivery and the line that each comes from.

    Give a `pseudonym` or a `person` (and for procedures, if wanted, a KVÅ code) to see where a person's rows come from; give a
    `delivery`, and a `line` of it, to see what they became.

    Parameters
    ----------
    table
        ``person_months`` or ``procedures``.
    delivery
        The name of a delivery file that is in force, such as ``TYPE_0114_202301.txt``.

    Returns
    -------
    DataFrame
        ``pseudonym``, ``person``; ``month``, or ``date``, ``procedure``, ``profession`` and ``further_professions``;
        ``municipality`` (4 digits); the codes of periods; ``file``, ``line``; for person-months ``duplicate``, true for a line
        that told of a person-month already told of, so that the register names the other line; ``delivery``, ``sha256``,
        ``source``, ``arrived``. It holds pseudonyms: it is for those who may see the register.

    Raises
    ------
    InputError
        The register has no such year, person or delivery, the delivery is not in force, or nothing comes from the line.
    """
    _one_question(pseudonym, person, delivery, line, procedure, table)
    log, persons, codes = delivery_log(collected, year), register / PERSONS, register / CODES
    months, duplicates, procedures = (
        register / name / f"year={year}" / "data.parquet" for name in ("person_months", "duplicates", "procedures")
    )
    used = [persons, *([months, duplicates, codes] if table == "person_months" else [procedures, codes])]
    for path in used:
        if not path.is_file():
            raise InputError(
                f"The register has no {table} for {year}.", file=path, remedy="Give a year of the edition, or run kvarn publish."
            )
    with engine(register / "spill-trace") as database:
        wanted: dict[str, object] = {}
        if delivery is not None:
            wanted["found.file"] = _file(database, log, delivery)
            wanted |= {} if line is None else {"found.line": line}
        else:
            wanted["found.person"] = _person(database, persons, pseudonym, person)
            wanted |= {} if procedure is None else {"found.procedure": procedure}
        if table == "person_months":
            rows = _months(months, duplicates, codes)
        else:
            rows = _PROCEDURES.format(procedures=parquet(procedures), codes=parquet(codes))
        query = _TRACED.format(
            rows=rows,
            persons=parquet(persons),
            log=parquet(log),
            wanted=" AND ".join(f"{column} = ?" for column in wanted),
            order="found.month, found.municipality" if table == "person_months" else "found.date, found.procedure",
        )
        found: pd.DataFrame = database.execute(query, list(wanted.values())).df()
    if line is not None and found.empty:
        raise InputError(
            f"No row of {table} comes from this line.",
            file=delivery,
            line=line,
            remedy="Look in the delivery's receipt: the line was rejected, or the file has no such line.",
        )
    return found


def _months(months: Path, duplicates: Path, codes: Path) -> str:
    """The rows of the person-months, with the codes behind their numbers."""
    known = codes_of_periods()
    names = "".join(f"\n        {name}_codes.code AS {name}," for name in known)
    joined = "".join(
        f"""
    LEFT JOIN (SELECT code, number FROM {parquet(codes)} WHERE kind = '{name}') AS {name}_codes
        ON {name}_codes.number = month.{name}"""
        for name in known
    )
    return _MONTHS.format(months=parquet(months), duplicates=parquet(duplicates), names=names, joined=joined)


def _one_question(
    pseudonym: str | None, person: int | None, delivery: str | None, line: int | None, procedure: str | None, table: Table
) -> None:
    remedy = "Give a pseudonym or a person, with or without a procedure; or a delivery, with or without a line."
    if sum(key is not None for key in (pseudonym, person, delivery)) != 1:
        raise InputError("It is not clear what should be traced.", remedy=remedy)
    if line is not None and delivery is None:
        raise InputError("A line belongs to a delivery.", field="line", remedy=remedy)
    if procedure is not None and (delivery is not None or table != "procedures"):
        raise InputError("A procedure can be given for a person's procedures only.", field="procedure", remedy=remedy)


def _person(database: duckdb.DuckDBPyConnection, persons: Path, pseudonym: str | None, person: int | None) -> int:
    column, value = ("person", person) if pseudonym is None else ("pseudonym", pseudonym)
    found = database.execute(f"SELECT person FROM {parquet(persons)} WHERE {column} = ?", [value]).fetchone()
    if found is None:
        raise InputError(
            "There is no such person in the register.",
            file=persons,
            field=column,
            remedy="A pseudonym holds with the same key only, a person's number within one edition only.",
        )
    return int(found[0])


def _file(database: duckdb.DuckDBPyConnection, log: Path, delivery: str) -> int:
    rows = database.execute(f"SELECT name, file, in_force FROM {parquet(log)} ORDER BY file").fetchall()
    in_force = [file for name, file, valid in rows if name == delivery and valid]
    if in_force:
        return int(in_force[0])
    names = sorted({name for name, _, _ in rows})
    if delivery in names:
        raise InputError(
            "The delivery is not in force: it was rejected, or another has replaced it.",
            file=delivery,
            remedy="Nothing of it is in the register; its receipt tells why.",
        )
    # Any two names of deliveries are alike; near is one that differs by a character or two.
    near = difflib.get_close_matches(delivery, names, n=1, cutoff=0.9)
    remedy = f"Did you mean {near[0]}?" if near else "Give the name of a delivery file of the year."
    raise InputError("There is no such delivery.", file=delivery, remedy=remedy)
