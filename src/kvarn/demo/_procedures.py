"""Which procedures a person in care is given, by whom and when.

How often each code is used, and by whom, is an assumption; the shares of persons with a procedure, with an assessing
and with a treating one follow the published figures exactly, before faults.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kvarn.demo import _figures as figures
from kvarn.demo._mix import ASSESSING, OTHER, PALLIATIVE, TREATING, Mix
from kvarn.demo._panel import Panel
from kvarn.demo._stays import Stays

__all__ = ["CarePlan", "Given", "care_plan", "given"]

Indices = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_PALLIATIVE_MONTHS = 2  # the last months of those who die in care, assumption


@dataclass(frozen=True)
class CarePlan:
    """How much of what is given in a year; one place in each array a stay.

    Attributes
    ----------
    rate
        Procedures expected in a month with care; 0 without procedures.
    allowed
        Which kinds may be given: a place in `Mix.allowed`.
    profile
        What the care is mostly about: a place in `SHARES_OF_PROFILES`.
    palliative_from
        First palliative month, 13 for none.
    assessing_month, treating_month, other_month
        The month (1–12) with a procedure of that kind for certain, 0 for none.
    """

    rate: Floats
    allowed: Indices
    profile: Indices
    palliative_from: Indices
    assessing_month: Indices
    treating_month: Indices
    other_month: Indices


@dataclass(frozen=True)
class Given:
    """The procedures of some stays in a year, sorted by month, stay, day and entry; no two are equal.

    Attributes
    ----------
    month, day
        The date.
    stay
        Place in the stays.
    entry
        Place in `Mix.entries`.
    """

    month: Indices
    stay: Indices
    day: Indices
    entry: Indices

    def of(self, some: npt.NDArray[np.bool_]) -> Given:
        """Some of the procedures."""
        return Given(self.month[some], self.stay[some], self.day[some], self.entry[some])


def care_plan(
    panel: Panel, stays: Stays, year: int, *, reporting: npt.NDArray[np.bool_], total: float, mix: Mix, seed: int
) -> CarePlan:
    """Share out the year's procedures over the stays in municipalities that report them.

    Parameters
    ----------
    reporting
        For each municipality whether it delivers KHSL2 that year.
    total
        Procedures in the whole year.
    """
    rng = np.random.default_rng([seed, 40, year])
    persons, member = np.unique(stays.person, return_inverse=True)
    covered = reporting[stays.municipality]
    with_procedures = _persons_with_procedures(panel, persons, member, covered, year, rng)
    kinds = _kinds_of(with_procedures, year, rng)

    active = covered & with_procedures[member]
    assessing_month, treating_month, other_month = _certain_months(stays, active, kinds[member], rng)
    certain = sum(int((months > 0).sum()) for months in (assessing_month, treating_month, other_month))
    intensity = panel.intensity[stays.person].astype(np.float64)
    rate = _rates(intensity * active, stays.months.sum(axis=1), max(total - certain, 0.0), mix)

    ends_by_death = panel.died[stays.person] & (panel.exit_year[stays.person] == year)
    last_month = panel.exit_month[stays.person].astype(np.int64)
    return CarePlan(
        rate=rate,
        allowed=kinds[member],
        profile=panel.profile[stays.person].astype(np.int64),
        palliative_from=np.where(ends_by_death, last_month - _PALLIATIVE_MONTHS + 1, 13),
        assessing_month=assessing_month,
        treating_month=treating_month,
        other_month=other_month,
    )


def given(plan: CarePlan, stays: Stays, rows: slice, *, mix: Mix, rng: np.random.Generator) -> Given:
    """The procedures of the stays in `rows`, drawn one by one."""
    months = stays.months[rows]
    counts = rng.poisson(plan.rate[rows, None] * months)
    stay = np.repeat(np.tile(np.arange(len(months)), 12), counts.T.ravel())
    month = np.repeat(np.arange(1, 13), counts.sum(axis=0))
    palliative = month >= plan.palliative_from[rows][stay]
    profile = np.where(palliative, PALLIATIVE, plan.profile[rows][stay])
    entry = mix.drawn(profile, plan.allowed[rows][stay], rng)
    certain = (
        (plan.assessing_month[rows], ASSESSING),
        (plan.treating_month[rows], TREATING),
        (plan.other_month[rows], OTHER),
    )
    for certain_month, kind in certain:
        more = np.flatnonzero(certain_month)
        stay = np.concatenate([stay, more])
        month = np.concatenate([month, certain_month[more]])
        kinds = np.full(len(more), mix.only[kind])
        entry = np.concatenate([entry, mix.drawn(plan.profile[rows][more], kinds, rng)])
    day = mix.days_drawn(month, rng)
    return _distinct(month, stay, day, entry, stays=len(months), entries=len(mix.entries))


def _persons_with_procedures(
    panel: Panel, persons: Indices, member: Indices, covered: npt.NDArray[np.bool_], year: int, rng: np.random.Generator
) -> npt.NDArray[np.bool_]:
    """The published share of all persons, among those whose municipality reports; mostly the same from year to year."""
    eligible = np.zeros(len(persons), dtype=bool)
    eligible[member[covered]] = True
    wanted = min(round(figures.share_with_procedures(year) * len(persons)), int(eligible.sum()))
    # Those with much care are the least likely to have no procedure at all.
    order = np.log(panel.intensity[persons]) + 1.5 * rng.standard_normal(len(persons))
    order[~eligible] = -np.inf
    chosen = np.zeros(len(persons), dtype=bool)
    chosen[np.argsort(-order, kind="stable")[:wanted]] = True
    return chosen


def _kinds_of(with_procedures: npt.NDArray[np.bool_], year: int, rng: np.random.Generator) -> Indices:
    """Which kinds each person is given: 0 both, 1 no treating, 2 no assessing, 3 neither (places in `Mix.allowed`)."""
    assessing, treating = figures.shares_of_kinds(year)
    neither = figures.NEITHER_ASSESSING_NOR_TREATING
    persons = np.flatnonzero(with_procedures)
    bounds = np.cumsum([1 - treating - neither, 1 - assessing - neither, neither]) * len(persons)
    no_treating, no_assessing, without = np.split(rng.permutation(persons), np.rint(bounds).astype(np.int64))[:3]
    kinds = np.zeros(len(with_procedures), dtype=np.int64)
    kinds[no_treating], kinds[no_assessing], kinds[without] = 1, 2, 3
    return kinds


def _certain_months(
    stays: Stays, active: npt.NDArray[np.bool_], kinds: Indices, rng: np.random.Generator
) -> tuple[Indices, Indices, Indices]:
    """For one stay of each person with procedures the months in which the person's kinds are given for certain."""
    _, places = np.unique(np.where(active, stays.person, -1), return_index=True)
    anchors = places[active[places]]

    def month_with_care(among: Indices) -> Indices:
        months = np.zeros(len(active), dtype=np.int64)
        months[among] = 1 + np.argmax(stays.months[among] * rng.random((len(among), 12)), axis=1)
        return months

    return (
        month_with_care(anchors[(kinds[anchors] == 0) | (kinds[anchors] == 1)]),
        month_with_care(anchors[(kinds[anchors] == 0) | (kinds[anchors] == 2)]),
        month_with_care(anchors[kinds[anchors] == 3]),
    )


def _rates(intensity: Floats, months: Indices, total: float, mix: Mix) -> Floats:
    """Procedures drawn a month, so that the distinct ones among them come to the total."""
    if total <= 0 or not intensity.any():
        return np.zeros(len(intensity))
    low, high = 0.0, 100 * total / float(intensity @ months)
    for _ in range(40):
        middle = (low + high) / 2
        if float(mix.distinct(intensity * middle) @ months) < total:
            low = middle
        else:
            high = middle
    return intensity * high


def _distinct(month: Indices, stay: Indices, day: Indices, entry: Indices, *, stays: int, entries: int) -> Given:
    """Sort, and drop repetitions: an exact repetition in a delivery is a fault, and faults are made elsewhere."""
    key = ((month * stays + stay) * 32 + day) * entries + entry
    key.sort()
    first = np.ones(len(key), dtype=bool)
    first[1:] = key[1:] != key[:-1]
    key, entry = np.divmod(key[first], entries)
    key, day = np.divmod(key, 32)
    month, stay = np.divmod(key, stays)
    return Given(month, stay, day, entry)
