"""A table may leave out a total and have all that it consists of twice: each of the two says what the total would."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd
import pytest

from kvarn import metadata
from kvarn.analyse._classification import children, codes_of_procedure, codes_within
from kvarn.analyse.disclosure.primary import Problem, primary_suppression
from kvarn.analyse.disclosure.suppression.audit import audit
from kvarn.analyse.disclosure.suppression.secondary import protection
from kvarn.analyse.disclosure.system import Cell, system_of
from kvarn.analyse.disclosure.written.audit import Published, audit_written
from kvarn.analyse.disclosure.written.secrecy import secrets_of, true_counts
from kvarn.edition import Disclosure, Order, Words
from kvarn.errors import DisclosureError

RULES = Disclosure(threshold=4, contributors=4, width=3, singletons=False, municipalities=False)
GROUPS = tuple(code for code in children("procedure_group", "T") if codes_within("procedure_group", code))
KINDS = tuple(code for code in children("kind", "T") if codes_within("kind", code))
MONTHS = tuple(f"{month:02d}" for month in range(1, 13))
# Each procedure is counted three times, but of the first group only two were made: one of each of its kinds.
BY_CODE = dict.fromkeys(codes_of_procedure("procedure"), 3) | dict.fromkeys(codes_within("procedure_group", GROUPS[0]), 0)
for _kind in ("assessing", "treating"):
    BY_CODE[next(code for code in codes_within("kind", _kind) if BY_CODE[code] == 0)] = 1
# What tables of one variable without its total count: of the first, one category is of two persons alone.
SYSTEMS: Mapping[str, tuple[str, dict[str, dict[str, int]]]] = {
    "groups and kinds": (
        "procedures",
        {
            name: {category: sum(BY_CODE[code] for code in codes_within(name, category)) for category in categories}
            for name, categories in (("procedure_group", GROUPS), ("kind", KINDS))
        },
    ),
    "sexes and ages": ("persons", {"sex": {"1": 2, "2": 50}, "age": {"0-64": 12, "65+": 40}}),
    "sexes and ages with a level left out": (
        "persons",
        {"sex": {"1": 50, "2": 52}, "age": {"0-17": 2, "18-64": 60, "65-79": 20, "80-84": 10, "85-89": 5, "90+": 5}},
    ),
    "months, in which persons can be twice, and sexes": (
        "persons",
        {"month": {month: 8 if month == "01" else 4 for month in MONTHS}, "sex": {"1": 2, "2": 50}},
    ),
}


@pytest.fixture(autouse=True)
def _declared() -> Iterator[None]:
    with metadata.tables_beside(*(definition(name, codes) for name, codes in _lists())):
        yield


def _lists() -> list[tuple[str, Sequence[str]]]:
    return list({name: tuple(counts) for _, of in SYSTEMS.values() for name, counts in of.items()}.items())


def definition(variable: str, codes: Sequence[str]) -> metadata.TableDefinition:
    order = Order(
        edition="first",
        title=Words(sv=variable, en=variable),
        measures=("persons_with_procedure", "procedures") if variable in ("kind", "procedure_group") else ("persons",),
        by=(variable,),
        categories={variable: tuple(codes)},
        years=(2023,),
    )
    return order.definition(f"by-{variable.replace('_', '-')}")


def tables_of(system: str) -> dict[str, pd.DataFrame]:
    measure, of = SYSTEMS[system]
    found = {}
    for variable, counts in of.items():
        rows = [(2023, code, measure, str(value), value) for code, value in counts.items()]
        columns = ["year", variable, "measure", "value", "contributors"]
        found[f"by-{variable.replace('_', '-')}"] = pd.DataFrame(rows, columns=columns)
    return found


def problem(system: str) -> Problem:
    return primary_suppression(system_of(tables_of(system)), RULES)


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_secret_alone_among_its_classification_is_told_by_another_and_kept_company(system: str) -> None:
    found = problem(system)
    assert len(found.primary) == 1
    with pytest.raises(DisclosureError, match="could be computed"):
        audit(found, found.primary)
    audit(found, found.primary | protection(found).secondary)


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_attack_on_what_was_written_knows_it_too(system: str) -> None:
    tables = tables_of(system)
    secrets = secrets_of(tables, RULES)
    published = Published()
    for key, value in true_counts(tables).items():
        published.see(key, "" if key in secrets else str(value), "X" if key in secrets else "", "csv")
    with pytest.raises(DisclosureError, match="told too closely"):
        audit_written(published, secrets)


def test_a_cell_that_is_in_both_divisions_does_not_count() -> None:
    """With a total there is nothing to add: the sums say it."""
    tables = tables_of("sexes and ages")
    tables["by-sex"].loc[2] = [2023, "T", "persons", "52", 52]
    assert not system_of(tables).relations


def test_parts_of_what_stands_in_no_table_are_no_more_than_what_covers_it() -> None:
    tables = tables_of("sexes and ages")
    tables["by-age"] = tables["by-age"][tables["by-age"]["age"] == "65+"]
    relations = system_of(tables).relations
    assert [one.exact for one in relations] == [False]
    assert dict(relations[0].terms)[Cell("persons", 2023, (("age", "65+"),))] == -1
