"""Municipalities that come late, grow, shrink and fall away between editions, against an attacker who keeps every publication."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kvarn import metadata
from kvarn.analyse.disclosure import _protect, primary
from kvarn.analyse.disclosure.written.audit import AsItWas, audit_written
from kvarn.analyse.disclosure.written.rests import Surplus
from kvarn.errors import DisclosureError

from .attacker_over_time import COOPERATION, COUNTY, MUNICIPALITIES, SEXES, Attacker, Cell, Counted, Line
from .test_over_time import EDITION, EDITIONS, LIMIT, ORDERS, WIDTH, Office, Person, Plan, _figures, _narrow, named

# A person by number: whoever is in two editions is the same.
People = dict[int, Person]
# Small ones beside larger ones: what came to a small one is soon bounded.
_WEIGHTS = (2, 2, 4, 5, 6)
# How much of a municipality has been delivered: nothing, most of its persons, all.
_DELIVERED = (0.0, 0.7, 1.0)


def drawn(draw: random.Random) -> Person:
    """Most are in one municipality, a few in two."""
    where = {draw.choices(MUNICIPALITIES, _WEIGHTS)[0], *([draw.choice(MUNICIPALITIES)] if draw.random() < 0.06 else [])}
    months = tuple((one, 1 if draw.random() < 0.8 else 2) for one in sorted(where))
    kinds = COOPERATION if draw.random() < 0.08 else draw.choices(COOPERATION, weights=(3, 2))
    with_procedure = sorted(where) if draw.random() < 0.8 else []
    return Person(draw.choice(SEXES), months, frozenset((one, kind) for one in with_procedure for kind in kinds))


@dataclass(frozen=True)
class World:
    """All that there is to report, and how much of each municipality each edition has."""

    people: People
    delivered: tuple[dict[str, float], ...]

    @classmethod
    def drawn(cls, draw: random.Random) -> World:
        """One municipality or two are otherwise in each edition than in the one before."""
        people = {number: drawn(draw) for number in range(draw.randrange(30, 120))}
        now = dict.fromkeys(MUNICIPALITIES, 1.0) | {one: draw.choice(_DELIVERED[:2]) for one in _some(draw)}
        delivered = [now]
        for _ in EDITIONS[1:]:
            now = now | {one: draw.choice([much for much in _DELIVERED if much != now[one]]) for one in _some(draw)}
            delivered.append(now)
        return cls(people, tuple(delivered))

    def in_edition(self, number: int) -> People:
        """The persons as far as they have been delivered. Who is in most of a municipality is always the same."""
        found = {}
        for person, one in self.people.items():
            there = {where for where, _ in one.months if (person * 37 + int(where)) % 100 < 100 * self.delivered[number][where]}
            months = tuple(pair for pair in one.months if pair[0] in there)
            if months:
                found[person] = Person(one.sex, months, frozenset(pair for pair in one.procedures if pair[0] in there))
        return found


def _some(draw: random.Random) -> list[str]:
    return draw.sample(MUNICIPALITIES, draw.choice((1, 1, 2)))


def members(people: People) -> dict[Cell, set[object]]:
    """Who is counted in each cell: persons, and of person-months each month of each."""
    found: dict[Cell, set[object]] = {cell: set() for cell in _figures([])}
    for measure, region, sex, kind in found:
        inside = set(MUNICIPALITIES) if region in (COUNTY, "00") else {region}
        for number, one in people.items():
            if sex not in ("T", one.sex):
                continue
            months = max((months for where, months in one.months if where in inside), default=0)
            treated = any(where in inside and kind in ("T", of) for where, of in one.procedures)
            amount = {"persons": min(months, 1), "person_months": months, "persons_with_procedure": int(treated)}[measure]
            found[measure, region, sex, kind] |= {(number, month) for month in range(amount)}
    return found


def told(root: Path, seed: int) -> tuple[list[str], int, Office]:
    """What the attacker tells of the secrets of every edition and order, and how many cells there were."""
    draw, attacker, office = random.Random(seed), Attacker(), Office(root)
    world = World.drawn(draw)
    registers: list[Counted] = []
    earlier: tuple[str, ...] = ()
    definitions = [order.definition(name) for name, order in {**EDITION, **ORDERS}.items()]
    with ExitStack() as stack:
        stack.enter_context(metadata.tables_beside(*definitions))
        for number, name in enumerate(EDITIONS):
            people = world.in_edition(number)
            there, plan = list(people.values()), Plan(name, tuple(EDITION), ())
            figures = _figures(there)
            shown = office.publish(name, there, earlier, plan)
            attacker.read(figures, shown)
            cells = set(shown)
            for order in draw.sample(sorted(ORDERS), draw.randrange(len(ORDERS) + 1)):
                ordered = office.order(order, name, there, earlier, plan)
                attacker.read(figures, ordered)
                cells |= set(ordered)
            attacker.state(figures, cells)
            now = Counted(figures, cells, members(people))
            for then in registers:
                attacker.knows_what_came(now, then)
                attacker.knows_what_came(then, now)
            registers.append(now)
            earlier = (*earlier, name)
    secrets = [(dict(one.figures), set(one.cells)) for one in registers]
    return (
        [*_narrow(attacker, secrets), *_told_of_who_was_there_already(attacker)],
        sum(len(one.cells) for one in registers),
        office,
    )


def _told_of_who_was_there_already(attacker: Attacker) -> list[str]:
    """Where few of those who came to the parts were in the whole already, and he tells how many."""
    found = []
    for line in {tuple(sorted(line.items())): line for line in attacker.came}.values():
        if 0 < sum(entry * figure for (_, figure), entry in line.items()) <= LIMIT:
            least, most = attacker.interval(line)
            if most - least < WIDTH:
                found.append(_beyond(line))
    return found


def _beyond(line: Line) -> str:
    """The line as the officer's report names it, but for the editions."""
    beyond, counted = ([named(cell) for (cell, _), entry in line.items() if entry * sign > 0] for sign in (-1, 1))
    return f"what is counted beyond {' and '.join(beyond)} in {' and '.join(counted)} together"


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 60))])
def test_nobody_tells_a_secret_of_a_municipality_that_came_late_or_fell_away(tmp_path: Path, seed: int) -> None:
    """Nor one of any other cell, but for those that the officer reads of: what was out already left them no room."""
    found, cells, office = told(tmp_path, seed)
    reported = {re.sub(r", edition [\w/-]+", "", risk) for risk in office.risks}
    assert cells > 100
    assert set(found) <= reported


