"""The population: what cannot be a country's or a municipality's, and jumps of both and of their men and women."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kvarn import metadata, process
from kvarn.edition import Checks
from kvarn.pipeline.findings._finding import Finding
from kvarn.pipeline.production import Production

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["jumps", "population_ahead", "population_jumps", "sizes", "unlikely_populations"]

_SEXES = {1: "men", 2: "women"}


def population_jumps(production: Production) -> Iterator[Finding]:
    """Findings in the population that the register has."""
    file = production.workspace.register / "population.parquet"
    if file.is_file():
        import pandas as pd

        yield from jumps(pd.read_parquet(file), production.edition.checks)


def population_ahead(production: Production) -> list[Finding]:
    """Findings in the files of the population, as long as the register has not been made from them.

    Raises
    ------
    CodeListError
        The files do not hold the population of every year of the edition.
    """
    edition = production.edition
    people = process.read_population(production.population, edition.years, noise=edition.data.population_noise)
    unlikely = [] if edition.synthetic else list(sizes(people, edition.checks))
    return [*jumps(people, edition.checks), *unlikely]


def unlikely_populations(production: Production) -> Iterator[Finding]:
    """Findings in the population that the register has. That of a synthetic register is scaled with the register."""
    file = production.workspace.register / "population.parquet"
    if file.is_file() and not production.edition.synthetic:
        import pandas as pd

        yield from sizes(pd.read_parquet(file), production.edition.checks)


def sizes(population: pd.DataFrame, limits: Checks) -> Iterator[Finding]:
    """Where the inhabitants are more, or fewer, than those of the country or of a municipality can be.

    Of a year in which the country is told of, no municipality is: the whole file is at fault.
    """
    of_country = population.groupby("year")["population"].sum()
    of_places = population.groupby(["year", "municipality"])["population"].sum()
    told = set()
    for year, inhabitants in zip(of_country.index.astype(int).tolist(), map(int, of_country.tolist()), strict=True):
        if not limits.country_least <= inhabitants <= limits.country_most:
            told.add(year)
            yield _size(year, 0, inhabitants, limits.country_least, limits.country_most)
    years, places = (of_places.index.get_level_values(name).astype(int).tolist() for name in ("year", "municipality"))
    for year, place, inhabitants in zip(years, places, map(int, of_places.tolist()), strict=True):
        if year not in told and not limits.municipality_least <= inhabitants <= limits.municipality_most:
            yield _size(year, place, inhabitants, limits.municipality_least, limits.municipality_most)


def _size(year: int, place: int, inhabitants: int, least: int, most: int) -> Finding:
    key = "municipality" if place else "country"
    named = _named(place)
    said = (
        f"{named[0].upper()}{named[1:]} has {inhabitants:,} inhabitants at the end of {year}; {least:,} to {most:,} are expected "
        f"(checks.{key}_least, checks.{key}_most)."
    )
    return Finding("population-size", f"{year}, {_code(place)}", str(inhabitants), said)


def jumps(population: pd.DataFrame, limits: Checks) -> Iterator[Finding]:
    """Where the inhabitants are many more, or many fewer, than a year before.

    Where the whole of a place has jumped, its sexes are not told of besides.

    Parameters
    ----------
    population
        ``year``, ``municipality``, ``sex`` (1, 2), ``population``; a year or a place that is not there is not compared.
    """
    people = population.assign(sex=population["sex"].astype(int))
    country = people.assign(municipality=0)
    for whole, places in ((country, "country"), (people, "municipality")):
        total_limit = float(getattr(limits, f"population_{places}"))
        sex_limit = float(getattr(limits, f"population_{places}_sex"))
        total = whole.groupby(["municipality", "year"])["population"].sum()
        jumped = dict(_jumps(total, total_limit, limits.population_least))
        found = {(place, year, 0): change for (place, year), change in jumped.items()}
        for sex in _SEXES:
            of_sex = whole[whole["sex"] == sex].groupby(["municipality", "year"])["population"].sum()
            for (place, year), change in _jumps(of_sex, sex_limit, limits.population_least):
                if (place, year) not in jumped:
                    found[place, year, sex] = change
        for (place, year, sex), (before, now) in sorted(found.items()):
            yield _finding(place, year, sex, before, now)


def _jumps(counts: pd.Series[int], limit: float, least: int) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    places = [counts.index.get_level_values(name).astype(int).tolist() for name in ("municipality", "year")]
    known = dict(zip(zip(*places, strict=True), map(int, counts.tolist()), strict=True))
    for (place, year), now in known.items():
        before = known.get((place, year - 1))
        if before is None or abs(now - before) < max(least, 1):
            continue
        # By the smaller of the two, so that a fall counts as much as the rise that undoes it.
        if abs(now - before) > limit * min(before, now):
            yield (place, year), (before, now)


def _finding(place: int, year: int, sex: int, before: int, now: int) -> Finding:
    of = [_SEXES[sex]] if sex else []
    who = f"{of[0].capitalize()} in" if of else "The population of"
    said = f"{who} {_named(place)}: {before:,} at the end of {year - 1}, {now:,} at the end of {year}."
    return Finding("population-jump", ", ".join([str(year), _code(place), *of]), f"{before} to {now}", said)


def _code(place: int) -> str:
    return f"{place:04}" if place else "country"


def _named(place: int) -> str:
    return f"{place:04} {metadata.codelist('region').label(f'{place:04}', 'sv')}" if place else "the country"
