"""What a key decides of the gaps, and what somebody concludes who has the program and not the key."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kvarn.analyse import protect_tables
from kvarn.analyse.disclosure import knowing
from kvarn.analyse.disclosure.draw import Draw, draw_by
from kvarn.analyse.disclosure.knowing import judged, places_of, sets_that_fit, tried
from kvarn.analyse.disclosure.primary import Decoy, Problem, primary_suppression
from kvarn.analyse.disclosure.suppression.audit import audit, limits_of
from kvarn.analyse.disclosure.suppression.secondary import protection
from kvarn.analyse.disclosure.system import Cell, system_of
from kvarn.base.stages import hear
from kvarn.edition import Disclosure, Keyed

TABLE = "persons-by-municipality-sex-age"
AGES = ("0-64", "65-79", "80+")
RULES = Disclosure()
EVERY = Draw(b"a key", decoys=1.0, reach=2.0)


def persons(**of: tuple[int, ...]) -> dict[str, pd.DataFrame]:
    """Persons of municipalities by sex and age, women first; with all totals of each place and none over places."""
    rows = []
    for region, counts in of.items():
        women, men = dict(zip(AGES, counts[:3], strict=True)), dict(zip(AGES, counts[3:], strict=True))
        both = {age: women[age] + men[age] for age in AGES}
        for sex, by_age in (("T", both), ("1", men), ("2", women)):
            held = {**by_age, "65+": by_age["65-79"] + by_age["80+"], "T": sum(by_age.values())}
            rows += [("2023", region.removeprefix("r"), sex, age, "persons", str(value), value) for age, value in held.items()]
    frame = pd.DataFrame(rows, columns=["year", "region", "sex", "age", "measure", "value", "contributors"])
    return {TABLE: frame.astype({"contributors": "Int64"})}


def cell(region: str, sex: str, age: str) -> Cell:
    codes = (("age", age), ("region", region), ("sex", sex))
    return Cell("persons", 2023, tuple((name, code) for name, code in codes if code != "T"))


def problem_of(tables: dict[str, pd.DataFrame], draw: Draw | None = None) -> Problem:
    return primary_suppression(system_of(tables), RULES, draw=draw)


def withheld(problem: Problem) -> frozenset[Cell]:
    return problem.primary | protection(problem).secondary


def as_published(tables: dict[str, pd.DataFrame], gaps: frozenset[Cell]) -> dict[str, pd.DataFrame]:
    table = tables[TABLE]
    cells = [cell(*row) for row in zip(table["region"], table["sex"], table["age"], strict=True)]
    status = ["X" if one in gaps else "" for one in cells]
    return {TABLE: table.assign(value=table["value"].where(pd.Series(status) == "", ""), status=status)}


MANY = persons(
    r0114=(1, 9, 12, 8, 14, 30),
    r0115=(2, 8, 11, 7, 13, 21),
    r0117=(3, 20, 18, 6, 9, 15),
    r0120=(11, 2, 12, 8, 14, 7),
    r0123=(9, 8, 1, 6, 23, 21),
    r0125=(13, 20, 18, 3, 9, 15),
)
ALONE = persons(r0114=(2, 9, 12, 8, 14, 30))


def test_a_county_is_taken_for_the_sum_of_its_municipalities_as_far_as_that_can_be() -> None:
    """Jämtland has eight municipalities, of which two have gaps among those under 65 and those of 80 and more."""
    places = ("2303", "2305", "2309", "2313", "2321", "2326", "2361", "2380")
    counts = {f"r{place}": (5 + number, 9, 12, 8, 14, 30 + number) for number, place in enumerate(places)}
    county = tuple(sum(of[number] for of in counts.values()) for number in range(6))
    gaps = frozenset(cell(place, sex, age) for place in places[:2] for sex in "12" for age in ("0-64", "65+", "80+"))

    def between(of_county: tuple[int, ...], **of: tuple[int, ...]) -> dict[Cell, tuple[int, int | None]]:
        found = places_of(as_published(persons(r23=of_county, **of), gaps))
        return {one: bounds for place in found for one, bounds in place.bounds.items()}

    # Of the county's 5 + 6 the one has what the other has not, and each has one at least; 0-64 and 80+ are 18 together.
    assert between(county, **counts)[cell("2303", "2", "0-64")] == (1, 10)
    assert between(county, **counts)[cell("2305", "2", "80+")] == (8, 17)
    # Of a county that has fewer than its municipalities somebody is in two: nothing is assumed of it.
    fewer = (county[0] - 12, *county[1:])
    assert between(fewer, **counts)[cell("2303", "2", "0-64")] == (1, 12)
    # Nor where a municipality is in no table.
    del counts["r2380"]
    assert between(county, **counts)[cell("2303", "2", "0-64")] == (1, 12)


def test_a_draw_depends_on_the_key_and_the_cell_alone() -> None:
    """In whatever process and year of the program: what is out would be uncovered if it changed."""
    draw = Draw(b"a key", choice=1.0)
    code = (
        "from kvarn.analyse.disclosure.cell import Cell; from kvarn.analyse.disclosure.draw import Draw\n"
        "print(Draw(b'a key', choice=1.0).dearer(Cell('persons', 2023, (('age', '80+'), ('region', '0114')))))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"PYTHONHASHSEED": "7"}, capture_output=True, text=True, check=True
    )
    assert float(told.stdout) == draw.dearer(cell("0114", "T", "80+")) == pytest.approx(1.5445923357)
    numbers = [draw.dearer(cell(f"{place:04d}", "T", "80+")) for place in range(1000)]
    assert 1 <= min(numbers) < 1.02 and 1.98 < max(numbers) < 2 and 1.45 < sum(numbers) / 1000 < 1.55
    assert replace(draw, key=b"another").dearer(cell("0114", "T", "80+")) != draw.dearer(cell("0114", "T", "80+"))


def test_the_same_key_leaves_the_same_gaps_and_another_others() -> None:
    found = {}
    for key in (b"a key", b"a key", b"another", b"a third"):
        gaps = withheld(problem_of(MANY, Draw(key, choice=2.0)))
        assert found.setdefault(key, gaps) == gaps
    assert len(set(found.values())) > 1


@pytest.mark.parametrize("draw", [Draw(b"a key", choice=2.0), EVERY, Draw(b"b", 1.0, 0.5, 3.0)])
def test_whatever_a_key_decides_every_secret_keeps_its_width(draw: Draw) -> None:
    plain, problem = problem_of(MANY), problem_of(MANY, draw)
    assert problem.primary == plain.primary
    found = protection(problem)
    gaps = problem.primary | found.secondary
    audit(plain, gaps, witnesses=found.witnesses)
    limits = limits_of(plain, gaps, found.witnesses)
    assert all(limits[one][1] - limits[one][0] >= RULES.width for one in plain.primary)
    assert (found.at_risk, found.eased) == (frozenset(), {})


def test_decoys_are_counts_just_above_the_limit_and_differences_of_persons_too() -> None:
    """Four to seven where three are secret; the region's counts have 6, 7 and 7 of them, and no more."""
    problem = problem_of(MANY, EVERY)
    counts = {one.whole for one in problem.decoys if not one.parts}
    assert counts == {one for one, value in problem.system.values.items() if 4 <= value < 8}
    assert counts and counts <= withheld(problem)
    assert not counts & problem.primary
    of_rates = system_of(_rates(persons=20, with_procedure=14))
    assert [one.parts for one in primary_suppression(of_rates, RULES, draw=EVERY).decoys if one.parts] == [
        (Cell("persons_with_procedure", 2023, (("region", "0114"),)),)
    ]
    assert primary_suppression(system_of(_rates(persons=20, with_procedure=12)), RULES, draw=EVERY).decoys == ()


