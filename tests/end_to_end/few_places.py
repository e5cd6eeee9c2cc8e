"""A project of few places, for tests of the way and not of the figures.

Disclosure control holds all withheld figures against one another: of 290 municipalities with a handful of persons each it takes
minutes, of two counties seconds. No other municipality has delivered, and no table has one. The whole country is published once
for all tests, by ``production``.
"""

from __future__ import annotations

from pathlib import Path

import yaml

from kvarn import metadata
from kvarn.demo import DEFAULT_FAULTS, write_demo
from kvarn.programme import open_programme, programme_held

__all__ = ["keep_few_places", "let_deliveries_have_few_places", "let_tables_have_few_places", "write_few_places"]

# Stockholm, where every month has persons, and a county that is one municipality.
COUNTIES = ("01", "09")
DELIVERIES = "deliveries-by-municipality"
# A municipality of each: Stockholm, Gotland.
SOME = ("0180", "0980")


def write_few_places(
    folder: Path, *, first_year: int, last_year: int, seed: int, persons: int = 3000, procedures: float = 4
) -> Path:
    """Deliveries without any fault, of the two counties; of so many persons in the country some fifth are there."""
    write_demo(
        folder,
        persons=persons,
        first_year=first_year,
        last_year=last_year,
        seed=seed,
        procedures_per_person=procedures,
        faults=dict.fromkeys(DEFAULT_FAULTS, 0.0),
    )
    keep_few_places(folder)
    return folder


def keep_few_places(source: Path) -> None:
    """Let nobody else have delivered."""
    for delivery in (source / "deliveries").rglob("KHSL?_*.txt"):
        if not delivery.name.split("_")[1].startswith(COUNTIES):
            delivery.unlink()


def let_tables_have_few_places(project: Path, counties: tuple[str, ...] = COUNTIES) -> None:
    """In the project's own programme: the country, all counties, and the municipalities of a few of them."""
    file = project / "programme" / "tables.yml"
    declared = yaml.safe_load(file.read_text(encoding="utf-8"))
    with programme_held(open_programme(file.parent)):
        regions = [code for code in metadata.codelist("region").codes if len(code) == 2 or code.startswith(counties)]
    changed = [table for table in declared.values() if "region" in table["variables"]]
    assert changed
    for table in changed:
        table.setdefault("categories", {})["region"] = regions
    file.write_text(yaml.safe_dump(declared, allow_unicode=True, sort_keys=False), encoding="utf-8")
    let_deliveries_have_few_places(project, counties)


def let_deliveries_have_few_places(project: Path, counties: tuple[str, ...] = COUNTIES) -> None:
    """Of each file that was due the programme has a cell, which is public: more than half of all cells would be these."""
    file = project / "programme" / "tables.yml"
    declared = yaml.safe_load(file.read_text(encoding="utf-8"))
    if DELIVERIES in declared:
        declared[DELIVERIES].setdefault("categories", {})["region"] = sorted({"00", *counties, *SOME})
    file.write_text(yaml.safe_dump(declared, allow_unicode=True, sort_keys=False), encoding="utf-8")
