"""Who is in care in which years: persons who enter, stay for years, and leave or die.

Each year's numbers by sex and age follow the published totals; whoever is missing to them enters care, whoever is too
many leaves it. Rates of death, of leaving and of entry within the year are assumptions.

What happens in a year is drawn from the seed and the year alone: a later year can be added, and those before it stay as they are.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
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
_OLDEST = 110  # nobody in care is older, assumption
_GREATEST_SHARE_IN_CARE = 0.85  # of the inhabitants of any sex and age, assumption
_STILL_IN_CARE = 9999  # the last year in care of whoever has not left


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


def panel(
    first_year: int, last_year: int, *, persons_in: Callable[[int], int], full_scale: Callable[[int], float], seed: int
) -> Panel:
    """Everybody in care from the first to the last year.

    With a later last year the same persons come first, and differ in nothing but how their care ends after the earlier one.

    Parameters
    ----------
    persons_in, full_scale
        Persons in care in a year, here and at full scale; asked of the year after the last too, as it tells who leaves.
    """
    everybody = _entrance(_targets(first_year, persons_in, full_scale), first_year, None, seed)
    # Most of those in care in the first year had it already when the year began.
    earlier = np.random.default_rng([seed, 23]).random(len(everybody.sex)) < 0.7
    everybody.entry_month[earlier] = 1
    for year in range(first_year, last_year + 1):
        targets = _targets(year + 1, persons_in, full_scale)
        staying = _leave(everybody, year, targets, seed)
        if year < last_year:
            missing = targets - np.bincount(staying, minlength=2 * AGES)
            everybody = _together(everybody, _entrance(missing, year + 1, everybody.identity, seed))
    return everybody


def _leave(everybody: Panel, year: int, targets: Counts, seed: int) -> Counts:
    """Who leaves care in the year is written into the panel; returns the cells in the next year of those who stay."""
    rng = np.random.default_rng([seed, 21, year])
    present = everybody.in_care(year)
    ages = year - everybody.birth_year[present]
    dying = (rng.random(len(present)) < _risk_of_death(ages)) | (ages >= _OLDEST)
    staying = ~dying & (rng.random(len(present)) >= np.where(ages < 65, 0.08, 0.12))
    cells = _cells(everybody.sex[present], year + 1 - everybody.birth_year[present])
    staying[staying] = _within(cells[staying], targets, rng)
    earliest = np.where(everybody.entry_year[present] == year, everybody.entry_month[present], 1)
    last_month = (earliest + np.floor(rng.random(len(present)) * (13 - earliest))).astype(np.int8)
    everybody.died[present[dying]] = True
    everybody.exit_year[present[~staying]] = year
    everybody.exit_month[present[~staying]] = last_month[~staying]
    return cells[staying]


def _entrance(missing: Counts, year: int, taken: Counts | None, seed: int) -> Panel:
    """The persons who enter care in the year to fill the cells."""
    rng = np.random.default_rng([seed, 20, year])
    sex, birth_year = _entrants(missing, year, rng)
    persons = len(sex)
    intensity = np.minimum(np.exp(_INTENSITY_SPREAD * rng.standard_normal(persons)), _GREATEST_INTENSITY)
    return Panel(
        sex=sex,
        birth_year=birth_year,
        entry_year=np.full(persons, year, dtype=np.int16),
        exit_year=np.full(persons, _STILL_IN_CARE, dtype=np.int16),
        entry_month=rng.integers(1, 13, persons).astype(np.int8),
        exit_month=np.full(persons, 12, dtype=np.int8),
        died=np.zeros(persons, dtype=bool),
        identity=identity_numbers(birth_year, sex, coordination_share=_COORDINATION_NUMBERS, rng=rng, taken=taken, seed=seed),
        regular=rng.random(persons) < _REGULAR_CARE,
        profile=rng.choice(len(SHARES_OF_PROFILES), persons, p=SHARES_OF_PROFILES).astype(np.int8),
        intensity=intensity.astype(np.float32),
    )


def _together(earlier: Panel, later: Panel) -> Panel:
    names = [field.name for field in dataclasses.fields(Panel)]
    return Panel(**{name: np.concatenate([getattr(earlier, name), getattr(later, name)]) for name in names})


def _cells(sex: npt.NDArray[np.int8], ages: npt.NDArray[np.int16]) -> Counts:
    """The cell of sex and age, the oldest together."""
    return sex.astype(np.int64) * AGES + np.clip(ages, 0, AGES - 1)


def _targets(year: int, persons_in: Callable[[int], int], full_scale: Callable[[int], float]) -> Counts:
    """Persons in care by sex and age (cells in the order of `_cells`) whose sum is exactly that of the year."""
    structure = national_structure(year)
    in_care = structure * _rate_by_age()
    persons = full_scale(year)
    old = figures.share_65_and_older(year)
    women = {True: figures.WOMEN_AMONG_65_AND_OLDER, False: figures.WOMEN_BELOW_65}
    for sex in (MEN, WOMEN):
        for is_old, ages in ((False, slice(0, 65)), (True, slice(65, AGES))):
            share = (old if is_old else 1 - old) * (women[is_old] if sex == WOMEN else 1 - women[is_old])
            in_care[sex, ages] = _shared_out(share * persons, in_care[sex, ages], structure[sex, ages])
    running = np.cumsum(in_care.ravel())
    return cast(Counts, np.diff(np.rint(running / running[-1] * persons_in(year)).astype(np.int64), prepend=0))


def _shared_out(
    persons: float, weights: npt.NDArray[np.float64], inhabitants: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """The persons shared out by the weights; while others have room no age gets more than a greatest share of its inhabitants."""
    most = inhabitants * _GREATEST_SHARE_IN_CARE
    result = weights / weights.sum() * persons
    for _ in range(len(weights)):
        full = result >= most
        if not (result > most).any() or not weights[~full].sum():
            break
        result[full] = most[full]
        result[~full] = weights[~full] / weights[~full].sum() * (persons - most[full].sum())
    return np.asarray(result)


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
    ages = np.minimum(ages + np.where(ages == AGES - 1, rng.geometric(0.55, len(cells)) - 1, 0), _OLDEST)
    return (cells // AGES).astype(np.int8), (year - ages).astype(np.int16)
