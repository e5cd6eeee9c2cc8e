"""Who is in care in which years: persons who enter, stay for years, and leave or die.

Each year's numbers by sex and age follow the published totals; whoever is missing to them enters care, whoever is too
many leaves it. Rates of death, of leaving and of entry within the year are assumptions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt

from kvarn.demo import _figures as figures
from kvarn.demo._figures import AGES, MEN, WOMEN
from kvarn.demo._identity import identity_numbers
from kvarn.demo._mix import SHARES_OF_PROFILES
from kvarn.demo._population import national_structure

__all__ = ["Panel", "panel"]

Counts = npt.NDArray[np.int64]

_COORDINATION_NUMBERS = 0.004  # share of persons, assumption
_REGULAR_CARE = 0.55  # share of entrants with care nearly every month, assumption
_INTENSITY_SPREAD = 1.15  # standard deviation of the logarithm of a person's intensity of care, assumption
_GREATEST_INTENSITY = 40.0  # times the median


@dataclass(frozen=True)
class Panel:
    """Everybody who is in care in any of the years; one place in each array a person.

    Attributes
    ----------
    sex
        0 men, 1 women.
    birth_year, entry_year, exit_year
        The first and the last year in care.
    entry_month, exit_month
        The first month in care of the first year and the last month of the last.
    died
        Whether care ended by death.
    identity
        Identity number as an integer of 12 digits.
    regular
        Whether care is given nearly every month.
    profile
        What care is mostly about: a place in `SHARES_OF_PROFILES`.
    intensity
        Procedures relative to the median person's.
    """

    sex: npt.NDArray[np.int8]
    birth_year: npt.NDArray[np.int16]
    entry_year: npt.NDArray[np.int16]
    exit_year: npt.NDArray[np.int16]
    entry_month: npt.NDArray[np.int8]
    exit_month: npt.NDArray[np.int8]
    died: npt.NDArray[np.bool_]
    identity: Counts
    regular: npt.NDArray[np.bool_]
    profile: npt.NDArray[np.int8]
    intensity: npt.NDArray[np.float32]

    def in_care(self, year: int) -> Counts:
        """The persons in care in the year, by their place in the panel."""
        return np.flatnonzero((self.entry_year <= year) & (self.exit_year >= year))


def panel(first_year: int, last_year: int, *, persons_by_year: Mapping[int, int], seed: int) -> Panel:
    """Everybody in care from the first to the last year."""
    rng = np.random.default_rng([seed, 20])
    sex, birth_year = _entrants(_targets(first_year, persons_by_year[first_year]), first_year, rng)
    entry_year = np.full(len(sex), first_year, dtype=np.int16)
    exit_year = np.full(len(sex), last_year + 1, dtype=np.int16)
    died = np.zeros(len(sex), dtype=bool)
    for year in range(first_year, last_year + 1):
        present = np.flatnonzero((entry_year <= year) & (exit_year >= year))
        ages = year - birth_year[present]
        dying = rng.random(len(present)) < _risk_of_death(ages)
        staying = ~dying & (rng.random(len(present)) >= np.where(ages < 65, 0.08, 0.12))
        targets = _targets(year + 1, persons_by_year[min(year + 1, last_year)])
        cells = _cells(sex[present], year + 1 - birth_year[present])
        staying[staying] = _within(cells[staying], targets, rng)
        died[present[dying]] = True
        exit_year[present[~staying]] = year
        if year == last_year:
            break
        missing = targets - np.bincount(cells[staying], minlength=2 * AGES)
        new_sex, new_birth_year = _entrants(missing, year + 1, rng)
        sex = np.concatenate([sex, new_sex])
        birth_year = np.concatenate([birth_year, new_birth_year])
        entry_year = np.concatenate([entry_year, np.full(len(new_sex), year + 1, dtype=np.int16)])
        exit_year = np.concatenate([exit_year, np.full(len(new_sex), last_year + 1, dtype=np.int16)])
        died = np.concatenate([died, np.zeros(len(new_sex), dtype=bool)])
    return _with_attributes(sex, birth_year, entry_year, exit_year, died, first_year, rng)


def _with_attributes(
    sex: npt.NDArray[np.int8],
    birth_year: npt.NDArray[np.int16],
    entry_year: npt.NDArray[np.int16],
    exit_year: npt.NDArray[np.int16],
    died: npt.NDArray[np.bool_],
    first_year: int,
    rng: np.random.Generator,
) -> Panel:
    persons = len(sex)
    entry_month = rng.integers(1, 13, persons).astype(np.int8)
    # Most of those in care in the first year had it already when the year began.
    entry_month[(entry_year == first_year) & (rng.random(persons) < 0.7)] = 1
    earliest_exit = np.where(entry_year == exit_year, entry_month, 1)
    exit_month = (earliest_exit + np.floor(rng.random(persons) * (13 - earliest_exit))).astype(np.int8)
    intensity = np.minimum(np.exp(_INTENSITY_SPREAD * rng.standard_normal(persons)), _GREATEST_INTENSITY)
    return Panel(
        sex=sex,
        birth_year=birth_year,
        entry_year=entry_year,
        exit_year=exit_year,
        entry_month=entry_month,
        exit_month=exit_month,
        died=died,
        identity=identity_numbers(birth_year, sex, coordination_share=_COORDINATION_NUMBERS, rng=rng),
        regular=rng.random(persons) < _REGULAR_CARE,
        profile=rng.choice(len(SHARES_OF_PROFILES), persons, p=SHARES_OF_PROFILES).astype(np.int8),
        intensity=intensity.astype(np.float32),
    )


def _cells(sex: npt.NDArray[np.int8], ages: npt.NDArray[np.int16]) -> Counts:
    """The cell of sex and age, the oldest together."""
    return sex.astype(np.int64) * AGES + np.clip(ages, 0, AGES - 1)


def _targets(year: int, persons: int) -> Counts:
    """Persons in care by sex and age (cells in the order of `_cells`) whose sum is exactly `persons`."""
    in_care = national_structure(year) * _rate_by_age()
    old = figures.share_65_and_older(year)
    women = {True: figures.WOMEN_AMONG_65_AND_OLDER, False: figures.WOMEN_BELOW_65}
    for sex in (MEN, WOMEN):
        for is_old, ages in ((False, slice(0, 65)), (True, slice(65, AGES))):
            share = (old if is_old else 1 - old) * (women[is_old] if sex == WOMEN else 1 - women[is_old])
            in_care[sex, ages] *= share / in_care[sex, ages].sum()
    running = np.cumsum(in_care.ravel())
    return cast(Counts, np.diff(np.rint(running / running[-1] * persons).astype(np.int64), prepend=0))


def _rate_by_age() -> npt.NDArray[np.float64]:
    """Share of the inhabitants of an age who are in care, up to a factor for each sex (assumption)."""
    ages = np.arange(AGES)
    old = np.minimum(0.035 * np.exp(0.115 * (ages - 65)), 0.68)
    young = np.where(ages < 18, 0.0015, 0.006 * np.exp((ages - 18) / 35))
    # Nobody in the year of birth, so that no care comes before it.
    return np.where(ages >= 65, old, np.where(ages == 0, 0.0, young))


def _risk_of_death(ages: npt.NDArray[np.int16]) -> npt.NDArray[np.float64]:
    """Yearly risk of death of persons in care (assumption: well above the population's)."""
    return np.select([ages < 65, ages < 80, ages < 90], [0.02, 0.08, 0.16], default=0.28)


def _within(cells: Counts, targets: Counts, rng: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Which persons, drawn at random within each cell, have room in the next year's numbers."""
    order = np.lexsort((rng.random(len(cells)), cells))
    ordered = cells[order]
    starts = np.searchsorted(ordered, ordered, side="left")
    room = np.arange(len(cells)) - starts < targets[ordered]
    result = np.empty(len(cells), dtype=bool)
    result[order] = room
    return result


def _entrants(missing: Counts, year: int, rng: np.random.Generator) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int16]]:
    """Sex and birth year of the persons who enter care to fill the cells."""
    cells = np.repeat(np.arange(2 * AGES), missing)
    ages = cells % AGES
    # "100 and older" is one cell, but nobody should be exactly 100 only.
    ages = ages + np.where(ages == AGES - 1, rng.geometric(0.55, len(cells)) - 1, 0)
    return (cells // AGES).astype(np.int8), (year - ages).astype(np.int16)
