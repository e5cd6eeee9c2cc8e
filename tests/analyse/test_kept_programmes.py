"""A large table has thousands of neighbourhoods: their programmes are kept as long as there is room, and no longer."""

from __future__ import annotations

import random
import weakref
from typing import Any

import pytest

from kvarn.analyse.disclosure.suppression import repair
from kvarn.analyse.disclosure.suppression.audit import audit
from kvarn.analyse.disclosure.suppression.neighbourhood import Neighbourhood
from kvarn.analyse.disclosure.suppression.secondary import protection
from tests.analyse.test_insiders import problem_of


def columns_alive(monkeypatch: pytest.MonkeyPatch, rows: int) -> tuple[int, int]:
    """Protect a table of so many rows; the columns of all programmes that were ever in memory at once, and of all."""
    monkeypatch.setattr(repair, "_NEIGHBOURHOODS", (40, 400, None))
    alive: weakref.WeakSet[Neighbourhood] = weakref.WeakSet()
    most = made = 0
    first = Neighbourhood.__init__

    def counted(self: Neighbourhood, *given: Any, **named: Any) -> None:
        nonlocal most, made
        first(self, *given, **named)
        alive.add(self)
        made += len(self.columns)
        most = max(most, sum(len(one.columns) for one in alive))

    monkeypatch.setattr(Neighbourhood, "__init__", counted)
    draw = random.Random(4)
    problem = problem_of([[draw.choice((1, 2, 5, 9, 14, 30, 60)) for _ in range(12)] for _ in range(rows)])
    found = protection(problem)
    audit(problem, problem.primary | found.secondary, found.at_risk, found.told_to_one)
    return most, made


def test_memory_does_not_grow_with_the_neighbourhoods_of_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repair, "_KEPT_COLUMNS", 1_000)
    most, made = columns_alive(monkeypatch, 60)
    assert made > 3 * most
    # Beside those that are kept, in each of the two nets, the one that is asked for.
    assert most <= 2 * 1_000 + 2 * 800
