"""Tables with known answers: from the literature on disclosure control, and small ones made to break a careless protector."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kvarn.analyse.disclosure.primary import Problem, primary_suppression
from kvarn.analyse.disclosure.suppression.audit import audit, determined, exposed, limits_of
from kvarn.analyse.disclosure.suppression.secondary import secondary_suppression
from kvarn.analyse.disclosure.system import Cell, Nest, Sum, System
from kvarn.analyse.disclosure.written.plain import Line as PlainLine
from kvarn.analyse.disclosure.written.plain import Plain
from kvarn.edition import Disclosure
from kvarn.errors import ConsistencyError, DisclosureError
from tests.drawn import examples

from .attacker_of_all import Key, Line, concluded_from

TOTAL = "total"
Grid = list[list[int]]


def cell(row: str, column: str) -> Cell:
    return Cell("persons", 2023, (("column", column), ("row", row)))


def grid(rows: str, columns: str, values: Grid) -> System:
    """A table of persons with its totals: every row and every column is a sum."""
    system = System()
    inner = {(r, c): values[i][j] for i, r in enumerate(rows) for j, c in enumerate(columns)}
    for r in (*rows, TOTAL):
        for c in (*columns, TOTAL):
            within = [inner[a, b] for a in rows for b in columns if r in (a, TOTAL) and c in (b, TOTAL)]
            system.values[cell(r, c)] = system.contributors[cell(r, c)] = sum(within)
            system.tables[cell(r, c)] = ["example"]
    for r in (*rows, TOTAL):
        system.sums.append(Sum(cell(r, TOTAL), tuple(cell(r, c) for c in columns)))
    for c in (*columns, TOTAL):
        system.sums.append(Sum(cell(TOTAL, c), tuple(cell(r, c) for r in rows)))
    return system


def intervals(system: System, withheld: set[Cell], floor: int) -> dict[Cell, tuple[int, float]]:
    """By the plain route and by the pooled one, which must agree."""
    lines = [PlainLine({one.total: -1.0, **dict.fromkeys(one.parts, 1.0)}, exact=True) for one in system.sums]
    plain = Plain(known(system, withheld), dict.fromkeys(withheld, floor), lines).intervals()
    problem = Problem(system, frozenset(withheld), {}, tuple(system.sums), dict.fromkeys(withheld, floor))
    assert limits_of(problem, withheld) == plain
    return plain


def known(system: System, withheld: set[Cell]) -> dict[Cell, int]:
    return {one: value for one, value in system.values.items() if one not in withheld}


def protect(system: System, threshold: int) -> tuple[Problem, set[Cell]]:
    problem = primary_suppression(system, Disclosure(threshold=threshold, contributors=threshold))
    withheld = set(problem.primary | secondary_suppression(problem))
    audit(problem, withheld)
    return problem, withheld


def attack(system: System, withheld: set[Cell]) -> set[Cell]:
    """What the attacker of the tests concludes; he knows that what is withheld is at least 1."""
    names: dict[Cell, Key] = {one: tuple(code for _, code in one.categories) for one in system.values}
    back = {name: one for one, name in names.items()}
    shown = {name: None if one in withheld else system.values[one] for one, name in names.items()}
    lines: list[Line] = [{names[s.total]: 1, **{names[part]: -1 for part in s.parts}} for s in system.sums]
    said = concluded_from(shown, lines, [])
    assert all(system.values[back[name]] == value for name, value in said.items())
    return {back[name] for name in said}


def test_three_by_three_has_the_intervals_that_the_textbook_gives() -> None:
    system = grid("123", "ABC", [[20, 50, 10], [8, 19, 22], [17, 32, 12]])
    withheld = {cell("2", "A"), cell("2", "C"), cell("3", "A"), cell("3", "C")}
    limits = intervals(system, withheld, 0)
    assert limits == {cell("2", "C"): (5, 30), cell("2", "A"): (0, 25), cell("3", "A"): (0, 25), cell("3", "C"): (4, 29)}


FOUR = [[30, 47, 64, 89], [90, 124, 5, 31], [92, 100, 59, 85], [800, 991, 651, 685]]
TWO_IN_EVERY_LINE = {cell(*name) for name in ("wa", "wb", "wc", "xa", "xc", "yb", "yd", "zb", "zd")}


def test_two_in_every_line_are_not_enough() -> None:
    system = grid("wxyz", "abcd", FOUR)
    lines = [sum(one in TWO_IN_EVERY_LINE for one in line.cells) for line in system.sums]
    assert 1 not in lines
    assert determined(system.sums, TWO_IN_EVERY_LINE) == {cell("w", "b")}
    assert cell("w", "b") in attack(system, TWO_IN_EVERY_LINE)
    with_one_more = TWO_IN_EVERY_LINE | {cell("x", "b")}
    assert determined(system.sums, with_one_more) == set()
    assert intervals(system, with_one_more, 0)[cell("w", "b")] == (0, 141)


def test_the_protector_mends_the_pattern_that_has_two_in_every_line() -> None:
    system = grid("wxyz", "abcd", FOUR)
    problem = Problem(system, frozenset(TWO_IN_EVERY_LINE), {}, tuple(system.sums), {})
    assert exposed(problem, TWO_IN_EVERY_LINE) == {cell("w", "b")}
    with pytest.raises(DisclosureError, match="could be computed"):
        audit(problem, TWO_IN_EVERY_LINE)
    withheld = TWO_IN_EVERY_LINE | secondary_suppression(problem)
    audit(problem, withheld)
    assert not attack(system, withheld) & TWO_IN_EVERY_LINE


def test_a_nought_that_is_shown_is_no_company() -> None:
    system = grid("123", "ABCDE", [[1, 1, 1, 5, 5], [9, 9, 9, 9, 9], [0, 0, 0, 7, 7]])
    problem, withheld = protect(system, threshold=4)
    assert problem.primary == {cell("1", column) for column in "ABC"}
    assert {cell("2", column) for column in "ABC"} <= withheld
    assert not {cell("3", column) for column in "ABC"} & withheld
    # Three figures of at least 1 that sum to 3 are no secret: the row has to lose more than they.
    assert {cell("1", "D"), cell("1", "E"), cell("1", TOTAL)} & withheld
    assert not attack(system, withheld) & problem.primary


@pytest.mark.parametrize("threshold", [3, 4])
def test_totals_that_are_small_themselves_are_protected(threshold: int) -> None:
    values = [[4, 5, 3, 4, 1, 6], [0, 0, 2, 1, 0, 0], [0, 1, 1, 4, 0, 0], [0, 0, 0, 0, 0, 0]]
    system = grid("slnu", "abcdef", values)
    problem, withheld = protect(system, threshold)
    assert cell(TOTAL, "e") in problem.primary
    assert not attack(system, withheld) & problem.primary
    assert all(system.values[one] > 0 for one in withheld)


@given(
    values=st.lists(st.lists(st.integers(0, 12), min_size=4, max_size=4), min_size=3, max_size=3),
    threshold=st.integers(2, 6),
    rows=st.permutations("123"),
    columns=st.permutations("ABCD"),
)
@settings(max_examples=examples(25), deadline=None)
def test_whatever_the_table_and_its_order_nothing_small_is_found(
    values: Grid, threshold: int, rows: list[str], columns: list[str]
) -> None:
    for system in (grid("123", "ABCD", values), grid("".join(rows), "".join(columns), values)):
        try:
            problem, withheld = protect(system, threshold)
        except DisclosureError:
            continue  # The table is too small to hide anything in, and says so.
        small = {one for one, value in system.values.items() if 0 < value < threshold}
        assert small == problem.primary
        assert small <= withheld
        assert all(system.values[one] > 0 for one in withheld)
        assert all(sum(one in withheld for one in line.cells) != 1 for line in system.sums)
        assert not attack(system, withheld) & small


def test_a_table_with_nothing_to_hide_in_is_refused_without_its_figures() -> None:
    system = grid("1", "A", [[2]])
    system.sums.append(Sum(Cell("population", 2023), (cell("1", "A"),)))
    system.values[Cell("population", 2023)] = 2
    with pytest.raises(DisclosureError) as caught:
        protect(system, threshold=4)
    assert caught.value.where and caught.value.remedy
    assert "2 " not in caught.value.what


def test_published_figures_that_contradict_one_another_are_refused() -> None:
    a, b, whole, other = (cell(name, TOTAL) for name in "abTU")
    lines = [Sum(whole, (a, b)), Sum(other, (a, b))]
    with pytest.raises(ConsistencyError):
        Plain(
            {whole: 5, other: 9},
            {a: 1, b: 1},
            [PlainLine({one.total: -1.0, **dict.fromkeys(one.parts, 1.0)}, exact=True) for one in lines],
        ).intervals()


_FIND = """
import pickle, sys
cells = pickle.load(sys.stdin.buffer)
assert all(one in cells for one in [type(one)(one.measure, one.year, one.categories) for one in cells])
"""


def test_a_cell_is_found_again_in_another_process() -> None:
    cells = pickle.dumps({cell("1", "A"), cell("2", "B")})
    environment = os.environ | {"PYTHONHASHSEED": "3"}
    subprocess.run([sys.executable, "-c", _FIND], input=cells, env=environment, check=True)


def test_each_person_has_a_procedure_so_procedures_bound_persons_and_are_bounded() -> None:
    """20 procedures, one group with 19 persons: the other group has exactly one procedure, and one person."""
    system = System()
    counts = {(): (20, 20), (("procedure_group", "A"),): (19, 19), (("procedure_group", "B"),): (1, 1)}
    for categories, (procedures, persons) in counts.items():
        for measure, value in (("procedures", procedures), ("persons_with_procedure", persons)):
            one = Cell(measure, 2023, categories)
            system.values[one], system.contributors[one], system.tables[one] = value, persons, ["example"]
        system.nests.append(
            Nest(Cell("procedures", 2023, categories), (Cell("persons_with_procedure", 2023, categories),), covering=False)
        )
    parts = tuple(Cell("procedures", 2023, categories) for categories in counts if categories)
    system.sums.append(Sum(Cell("procedures", 2023), parts))
    problem = primary_suppression(system, Disclosure(threshold=4, contributors=4))
    assert parts[1] in exposed(problem, {*problem.primary, *parts})
    withheld = problem.primary | secondary_suppression(problem)
    audit(problem, withheld)
    assert Cell("persons_with_procedure", 2023, (("procedure_group", "A"),)) in withheld or Cell("procedures", 2023) in withheld
