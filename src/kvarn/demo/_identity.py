"""Synthetic identity numbers that pass the real check.

A personal identity number is YYYYMMDD, a birth number (odd for men, even for women) and a check digit by Luhn's method
over the last ten digits (folkbokföringslagen 1991:481 §18); a co-ordination number has 60 added to the day.
"""

from __future__ import annotations

from typing import cast

import numpy as np
import numpy.typing as npt

from kvarn.demo._figures import MEN, WOMEN
from kvarn.errors import InputError

__all__ = ["check_digit", "identity_numbers"]

Numbers = npt.NDArray[np.int64]

# 499 is prime, so that any step from any start visits every birth number of a day and sex before it repeats one.
_BIRTH_NUMBERS = 499


def check_digit(digits: str) -> str:
    """The Luhn check digit for the nine digits YYMMDDNNN."""
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(digits))
    return str(-sum(value - 9 if value > 9 else value for value in doubled) % 10)


def _check_digits(nine: Numbers) -> Numbers:
    """`check_digit` for a whole column."""
    total = np.zeros_like(nine)
    for place in range(9):
        digit = nine // 10 ** (8 - place) % 10
        value = digit * (2 - place % 2)
        total += value - 9 * (value > 9)
    return -total % 10


def identity_numbers(
    birth_years: npt.NDArray[np.integer],
    sexes: npt.NDArray[np.integer],
    *,
    coordination_share: float,
    rng: np.random.Generator,
    taken: Numbers | None = None,
    seed: int = 0,
) -> Numbers:
    """A different number for each person, as an integer of 12 digits.

    Parameters
    ----------
    taken
        The numbers that others have already, made with the same `seed`: none of them is given again.

    Raises
    ------
    InputError
        When more persons are born on a day than there are birth numbers.
    """
    persons = len(birth_years)
    january_first = np.asarray(birth_years - 1970, dtype="datetime64[Y]").astype("datetime64[D]")
    births = january_first + rng.integers(0, 365, persons)
    months = births.astype("datetime64[M]")
    month_numbers = months.astype(np.int64) % 12 + 1
    days = (births - months).astype(np.int64) + 1
    coordination = rng.random(persons) < coordination_share
    date = np.asarray(birth_years, dtype=np.int64) * 10_000 + month_numbers * 100 + days + 60 * coordination
    day_and_sex = date * 2 + sexes
    rank = _rank_within(day_and_sex)
    if taken is not None and len(taken):
        rank = rank + _given_before(day_and_sex, taken)
    if persons and int(rank.max()) >= _BIRTH_NUMBERS:
        raise InputError(
            "There are not enough birth numbers for so many persons.",
            field="persons",
            remedy="Ask for fewer persons; some five million is the limit.",
        )
    # The order of a day's birth numbers is drawn from the day alone, so that whoever comes in a later year goes on with it.
    drawn = _scattered(day_and_sex, seed)
    start, step = drawn % _BIRTH_NUMBERS, 1 + drawn // _BIRTH_NUMBERS % (_BIRTH_NUMBERS - 1)
    index = (start + rank * step) % _BIRTH_NUMBERS
    birth_number = 2 * index + np.where(np.asarray(sexes) == MEN, 1, 2)
    nine = date % 1_000_000 * 1000 + birth_number
    return cast(Numbers, (date * 1000 + birth_number) * 10 + _check_digits(nine))


def _rank_within(keys: Numbers) -> Numbers:
    """For each key its place among the equal ones, counted from zero."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    rank = np.empty(len(keys), dtype=np.int64)
    rank[order] = np.arange(len(keys)) - np.searchsorted(ordered, ordered, side="left")
    return rank


def _given_before(keys: Numbers, taken: Numbers) -> Numbers:
    """For each day and sex how many of the numbers that are taken belong to it."""
    date, birth_number = taken // 10_000, taken // 10 % 1000
    days, counts = np.unique(date * 2 + np.where(birth_number % 2 == 1, MEN, WOMEN), return_counts=True)
    place = np.minimum(np.searchsorted(days, keys), len(days) - 1)
    return cast(Numbers, np.where(days[place] == keys, counts[place], 0))


def _scattered(keys: Numbers, seed: int) -> Numbers:
    """A number for each key that looks like chance and is always the same (the finalizer of SplitMix64)."""
    salt = int(np.random.default_rng([seed, 22]).integers(0, 2**63))
    mixed = keys.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(salt)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return cast(Numbers, ((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(1)).astype(np.int64))
