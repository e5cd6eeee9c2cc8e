"""Direct standardisation against the formula in floating point, and against itself."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvarn import metadata
from kvarn.analyse import rate, standardised
from kvarn.errors import InputError

GROUPS = metadata.measure("standardised_per_1000").standardised.groups  # type: ignore[union-attr]
MEASURES = ("standardised_lower", "standardised_per_1000", "standardised_upper")


def by_age(values: list[int], measure: str, **codes: object) -> pd.DataFrame:
    frame = pd.DataFrame({"year": 2023, **codes, "age": GROUPS, "measure": measure, "value": values})
    return frame.assign(contributors=values if measure == "persons" else None)


def limits(persons: list[int], living: list[int], standard: list[int]) -> tuple[float, float, float]:
    """Dobson's interval with Byar's limits, in floating point."""
    whole, total = sum(standard), sum(persons)
    rate_ = sum(n * d / p for n, d, p in zip(standard, persons, living, strict=True)) / whole
    variance = sum(n**2 * d / p**2 for n, d, p in zip(standard, persons, living, strict=True)) / whole**2
    low = total * (1 - 1 / (9 * total) - 1.959964 / (3 * math.sqrt(total))) ** 3
    high = (total + 1) * (1 - 1 / (9 * (total + 1)) + 1.959964 / (3 * math.sqrt(total + 1))) ** 3
    scale = math.sqrt(variance / total)
    return 1000 * (rate_ + scale * (low - total)), 1000 * rate_, 1000 * (rate_ + scale * (high - total))


def found(persons: list[int], living: list[int], standard: list[int]) -> list[str]:
    counted, inhabitants = by_age(persons, "persons", region="01"), by_age(living, "population", region="01")
    frames = [standardised(name, counted, inhabitants, standard=by_age(standard, "population")) for name in MEASURES]
    assert all(list(frame.columns) == ["year", "region", "measure", "value", "contributors"] for frame in frames)
    assert [frame["contributors"].tolist() for frame in frames] == [[sum(persons)]] * 3
    return [frame["value"].iloc[0] for frame in frames]


counts = st.lists(st.integers(0, 500), min_size=3, max_size=3).filter(sum)
sizes = st.lists(st.integers(500, 90_000), min_size=3, max_size=3)


@given(persons=counts, living=sizes, standard=sizes)
def test_rate_and_limits_are_those_of_the_formula(persons: list[int], living: list[int], standard: list[int]) -> None:
    wanted = limits(persons, living, standard)
    for said, number in zip(found(persons, living, standard), wanted, strict=True):
        assert float(said) == pytest.approx(max(number, 0), abs=0.05 + 1e-6 * abs(number))


@given(persons=counts, living=sizes)
def test_with_its_own_ages_as_the_standard_a_region_keeps_its_crude_rate(persons: list[int], living: list[int]) -> None:
    totals = [
        pd.DataFrame({"year": [2023], "measure": name, "value": sum(held), "contributors": sum(held)})
        for name, held in (("persons", persons), ("population", living))
    ]
    assert found(persons, living, living)[1] == rate("persons_per_1000", *totals)["value"].iloc[0]


def test_an_age_group_where_nobody_lives_makes_the_rate_not_available() -> None:
    assert found([1, 2, 0], [100, 100, 0], [1, 1, 1]) == ["..", "..", ".."]


def test_where_nobody_was_counted_the_rate_is_nought_and_has_no_interval() -> None:
    assert found([0, 0, 0], [100, 100, 100], [1, 1, 1]) == ["..", "0.0", ".."]


def test_what_cannot_be_standardised_is_refused() -> None:
    counted, inhabitants = by_age([1, 2, 3], "persons", region="01"), by_age([9, 9, 9], "population", region="01")
    standard = by_age([1, 1, 1], "population")
    with pytest.raises(InputError, match="not standardised"):
        standardised("persons_per_1000", counted, inhabitants, standard=standard)
    with pytest.raises(InputError, match="nobody of 80"):
        standardised(MEASURES[0], counted, inhabitants, standard=standard[standard["age"] != "80+"])
    with pytest.raises(InputError, match="age"):
        standardised(MEASURES[0], counted.drop(columns="age"), inhabitants, standard=standard)
    with pytest.raises(InputError, match="twice"):
        standardised(MEASURES[0], counted, inhabitants, standard=pd.concat([standard, standard]))
