"""Tables that leave out levels of a classification: whatever adds up is known to add up, by the protector and by the audit.

What adds up is computed here from what the categories consist of, by linear algebra.
"""

from __future__ import annotations

import random

import numpy as np
import pandas as pd
import pytest

from kvarn import metadata
from kvarn.analyse.disclosure.system import Nest, System, system_of
from kvarn.analyse.disclosure.written.relations import differences, key_of, lines, overlaps
from kvarn.edition import Order, Words

PROCEDURES = metadata.codelist("procedure")
GROUPS = metadata.codelist("procedure-group")
COUNTIES = ("09", "10")


def leaves_within(variable: str, code: str) -> frozenset[str]:
    """What a category consists of, by the names of its last parts."""
    if variable == "procedure":
        return frozenset([code]) if code != "T" else frozenset(PROCEDURES.leaves)
    if variable == "procedure_group":
        return frozenset(leaf for leaf in PROCEDURES.leaves if code in ("T", PROCEDURES.by_code[leaf]["group"]))
    codes = metadata.codelist(variable)
    below = codes.children(code)
    return frozenset([code]) if not below else frozenset().union(*(leaves_within(variable, one) for one in below))


def table_of(variable: str, codes: list[str], measure: str, values: list[int]) -> tuple[Order, pd.DataFrame]:
    title = Words(sv="Prov, {years}", en="Test, {years}")
    order = Order(
        edition="first", title=title, measures=(measure,), by=(variable,), categories={variable: tuple(codes)}, years=(2023,)
    )
    rows = [(2023, code, measure, str(value), value) for code, value in zip(codes, values, strict=True)]
    return order, pd.DataFrame(rows, columns=["year", variable, "measure", "value", "contributors"])


def system_with(chosen: dict[str, list[str]], measure: str, worth: dict[str, int]) -> System:
    tables, definitions = {}, []
    for variable, codes in chosen.items():
        values = [sum(worth[leaf] for leaf in leaves_within(variable, code)) for code in codes]
        order, tables[f"of-{variable}"] = table_of(variable, codes, measure, values)
        definitions.append(order.definition(f"of-{variable}"))
    with metadata.tables_beside(*definitions):
        return system_of(tables)


def some(draw: random.Random, codes: list[str], kept: float) -> list[str]:
    return [code for code in codes if draw.random() < kept]


def drawn(draw: random.Random, of: str) -> dict[str, list[str]]:
    """Categories of one classification; those of a few groups as groups or as the procedures that they consist of."""
    if of == "age":
        return {"age": some(draw, list(metadata.codelist("age").codes), draw.choice((0.6, 0.8, 0.95)))}
    if of == "region":
        regions = metadata.codelist("region")
        counties = list(regions.children("00"))
        whole = some(draw, counties, draw.choice((0.0, 0.5, 1.0)))
        below = [code for county in counties if county not in whole or draw.random() < 0.3 for code in regions.children(county)]
        return {"region": ["00", *whole, *(below if draw.random() < 0.7 else some(draw, below, 0.95))]}
    # A group of no procedure on the list is nil.
    groups = [code for code in GROUPS.codes if code != "T" and leaves_within("procedure_group", code)]
    whole = some(draw, groups, draw.choice((0.3, 0.7)))
    below = [leaf for leaf in PROCEDURES.leaves if PROCEDURES.by_code[leaf]["group"] not in whole or draw.random() < 0.2]
    return {"procedure_group": ["T", *whole], "procedure": below if draw.random() < 0.7 else some(draw, below, 0.97)}


def matrix(chosen: dict[str, list[str]]) -> tuple[list[tuple[str, str]], np.ndarray]:
    """Each cell as what it consists of."""
    names = {
        key_of("procedures", 2023, {variable: code}): (variable, code) for variable, codes in chosen.items() for code in codes
    }
    cells = list(names.values())
    within = [leaves_within(variable, code) for variable, code in cells]
    leaves = sorted(frozenset().union(*within))
    return cells, np.array([[leaf in of for leaf in leaves] for of in within], dtype=float)


@pytest.mark.parametrize("of", ["age", "region", "procedure"])
@pytest.mark.parametrize("seed", range(8))
def test_every_sum_that_follows_from_what_categories_consist_of_is_known_to_the_protector_and_to_the_audit(
    of: str, seed: int
) -> None:
    draw = random.Random(f"{of} {seed}")
    chosen = drawn(draw, of)
    cells, consists = matrix(chosen)
    worth = {
        leaf: 1 + draw.randrange(9)
        for codes in [chosen]
        for v, some_ in codes.items()
        for c in some_
        for leaf in leaves_within(v, c)
    }
    system = system_with(chosen, "procedures", worth)
    place = {key_of("procedures", 2023, {variable: code}): number for number, (variable, code) in enumerate(cells)}
    wanted = len(cells) - np.linalg.matrix_rank(consists)

    def rank(rows: list[dict[object, float]]) -> int:
        table = np.zeros((len(rows) + 1, len(cells)))
        for number, row in enumerate(rows):
            for key, entry in row.items():
                table[number, place[key]] = entry
        assert not (table @ consists).any(), "a sum that is none"
        return int(np.linalg.matrix_rank(table))

    def key(cell):
        return cell.measure, cell.year, cell.categories

    of_protector = [{key(one.total): 1.0, **{key(part): -1.0 for part in one.parts}} for one in system.sums]
    of_audit = [dict(line.terms) for line in lines(set(place)) if line.exact]
    assert rank(of_protector) == rank(of_audit) == wanted


@pytest.mark.parametrize("measure", ["persons", "procedures"])
@pytest.mark.parametrize("of", ["age", "region"])
@pytest.mark.parametrize("seed", range(4))
def test_protector_and_audit_name_the_same_differences_and_overlaps(measure: str, of: str, seed: int) -> None:
    """What an officer excuses is found again by its name."""
    draw = random.Random(f"{of} {seed}")
    chosen = drawn(draw, of)
    worth = {leaf: 1 + draw.randrange(9) for v, codes in chosen.items() for c in codes for leaf in leaves_within(v, c)}
    system = system_with(chosen, measure, worth)
    keys = {(cell.measure, cell.year, cell.categories) for cell in system.values}

    def named(links):
        return {(whole_key(whole), tuple(map(whole_key, parts))) for whole, parts in links}

    def whole_key(cell):
        return cell.measure, cell.year, cell.categories

    assert named(system.differences) == set(differences(keys))
    assert named(system.overlaps) == set(overlaps(keys))


def test_municipalities_without_their_counties_cover_the_country() -> None:
    """As persons do: some are in several of them."""
    leaves = list(metadata.codelist("region").leaves)
    system = system_with({"region": ["00", *leaves]}, "persons", dict.fromkeys(leaves, 5))
    nests = [nest for nest in system.nests if isinstance(nest, Nest)]
    assert [(len(nest.parts), nest.covering) for nest in nests] == [(len(leaves), True)]
