"""What an edition accepts of what looks wrong: exact, answered for, and never of a kind or place that there is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvarn.edition import load_edition
from kvarn.errors import EditionError

from .test_load_edition import GOOD, project, written

__all__ = ["project"]

ONE = """
accepted:
  - what: population-jump
    where: "2023, 0114"
    at: 46300 to 52200
    why: It took over a part of its neighbour.
    by: A. A.
    shown: {sv: Gränsen ändrades., en: The boundary changed.}
"""


def refused(folder: Path, text: str) -> EditionError:
    with pytest.raises(EditionError) as caught:
        load_edition(written(folder, GOOD + text))
    return caught.value


def test_an_acceptance_says_what_where_at_which_value_why_and_by_whom(project: Path) -> None:
    (one,) = load_edition(written(project, GOOD + ONE)).accepted
    assert (one.place, one.at, one.year) == (("population-jump", "2023, 0114"), "46300 to 52200", 2023)
    assert (one.words("sv"), one.words("en")) == ("Gränsen ändrades.", "The boundary changed.")
    (hidden,) = load_edition(
        written(project, GOOD + ONE.replace("{sv: Gränsen ändrades., en: The boundary changed.}", "false"))
    ).accepted
    assert hidden.words("sv") is None
    (number,) = load_edition(written(project, GOOD + ONE.replace("46300 to 52200", "0.11"))).accepted
    assert number.at == "0.11"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("population-jump", "population-jmp", "did you mean 'population-jump'?"),
        ("population-jump", "no such thing at all", "known: population-jump, "),
        ('"2023, 0114"', '"2023, 0144"', "is no municipality; did you mean '"),
        ('"2023, 0114"', '"the year of 2023"', "copy it from what kvarn status prints"),
        ('"2023, 0114"', '"2023, 0114, KHSL3"', "copy it from what kvarn status prints"),
        ('"2023, 0114"', '"2023, children"', "copy it from what kvarn status prints"),
        ("population-jump", "date-copied", "is no place of date-copied"),
        ("It took over a part of its neighbour.", '" "', "must say something"),
        ("A. A.", '""', "must say something"),
        ("{sv: Gränsen ändrades., en: The boundary changed.}", "true", "the words that readers see"),
        ("{sv: Gränsen ändrades., en: The boundary changed.}", "{sv: Bara svenska.}", "the words that readers see"),
        ("en: The boundary changed.", 'en: ""', "the words that readers see"),
        ("    shown: {sv: Gränsen ändrades., en: The boundary changed.}\n", "", "'shown' is missing"),
        ("    why:", "    wy:", "Did you mean 'why'?"),
        ("accepted:", "accepted: all  #", "should be a list"),
    ],
)
def test_what_cannot_be_accepted_is_refused_with_what_is_meant(project: Path, before: str, after: str, said: str) -> None:
    text = ONE.replace(before, after) if before != "accepted:" else "\naccepted: all\n"
    assert said in str(refused(project, text))


def test_the_line_of_the_acceptance_is_named(project: Path) -> None:
    second = ONE + ONE.split("accepted:\n")[1].replace("0114", "0115").replace("by: A. A.", 'by: ""')
    error = refused(project, second)
    assert error.line == len((GOOD + second).split('by: ""')[0].splitlines())


def test_one_place_is_accepted_once(project: Path) -> None:
    twice = ONE + ONE.split("accepted:\n")[1].replace("46300", "46301")
    assert "accepted twice" in refused(project, twice).what


def test_limits_are_positive_numbers(project: Path) -> None:
    assert load_edition(written(project, GOOD + "checks: {population_country: 1}\n")).checks.population_country == 1.0
    assert refused(project, "checks: {persons_times: 1}\n").key == "checks.persons_times"
    for of, most in (("country", 15_000_000), ("municipality", 1_500_000)):
        error = refused(project, f"checks: {{{of}_least: {most + 1}}}\n")
        assert error.key == f"checks.{of}_least" and f"{of}_most" in error.what
        assert load_edition(written(project, GOOD + f"checks: {{{of}_least: {most}}}\n")).checks.country_most == 15_000_000
    assert "persons_times" in (refused(project, "checks: {person_times: 3}\n").remedy or "")