def _rates(*, persons: int, with_procedure: int) -> dict[str, pd.DataFrame]:
    values = {"persons": persons, "persons_with_procedure": with_procedure}
    rows = [("2023", "0114", "T", measure, str(value), value) for measure, value in values.items()]
    frame = pd.DataFrame(rows, columns=["year", "region", "sex", "measure", "value", "contributors"])
    return {"standardised-rates-by-region": frame.astype({"contributors": "Int64"})}


def test_a_difference_that_is_a_decoy_cannot_be_computed() -> None:
    assert not withheld(primary_suppression(system_of(_rates(persons=20, with_procedure=14)), RULES))
    assert withheld(primary_suppression(system_of(_rates(persons=20, with_procedure=14)), RULES, draw=EVERY))


def test_a_decoy_that_what_is_out_gives_away_is_none_and_stops_nothing() -> None:
    """All but one of a row are published before: to withhold that one would hide nothing, and need not be refused."""
    problem = problem_of(persons(r0114=(6, 9, 12, 8, 14, 30)), EVERY)
    (decoy,) = [one for one in problem.decoys if one.whole == cell("0114", "2", "0-64")]
    problem.published = frozenset(problem.system.values.keys() - {decoy.whole})
    found = protection(problem)
    assert (found.secondary, found.at_risk, found.eased) == (frozenset(), frozenset(), {})
    problem.published = frozenset(problem.system.values)
    assert protection(problem).secondary == frozenset()


