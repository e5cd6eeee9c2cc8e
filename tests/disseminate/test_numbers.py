import datetime
import math

import pytest

from kvarn.disseminate.numbers import format_cell, format_date, format_list, format_number, format_percent
from kvarn.disseminate.protected import Cell


@pytest.mark.parametrize(
    ("value", "decimals", "sv", "en"),
    [
        (0, 0, "0", "0"),
        (999, 0, "999", "999"),
        (1000, 0, "1\u00a0000", "1,000"),
        (413900, 0, "413\u00a0900", "413,900"),
        (40123456.5, 0, "40\u00a0123\u00a0457", "40,123,457"),
        (39.25, 1, "39,3", "39.3"),
        (2.675, 2, "2,68", "2.68"),
        (1234.5, 1, "1\u00a0234,5", "1,234.5"),
        (-1234.5, 0, "\u22121\u00a0235", "\u22121,235"),
        (-0.04, 1, "0,0", "0.0"),
    ],
)
def test_a_number_is_written_as_its_language_writes_it(value: float, decimals: int, sv: str, en: str) -> None:
    assert format_number(value, language="sv", decimals=decimals) == sv
    assert format_number(value, language="en", decimals=decimals) == en


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_not_a_number_is_never_written_as_one(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        format_number(value, language="sv")


def test_a_percentage_has_a_sign_or_the_word() -> None:
    assert format_percent(82.35, language="sv", decimals=1) == "82,4\u00a0%"
    assert format_percent(82.35, language="en", decimals=1) == "82.4%"
    assert format_percent(82, language="sv", in_words=True) == "82\u00a0procent"
    assert format_percent(82, language="en", in_words=True) == "82\u00a0per cent"


def test_a_cell_shows_its_value_with_the_decimals_of_its_measure() -> None:
    assert format_cell(Cell("persons", 1234.0, ""), "sv") == "1\u00a0234"
    assert format_cell(Cell("persons_per_1000", 39.0, ""), "sv") == "39,0"
    assert format_cell(Cell("row_rejection_rate", 0.5, ""), "en") == "0.5"


def test_nil_is_shown_as_a_nought_and_a_suppressed_cell_as_its_symbol() -> None:
    assert format_cell(Cell("persons", 0.0, ""), "en") == "0"
    assert format_cell(Cell("persons", None, "X"), "en") == "X"
    assert format_cell(Cell("persons", None, ".."), "sv") == ".."


def test_a_date_stands_in_words() -> None:
    day = datetime.date(2024, 9, 3)
    assert format_date(day, "sv") == "3 september 2024"
    assert format_date(day, "en") == "3 September 2024"


@pytest.mark.parametrize(
    ("items", "sv", "en"),
    [
        ([], "", ""),
        (["a"], "a", "a"),
        (["a", "b"], "a och b", "a and b"),
        (["a", "b", "c"], "a, b och c", "a, b and c"),
    ],
)
def test_words_in_a_row_end_with_and(items: list[str], sv: str, en: str) -> None:
    assert format_list(items, "sv") == sv
    assert format_list(items, "en") == en
