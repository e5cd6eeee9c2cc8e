"""Rates and shares: decimal text, exact, rounded half up, and complete."""

from __future__ import annotations

from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvarn.analyse import decimal_text, rate, share
from kvarn.errors import InputError


def counted(measure: str, **columns: list[object]) -> pd.DataFrame:
    frame = pd.DataFrame(columns)
    frame.insert(len(frame.columns) - 1, "measure", measure)
    return frame.assign(contributors=frame["value"].astype("Int64"))


def values(frame: pd.DataFrame, by: str) -> dict[str, str]:
    return dict(zip(frame[by], frame["value"], strict=True))


@pytest.mark.parametrize(
    ("numerator", "denominator", "decimals", "text"),
    [
        (1, 8, 0, "13"),
        (5, 1000, 0, "1"),  # 0.5 per cent: half to even would make it 0
        (25, 1000, 0, "3"),  # 2.5 per cent: half to even would make it 2
        (1, 3, 1, "33.3"),
        (2, 3, 1, "66.7"),
        (1005, 100000, 2, "1.01"),  # 1.005 per cent: binary floating point would make it 1.00
        (0, 7, 1, "0.0"),
        (7, 7, 1, "100.0"),
        (1, 1000, 2, "0.10"),
        (0, 0, 1, "."),
        (3, 0, 1, "."),
    ],
)
def test_half_is_rounded_up_and_nothing_is_divided_by_nought(numerator: int, denominator: int, decimals: int, text: str) -> None:
    assert decimal_text(numerator, denominator, factor=100, decimals=decimals) == text


@given(st.integers(0, 10**8), st.integers(1, 10**8), st.integers(0, 3))
def test_it_is_the_nearest_decimal_and_the_upper_of_two(numerator: int, denominator: int, decimals: int) -> None:
    text = decimal_text(numerator, denominator, factor=1000, decimals=decimals)
    too_much = Fraction(text) - Fraction(numerator * 1000, denominator)
    half = Fraction(1, 2 * 10**decimals)
    assert -half < too_much <= half
    assert len(text.partition(".")[2]) == decimals


def test_where_people_live_and_nobody_was_counted_the_rate_is_nought() -> None:
    persons = counted("persons", year=[2023], region=["0114"], value=[5])
    inhabitants = counted("population", year=[2023, 2023], region=["0114", "0115"], value=[100, 50])
    assert values(rate("persons_per_1000", persons, inhabitants), "region") == {"0114": "50.0", "0115": "0.0"}


def test_where_persons_were_counted_and_nobody_lives_the_rate_does_not_apply() -> None:
    persons = counted("persons", year=[2023, 2023], region=["0114", "0115"], value=[5, 2])
    inhabitants = counted("population", year=[2023], region=["0114"], value=[100])
    assert values(rate("persons_per_1000", persons, inhabitants), "region") == {"0114": "50.0", "0115": "."}


def test_a_kind_that_nobody_had_is_a_share_of_nought_and_not_a_missing_one() -> None:
    kinds = counted("persons_with_procedure", year=[2023, 2023], kind=["T", "treating"], value=[4, 4])
    everyone = counted("persons", year=[2023], value=[16])
    of_everyone = values(share("share_of_persons", part=kinds, of=everyone), "kind")
    assert of_everyone == {"T": "25.0", "treating": "25.0", "assessing": "0.0", "other": "0.0"}
    of_those = share("share_of_persons_with_procedure", part=kinds, of=kinds)
    assert values(of_those, "kind") == {"T": "100.0", "treating": "100.0", "assessing": "0.0", "other": "0.0"}
    assert of_those.loc[of_those["kind"] == "assessing", "contributors"].tolist() == [0]


def test_a_share_is_taken_within_each_year_and_sex() -> None:
    kinds = counted("persons_with_procedure", year=[2022, 2023, 2023], sex=["1", "1", "2"], kind=["T", "T", "T"], value=[1, 1, 3])
    everyone = counted("persons", year=[2022, 2023, 2023], sex=["1", "1", "2"], value=[2, 4, 4])
    shares = share("share_of_persons", part=kinds, of=everyone)
    total = shares[shares["kind"] == "T"].sort_values(["year", "sex"])
    assert total["value"].tolist() == ["50.0", "25.0", "75.0"]


def test_a_measure_of_other_parts_is_refused() -> None:
    persons = counted("persons", year=[2023], value=[5])
    with pytest.raises(InputError, match="persons_per_1000 is made of persons and population"):
        rate("persons_per_1000", persons, persons)
    with pytest.raises(InputError, match="not a ratio"):
        rate("population", persons, persons)
