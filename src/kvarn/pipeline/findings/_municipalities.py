"""Municipalities that deliver many more, many fewer or no persons or procedures all at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kvarn import metadata
from kvarn.edition import Checks
from kvarn.pipeline.findings._finding import Finding
from kvarn.pipeline.findings._fingerprint import fingerprint
from kvarn.pipeline.production import Production
from kvarn.programme import current_programme

__all__ = ["ceased_deliveries", "persons_jumps", "procedures_jumps"]


@dataclass(frozen=True)
class _Counted:
    """What is counted of each municipality."""

    table: str
    number: str
    noun: str
    rows: str
    kind: str

    @property
    def file_type(self) -> str | None:
        """What it is delivered in; None where the register has no such file type."""
        about = current_programme().about
        return about.periods if self.rows == "periods" else about.events

    def limits(self, checks: Checks) -> tuple[float, int]:
        """How many times as many are too many, and from how many on municipalities are compared."""
        return float(getattr(checks, f"{self.noun}_times")), int(getattr(checks, f"{self.noun}_least"))


_OF_PERSONS = _Counted("person_months", "COUNT(DISTINCT person)", "persons", "periods", "persons-jump")
_OF_PROCEDURES = _Counted("procedures", "COUNT(*)", "procedures", "events", "procedures-jump")


def persons_jumps(production: Production) -> Iterator[Finding]:
    """Municipalities with many more, or many fewer, persons with care than in the year before."""
    yield from _jumps(production, _OF_PERSONS)


def procedures_jumps(production: Production) -> Iterator[Finding]:
    """Municipalities with many more, or many fewer, procedures than in the year before."""
    yield from _jumps(production, _OF_PROCEDURES)


def ceased_deliveries(production: Production) -> Iterator[Finding]:
    """Municipalities of which the register has nothing, and had much the year before."""
    for counted in (_OF_PERSONS, _OF_PROCEDURES):
        _, least = counted.limits(production.edition.checks)
        for year, code, before, now in _pairs(production, counted):
            if now == 0 and before >= least:
                said = f"{_named(code)} has no {counted.noun} ({counted.file_type}) in {year}, and had many in {year - 1}."
                details = [{"year": year, "cell": f"{code:04}", "noun": counted.noun, "year_before": before, "now": now}]
                where = f"{year}, {code:04}, {counted.file_type}"
                yield Finding(
                    "deliveries-ceased",
                    where,
                    f"none after {year - 1}",
                    said,
                    details=details,
                    found_by=_both(counted, year, code),
                )


def _jumps(production: Production, counted: _Counted) -> Iterator[Finding]:
    times, least = counted.limits(production.edition.checks)
    for year, code, before, now in _pairs(production, counted):
        if min(before, now) == 0 or max(before, now) < least:
            continue
        if max(before, now) > times * min(before, now):
            folder = production.workspace.register
            at = fingerprint(_rows(folder, counted, year, code))
            limit = f"checks.{counted.noun}_times"
            said = f"The number of {counted.noun} of {_named(code)} in {year} is far from that of {year - 1} ({limit})."
            details = [{"year": year, "cell": f"{code:04}", "noun": counted.noun, "year_before": before, "now": now}]
            yield Finding(counted.kind, f"{year}, {code:04}", at, said, details=details, found_by=_both(counted, year, code))


def _both(counted: _Counted, year: int, code: int) -> list[list[dict[str, str]]]:
    """The counts of the year before and of the year, as tables have them."""
    return [[{"measure": counted.noun, "year": str(one), "region": f"{code:04}"} for one in (year - 1, year)]]


def _named(code: int) -> str:
    return f"{code:04} {metadata.codelist('region').label(f'{code:04}', 'sv')}"


def _pairs(production: Production, counted: _Counted) -> Iterator[tuple[int, int, int, int]]:
    """Year, municipality, and its number in the year before and in the year."""
    folder, years = production.workspace.register, production.edition.years
    numbers = {year: _numbers(folder, counted, year) for year in years}
    for year in years[1:]:
        before, now = numbers[year - 1], numbers[year]
        if before and now:
            yield from ((year, code, before.get(code, 0), now.get(code, 0)) for code in sorted({*before, *now}))


def _numbers(folder: Path, counted: _Counted, year: int) -> dict[int, int]:
    file = _file(folder, counted, year)
    if not file.is_file():
        return {}
    from kvarn.base.database import engine

    with engine(folder / "spill-findings") as database:
        database.read_parquet(str(file)).create_view("rows_of_year")
        found = database.sql(f"SELECT municipality, {counted.number} FROM rows_of_year GROUP BY municipality").fetchall()
    return {int(code): int(number) for code, number in found}


def _rows(folder: Path, counted: _Counted, year: int, code: int) -> list[tuple[object, ...]]:
    rows = []
    from kvarn.base.database import engine

    with engine(folder / "spill-findings") as database:
        database.read_parquet(str(folder / "persons.parquet")).create_view("persons")
        for one in (year - 1, year):
            database.read_parquet(str(_file(folder, counted, one))).create_view(f"rows_{one}")
            rows += database.sql(
                f"""
                SELECT {one}, persons.pseudonym, COUNT(*)
                FROM rows_{one} AS counted
                JOIN persons ON persons.person = counted.person
                WHERE counted.municipality = {code}
                GROUP BY persons.pseudonym
                ORDER BY persons.pseudonym
                """
            ).fetchall()
    return rows


def _file(folder: Path, counted: _Counted, year: int) -> Path:
    return folder / counted.table / f"year={year}" / "data.parquet"
