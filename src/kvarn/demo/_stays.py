"""A year's stays: who is in care in which municipality in which months.

Moves, short stays in a second municipality and months without care have rates that are assumptions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kvarn.demo import _figures as figures
from kvarn.demo._figures import AGES
from kvarn.demo._panel import Panel
from kvarn.demo._population import Municipality

__all__ = ["Homes", "Stays", "reporting"]

Indices = npt.NDArray[np.int64]
Months = npt.NDArray[np.bool_]  # one row a stay, one column a month

_MOVES = 0.012  # share of persons a year
_SECOND_MUNICIPALITY = 0.008
_CARE_IN_A_MONTH = {True: 0.97, False: 0.38}  # regular care or not
_SUMMER = 0.93  # care in July, relative to other months, of those without regular care
_SPREAD_BETWEEN_MUNICIPALITIES = 0.12
_LARGEST_WITHOUT_KHSL2 = 0.015  # share of the persons in care
_BELOW_65 = 0.5  # exponent: care below 65 depends less on who answers for home care


@dataclass(frozen=True)
class Stays:
    """One year's stays, sorted by municipality and identity number.

    Attributes
    ----------
    person
        Place in the panel. A person can have several stays.
    municipality
        Place in the list of municipalities.
    months
        In which of the twelve months there was care.
    """

    person: Indices
    municipality: Indices
    months: Months

    def of(self, municipality: int) -> slice:
        """The stays in one municipality."""
        bounds = np.searchsorted(self.municipality, [municipality, municipality + 1])
        return slice(int(bounds[0]), int(bounds[1]))

    def by_sex_and_age(self, panel: Panel, year: int, municipalities: int) -> Indices:
        """Persons with care in the year by municipality, sex and age, the oldest together; nobody has two stays in one place."""
        counts = np.zeros((municipalities, 2, AGES), dtype=np.int64)
        ages = np.clip(year - panel.birth_year[self.person].astype(np.int64), 0, AGES - 1)
        np.add.at(counts, (self.municipality, panel.sex[self.person].astype(np.int64), ages), 1)
        return counts


class Homes:
    """Where everybody lives, from year to year."""

    def __init__(self, panel: Panel, places: tuple[Municipality, ...], *, seed: int) -> None:
        self._panel = panel
        self._seed = seed
        rng = np.random.default_rng([seed, 30])
        factor = np.exp(_SPREAD_BETWEEN_MUNICIPALITIES * rng.standard_normal(len(places)))
        without = [
            place.code.startswith(figures.COUNTY_WITHOUT_HOME_CARE) and place.code != figures.MUNICIPALITY_WITH_HOME_CARE
            for place in places
        ]
        self._factor = np.where(without, figures.REMAINING_WITHOUT_HOME_CARE, 1.0) * factor
        self._home = np.full(len(panel.sex), -1, dtype=np.int64)

    def stays(self, year: int, population: npt.NDArray[np.float64]) -> Stays:
        """The stays of a year. Call it for each year in turn: those who move start the next year where they moved to.

        Parameters
        ----------
        population
            Expected inhabitants by municipality, sex and age: persons in care live where people of their age live.
        """
        rng = np.random.default_rng([self._seed, 31, year])
        person = self._panel.in_care(year)
        ages = year - self._panel.birth_year[person].astype(np.int64)
        new = self._home[person] < 0
        self._home[person[new]] = self._drawn(ages[new], population, rng)
        home = self._home[person]
        months = self._months_of_care(person, year, rng)

        moving = rng.random(len(person)) < _MOVES
        move_month = rng.integers(1, 12, len(person))
        moved_to = home.copy()
        moved_to[moving] = self._drawn(ages[moving], population, rng)
        self._home[person] = moved_to
        moving &= moved_to != home
        before = np.arange(12) < np.where(moving, move_month, 12)[:, None]

        away = rng.random(len(person)) < _SECOND_MUNICIPALITY
        second = rng.integers(0, len(self._factor), len(person))
        away &= (second != home) & (second != moved_to)
        since = np.arange(12) - rng.integers(0, 12, len(person))[:, None]
        visit = (since >= 0) & (since < rng.integers(1, 4, len(person))[:, None]) & self._spell(person, year)

        persons = np.concatenate([person, person[moving], person[away]])
        places = np.concatenate([home, moved_to[moving], second[away]])
        care = np.concatenate([months & before, (months & ~before)[moving], visit[away]])
        some = care.any(axis=1)
        persons, places, care = persons[some], places[some], care[some]
        order = np.lexsort((self._panel.identity[persons], places))
        return Stays(persons[order], places[order], care[order])

    def shares(self, population: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Each municipality's expected share of the persons in care."""
        weights = population[:, :, 65:].sum(axis=(1, 2)) * self._factor
        return np.asarray(weights / weights.sum())

    def _spell(self, person: Indices, year: int) -> Months:
        """The months between a person's entry into care and the end of it."""
        panel = self._panel
        first = np.where(panel.entry_year[person] == year, panel.entry_month[person], 1)
        last = np.where(panel.exit_year[person] == year, panel.exit_month[person], 12)
        month = np.arange(1, 13)
        return (month >= first[:, None]) & (month <= last[:, None])

    def _months_of_care(self, person: Indices, year: int, rng: np.random.Generator) -> Months:
        """Months with care: never none, for whoever is in care in a year has it in some month."""
        spell = self._spell(person, year)
        regular = self._panel.regular[person]
        chance = np.where(regular, _CARE_IN_A_MONTH[True], _CARE_IN_A_MONTH[False])[:, None] * np.ones(12)
        chance[~regular, 6] *= _SUMMER
        months = spell & (rng.random((len(person), 12), dtype=np.float32) < chance)
        none = np.flatnonzero(~months.any(axis=1))
        months[none, np.argmax(spell[none] * rng.random((len(none), 12)), axis=1)] = True
        return months

    def _drawn(self, ages: Indices, population: npt.NDArray[np.float64], rng: np.random.Generator) -> Indices:
        """Municipalities drawn in proportion to the inhabitants of about the same age who can have care there."""
        drawn = np.empty(len(ages), dtype=np.int64)
        groups = ((0, 18), (18, 65), (65, 80), (80, 200))
        for start, stop in groups:
            members = np.flatnonzero((ages >= start) & (ages < stop))
            inhabitants = population[:, :, start:stop].sum(axis=(1, 2))
            weights = np.cumsum(inhabitants * self._factor ** (1.0 if start >= 65 else _BELOW_65))
            place = np.searchsorted(weights, rng.random(len(members)) * weights[-1], side="right")
            drawn[members] = np.minimum(place, len(weights) - 1)
        return drawn


def reporting(shares: npt.NDArray[np.float64], year: int, *, seed: int) -> npt.NDArray[np.bool_]:
    """Which municipalities deliver KHSL2 in the year: one that does goes on doing so.

    Parameters
    ----------
    shares
        Each municipality's share of the persons in care.
    """
    rng = np.random.default_rng([seed, 32])
    order = rng.permutation(len(shares))
    # One of the largest alone would be a jump in the series.
    order = order[shares[order] < _LARGEST_WITHOUT_KHSL2]
    without = order[np.cumsum(shares[order]) <= 1 - figures.coverage_by_khsl2(year)]
    delivers = np.ones(len(shares), dtype=bool)
    delivers[without] = False
    return delivers