def test_a_secret_beside_decoys_that_are_given_away_is_refused_as_without_them() -> None:
    problem = problem_of(persons(r0114=(2, 6, 12, 8, 14, 30)))
    with_decoys = replace(problem, decoys=(Decoy(cell("0114", "2", "65-79")),))
    for one in (problem, with_decoys):
        one.published = frozenset(one.system.values.keys() - {cell("0114", "2", "0-64"), cell("0114", "2", "65-79")})
    assert protection(problem).at_risk == protection(with_decoys).at_risk


def brute_force(known: dict[Cell, int], gaps: frozenset[Cell], most: int) -> Iterator[tuple[int, ...]]:
    """Every table of women and men by three ages that fits."""
    for counts in itertools.product(range(most + 1), repeat=6):
        values = problem_of(persons(r0114=counts)).system.values
        if all(values[one] == value for one, value in known.items()) and all(values[one] > 0 for one in gaps):
            yield counts


def test_every_set_of_counts_that_fits_is_gone_through_and_no_other() -> None:
    tables = persons(r0114=(2, 3, 2, 1, 2, 1))
    values = problem_of(tables).system.values
    gaps = frozenset(cell("0114", sex, age) for sex in ("1", "2") for age in ("0-64", "65-79", "65+", "T"))
    (place,) = places_of(as_published(tables, gaps))
    assert place.known == {one: value for one, value in values.items() if one not in gaps}
    fitting = sets_that_fit(place, 1000)
    there = {tuple(one[cell("0114", sex, age)] for sex in ("2", "1") for age in ("0-64", "65-79")) for one in fitting}
    assert len(there) == len(fitting)
    by_hand = {
        (a, b, 3 - a, 5 - b)
        for a in range(1, 3)
        for b in range(1, 5)
    }  # fmt: skip
    assert there == by_hand
    assert sets_that_fit(place, len(fitting)) and not sets_that_fit(place, len(fitting) - 1)


def test_who_has_the_key_reproduces_the_gaps_and_is_right() -> None:
    """The program run on the true counts with the true key leaves the gaps that were published: the measure sees that."""
    draw = Draw(b"a key", choice=2.0, decoys=0.5)
    problem = problem_of(ALONE, draw)
    gaps = withheld(problem)
    (place,) = places_of(as_published(ALONE, gaps))
    true = {one: problem.system.values[one] for one in gaps}
    of_place = knowing.claims_of(place, [true], RULES, [None])
    with_key = knowing.claims_of(place, [true], RULES, [_of_country(draw, gaps)])
    assert with_key.reproduced == 1 and with_key.exact == true and with_key.primary == problem.primary
    assert of_place.fitting == 1


def _of_country(draw: Draw, gaps: frozenset[Cell]) -> Draw:
    """The draw as the attacker runs it, on a place as if it were the country: with the numbers of the place."""

    class OfPlace(Draw):
        def _number(self, what: str, *cells: Cell) -> float:
            return super()._number(what, *(one.having("region", "0114") for one in cells))

    return OfPlace(draw.key, draw.choice, draw.decoys, draw.reach)


def test_claims_are_held_to_the_true_figures_and_to_guesses() -> None:
    gaps = [cell("0114", "2", age) for age in AGES]
    guessed = {gaps[0]: 1, gaps[1]: 3, gaps[2]: 1}
    one = knowing.Claims({gaps[0]: 1, gaps[1]: 2}, frozenset(gaps[:2]), guessed, frozenset({gaps[0], gaps[2]}), 7, 2)
    other = replace(one, exact={}, guessed_primary=frozenset(gaps[1:]), reproduced=0)
    none = knowing.Claims({}, frozenset(), {gaps[2]: 1}, frozenset(), 3, 0)
    found = judged([one, none], {gaps[0]: 1, gaps[1]: 1, gaps[2]: 5}, {gaps[1], gaps[2]})
    expected = {"places": 2, "reproduced": 1, "withheld": 4, "exact": 2, "exact_right": 1, "guess_right": 1}
    assert found == expected | {"primary": 2, "primary_right": 1, "primary_guess_right": 0}
    assert judged([other], {}, {gaps[1], gaps[2]})["primary_guess_right"] == 1


