"""Figures of before that contradict those of now, also by what follows from them for totals that no table has."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping

import pandas as pd
import pytest

from kvarn import metadata
from kvarn.analyse.disclosure.memory.impossible import impossible
from kvarn.analyse.disclosure.memory.pattern import Earlier
from kvarn.analyse.disclosure.memory.settled import settled
from kvarn.analyse.disclosure.system import Cell, cells_of
from kvarn.analyse.disclosure.written.plain import Plain
from kvarn.analyse.disclosure.written.relations import Key, key_of, untrue_of
from kvarn.analyse.disclosure.written.wholes import stated
from kvarn.errors import ConsistencyError

from .attacker_over_time import COUNTY
from .test_over_time import EDITION, ORDERS, Person, _figures, drawn, revised

MEASURE = "persons_with_procedure"
REGIONAL, NATIONAL = "region-with-procedure", "of-cooperation"
Figures = Mapping[tuple[str, str], int]  # region and sex


@pytest.fixture(autouse=True)
def _declared() -> Iterator[None]:
    with metadata.tables_beside(*(order.definition(name) for name, order in {**EDITION, **ORDERS}.items())):
        yield


def table_of(name: str, figures: Figures) -> pd.DataFrame:
    rows = [
        (2023, *((region, sex) if name == REGIONAL else ("T", sex)), MEASURE, str(value), value)
        for (region, sex), value in figures.items()
    ]
    first = "region" if name == REGIONAL else "cooperation"
    return pd.DataFrame(rows, columns=["year", first, "sex", "measure", "value", "contributors"])


def joined(before: str, tables: Mapping[str, Figures]) -> Earlier:
    found = {name: table_of(name, figures) for name, figures in tables.items()}
    return Earlier(found, tuple(tables), joined={cell: 0 for cell, _ in cells_of(before, found[before])})


def cell(region: str, sex: str) -> Cell:
    codes = {"region": region, "sex": sex}
    return Cell(MEASURE, 2023, tuple((name, code) for name, code in codes.items() if code not in ("00", "T")))


# The county has 34 persons and 13 women, so that it has 21 men: its municipalities have men, and it stands in no table.
COUNTY_NOW = {(COUNTY, "T"): 34, (COUNTY, "2"): 13, ("1080", "1"): 12, ("1081", "1"): 10}


def test_a_figure_of_before_goes_that_is_less_than_what_follows_for_a_part_that_no_table_has() -> None:
    earlier = joined(NATIONAL, {REGIONAL: COUNTY_NOW, NATIONAL: {("00", "1"): 20}})
    assert cell("00", "1") not in settled(earlier).values
    assert earlier.joined == {}


def test_a_figure_of_before_stays_that_goes_with_what_follows() -> None:
    earlier = joined(NATIONAL, {REGIONAL: COUNTY_NOW, NATIONAL: {("00", "1"): 21}})
    assert settled(earlier).values[cell("00", "1")] == 21


def test_what_one_that_was_left_out_followed_from_is_left_out_too() -> None:
    """More women in the county than in the country now go; and so does from what they could be computed all the same."""
    county = {(COUNTY, "T"): 67, (COUNTY, "1"): 33, (COUNTY, "2"): 34, ("1080", "2"): 20, ("1081", "2"): 15}
    earlier = joined(REGIONAL, {NATIONAL: {("00", "T"): 67, ("00", "1"): 34, ("00", "2"): 33}, REGIONAL: county})
    left = settled(earlier).values
    assert cell(COUNTY, "2") not in left
    assert not {cell(COUNTY, "T"), cell(COUNTY, "1")} <= left.keys()
    assert cell("1080", "2") in left


def test_what_contradicts_itself_now_is_none_of_before() -> None:
    figures = {key(COUNTY, "T"): 34, key(COUNTY, "2"): 13, key("00", "1"): 20, key("1080", "1"): 12}
    assert list(impossible(figures, stated(set(figures)))) == [{key(COUNTY, "T"), key(COUNTY, "2"), key("00", "1")}]


def key(region: str, sex: str) -> Key:
    return key_of(MEASURE, 2023, {"region": region, "sex": sex})


def counts(people: list[Person], draw: random.Random) -> dict[Key, int]:
    """Some of the figures of a register."""
    found = {}
    for (measure, region, sex, kind), value in _figures(people).items():
        codes = {"region": region, "sex": sex, "cooperation": kind}
        if kind != "T" and measure != MEASURE:
            continue
        found[key_of(measure, 2023, {name: code for name, code in codes.items() if code != "00"})] = value
    return {key: found[key] for key in draw.sample(sorted(found), len(found) // draw.choice((3, 12)))}


@pytest.mark.parametrize("seeds", [range(5, 10), pytest.param(range(17), marks=pytest.mark.long)], ids=["few", "more"])
def test_figures_of_one_register_are_possible_and_of_two_are_once_the_impossible_ones_are_gone(seeds: range) -> None:
    """Tried by the programmes of the attack, which are others."""
    contradicted = 0
    for seed in seeds:
        draw = random.Random(seed)
        people = [drawn(draw) for _ in range(60)]
        now, before = counts(people, draw), counts(revised(people, draw), draw)
        assert not wrong_in(now) and not wrong_in(before)
        figures = {**before, **now}
        contradicted += is_impossible(figures)
        assert is_impossible(figures) == bool(wrong_in(figures))
        while wrong := wrong_in(figures):
            assert not wrong <= now.keys()
            figures = {key: value for key, value in figures.items() if key not in wrong - now.keys()}
        assert not is_impossible(figures)
    assert len(seeds) / 4 < contradicted < len(seeds)


def wrong_in(figures: Mapping[Key, int]) -> set[Key]:
    return set().union(*impossible(figures, stated(set(figures), untrue_of(figures))))


def is_impossible(figures: Mapping[Key, int]) -> bool:
    found = stated(set(figures), untrue_of(figures))
    try:
        Plain(figures, dict.fromkeys(sorted(found.unseen), 0), found.lines).intervals()
    except ConsistencyError:
        return True
    return False
