"""How often each procedure is used, by which professions, on which days (all of it assumption)."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, cast

import numpy as np
import numpy.typing as npt

from kvarn.metadata import own_codelist

__all__ = ["ASSESSING", "OTHER", "PALLIATIVE", "SHARES_OF_PROFILES", "TREATING", "Entry", "Mix", "mix_of"]

Indices = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

ASSESSING, TREATING, OTHER = "assessing", "treating", "other"
_KINDS = (ASSESSING, TREATING, OTHER)
# Which kinds a person can be given. The first four are a whole person's; the last two single out one kind.
_ALLOWED = (_KINDS, (ASSESSING, OTHER), (TREATING, OTHER), (OTHER,), (ASSESSING,), (TREATING,))

_NURSE, _OCCUPATIONAL_THERAPIST, _PHYSIOTHERAPIST = "XS919", "XS910", "XS918"
_TEAM = (_NURSE, _OCCUPATIONAL_THERAPIST, _PHYSIOTHERAPIST, "XS912", "XS913", "XS914", "XS917", "XS911")
_GROUP_OF_TEAMS = "coordination-and-planning"

# How often a code is used where 1 is rare.
_COMMON = {
    "AF015": 8, "AU116": 14, "AU124": 2, "AV034": 3, "AV112": 4, "AW011": 3, "AW020": 3, "DK020": 2,
    "DP005": 9, "DQ017": 14, "DT006": 4, "DT011": 5, "DT017": 3, "DT019": 34, "DT021": 18,
    "DT024": 3, "DT030": 3, "DV046": 26, "DV093": 3, "GA023": 4, "GA025": 12, "GA029": 3,
    "GB009": 4, "PB009": 6, "PG003": 3, "PH001": 4, "PH002": 5, "PM001": 5, "PM003": 6, "PM007": 8,
    "PN005": 3, "PN008": 3, "PT002": 14, "PT009": 5, "QB001": 8, "QB003": 5, "QD008": 9,
    "QE015": 12, "QG001": 5, "QG003": 12, "QH001": 6, "QH008": 16, "QM005": 6, "QM015": 14,
    "QT006": 7, "QT007": 6, "QT017": 14, "QV011": 5, "SP010": 9, "TKC20": 4, "XS005": 6, "XS008": 6,
    "XS012": 8, "XV007": 9, "XV015": 3,
}  # fmt: skip
_PALLIATIVE = {"QX006": 60, "DV097": 40, "PB009": 40, "DT021": 60, "DV041": 20, "XV028": 8, "QX007": 4, "QH001": 20}
_AT_DEATH_ONLY = frozenset({"QX007"})


class Profile(NamedTuple):
    """A kind of care that a person mostly has.

    Attributes
    ----------
    share
        Of the persons in care.
    groups
        The procedure groups it is about; others are rare.
    professions
        How readily each profession gives what it may give; 1 where not named.
    """

    share: float
    groups: frozenset[str]
    professions: Mapping[str, float]


_BY_NURSES = {_NURSE: 30.0, _OCCUPATIONAL_THERAPIST: 3.0, _PHYSIOTHERAPIST: 3.0}
_BY_THERAPISTS = {_NURSE: 3.0, _OCCUPATIONAL_THERAPIST: 14.0, _PHYSIOTHERAPIST: 12.0}
_PROFILES = (
    Profile(0.25, frozenset({"medicines", "vital-signs"}), _BY_NURSES),
    Profile(0.16, frozenset({"wounds-and-skin", "pain-and-senses", "medicines"}), _BY_NURSES),
    Profile(0.10, frozenset({"continence", "nutrition", "vital-signs", "daily-life"}), _BY_NURSES),
    Profile(0.14, frozenset({_GROUP_OF_TEAMS, "information-and-advice", "medicines", "mental-functions"}), _BY_NURSES),
    Profile(0.20, frozenset({"assistive-devices", "daily-life"}), _BY_THERAPISTS),
    Profile(0.15, frozenset({"mobility-and-training", "assistive-devices"}), _BY_THERAPISTS),
    Profile(0.00, frozenset({"end-of-life-care", "medicines", "pain-and-senses"}), {_NURSE: 40.0}),
)
SHARES_OF_PROFILES = tuple(profile.share for profile in _PROFILES)
PALLIATIVE = len(_PROFILES) - 1
_OUTSIDE_THE_PROFILE = 0.04
_SHARE_OF_A_SECOND_PROFESSION = 0.03
_SHARE_OF_TEAMS = 0.05  # of the procedures of co-ordination and planning

_WEEKEND = 0.55  # procedures on a Saturday or Sunday relative to other days
_DRAWS = 65_536


class Entry(NamedTuple):
    """What stands in a row after the date."""

    procedure: str
    professions: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Mix:
    """A year's procedures with their professions, ready to be drawn.

    Attributes
    ----------
    entries
        Every combination of procedure and professions.
    """

    entries: tuple[Entry, ...]
    _tables: npt.NDArray[np.uint16]  # profile × allowed × draw → entry
    _days: Indices  # month × draw → day
    _curve: tuple[Floats, Floats]  # expected drawn → expected distinct, in a month

    @property
    def only(self) -> dict[str, int]:
        """The place in the allowed kinds that singles out one kind."""
        return {OTHER: 3, ASSESSING: 4, TREATING: 5}

    def drawn(self, profile: Indices, allowed: Indices, rng: np.random.Generator) -> Indices:
        """An entry for each place of the arrays."""
        draw = rng.integers(0, _DRAWS, len(profile), dtype=np.uint16)
        entry = self._tables.ravel()[(profile * len(_ALLOWED) + allowed) * _DRAWS + draw]
        return cast(Indices, entry.astype(np.int64))

    def days_drawn(self, month: Indices, rng: np.random.Generator) -> Indices:
        """A day of the month for each place of the array, weekends less often."""
        draw = rng.integers(0, self._days.shape[1], len(month), dtype=np.uint16)
        return self._days[month - 1, draw]

    def distinct(self, expected: Floats) -> Floats:
        """How many different procedures to expect in a month when so many are drawn."""
        return np.asarray(np.interp(expected, *self._curve))


def mix_of(year: int) -> Mix:
    """The procedures that are valid in the year."""
    rows = [
        row
        for row in own_codelist("procedure").rows
        # The list's total has no professions.
        if row.get("professions") and int(row["valid_from"] or year) <= year <= int(row["valid_to"] or year)
    ]
    entries: list[Entry] = []
    kinds: list[str] = []
    weights: list[list[float]] = []
    for row in rows:
        for entry, by_profile in _entries(row):
            entries.append(entry)
            kinds.append(row["kind"])
            weights.append(by_profile)
    by_profile_and_entry = np.array(weights).T
    tables = np.stack(
        [np.stack([_table(profile * np.isin(kinds, allowed)) for allowed in _ALLOWED]) for profile in by_profile_and_entry]
    )
    days = np.stack([_days(year, month) for month in range(1, 13)])
    return Mix(tuple(entries), tables, days, _curve(by_profile_and_entry))


def _entries(row: Mapping[str, str]) -> Iterator[tuple[Entry, list[float]]]:
    """The procedure with each profession that gives it, alone and with others, and its weight in each profile."""
    code, professions = row["code"], tuple(row["professions"].split())
    teams = row["group"] == _GROUP_OF_TEAMS
    alone = 1 - (_SHARE_OF_A_SECOND_PROFESSION if len(professions) > 1 else 0) - (_SHARE_OF_TEAMS if teams else 0)
    for first in professions:
        weights = [
            _weight(code, row["group"], place) * profile.professions.get(first, 1) for place, profile in enumerate(_PROFILES)
        ]
        yield Entry(code, (first,)), [weight * alone for weight in weights]
        others = [profession for profession in professions if profession != first]
        for second in others:
            share = _SHARE_OF_A_SECOND_PROFESSION / len(others)
            yield Entry(code, (first, second)), [weight * share for weight in weights]
        team = (first, *(profession for profession in _TEAM if profession != first))
        for size in range(3, 9) if teams else ():
            # Halved for each more; one team in 32 has all seven further professions.
            share = _SHARE_OF_TEAMS * 0.5 ** min(size - 2, 5)
            yield Entry(code, team[:size]), [weight * share for weight in weights]


def _weight(code: str, group: str, profile: int) -> float:
    common = 0.0 if code in _AT_DEATH_ONLY else float(_COMMON.get(code, 1))
    if profile == PALLIATIVE:
        common = _PALLIATIVE.get(code, common)
    return common * (1 if group in _PROFILES[profile].groups else _OUTSIDE_THE_PROFILE)


def _table(weights: Floats) -> npt.NDArray[np.uint16]:
    """A table in which each entry stands as often as its weight asks for."""
    bounds = np.rint(np.cumsum(weights) / weights.sum() * _DRAWS).astype(np.int64)
    return np.repeat(np.arange(len(weights)), np.diff(bounds, prepend=0)).astype(np.uint16)


def _days(year: int, month: int) -> Indices:
    days = np.arange(1, calendar.monthrange(year, month)[1] + 1)
    weekend = [datetime.date(year, month, int(day)).weekday() >= 5 for day in days]
    weights = np.where(weekend, _WEEKEND, 1.0)
    bounds = np.rint(np.cumsum(weights) / weights.sum() * 4096).astype(np.int64)
    return np.repeat(days, np.diff(bounds, prepend=0))


def _curve(weights: Floats) -> tuple[Floats, Floats]:
    """Expected distinct procedures in a month of thirty days, the more are drawn: the mean over the profiles."""
    shares = weights / weights.sum(axis=1)[:, None] / 30
    expected = np.concatenate([[0.0], np.geomspace(0.01, 100_000, 150)])
    by_profile = [-30 * np.expm1(-drawn * shares).sum(axis=1) for drawn in expected]
    return expected, np.array(by_profile) @ np.array(SHARES_OF_PROFILES)