def test_who_is_counted_in_a_cell_is_as_many_as_its_figure() -> None:
    """A check of the attacker's knowledge."""
    world = World.drawn(random.Random(3))
    people = world.in_edition(0)
    assert {cell: len(inside) for cell, inside in members(people).items()} == _figures(list(people.values()))


# Of one history nobody was there already.
@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 30) if seed != 23)])
def test_the_attack_states_by_itself_who_was_there_already_and_finds_what_the_protector_keeps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    seen: list[int] = []

    def compared(*args: Any, surpluses: Mapping[Surplus, int], before: AsItWas, **kept: Any) -> dict[str, Any]:
        assert surpluses == before.surpluses
        seen.append(len(surpluses))
        return audit_written(*args, surpluses=surpluses, before=before, **kept)

    monkeypatch.setattr(_protect, "audit_written", compared)
    told(tmp_path, seed)
    assert sum(seen) > 5


@pytest.mark.usefixtures("unheard")
def test_an_office_whose_protector_forgets_who_was_there_already_publishes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The attack on what was written does without the protector's list."""
    monkeypatch.setattr(primary, "_hidden_surpluses", lambda system, rules: {})
    with pytest.raises(DisclosureError, match="told too closely") as refused:
        told(tmp_path, 4)
    assert "what is counted beyond" in (refused.value.where or "")
