"""Small tables, attacked by trying every table of whole numbers: by the public, and by whoever is alone in a cell."""

from __future__ import annotations

import itertools

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kvarn.analyse.disclosure.audit import audit, exposed
from kvarn.analyse.disclosure.primary import Problem
from kvarn.analyse.disclosure.secondary import protection
from kvarn.analyse.disclosure.system import Cell, Sum, System
from kvarn.errors import DisclosureError

WIDTH, THRESHOLD = 2, 4
Table = dict[tuple[int, int], int]


def cell(row: int, column: int) -> Cell:
    """Row or column 0 is the total."""
    codes = (("column", str(column)), ("row", str(row)))
    return Cell("procedures", 2023, tuple((name, code) for name, code in codes if code != "0"))


def with_totals(inner: list[list[int]]) -> Table:
    table = {(row, column): value for row, held in enumerate(inner, 1) for column, value in enumerate(held, 1)}
    rows, columns = len(inner), len(inner[0])
    for row in range(1, rows + 1):
        table[row, 0] = sum(inner[row - 1])
    for column in range(columns + 1):
        table[0, column] = sum(table[row, column] for row in range(1, rows + 1))
    return table


def problem_of(inner: list[list[int]], width: int = WIDTH) -> Problem:
    table = with_totals(inner)
    rows, columns = range(1, len(inner) + 1), range(1, len(inner[0]) + 1)
    system = System()
    for (row, column), value in table.items():
        system.values[cell(row, column)] = system.contributors[cell(row, column)] = value
    for row in (0, *rows):
        system.sums.append(Sum(cell(row, 0), tuple(cell(row, column) for column in columns)))
    for column in (0, *columns):
        system.sums.append(Sum(cell(0, column), tuple(cell(row, column) for row in rows)))
    primary = frozenset(one for one, value in system.values.items() if 0 < value < THRESHOLD)
    return Problem(system, primary, {}, tuple(system.sums), {}, least_width=width, singletons=True)


def every_table(inner: list[list[int]], withheld: set[Cell]) -> list[Table]:
    """All tables whose published figures are the true ones, and whose withheld ones are at least 1."""
    true = with_totals(inner)
    rows = []
    for row, held in enumerate(inner, 1):
        choices = [range(1, 8) if cell(row, column) in withheld else (value,) for column, value in enumerate(held, 1)]
        tried = list(itertools.product(*choices))
        rows.append(tried if cell(row, 0) in withheld else [values for values in tried if sum(values) == true[row, 0]])
    tables = (with_totals([list(values) for values in chosen]) for chosen in itertools.product(*rows))
    return [
        table for table in tables if all(table[at] == true[at] if cell(*at) not in withheld else table[at] >= 1 for at in table)
    ]


INNER = st.lists(st.lists(st.integers(0, 5), min_size=3, max_size=3), min_size=2, max_size=2)


@settings(max_examples=12, deadline=None)
@given(INNER)
def test_no_trial_of_every_table_tells_a_secret_to_the_public_or_to_somebody_alone(inner: list[list[int]]) -> None:
    problem = problem_of(inner)
    try:
        found = protection(problem)
    except DisclosureError:
        assume(False)
    withheld = {*problem.primary, *found.secondary}
    assert all(problem.system.values[one] for one in withheld)
    audit(problem, withheld, found.at_risk, found.told_to_one)
    true = with_totals(inner)
    tables = every_table(inner, withheld)
    secret = [at for at in true if cell(*at) in problem.primary]
    for at in secret:
        values = {table[at] for table in tables}
        assert max(values) - min(values) >= WIDTH or max(values) == 7
    alone = [at for at in secret if true[at] == 1]
    for one, other in itertools.product(alone, secret):
        # A total of one is the one within, and he knows that he is in both.
        if cell(*other) in found.told_to_one or (true[other] == 1 and (0 in one or 0 in other)):
            continue
        if one != other:
            assert len({table[other] for table in tables if table[one] == 1}) > 1


@settings(max_examples=10, deadline=None)
@given(INNER, st.permutations((0, 1, 2)))
def test_a_pattern_is_as_safe_when_categories_change_places(inner: list[list[int]], order: list[int]) -> None:
    problem = problem_of(inner)
    try:
        withheld = {*problem.primary, *protection(problem).secondary}
    except DisclosureError:
        assume(False)
    moved = problem_of([[held[place] for place in order] for held in reversed(inner)])
    place_of = {0: 0, **{place + 1: order.index(place) + 1 for place in range(3)}}
    there = {
        cell(0 if row == 0 else 3 - row, place_of[column]) for row, column in with_totals(inner) if cell(row, column) in withheld
    }
    assert exposed(moved, there) == set()


@settings(max_examples=10, deadline=None)
@given(INNER, st.integers(1, 4))
def test_whatever_the_width_no_secret_is_published_and_each_keeps_it(inner: list[list[int]], width: int) -> None:
    problem = problem_of(inner, width)
    try:
        found = protection(problem)
    except DisclosureError:
        assume(False)
    assert not exposed(problem, {*problem.primary, *found.secondary})
    assert not problem.primary & found.secondary
