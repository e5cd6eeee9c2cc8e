"""How far up an amount has to reach that one or two contributors nearly make up: computed by hand, and tried by an attacker."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kvarn import metadata
from kvarn.analyse.disclosure import primary
from kvarn.analyse.disclosure.primary import Problem
from kvarn.analyse.disclosure.room import Room, level_of_dominance, level_of_p_per_cent, share_of
from kvarn.analyse.disclosure.suppression import audit as protectors_audit
from kvarn.analyse.disclosure.suppression import secondary
from kvarn.analyse.disclosure.suppression.audit import exposed, limits_of
from kvarn.analyse.disclosure.suppression.linear import LinearSystem, linear_system
from kvarn.analyse.disclosure.system import Cell
from kvarn.analyse.disclosure.written.plain import Plain
from kvarn.analyse.disclosure.written.secrecy import kept_secrets
from kvarn.edition import Disclosure, Dominance
from kvarn.errors import DisclosureError
from tests.analyse.attacker_of_chains import told
from tests.analyse.chain import CODES, Codes, Office, Person, Register, Table, definition
from tests.analyse.test_worked_examples import TOTAL, PlainLine, cell, grid

BY: Table = {"sex": ("T", "1", "2"), "kind": ("T", *CODES["kind"])}
DOMINATED: Codes = (("kind", "assessing"), ("sex", "2"))
ONE_OF_EIGHTY = Disclosure(dominance=Dominance(n=1, per_cent=80))


@pytest.fixture(autouse=True)
def _declared() -> Iterator[None]:
    with metadata.tables_beside(definition("edition", BY)):
        yield


def register(first: tuple[int, ...], each: int) -> Register:
    """What women had of the first kind, and many others who had so many procedures each of the other kinds."""
    had = [(amount, "2", "assessing") for amount in first]
    had += [(1, "2", "treating")] * 5 + [(each, "2", "other")] * 60
    had += [(each, "1", "assessing")] * 20 + [(1, "1", "treating")] * 15 + [(each, "1", "other")] * 60
    return Register(
        tuple(
            Person(place % 12, {(("sex", sex), ("cooperation", "single"), ("kind", kind)): amount})
            for place, (amount, sex, kind) in enumerate(had)
        )
    )


@pytest.mark.parametrize(
    ("total", "of_largest", "per_cent", "level"),
    # With 1,250 procedures 1,000 are 80 per cent: 245 more than 1,005.
    [(1005, 1000, 80.0, 245), (60, 50, 80.0, 3), (60, 48, 80.0, 0), (100, 100, 33.3, 201), (999, 333, 33.3, 1)],
)
def test_a_dominated_total_has_to_reach_to_where_it_would_be_safe(
    total: int, of_largest: int, per_cent: float, level: int
) -> None:
    assert level_of_dominance(total, of_largest, per_cent) == level


@pytest.mark.parametrize(
    ("total", "one", "two", "per_cent", "level"),
    # The second largest has 3 of 85: with 91 the largest could be 88, which is 10 per cent more than 80.
    [(85, 80, 83, 10.0, 6), (60, 40, 58, 10.0, 2), (60, 40, 56, 10.0, 0), (1000, 1000, 1000, 33.3, 333)],
)
def test_by_the_p_per_cent_rule_the_second_largest_stays_so_far_off_the_largest(
    total: int, one: int, two: int, per_cent: float, level: int
) -> None:
    assert level_of_p_per_cent(total, one, two, per_cent) == level


def test_a_share_is_rounded_up_and_taken_as_it_is_written() -> None:
    assert [share_of(1000, 33.3), share_of(1, 10.0), share_of(10, 10.0), share_of(0, 10.0)] == [333, 1, 1, 0]
    assert Room(3, 7).and_of(Room(5, 2)) == Room(5, 7)


# A column that is small beside the others: in the first row a total of 20 that has to reach up to 45.
VALUES = [[20, 60, 50], [8, 70, 90], [12, 80, 75]]


def of_grid(up: int) -> tuple[Problem, set[Cell]]:
    secret = cell("1", "A")
    system = grid("123", "ABC", VALUES)
    problem = Problem(system, frozenset({secret}), {}, tuple(system.sums), {}, least_width=3, ups={secret: up})
    return problem, {secret, *secondary.protection(problem).secondary}


@pytest.mark.parametrize("up", [0, 1, 19, 25, 60, 300])
def test_a_secret_reaches_as_far_up_as_it_has_to(up: int) -> None:
    problem, withheld = of_grid(up)
    known = {one: value for one, value in problem.system.values.items() if one not in withheld}
    lines = [PlainLine({one.total: -1.0, **dict.fromkeys(one.parts, 1.0)}, exact=True) for one in problem.system.sums]
    plain = Plain(known, dict.fromkeys(withheld, 1), lines)
    least, most = plain.interval(cell("1", "A"))
    assert most >= 20 + up and most - least >= 3
    assert plain.too_narrow({cell("1", "A"): 3}, {cell("1", "A"): 20 + up})[0] == []
    assert plain.too_narrow({cell("1", "A"): 3}, {cell("1", "A"): most + 1})[0] == [cell("1", "A")] * (most < math.inf)
    assert exposed(problem, withheld) == set()


def test_the_audit_of_the_protector_misses_room_upwards() -> None:
    """The two by two that are the cheapest for a width of 3 let the total be 8 more at most."""
    problem, withheld = of_grid(25)
    small = {cell("1", "A"), cell("1", "C"), cell("2", "A"), cell("2", "C")}
    assert limits_of(problem, small)[cell("1", "A")][1] == 27
    assert exposed(problem, small) == {cell("1", "A")}
    assert withheld != small


# Out already are all totals: what the four cells come to in each row and column, so that the secret may be 481 to 519.
OUT = [cell("1", TOTAL), cell("2", TOTAL), cell(TOTAL, "A"), cell(TOTAL, "B"), cell(TOTAL, TOTAL)]
ALL_FOUR = {cell(row, column) for row in "12" for column in "AB"}


def with_totals_out(width: int, up: int) -> Problem:
    secret, system = cell("1", "A"), grid("12", "AB", [[500, 20], [20, 20]])
    asked = Problem(system, frozenset({secret}), {}, tuple(system.sums), {}, published=frozenset(OUT), least_width=3)
    return replace(asked, widths={secret: width}, ups={secret: up} if up else {})


@pytest.mark.parametrize(
    ("width", "up", "kept"),
    # 38 is what there is; 19 upwards.
    [
        (38, 19, None),
        (100, 0, Room(3, 0)),
        (100, 15, Room(3, 15)),
        (3, 25, Room(3, 0)),
        (38, 25, Room(38, 0)),
        (100, 25, Room(3, 0)),
    ],
)
def test_what_cannot_have_all_the_room_that_it_needs_keeps_the_rest(width: int, up: int, kept: Room | None) -> None:
    """A share of 500 that 38 was too little for left the secret nothing: its company was published again, and told it."""
    problem = with_totals_out(width, up)
    found = secondary.protection(problem)
    assert found.at_risk == set()
    assert found.eased == ({cell("1", "A"): kept} if kept else {})
    assert {cell("1", "A"), *found.secondary} == ALL_FOUR
    assert limits_of(problem, ALL_FOUR)[cell("1", "A")] == (481, 519)


@pytest.mark.parametrize("room", [Room(3, 0), Room(3, 15), Room(38, 0)])
def test_what_a_secret_keeps_is_audited_as_any_other(room: Room) -> None:
    easier = with_totals_out(100, 25).easing({cell("1", "A"): room})
    protectors_audit.audit(easier, ALL_FOUR)
    for shown in ({cell("1", "A")}, set(ALL_FOUR - {cell("1", "A")})):
        with pytest.raises(DisclosureError, match="could be computed, or told too closely"):
            protectors_audit.audit(easier, shown)
    with pytest.raises(DisclosureError, match="could be computed, or told too closely"):
        protectors_audit.audit(with_totals_out(39, 0), ALL_FOUR)


@pytest.mark.parametrize(
    ("first", "each", "rules"), [((1000, 3, 1, 1), 60, ONE_OF_EIGHTY), ((80, 3, 1, 1), 2, Disclosure(p_per_cent=10))]
)
def test_nobody_tells_the_largest_contributor_more_closely_than_the_rule_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: tuple[int, ...], each: int, rules: Disclosure
) -> None:
    of = register(first, each)
    office = Office(tmp_path / "asked")
    assert office.edition(of, rules, BY)[DOMINATED] is None
    assert told(office) == set() and office.risks == set()
    # Were the levels ignored, somebody could.
    monkeypatch.setattr(primary, "room_upwards", lambda *_: 0)
    careless = Office(tmp_path / "ignored")
    careless.edition(of, rules, BY)
    assert len(told(careless)) == 1


def test_procedures_of_too_few_persons_need_a_share_of_what_they_are(tmp_path: Path) -> None:
    """One woman has 1,000 procedures: a width of 3 let anyone say [996, 1004]."""
    few = register((1000,), 20)
    office = Office(tmp_path)
    for rules in (Disclosure(amount_width_per_cent=30), Disclosure(amount_width_per_cent=1)):
        assert office.edition(few, rules, BY)[DOMINATED] is None
        # Milder rules take nothing back.
        assert kept_secrets(office.restricted / office.editions[-1] / "disclosure").cells["procedures", 2023, DOMINATED] == 300
        assert told(office) == set() and office.risks == set()


def test_a_share_of_an_amount_that_the_protector_ignores_is_found_in_what_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(primary, "_of_amount", lambda *_: 0)
    with pytest.raises(DisclosureError, match="told too closely, from what was written"):
        Office(tmp_path / "asked").edition(register((1000,), 20), Disclosure(amount_width_per_cent=30), BY)
    # Were it not asked for, somebody could tell it more closely than that.
    of, careless = register((1000,), 20), Office(tmp_path / "careless")
    careless.edition(of, Disclosure(amount_width_per_cent=1), BY)
    careless.published[0].rules = Disclosure(amount_width_per_cent=30)
    assert len(told(careless)) == 1


def test_the_audit_of_what_was_written_finds_that_the_protector_has_ignored_the_levels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_levels(problem: Problem) -> LinearSystem:
        linear = linear_system(problem)
        linear.ups[:] = 0
        return linear

    for module in (secondary, protectors_audit):
        monkeypatch.setattr(module, "linear_system", without_levels)
    with pytest.raises(DisclosureError, match="told too closely, from what was written"):
        Office(tmp_path).edition(register((80, 3, 1, 1), 2), Disclosure(p_per_cent=10), BY)


def test_what_is_kept_of_the_secrets_holds_their_levels(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.edition(register((80, 3, 1, 1), 2), Disclosure(p_per_cent=10), BY)
    kept = kept_secrets(office.restricted / "edition-0" / "disclosure")
    assert kept.ups == {("procedures", 2023, DOMINATED): 6}


def test_a_level_that_what_is_out_leaves_no_room_for_is_reported(tmp_path: Path) -> None:
    """The first edition knew no rule of dominance: the total and all around it are out, and the next one can withhold nothing."""
    office, of = Office(tmp_path), register((80, 3, 1, 1), 2)
    assert office.edition(of, Disclosure(), BY)[DOMINATED] == 85
    office.edition(of, Disclosure(p_per_cent=10), BY)
    report = json.loads((office.restricted / "edition-1" / "disclosure-report.json").read_text())
    assert [one for one in report["residual_risk"] if "sex 2" in one and "kind assessing" in one]


def test_a_share_that_what_is_out_leaves_no_room_for_costs_the_secret_no_more_than_that(tmp_path: Path) -> None:
    """Of 1,000 procedures of one woman 300 to and fro are asked for by the second edition, and the first has left some tens."""
    office, of = Office(tmp_path), register((1000,), 20)
    office.edition(of, Disclosure(amount_width_per_cent=1), BY)
    assert office.edition(of, Disclosure(amount_width_per_cent=100), BY)[DOMINATED] is None
    kept = kept_secrets(office.restricted / "edition-1" / "disclosure")
    assert ("procedures", 2023, DOMINATED) in kept.eased
    assert kept.cells["procedures", 2023, DOMINATED] >= 3
    report = json.loads((office.restricted / "edition-1" / "disclosure-report.json").read_text())
    assert [one for one in report["residual_risk"] if "sex 2" in one and "kind assessing" in one]


def test_an_order_that_leaves_a_secret_of_its_own_too_little_room_upwards_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of 85 procedures that are out has 80, and all of hers are single: nobody can be let believe that she has 88."""
    had = [(80, "single"), *[(1, "joint")] * 5]
    others = register((), 2).people
    women = tuple(
        Person(place, {(("sex", "2"), ("cooperation", how), ("kind", "assessing")): n}) for place, (n, how) in enumerate(had)
    )
    of = Register((*women, *others))
    finer: Table = {"sex": ("T", "1", "2"), "cooperation": ("T", *CODES["cooperation"]), "kind": ("T", *CODES["kind"])}
    with metadata.tables_beside(definition("finer", finer)):
        office = Office(tmp_path / "asked")
        assert office.edition(of, Disclosure(), BY)[DOMINATED] == 85
        assert office.order("finer", of, Disclosure(p_per_cent=10), finer, BY) == {}
        monkeypatch.setattr(primary, "room_upwards", lambda *_: 0)
        careless = Office(tmp_path / "ignored")
        careless.edition(of, Disclosure(), BY)
        assert careless.order("finer", of, Disclosure(p_per_cent=10), finer, BY) != {}


def test_a_secret_of_before_keeps_its_level_when_the_rule_is_dropped(tmp_path: Path) -> None:
    office, of = Office(tmp_path), register((80, 3, 1, 1), 2)
    office.edition(of, Disclosure(p_per_cent=10), BY)
    office.edition(of, Disclosure(), BY)
    assert kept_secrets(office.restricted / "edition-1" / "disclosure").ups == {("procedures", 2023, DOMINATED): 6}
    assert told(office) == set()