def test_what_is_tried_is_not_told_as_work() -> None:
    places = places_of(as_published(MANY, withheld(problem_of(MANY))))
    said: list[str] = []
    with hear(said.append):
        assert tried(places, RULES, keyed=False, guesses=30) and said == []
        protection(problem_of(MANY))
        assert said


def test_the_program_is_run_no_more_often_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = 0

    def counted(problem: Problem) -> object:
        nonlocal ran
        ran += 1
        return protection(problem)

    monkeypatch.setattr(knowing, "protection", counted)
    places = places_of(as_published(MANY, withheld(problem_of(MANY))))
    rules = RULES.model_copy(update={"keyed": Keyed(choice=1.0)})
    for keyed, keys in ((False, 1), (True, 3)):
        ran = 0
        claims = tried(places, rules, keyed=keyed, guesses=30, keys=keys)
        assert claims and ran == sum(one.fitting for one in claims) * keys <= 30
    assert tried(places, rules, keyed=True, guesses=0) == []


def test_without_a_key_or_anything_for_it_to_decide_there_is_no_draw() -> None:
    something = RULES.model_copy(update={"keyed": Keyed(choice=0.5)})
    assert draw_by(None, something) is None and draw_by(b"", something) is None and draw_by(b"a key", RULES) is None
    assert draw_by(b"a key", something) == Draw(b"a key", choice=0.5)


_PROTECT = """
import sys
from pathlib import Path
from kvarn.analyse import protect_tables
from kvarn.edition import Disclosure
rules = Disclosure.model_validate({"keyed": {"choice": 1.0, "decoys": 0.2, "guesses": 60}})
tables, other = map(Path, sys.argv[1:])
report = other / "report.json"
protect_tables(tables, other / "into", disclosure=rules, synthetic=True, report=report, memories=(), key=b"never told")
"""


def test_the_officer_is_told_what_guessing_comes_to_and_a_run_with_the_key_gives_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    types = {"year": pa.int32(), "contributors": pa.int64()}
    schema = pa.schema([(column, types.get(column, pa.string())) for column in MANY[TABLE].columns])
    frame = MANY[TABLE].assign(year=MANY[TABLE]["year"].astype(int))
    table = pa.Table.from_pandas(frame, schema=schema, preserve_index=False).replace_schema_metadata(None)
    pq.write_table(table, tmp_path / "tables" / f"{TABLE}.parquet")
    keyed = Keyed(choice=1.0, decoys=0.2, guesses=60)
    found = []
    for run, of_key in enumerate([keyed, keyed, Keyed(guesses=60)]):
        report = tmp_path / f"edition{run}" / "report.json"
        report.parent.mkdir()
        rules = RULES.model_copy(update={"keyed": of_key})
        into = tmp_path / f"into{run}"
        protect_tables(tmp_path / "tables", into, disclosure=rules, synthetic=True, report=report, memories=(), key=b"never told")
        found.append(((into / f"{TABLE}.csv").read_bytes(), report.read_bytes()))
    assert found[0] == found[1] and found[0][0] != found[2][0]
    for _, report_of_run in found:
        told = json.loads(report_of_run)["what_who_knows_the_program_concludes"]
        assert 1 <= told["places"] <= 6 and f"Of {told['places']} places" in told["in words"]
        assert told["exact right"] <= told["exact"] <= told["withheld"]
    # Sets are gone through in another order in another process.
    other = tmp_path / "other"
    other.mkdir()
    subprocess.run(
        [sys.executable, "-c", _PROTECT, tmp_path / "tables", other], env=os.environ | {"PYTHONHASHSEED": "3"}, check=True
    )
    assert ((other / "into" / f"{TABLE}.csv").read_bytes(), (other / "report.json").read_bytes()) == found[0]
    page = (tmp_path / "edition2" / "report.html").read_text()
    assert "what who knows the program concludes" in page and "never told" not in page
