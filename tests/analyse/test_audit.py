"""The audit against two judges that share nothing with it: the rank of a matrix, and trying every table that fits."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable

import numpy as np
import pytest

from kvarn.analyse.disclosure.primary import Problem
from kvarn.analyse.disclosure.suppression.audit import audit, determined
from kvarn.analyse.disclosure.suppression.secondary import secondary_suppression
from kvarn.analyse.disclosure.system import Cell, Sum, System
from kvarn.errors import DisclosureError

TOTAL = "all"


def cell(row: str, column: str) -> Cell:
    return Cell("persons", 2023, (("column", column), ("row", row)))


def cross_table(rows: dict[str, list[int]]) -> tuple[dict[Cell, int], list[Sum]]:
    """A table of rows and columns a, b, c … with its margins: the cells, and every sum."""
    columns = "abcdefgh"[: len(next(iter(rows.values())))]
    values = {cell(row, column): held[place] for row, held in rows.items() for place, column in enumerate(columns)}
    for row, held in rows.items():
        values[cell(row, TOTAL)] = sum(held)
    for place, column in enumerate(columns):
        values[cell(TOTAL, column)] = sum(held[place] for held in rows.values())
    values[cell(TOTAL, TOTAL)] = sum(map(sum, rows.values()))
    sums = [Sum(cell(row, TOTAL), tuple(cell(row, column) for column in columns)) for row in [*rows, TOTAL]]
    sums += [Sum(cell(TOTAL, column), tuple(cell(row, column) for row in rows)) for column in [*columns, TOTAL]]
    return values, sums


def problem(rows: dict[str, list[int]], primary: Iterable[Cell]) -> Problem:
    values, sums = cross_table(rows)
    system = System(values=values, contributors=dict(values), sums=sums)
    return Problem(system, frozenset(primary), {}, tuple(sums), {})


THREE_BY_THREE = {"1": [20, 50, 10], "2": [8, 19, 22], "3": [17, 32, 12]}
FOUR_BY_FOUR = {"w": [30, 47, 64, 89], "x": [90, 124, 5, 31], "y": [92, 100, 59, 85], "z": [800, 991, 651, 685]}
FOUR_BY_FOUR_WITHHELD = {cell(row, column) for row, column in ("wa", "wb", "wc", "xa", "xc", "yb", "yd", "zb", "zd")}


def test_the_audit_refuses_the_pattern_that_leaks_and_tells_no_value() -> None:
    with pytest.raises(DisclosureError) as caught:
        audit(problem(FOUR_BY_FOUR, {cell("w", "b")}), FOUR_BY_FOUR_WITHHELD)
    assert "row w" in str(caught.value)
    assert "47" not in str(caught.value)


def test_the_audit_refuses_a_primary_cell_that_is_published() -> None:
    with pytest.raises(DisclosureError):
        audit(problem(THREE_BY_THREE, {cell("2", "a")}), set())


def test_three_ones_that_sum_to_three_are_known_where_noughts_are_shown() -> None:
    """The nines alone keep every line at three gaps, and yet 1 + 1 + 1 = 3 has one solution."""
    task = problem({"1": [1, 1, 1, 5, 5], "2": [9, 9, 9, 9, 9], "3": [0, 0, 0, 7, 7]}, {cell("1", c) for c in "abc"})
    with pytest.raises(DisclosureError):
        audit(task, {cell(row, column) for row in "12" for column in "abc"})


def test_elimination_agrees_with_the_rank_of_the_matrix() -> None:
    """A cell is determined exactly when adding the row that picks it leaves the rank as it was."""
    rng = random.Random(4)
    seen = set()
    for _ in range(200):
        rows = {name: [1] * 3 for name in "uvwx"}
        values, sums = cross_table(rows)
        unknown = sorted(rng.sample(sorted(values, key=str), rng.randint(3, 12)), key=str)
        matrix = np.array(
            [[(at in s.parts) - (at == s.total) for at in unknown] for s in sums if set(s.cells) & set(unknown)], dtype=float
        )
        rank = np.linalg.matrix_rank(matrix)
        picks = np.eye(len(unknown))
        wanted = {at for place, at in enumerate(unknown) if np.linalg.matrix_rank(np.vstack([matrix, picks[place]])) == rank}
        assert determined(sums, unknown) == wanted
        seen.add(bool(wanted))
    assert seen == {True, False}


def solutions(rows: dict[str, list[int]], withheld: set[Cell]) -> list[dict[Cell, int]]:
    """Every table of whole numbers, at least 1 in each gap, that fits what is published: nothing but trying all."""
    values, sums = cross_table(rows)
    gaps = sorted(withheld, key=str)
    most = max(values[at] for at in gaps) + 3
    found = []
    for tried in itertools.product(range(1, most + 1), repeat=len(gaps)):
        held = values | dict(zip(gaps, tried, strict=True))
        if all(held[s.total] == sum(held[part] for part in s.parts) for s in sums):
            found.append(dict(zip(gaps, tried, strict=True)))
    return found


def test_trying_every_table_that_fits_determines_no_primary_cell() -> None:
    rng = random.Random(8)
    tried = 0
    while tried < 25:
        rows = {name: [rng.choice([0, 1, 2, 4, 5, 6]) for _ in range(2)] for name in "uvw"}
        values, _ = cross_table(rows)
        task = problem(rows, {at for at, held in values.items() if 0 < held < 3})
        withheld = set(task.primary)
        withheld |= secondary_suppression(task)
        if not 0 < len(withheld) <= 5:
            continue
        tried += 1
        fitting = solutions(rows, withheld)
        for at in task.primary:
            assert len({table[at] for table in fitting}) > 1, (rows, str(at))
