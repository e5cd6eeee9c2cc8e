"""What is told without a programme, or by a small one, is what the programme of all that hangs together tells."""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
import pytest

from kvarn.analyse.disclosure.suppression import neighbourhood
from kvarn.analyse.disclosure.suppression.insiders import insiders_of
from kvarn.analyse.disclosure.suppression.intervals import Asked, Reach, exact_limits, reaches, wide_enough
from kvarn.analyse.disclosure.suppression.linear import linear_system
from kvarn.analyse.disclosure.suppression.neighbourhood import Nearby
from kvarn.analyse.disclosure.suppression.programmes import TOLERANCE, Block, are_whole
from kvarn.analyse.disclosure.suppression.secondary import protection
from kvarn.analyse.disclosure.suppression.witnesses import Witnesses
from tests.analyse.test_insiders import problem_of


def blocks(seed: int, rows: int = 9) -> Iterator[Reach]:
    """What is withheld of a random table with its sums, in blocks."""
    draw = random.Random(seed)
    problem = problem_of([[draw.choice((1, 2, 5, 9, 14, 30, 60)) for _ in range(6)] for _ in range(rows)])
    found = protection(problem)
    linear = linear_system(problem)
    asked = Asked(insiders_of(problem, linear), problem.room)
    yield from reaches(linear, linear.flags(problem.primary | found.secondary), asked, Witnesses())


@pytest.mark.parametrize("seed", range(6))
def test_limits_are_those_of_a_programme_for_each_end_of_each_cell(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0
    reach_of = Block.reach

    def counted(self: Block, places: np.ndarray, sign: float) -> np.ndarray:
        nonlocal asked
        asked += 1
        return reach_of(self, places, sign)

    ends = 0
    for reach in blocks(seed):
        wide_enough(reach)
        block, number = reach.block, len(reach.block.columns)
        asked_for = [[block.reach(np.array([place]), sign)[place] for place in range(number)] for sign in (-1.0, 1.0)]
        with monkeypatch.context() as patch:
            patch.setattr(Block, "reach", counted)
            least, most = exact_limits(reach)
        assert np.array_equal(np.ceil(least - TOLERANCE), np.ceil(np.array(asked_for[0]) - TOLERANCE))
        assert np.array_equal(np.floor(most + TOLERANCE), np.floor(np.array(asked_for[1]) + TOLERANCE))
        ends += 2 * number
    assert ends > 20 and asked < ends / 2


@pytest.mark.parametrize("seed", range(4))
def test_single_rows_exclude_no_table_that_fits(seed: int) -> None:
    narrowed = 0
    for reach in blocks(seed):
        block = reach.block
        least, most = block.whole_limits()
        wide_enough(reach)
        assert (least <= reach.least).all() and (reach.most <= most).all()
        narrowed += int((least > block.floors).sum() + (most < block.ceilings).sum())
    assert narrowed > 10


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("near", [2, 8])
def test_what_moves_near_a_cell_fits_all_that_ties_it(seed: int, near: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """And where nothing near it lets it move, what is further off is asked, so that no answer is lost."""
    monkeypatch.setattr(neighbourhood, "_NEAR", near)
    draw = random.Random(seed)
    problem = problem_of([[draw.choice((1, 2, 5, 9, 14, 30, 60)) for _ in range(6)] for _ in range(9)])
    found = protection(problem)
    linear = linear_system(problem)
    moved = 0
    for reach in reaches(linear, linear.flags(problem.primary | found.secondary), Asked(), Witnesses()):
        block = reach.block
        exact = np.arange(len(block.room)) < block.equations.shape[0]
        some = Nearby(linear, block.columns, block.rows.tocsr(), block.room, exact)
        far = neighbourhood.Neighbourhood(linear, block.columns, block.rows.tocsr(), block.room, exact, whole=True)
        still = block.columns[:1]
        for place in range(1, len(block.columns)):
            for by in (-1.0, 1.0, 2.0):
                shift = some.shift(place, by, still, whole=True)
                costs = np.ones(int(block.columns[-1]) + 1)
                other = far.shift(int(block.columns[place]), by, costs, still, whole=True)
                assert (shift is None) == (other is None)
                if shift is None:
                    continue
                moved += 1
                change = block.rows.tocsr() @ shift
                assert shift[place] == by and shift[0] == 0 and are_whole(shift)
                assert np.allclose(change[exact], 0) and (change[~exact] >= -block.room[~exact] - TOLERANCE).all()
                assert (block.values + shift >= block.floors - TOLERANCE).all()
    assert moved > 20
