"""Synthetic identity numbers that pass the real check.

A personal identity number is YYYYMMDD, a birth number (odd for men, even for women) and a check digit by Luhn's method
over the last ten digits (folkbokföringslagen 1991:481 §18); a co-ordination number has 60 added to the day.
"""

from __future__ import annotations

from typing import cast

import numpy as np
import numpy.typing as npt

from kvarn.demo._figures import MEN
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
) -> Numbers:
    """A different number for each person, as an integer of 12 digits.

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
    group, rank = _rank_within(date * 2 + sexes)
    if persons and int(rank.max()) >= _BIRTH_NUMBERS:
        raise InputError(
            "There are not enough birth numbers for so many persons.",
            field="persons",
            remedy="Ask for fewer persons; some five million is the limit.",
        )
    start = rng.integers(0, _BIRTH_NUMBERS, persons)[group]
    step = rng.integers(1, _BIRTH_NUMBERS, persons)[group]
    index = (start + rank * step) % _BIRTH_NUMBERS
    birth_number = 2 * index + np.where(np.asarray(sexes) == MEN, 1, 2)
    nine = date % 1_000_000 * 1000 + birth_number
    return cast(Numbers, (date * 1000 + birth_number) * 10 + _check_digits(nine))


def _rank_within(keys: Numbers) -> tuple[Numbers, Numbers]:
    """For each key the number of its group and the place within the group, counted from nought."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    first = np.ones(len(keys), dtype=bool)
    first[1:] = ordered[1:] != ordered[:-1]
    starts = np.flatnonzero(first)
    group_ordered = np.cumsum(first) - 1
    group = np.empty(len(keys), dtype=np.int64)
    rank = np.empty(len(keys), dtype=np.int64)
    group[order] = group_ordered
    rank[order] = np.arange(len(keys)) - starts[group_ordered]
    return group, rank
