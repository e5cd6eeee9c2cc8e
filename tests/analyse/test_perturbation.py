"""The table by which counts are changed, and the rule for totals: bounded, on average nothing, and no small count comes out."""

from __future__ import annotations

import math
import random
import statistics
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kvarn.analyse._record_keys import KEYS, record_key
from kvarn.analyse.disclosure.perturbation.changes import (
    PerturbationTable,
    Transition,
    draws_of,
    perturbation_table,
    perturbed_total,
)

DEFAULT = perturbation_table(5, 3.0, 4)
keys = st.integers(0, KEYS - 1)


@st.composite
def tables(draw: st.DrawFn) -> tuple[PerturbationTable, float]:
    least = draw(st.integers(1, 8))
    greatest = draw(st.integers(least, 12))
    variance = draw(st.floats(0.2, greatest * (greatest + 1) / 3))
    return perturbation_table(greatest, variance, least), variance


def moment(row: Transition, power: int) -> float:
    return sum(chance * change**power for change, chance in zip(row.changes, row.probabilities, strict=True))


def entropy(chances: tuple[float, ...]) -> float:
    return -sum(chance * math.log(chance) for chance in chances if chance > 0)


@given(tables())
@settings(max_examples=25, deadline=None)
def test_every_count_keeps_its_expectation_its_bound_and_leaps_over_the_small_ones(made: tuple[PerturbationTable, float]) -> None:
    table, variance = made
    assert len(table.rows) == table.greatest + table.least
    for count, row in enumerate(table.rows, 1):
        assert row.upto[-1] == KEYS
        assert list(row.upto) == sorted(row.upto)
        assert sum(row.probabilities) == pytest.approx(1)
        assert moment(row, 1) == pytest.approx(0, abs=1e-7)
        can = {change for change, chance in zip(row.changes, row.probabilities, strict=True) if chance}
        assert max(map(abs, can)) <= table.greatest
        assert len(can) > 1, "no count is published as it is for certain"
        assert not {count + change for change in can} & set(range(1, table.least))
        assert min(count + change for change in can) >= 0
        # A count that must leap over the small ones varies by at least what the leap takes.
        leap = count * (table.least - count) if count < table.least else 0
        assert moment(row, 2) <= max(variance, leap) + 1e-6
    # Far from nought both sides are alike.
    assert table.rows[-1].probabilities == pytest.approx(table.rows[-1].probabilities[::-1], abs=1e-8)
    free = table.greatest * (table.greatest + 1) / 3
    assert moment(table.rows[-1], 2) == pytest.approx(min(variance, free), rel=1e-6)


@given(tables(), st.integers(1, 30), st.integers(0, 2**16))
@settings(max_examples=25, deadline=None)
def test_no_other_chances_with_the_same_expectation_and_variance_have_more_entropy(
    made: tuple[PerturbationTable, float], count: int, seed: int
) -> None:
    """Any step that keeps both is towards less entropy."""
    row = made[0].transition(count)
    inside = [number for number, chance in enumerate(row.probabilities) if chance > 1e-3]
    assume(len(inside) >= 4)
    places = sorted(random.Random(seed).sample(inside, 4))
    # Divided differences of the third order: they change neither the sum, nor the mean, nor the variance.
    changes = [row.changes[place] for place in places]
    step = [float(Fraction(1, math.prod(one - other for other in changes if other != one))) for one in changes]
    size = 1e-4 / max(map(abs, step))
    for side in (size, -size):
        other = list(row.probabilities)
        for place, part in zip(places, step, strict=True):
            other[place] += side * part
        assert entropy(tuple(other)) < entropy(row.probabilities) + 1e-9


def test_the_same_parameters_give_the_same_table() -> None:
    again = perturbation_table.__wrapped__(5, 3.0, 4)
    assert again == DEFAULT
    assert [round(chance, 3) for chance in DEFAULT.rows[0].probabilities][:2] == [0.75, 0.25]
    with pytest.raises(ValueError, match="greatest"):
        perturbation_table(3, 1.0, 4)


@given(st.integers(0, 10**6), keys)
def test_a_count_is_changed_by_its_key_alone_and_nought_never(count: int, key: int) -> None:
    shown = DEFAULT.perturbed(count, key)
    assert shown == DEFAULT.perturbed(count, key)
    assert abs(shown - count) <= 5
    assert shown not in (1, 2, 3)
    assert DEFAULT.perturbed(0, key) == 0


@st.composite
def amounts(draw: st.DrawFn) -> list[int]:
    return draw(st.lists(st.integers(1, 12), min_size=1, max_size=40))


