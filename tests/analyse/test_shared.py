"""What kinds, groups and codes share is stated for whatever is counted by one of them or by two, and nothing else is."""

from __future__ import annotations

import random
from collections.abc import Mapping

import numpy as np
import pytest

from kvarn import metadata
from kvarn.analyse._classification import codes_of_procedure
from kvarn.analyse.disclosure.cell import Cell
from kvarn.analyse.disclosure.shared import shared_by_code

BY_CODE = ("kind", "procedure_group", "procedure")


def codes_of() -> dict[str, dict[str, str]]:
    """The kind, group and code of each procedure on the list."""
    found: dict[str, dict[str, str]] = {}
    for name in BY_CODE:
        total = metadata.variable(name).codes.total  # type: ignore[union-attr]
        for leaf, above in codes_of_procedure(name).items():
            found.setdefault(leaf, {})[name] = next(code for code in above if code != total)
    return found


def chosen(draw: random.Random, leaves: Mapping[str, Mapping[str, str]]) -> list[dict[str, str]]:
    """Some cells of one place: categories of one, two or three of the classifications that some procedure has."""
    found: list[dict[str, str]] = [{}] if draw.random() < 0.5 else []
    few = draw.sample(sorted(leaves), draw.randint(6, 25))
    for names in (("kind",), ("procedure_group",), ("kind", "procedure_group"), ("procedure",), ("kind", "procedure")):
        if draw.random() < 0.3:
            continue
        among = {tuple(sorted((name, leaves[leaf][name]) for name in names)) for leaf in few}
        found += [dict(pairs) for pairs in sorted(among) if draw.random() < 0.8]
    return found


def cell(measure: str, categories: Mapping[str, str]) -> Cell:
    return Cell(measure, 2023, tuple(sorted(categories.items())))


def inside(leaf: Mapping[str, str], categories: Mapping[str, str]) -> bool:
    return all(leaf[name] == code for name, code in categories.items())


@pytest.mark.parametrize("seed", range(100))
def test_of_counts_all_that_is_equal_follows_and_what_is_stated_is_true(seed: int) -> None:
    """Every equation of the code list between the cells follows from those that are stated, here and by the list alone."""
    draw, leaves = random.Random(seed), codes_of()
    wanted = chosen(draw, leaves)
    cells = [cell("procedures", one) for one in wanted]
    of = {name: [int(inside(leaf, one)) for leaf in leaves.values()] for name, one in zip(cells, wanted, strict=True)}
    vectors = np.array([of[one] for one in cells]).reshape(len(cells), len(leaves))
    stated = [one.relation for one in shared_by_code(cells)]
    for relation in stated:
        come_to = sum(entry * np.array(of[one]) for one, entry in relation.terms)
        assert not come_to.any() if relation.exact else (come_to >= 0).all(), relation
    equations = [relation.terms for relation in stated if relation.exact] + by_the_list(cells, of)
    matrix = np.zeros((len(equations), len(cells)))
    for row, terms in enumerate(equations):
        for one, entry in terms:
            matrix[row, cells.index(one)] += entry
    assert (np.linalg.matrix_rank(matrix) if len(equations) else 0) == len(cells) - np.linalg.matrix_rank(vectors)


def by_the_list(cells: list[Cell], of: Mapping[Cell, list[int]]) -> list[tuple[tuple[Cell, int], ...]]:
    """Each cell that is divided fully by one more classification, or into codes, as the system states without this module; and
    what no procedure is."""
    found: list[tuple[tuple[Cell, int], ...]] = [((one, 1),) for one in cells if not any(of[one])]
    for whole in cells:
        names = {name for name, _ in whole.categories}
        if "procedure" in names:
            continue
        for name in BY_CODE:
            finer = names | {name} if name != "procedure" else {name}
            if name in names or (name == "procedure" and len(names) > 1):
                continue
            parts = [
                one
                for one in cells
                if {given for given, _ in one.categories} == finer
                and (name == "procedure" or set(whole.categories) <= set(one.categories))
                and any(of[one])
                and all(low <= high for low, high in zip(of[one], of[whole], strict=True))
            ]
            if parts and np.array_equal(sum(np.array(of[one]) for one in parts), of[whole]):
                found.append(((whole, 1), *((one, -1) for one in parts)))
    return found


@pytest.mark.parametrize("seed", range(60))
def test_of_persons_each_is_within_what_has_all_its_codes(seed: int) -> None:
    draw, leaves = random.Random(1000 + seed), codes_of()
    wanted = chosen(draw, leaves)
    cells = [cell("persons_with_procedure", one) for one in wanted]
    of = {
        name: frozenset(leaf for leaf, has in leaves.items() if inside(has, one)) for name, one in zip(cells, wanted, strict=True)
    }
    persons = [frozenset(draw.sample(sorted(leaves), draw.randint(1, 4))) for _ in range(40)]
    figures = {one: sum(1 for had in persons if had & of[one]) for one in cells}
    stated = list(shared_by_code(cells))
    for one in stated:
        assert one.relation.holds(figures), one.relation
    within = {one.relation.terms for one in stated}
    both = [one for one in cells if {name for name, _ in one.categories} == {"kind", "procedure_group"}]
    for whole in both:
        for part in cells:
            if part != whole and of[part] and of[part] <= of[whole] and [name for name, _ in part.categories] == ["procedure"]:
                assert ((whole, 1), (part, -1)) in within


def test_a_kind_of_a_group_is_the_codes_that_are_both() -> None:
    """Ninety-two procedures are the sum of six published codes and one that is withheld."""
    leaves = codes_of()
    kind, group = next(
        (has["kind"], has["procedure_group"])
        for has in leaves.values()
        if 2
        < sum(inside(other, {"kind": has["kind"], "procedure_group": has["procedure_group"]}) for other in leaves.values())
        < 9
    )
    both = {"kind": kind, "procedure_group": group}
    codes = [cell("procedures", {"procedure": leaf}) for leaf, has in leaves.items() if inside(has, both)]
    whole = cell("procedures", both)
    for relation in [one.relation for one in shared_by_code([whole, *codes])]:
        assert relation.exact and dict(relation.terms) == {whole: 1, **dict.fromkeys(codes, -1)}
    part = list(shared_by_code([whole, *codes[1:]]))
    assert [one.difference for one in part] == [(whole, tuple(codes[1:]))] and not part[0].relation.exact
    assert not list(shared_by_code(codes))
