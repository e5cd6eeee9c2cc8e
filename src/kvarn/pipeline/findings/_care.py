"""Persons with a procedure of whom no care is reported."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kvarn import analyse, metadata
from kvarn.edition import Edition
from kvarn.pipeline.findings._care_words import without_care
from kvarn.pipeline.findings._finding import Finding
from kvarn.pipeline.findings._fingerprint import fingerprint
from kvarn.pipeline.production import Production
from kvarn.programme import current_programme

__all__ = ["classifications", "persons_without_care"]

_PERSONS, _WITH_PROCEDURE = "persons", "persons_with_procedure"
_OF_BOTH = ("region", "month", "sex", "age")


def persons_without_care(production: Production) -> Iterator[Finding]:
    """One finding a year: it stops the run where a table would show more persons with a procedure than with care."""
    register, edition = production.workspace.register, production.edition
    if edition.data.care != "reported":
        return
    for year in edition.event_years:
        files = [register / table / f"year={year}" / "data.parquet" for table in ("procedures", "person_months")]
        if not all(file.is_file() for file in files):
            continue
        rows, in_year = _gaps(register, year)
        if not rows:
            continue
        cells, where = [], []
        for cell, categories in _cells(register, edition, year):
            cells.append(cell)
            where.append([{"measure": one, "year": str(year), **categories} for one in (_PERSONS, _WITH_PROCEDURE)])
        yield Finding(
            "procedures-without-care",
            str(year),
            fingerprint([*rows, *(tuple(cell.values()) for cell in cells)]),
            _said(year, len({row[0] for row in rows}), in_year, cells),
            stops=bool(cells),
            details=[*cells, *_by_municipality(year, rows)],
            found_by=where,
        )


def _said(year: int, persons: int, in_year: int, cells: list[dict[str, object]]) -> str:
    # It is pasted into the edition, which lies in git: the numbers stand in the restricted folder alone.
    said = without_care(year, persons, in_year, None)
    if not cells:
        return (
            f"{said} No table shows more persons with a procedure than with care, so nothing has to be accepted. "
            f"To put it right, ask the municipalities to complete {current_programme().about.periods}."
        )
    variables = " and by ".join(dict.fromkeys(str(cell["classified_by"]) for cell in cells))
    return f"{said} In figures by {variables} more persons have a procedure than had care."


def _gaps(register: Path, year: int) -> tuple[list[tuple[Any, ...]], int]:
    """Each person, municipality and month with a procedure and without care; and how many persons had none in the year."""
    from kvarn.base.database import engine

    with engine(register / "spill-findings") as database:
        for table in ("procedures", "person_months"):
            file = str(register / table / f"year={year}" / "data.parquet")
            database.read_parquet(file).create_view(table)
        database.read_parquet(str(register / "persons.parquet")).create_view("persons")
        rows = database.sql(
            """
            SELECT persons.pseudonym, treated.municipality, treated.month
            FROM (SELECT DISTINCT person, municipality, CAST(MONTH(date) AS TINYINT) AS month FROM procedures) AS treated
            JOIN persons ON persons.person = treated.person
            WHERE NOT EXISTS (
                SELECT 1 FROM person_months AS care
                WHERE care.person = treated.person AND care.municipality = treated.municipality AND care.month = treated.month
            )
            ORDER BY persons.pseudonym, treated.municipality, treated.month
            """
        ).fetchall()
        in_year = database.sql(
            "SELECT COUNT(DISTINCT person) FROM procedures WHERE person NOT IN (SELECT person FROM person_months)"
        ).fetchall()[0][0]
    return rows, int(in_year)


def _cells(register: Path, edition: Edition, year: int) -> Iterator[tuple[dict[str, object], dict[str, str]]]:
    """The figures of the programme's tables in which more persons have a procedure than had care, each with its categories."""
    with analyse.Register(register) as opened:
        seen = set()
        for variables in classifications(edition, year):
            by = ["year", *variables]
            care = opened.count_persons(by, [year])
            treated = opened.count_persons_with_procedure(by, [year])
            both = treated.merge(care, on=by, how="left", suffixes=("", "_of_care"))
            both["value_of_care"] = both["value_of_care"].fillna(0)
            # Where one of the two was not reported at all, nothing says that they should fit together.
            both = both[(both["value"] != analyse.NOT_AVAILABLE) & (both["value_of_care"] != analyse.NOT_AVAILABLE)]
            more = both["value"].astype("int64") > both["value_of_care"].astype("int64")
            for row in both[more].sort_values(by).to_dict("records"):
                categories = tuple((name, str(row[name])) for name in variables if row[name] not in ("T", "00"))
                if categories not in seen:
                    seen.add(categories)
                    cell = {
                        "year": year,
                        "classified_by": " and ".join(variables),
                        "cell": ", ".join(f"{name} {code}" for name, code in categories) or "the country",
                        _WITH_PROCEDURE: int(row["value"]),
                        _PERSONS: int(row["value_of_care"]),
                    }
                    yield cell, dict(categories)


def classifications(edition: Edition, year: int) -> list[tuple[str, ...]]:
    """By what the tables of the programme show both, persons with care and persons with a procedure, in a year."""
    held: dict[str, list[set[str]]] = {_PERSONS: [], _WITH_PROCEDURE: []}
    for table in metadata.tables():
        if table.beside or year not in edition.years_of(table.years):
            continue
        for measure in {*table.measures} & set(held):
            held[measure].append({name for name in table.variables if name in _OF_BOTH})
    found = {tuple(sorted(one & other)) for one in held[_PERSONS] for other in held[_WITH_PROCEDURE]}
    return sorted(one for one in found if not any(set(one) < set(other) for other in found))


def _by_municipality(year: int, rows: list[tuple[Any, ...]]) -> Iterator[dict[str, object]]:
    places: dict[tuple[int, int], int] = {}
    for _, municipality, month in rows:
        places[int(municipality), int(month)] = places.get((int(municipality), int(month)), 0) + 1
    for (municipality, month), persons in sorted(places.items()):
        yield {
            "year": year,
            "classified_by": "municipality and month",
            "cell": f"municipality {municipality:04}, month {month:02}",
            "persons_with_procedure_and_without_care": persons,
        }