@given(amounts(), st.integers(0, 45), keys)
def test_a_total_is_no_less_than_its_persons_and_no_more_than_they_can_have(of_each: list[int], shown: int, key: int) -> None:
    shown = 0 if shown < 4 else shown
    assume(abs(shown - len(of_each)) <= 5)
    total, largest = sum(of_each), max(of_each)
    found = perturbed_total(total, len(of_each), shown, largest, key)
    assert found == perturbed_total(total, len(of_each), shown, largest, key)
    assert (found == 0) == (shown == 0)
    assert found >= shown
    assert abs(found - total) <= 6 * largest
    assert shown <= perturbed_total(total, len(of_each), shown, largest, key, 12) <= 12 * shown


@pytest.mark.parametrize(
    ("of_each", "at_most"), [([1, 1], None), ([90, 3, 2, 1, 1], None), ([12, 12, 11, 1, 5], 12), ([400] * 3, None)]
)
def test_on_average_a_count_and_a_total_are_the_true_ones(of_each: list[int], at_most: int | None) -> None:
    """Within four standard errors of 20,000 draws."""
    draw = random.Random(11)
    persons, total, largest = len(of_each), sum(of_each), max(of_each)
    found = []
    for _ in range(20_000):
        key = draw.randrange(KEYS)
        shown = DEFAULT.perturbed(persons, key)
        found.append((shown - persons, perturbed_total(total, persons, shown, largest, key, at_most) - total))
    for changes in zip(*found, strict=True):
        mean = sum(changes) / len(changes)
        error = math.sqrt(sum(change**2 for change in changes) / len(changes) / len(changes))
        assert abs(mean) < 4 * error


def test_a_total_that_one_person_makes_up_is_moved_by_much_of_what_he_has() -> None:
    draw = random.Random(5)
    changes = []
    for _ in range(2_000):
        key = draw.randrange(KEYS)
        changes.append(abs(perturbed_total(1000, 6, DEFAULT.perturbed(6, key), 970, key) - 1000))
    assert sum(change < 50 for change in changes) < 200, "hardly ever can what he has be told to within five per cent"
    # In a total of very many he weighs as little as he does.
    key = record_key("0" * 32)
    assert abs(perturbed_total(5_000_000, 50_000, DEFAULT.perturbed(50_000, key), 970, key) - 5_000_000) < 2_000


def test_the_totals_of_one_person_in_each_month_are_moved_by_a_draw_each() -> None:
    """Alone in a place, with the same key in every month: one draw for all would tell every month from their ratios."""
    draw = random.Random(13)
    sides = [[draws_of(key, total)[0] / KEYS for total in range(1, 13)] for key in (draw.randrange(KEYS) for _ in range(2_000))]
    for one, other in ((0, 1), (3, 11), (5, 6)):
        assert abs(statistics.correlation([row[one] for row in sides], [row[other] for row in sides])) < 0.1
    assert draws_of(7, 3) == draws_of(7, 3), "the same cell is the same everywhere"


def test_the_changes_of_two_cells_are_not_tied_by_the_persons_that_are_added_to_both() -> None:
    """Keys that lie close to one another are changed in ways of their own, whatever is added to them."""
    draw = random.Random(17)
    near = [(key, (key + draw.randrange(1, KEYS // 10_000)) % KEYS) for key in (draw.randrange(KEYS) for _ in range(4_000))]
    changes = [(DEFAULT.perturbed(30, one) - 30, DEFAULT.perturbed(30, other) - 30) for one, other in near]
    assert abs(statistics.correlation(*map(list, zip(*changes, strict=True)))) < 0.1


def test_a_persons_key_is_evenly_drawn_and_does_not_depend_on_the_others() -> None:
    found = [record_key(f"{number:032x}") for number in range(4_000)]
    assert len(set(found)) > 3_990
    for part in range(8):
        assert abs(sum(key * 8 // KEYS == part for key in found) - 500) < 100
    assert record_key(f"{17:032x}") == found[17]


def test_one_person_more_or_less_cannot_be_told_from_the_difference_of_two_figures() -> None:
    """Whoever subtracts a table without a person from one with him sees the difference of two unrelated changes."""
    draw = random.Random(3)
    seen: dict[int, list[int]] = {0: [], 1: []}
    for number in range(6_000):
        others, target = draw.randrange(KEYS), draw.randrange(KEYS)
        there = number % 2
        with_him = DEFAULT.perturbed(30 + there, (others + there * target) % KEYS)
        seen[there].append(with_him - DEFAULT.perturbed(30, others))
    assert set(seen[0]) == {0}, "where nobody is added, the same figure stands in both"
    differences = seen[1]
    assert sum(difference == 1 for difference in differences) < 0.25 * len(differences)
    assert sum(difference == 0 for difference in differences) > 0.1 * len(differences), (
        "equal figures do not say that nobody was added"
    )
    assert min(differences) < -3
    assert max(differences) > 5
