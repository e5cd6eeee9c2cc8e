"""Wholes that stand in no table and are what is left of others: the attack knows of them, and so does the protector."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from kvarn import metadata
from kvarn.analyse import protect_tables
from kvarn.analyse._tables import write_table
from kvarn.analyse.disclosure import system
from kvarn.analyse.disclosure.relation import Relation
from kvarn.analyse.disclosure.system import Cell, system_of
from kvarn.edition import Disclosure, Order, Words
from kvarn.errors import DisclosureError

from .attacker_over_time import COUNTY, MUNICIPALITIES
from .test_over_time import counted, drawn

MEASURE = "persons_with_procedure"
# The country by sex; the county and its men; the women of two of its municipalities. So the county's women are in no table.
CATEGORIES = {
    "of-country": {"sex": ("T", "1", "2")},
    "of-county": {"region": (COUNTY,), "sex": ("T", "1")},
    "of-municipality": {"region": MUNICIPALITIES[:2], "sex": ("2",)},
}
TABLES = {
    name: Order(
        edition="first",
        title=Words(sv=f"{name}, {{years}}", en=f"{name}, {{years}}"),
        measures=(MEASURE,),
        by=tuple(categories),
        categories=categories,
        years=(2023,),
    )
    for name, categories in CATEGORIES.items()
}


def published(root: Path, seed: int) -> None:
    """An edition of few persons, in which secrets need more room than the limit gives them."""
    draw = random.Random(seed)
    people = [drawn(draw) for _ in range(draw.randrange(12, 40))]
    (root / "secret" / "tables").mkdir(parents=True)
    with metadata.tables_beside(*(order.definition(name) for name, order in TABLES.items())):
        for name, order in TABLES.items():
            write_table(root / "secret" / "tables" / f"{name}.parquet", counted(name, order, people))
        protect_tables(
            root / "secret" / "tables",
            root / "build",
            disclosure=Disclosure(withheld_at_most=1.0, width=6),
            synthetic=False,
            report=root / "secret" / "disclosure-report.json",
        )


@pytest.mark.parametrize("seed", [0, 1, 4, 11, 57])
def test_a_secret_is_kept_from_what_follows_by_subtraction(tmp_path: Path, seed: int) -> None:
    """The attack on what was written, which states every relation by itself, finds nothing."""
    published(tmp_path, seed)
    assert len(list((tmp_path / "build").glob("*.csv"))) == len(TABLES)


@pytest.mark.usefixtures("unheard")
def test_a_protector_without_it_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "relations_of_what_is_left", lambda *_: [])
    with pytest.raises(DisclosureError, match="region 1060, sex 2"):
        published(tmp_path, 1)


def test_a_protector_without_it_learns_it_from_the_audit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "relations_of_what_is_left", lambda *_: [])
    published(tmp_path, 1)
    assert len(list((tmp_path / "build").glob("*.csv"))) == len(TABLES)


def test_what_is_left_is_no_less_than_its_parts_and_no_more_than_what_it_is_a_part_of() -> None:
    people = [drawn(random.Random(seed)) for seed in range(60)]
    with metadata.tables_beside(*(order.definition(name) for name, order in TABLES.items())):
        found = system_of({name: counted(name, order, people) for name, order in TABLES.items()})
    county, men = cell(COUNTY), cell(COUNTY, "1")
    women = {cell(one, "2") for one in MUNICIPALITIES[:2]}
    at_most = {frozenset({(county, 1), (men, -1), (part, -1)}) for part in women} | {
        frozenset({(cell(None, "2"), 1), (men, 1), (county, -1)})
    }
    assert at_most <= {frozenset(one.terms) for one in found.relations if not one.exact}
    assert all(isinstance(one, Relation) and one.holds(found.values) for one in found.relations)


def cell(region: str | None, sex: str | None = None) -> Cell:
    return Cell(MEASURE, 2023, tuple((name, code) for name, code in (("region", region), ("sex", sex)) if code is not None))
