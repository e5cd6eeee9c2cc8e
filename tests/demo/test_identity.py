"""Synthetic identity numbers are well formed, different and right."""

import datetime

import numpy as np
import pytest

from kvarn.demo._identity import check_digit, identity_numbers
from kvarn.errors import InputError


def luhn_total(ten: str) -> int:
    return sum(sum(divmod(int(digit) * weight, 10)) for digit, weight in zip(ten, [2, 1] * 5, strict=True))


def made(persons: int, *, coordination_share: float = 0.2) -> tuple[np.ndarray, np.ndarray, list[str]]:
    rng = np.random.default_rng(3)
    years = rng.integers(1925, 2010, persons)
    sexes = rng.integers(0, 2, persons)
    numbers = identity_numbers(years, sexes, coordination_share=coordination_share, rng=rng)
    return years, sexes, [str(number) for number in numbers]


def test_a_published_example_gets_its_check_digit() -> None:
    # The example of the Swedish Tax Agency's brochure on personal identity numbers.
    assert check_digit("640823323") == "4"


def test_identity_numbers_pass_the_real_check() -> None:
    _, _, numbers = made(5000)
    assert all(len(number) == 12 and luhn_total(number[2:]) % 10 == 0 for number in numbers)


def test_identity_numbers_are_all_different() -> None:
    _, _, numbers = made(50_000)
    assert len(set(numbers)) == len(numbers)


def test_identity_numbers_tell_birth_and_sex() -> None:
    years, sexes, numbers = made(5000)
    coordination = 0
    for year, sex, number in zip(years, sexes, numbers, strict=True):
        day = int(number[6:8])
        coordination += day > 60
        assert datetime.date(int(number[:4]), int(number[4:6]), day - 60 * (day > 60)).year == year
        assert int(number[10]) % 2 == (1 if sex == 0 else 0)
        assert number[8:11] != "000"
    assert 800 < coordination < 1200


def test_more_persons_than_birth_numbers_are_refused() -> None:
    persons = 500_000
    with pytest.raises(InputError, match="birth numbers"):
        identity_numbers(np.full(persons, 1940), np.zeros(persons, dtype=int), coordination_share=0, rng=np.random.default_rng(1))
