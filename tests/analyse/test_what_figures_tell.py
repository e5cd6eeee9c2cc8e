"""Quantiles, coverage and whole groups tell of counts too: what follows from them is kept as any secret is."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from scipy.optimize import linprog

from kvarn import metadata
from kvarn.analyse.disclosure.written.key import Key
from kvarn.analyse.disclosure.written.quantiles import lines_of_quantiles
from kvarn.analyse.disclosure.written.relations import months_covered
from kvarn.analyse.disclosure.written.wholes import stated
from kvarn.edition import Disclosure
from kvarn.edition._disclosure_rules import Sensitive
from kvarn.errors import DisclosureError

from .test_links_unseen import Spec, protected, row

MONTHS = [f"{month:02d}" for month in range(1, 13)]
# How many months each has had care in: of the men sixteen had it in all.
MEN = [set(MONTHS)] * 16 + [set(MONTHS[:2])] * 5
WOMEN = [set(MONTHS[:2])] * 18 + [set(MONTHS)] * 2 + [set(MONTHS[3:])] * 3 + [set(MONTHS[5:])] * 2
PEOPLE = {"T": MEN + WOMEN, "1": MEN, "2": WOMEN}
QUARTILES = {"months_lower_quartile": (1, 4), "months_median": (1, 2), "months_upper_quartile": (3, 4)}


def quantile(people: list[set[str]], share: tuple[int, int]) -> int:
    return sorted(map(len, people))[math.ceil(len(people) * share[0] / share[1]) - 1]


def with_quartiles() -> dict[str, Spec]:
    by_sex = [
        row(measure, 2023, sex, value=value, persons=len(people))
        for sex, people in PEOPLE.items()
        for measure, value in {
            "person_months": sum(map(len, people)),
            "persons": len(people),
            **{name: quantile(people, share) for name, share in QUARTILES.items()},
        }.items()
    ]
    by_month = [
        row("persons", 2023, month, sex, value=sum(month in one for one in people))
        for month in MONTHS
        for sex, people in PEOPLE.items()
    ]
    return {
        "ax": (["year", "sex"], ["person_months", "persons", *QUARTILES], by_sex),
        "bx": (["year", "month", "sex"], ["persons"], by_month),
    }


def shown(sheets: dict[str, pd.DataFrame], name: str, **codes: str) -> str:
    frame = sheets[name]
    for variable, code in codes.items():
        frame = frame[frame[variable] == code]
    return "".join(frame["value"])


def test_a_quartile_does_not_tell_who_was_there_in_a_month(tmp_path: Path) -> None:
    """With the lower quartile of 12 there are 16 men in each month at least: the men that are withheld must not be the rest."""
    sheets = protected(tmp_path, **with_quartiles())
    quartile = shown(sheets, "ax", sex="1", measure="months_lower_quartile")
    withheld = [month for month in MONTHS if not shown(sheets, "bx", month=month, sex="2")]
    assert {"03"} <= set(withheld)
    for month in withheld:
        least = 16 if quartile == "12" else 1
        men = shown(sheets, "bx", month=month, sex="1")
        both = shown(sheets, "bx", month=month, sex="T")
        assert not (men and both)
        # Where the men alone are withheld they are no fewer than the sixteen.
        assert not both or men or int(both) - least >= 3 + 2


def counts_of(sexes: list[str]) -> dict[Key, int]:
    found: dict[Key, int] = {}
    for sex in sexes:
        people, of = PEOPLE[sex], (("sex", sex),) if sex != "T" else ()
        found |= {("person_months", 2023, of): sum(map(len, people)), ("persons", 2023, of): len(people)}
        found |= {("persons", 2023, (("month", month), *of)): sum(month in one for one in people) for month in MONTHS}
    return found


@pytest.mark.parametrize("sexes", [["T"], ["1"], ["2"], ["T", "1", "2"]], ids=["all", "men", "women", "together"])
@pytest.mark.parametrize("shown", [["T"], ["T", "1"], ["T", "1", "2"]], ids=["whole", "two", "three"])
def test_what_is_stated_of_quantiles_is_true_of_those_whom_they_were_made_of(sexes: list[str], shown: list[str]) -> None:
    """Whatever else is not known can be such that all lines hold with the true counts."""
    known = counts_of(sexes)
    of = {sex: (("sex", sex),) if sex != "T" else () for sex in shown if sex in sexes}
    figures = {(name, 2023, of[sex]): str(quantile(PEOPLE[sex], share)) for sex in of for name, share in QUARTILES.items()}
    lines = list(lines_of_quantiles(figures, known))
    unknown = sorted({key for line in lines for key in line.terms} - known.keys())
    right = [float(sum(entry * known[key] for key, entry in line.terms.items() if key in known)) for line in lines]
    rows = [[-float(line.terms.get(key, 0)) for key in unknown] for line in lines]
    exact = [place for place, line in enumerate(lines) if line.exact]
    more = [place for place, line in enumerate(lines) if not line.exact]
    given = {"A_eq": [rows[place] for place in exact], "b_eq": [right[place] for place in exact]} if exact else {}
    if not lines:
        assert not of
        return
    solved = linprog([0.0] * len(unknown), A_ub=[rows[place] for place in more], b_ub=[right[place] for place in more], **given)
    assert solved.status == 0
    assert len(lines) > len(MONTHS)


def test_a_quartile_of_all_and_one_of_the_men_tell_of_the_women() -> None:
    """Those with twelve months add up, though the women have no quartile."""
    known, women = counts_of(["T", "1"]), ("persons", 2023, (("sex", "2"),))
    figures = {("months_lower_quartile", 2023, ()): "2", ("months_lower_quartile", 2023, (("sex", "1"),)): "12"}
    lines = [line for line in lines_of_quantiles(figures, known, {women}) if line.exact]
    assert {key[2] for line in lines for key in line.terms} >= {(("amount", "12"),), (("amount", "12"), ("sex", "2"))}


def of_one_month(measure: str, coverage: str) -> dict[str, Spec]:
    """Files of one month: the year is that month, whether the other months are shown or not."""
    year = [
        row(name, 2023, "0114", age, value=value, persons=persons)
        for age, value, persons in (("65-79", 3, 2), ("80+", 9, 9))
        for name, value, persons in ((measure, value, persons), (coverage, 1, 0))
    ]
    ages = (("T", 32, 20), ("0-64", 20, 13), ("65-79", 3, 2), ("80+", 9, 9))
    month = [row(measure, 2023, "0114", "03", age, value=value, persons=persons) for age, value, persons in ages]
    return {
        "ax": (["year", "region", "age"], [measure, coverage], year),
        "bx": (["year", "region", "month", "age"], [measure], month),
    }


@pytest.mark.parametrize(("measure", "coverage"), [("persons", "months_persons"), ("procedures", "months_procedures")])
def test_the_only_month_of_which_there_are_files_is_the_year(measure: str, coverage: str, tmp_path: Path) -> None:
    sheets = protected(tmp_path, **of_one_month(measure, coverage))
    eighty = [shown(sheets, "ax", age="80+", measure=measure), shown(sheets, "bx", age="80+")]
    rest = [shown(sheets, "bx", age=age) for age in ("T", "0-64")]
    assert not (any(eighty) and all(rest)), "32 less 20 less 9 are 3 of two persons"


def line_keys(months: int, cells: int) -> Iterator[tuple[frozenset[Key], bool]]:
    place = (("region", "0114"),)
    keys: set[Key] = {("person_months", 2023, place), ("persons", 2023, place)}
    keys |= {("persons", 2023, (("month", month), *place)) for month in MONTHS[:cells]}
    covered = months_covered({("months_persons", 2023, place): str(months)})
    for line in stated(keys, covered=covered).lines:
        if any(key[0] == "person_months" and entry < 0 for key, entry in line.terms.items()):
            yield frozenset(line.terms), line.exact


@pytest.mark.parametrize(("months", "cells", "with_persons"), [(3, 1, True), (3, 2, True), (3, 3, False), (1, 1, False)])
def test_of_months_that_are_not_shown_there_are_no_more_than_have_files(months: int, cells: int, *, with_persons: bool) -> None:
    """Person-months are those of the months shown, and as many times the persons as further months have files."""
    place = (("region", "0114"),)
    wanted: set[Key] = {("person_months", 2023, place), *([("persons", 2023, place)] if with_persons else [])}
    wanted |= {("persons", 2023, (("month", month), *place)) for month in MONTHS[:cells]}
    found = [terms for terms, _ in line_keys(months, cells)]
    assert any(wanted <= terms for terms in found)


def test_a_coverage_of_a_county_is_a_sum_and_limits_nobody() -> None:
    assert months_covered({("months_persons", 2023, (("region", "01"),)): "13", ("months_persons", 2023, ()): "40"}) == {}


def test_that_everybody_is_in_one_group_is_kept_where_all_groups_are_there(tmp_path: Path) -> None:
    """A nought is never withheld, so that such a table is refused: the rule is one that the office has set."""
    groups = [one["code"] for one in metadata.codelist("procedure-group").rows if one["code"] != "T"]
    figures = {"T": (40, 12), "medicines": (40, 12)}
    rows = [
        row("procedures", 2023, code, value=figures.get(code, (0, 0))[0], persons=figures.get(code, (0, 0))[1])
        for code in ["T", *groups]
    ]
    spec: Spec = (["year", "procedure_group"], ["procedures"], rows)
    assert shown(protected(tmp_path, ax=spec), "ax", procedure_group="medicines") == "40"
    shutil.rmtree(tmp_path / "tables")
    medicines = Sensitive(codes=("medicines",), group=True)
    with pytest.raises(DisclosureError, match="follows from figures that cannot be withheld"):
        protected(tmp_path, Disclosure(sensitive={"procedure_group": medicines}), ax=spec)
