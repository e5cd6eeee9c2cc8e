"""A table that somebody says fits counts only where it does: by arithmetic, whoever found it."""

from __future__ import annotations

import numpy as np
import pytest

from kvarn.analyse.disclosure.suppression.audit import audit, exposed, limits_of, told_to_insiders
from kvarn.analyse.disclosure.suppression.linear import LinearSystem, linear_system
from kvarn.analyse.disclosure.suppression.secondary import protection
from kvarn.analyse.disclosure.suppression.witnesses import Witnesses
from kvarn.errors import DisclosureError
from tests.analyse.test_insiders import cell, problem_of

INNER = [[1, 7, 9], [8, 12, 30], [9, 40, 5]]
# One gap in its row and in its column: anybody can tell it.
LAID_OPEN = {cell(1, 1)}
FOUR = {cell(row, column) for row in (1, 2) for column in (1, 2)}


def _shift(linear: LinearSystem, by: dict[tuple[int, int], int]) -> tuple[np.ndarray, np.ndarray]:
    pairs = sorted((linear.column[cell(*at)], value) for at, value in by.items())
    return np.array([column for column, _ in pairs]), np.array([value for _, value in pairs])


def _swap(by: int) -> dict[tuple[int, int], int]:
    return {(1, 1): by, (1, 2): -by, (2, 1): -by, (2, 2): by}


FALSE = {
    "moves what is published": {(1, 1): 5, (1, 0): 5, (0, 1): 5, (0, 0): 5},
    "breaks a sum": {(1, 1): 5},
    "breaks a sum of gaps": {(1, 1): 5, (1, 2): -5},
    "makes less of a cell than everybody knows": _swap(-1),
    "makes less than nothing of another": _swap(8),
}


@pytest.mark.parametrize("what", FALSE)
def test_a_table_that_does_not_fit_counts_for_nothing(what: str) -> None:
    problem = problem_of(INNER)
    linear = linear_system(problem)
    for withheld in (LAID_OPEN, FOUR):
        witnesses = Witnesses()
        witnesses.add(*_shift(linear, FALSE[what]))
        assert witnesses.fitting(linear, linear.flags(withheld)).shape[0] == 0
        assert exposed(problem, withheld, witnesses) == exposed(problem, withheld)
        assert limits_of(problem, withheld, witnesses) == limits_of(problem, withheld)
    with pytest.raises(DisclosureError):
        audit(problem, LAID_OPEN, witnesses=witnesses)


def test_a_table_that_fits_counts_as_long_as_all_that_it_moves_is_withheld() -> None:
    problem = problem_of(INNER)
    linear = linear_system(problem)
    witnesses = Witnesses()
    witnesses.add(*_shift(linear, _swap(2)))
    witnesses.add(*_shift(linear, _swap(2)))
    assert witnesses.fitting(linear, linear.flags(FOUR)).shape[0] == 1
    assert witnesses.fitting(linear, linear.flags(FOUR | {cell(3, 3)})).shape[0] == 1
    assert witnesses.fitting(linear, linear.flags(FOUR - {cell(2, 2)})).shape[0] == 0
    assert exposed(problem, FOUR, witnesses) == set()


@pytest.mark.parametrize("inner", [INNER, [[1, 2, 3], [4, 5, 6], [7, 8, 1]], [[1, 1, 9], [1, 20, 30], [9, 30, 2]]])
def test_the_audit_says_the_same_with_what_was_found_on_the_way_and_without(inner: list[list[int]]) -> None:
    problem = problem_of(inner)
    found = protection(problem)
    withheld = problem.primary | found.secondary
    linear = linear_system(problem)
    assert found.witnesses.fitting(linear, linear.flags(withheld)).shape[0]
    audit(problem, withheld, found.at_risk, found.told_to_one)
    audit(problem, withheld, found.at_risk, found.told_to_one, found.witnesses)
    assert exposed(problem, withheld, found.witnesses) == exposed(problem, withheld) == set()
    assert told_to_insiders(problem, withheld, found.told_to_one) == set()
    assert limits_of(problem, withheld, found.witnesses) == limits_of(problem, withheld)
    for laid_open in sorted(withheld, key=str):
        less = withheld - {laid_open}
        assert exposed(problem, less, found.witnesses) == exposed(problem, less)
