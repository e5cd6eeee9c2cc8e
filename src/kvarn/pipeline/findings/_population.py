"""Jumps in the population: of the country, of each municipality, and of the men and the women of both."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from kvarn import metadata
from kvarn.edition import Checks
from kvarn.pipeline.findings._finding import Finding
from kvarn.pipeline.production import Production

__all__ = ["jumps", "population_jumps"]

_SEXES = {1: "men", 2: "women"}


def population_jumps(production: Production) -> Iterator[Finding]:
    """Findings in the population that the register has."""
    file = production.workspace.register / "population.parquet"
    if file.is_file():
        yield from jumps(pd.read_parquet(file), production.edition.checks)


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
    code = f"{place:04}" if place else "country"
    named = f"{code} {metadata.codelist('region').label(code, 'sv')}" if place else "the country"
    who = f"{of[0].capitalize()} in" if of else "The population of"
    said = f"{who} {named}: {before:,} at the end of {year - 1}, {now:,} at the end of {year}."
    return Finding("population-jump", ", ".join([str(year), code, *of]), f"{before} to {now}", said)
