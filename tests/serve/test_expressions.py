"""Selection expressions choose what the published interface says, and a mistake names the nearest code."""

from __future__ import annotations

import pytest

from kvarn.serve.expressions import chosen_codes, split_codes
from kvarn.serve.problems import Problem

YEARS = ("2019", "2020", "2021", "2022", "2023")
AGES = ("T", "0-64", "65-79", "65+", "80+")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (["2021", "2019"], ["2019", "2021"]),
        (["2021", "2021", "*1"], ["2021"]),
        (["*"], list(YEARS)),
        (["202*"], ["2020", "2021", "2022", "2023"]),
        (["*19"], ["2019"]),
        (["*02*"], ["2020", "2021", "2022", "2023"]),
        (["201?"], ["2019"]),
        (["????"], list(YEARS)),
        (["TOP(2)"], ["2022", "2023"]),
        (["top(2,1)"], ["2021", "2022"]),
        (["TOP(99)"], list(YEARS)),
        (["BOTTOM(2)"], ["2019", "2020"]),
        (["Bottom(1,1)"], ["2020"]),
        (["FROM(2022)"], ["2022", "2023"]),
        (["TO(2020)"], ["2019", "2020"]),
        (["RANGE(2020,2021)"], ["2020", "2021"]),
        (["range(2021, 2020)"], ["2020", "2021"]),
        (["TOP(1)", "2019"], ["2019", "2023"]),
    ],
)
def test_expressions_of_years(asked: list[str], found: list[str]) -> None:
    assert list(chosen_codes("year", YEARS, asked, time=True)) == found


def test_the_top_of_what_has_no_time_is_its_beginning() -> None:
    assert chosen_codes("age", AGES, ["TOP(2)"]) == ("T", "0-64")
    assert chosen_codes("age", AGES, ["BOTTOM(2)"]) == ("65+", "80+")
    assert chosen_codes("age", AGES, ["TOP(2,4)"]) == ("80+",)


def test_codes_may_be_written_in_small_letters_and_hold_what_expressions_have() -> None:
    assert chosen_codes("age", AGES, ["t", "65+"]) == ("T", "65+")
    assert chosen_codes("x", ("a*", "ab", "TOP(1)"), ["a*"]) == ("a*",)
    assert chosen_codes("x", ("a*", "ab", "TOP(1)"), ["TOP(1)"]) == ("TOP(1)",)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("2032", r"The variable 'year' has no code '2032'\. The nearest is '2023'\."),
        ("FROM(1919)", r"no code '1919'\. The nearest is '2019'"),
        ("RANGE(2019,2)", "no code '2'"),
        ("TOP(0)", r"the expression 'TOP\(0\)'; write TOP\(n\)"),
        ("TOP(x)", "write TOP"),
        ("TOP(99999999999999999999)", "write TOP"),
        ("RANGE(2019)", "write TOP"),
        ("FROM()", "write TOP"),
        ("2*3", "stands at the beginning, at the end"),
        ("**", "stands at the beginning, at the end"),
        ("9*", "no code"),
        ("?", "no code"),
        ("?" * 100_000, "no code"),
        ("", "no code"),
    ],
)
def test_a_mistake_names_the_variable_and_the_nearest_code(asked: str, said: str) -> None:
    with pytest.raises(Problem) as caught:
        chosen_codes("year", YEARS, [asked], time=True)
    assert caught.value.status == 400
    assert len(caught.value.detail) < 400
    with pytest.raises(Problem, match=said):
        chosen_codes("year", YEARS, [asked], time=True)


def test_there_is_an_end_to_expressions() -> None:
    with pytest.raises(Problem, match="more than 1,000 expressions"):
        chosen_codes("year", YEARS, [f"RANGE(2019,{' ' * number}2020)" for number in range(1_001)])


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("a,b", ["a", "b"]),
        (" a , ,b,", ["a", "b"]),
        ("TOP(2,1),x", ["TOP(2,1)", "x"]),
        ("[TOP(2,1)],[a,b]", ["TOP(2,1)", "a,b"]),
        ("[a", ["[a"]),
        (")", [")"]),
        ("", []),
    ],
)
def test_a_comma_within_brackets_separates_nothing(text: str, items: list[str]) -> None:
    assert split_codes(text) == items
