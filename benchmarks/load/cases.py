"""The cases: what is made for a size, and which stages are then measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from deliveries import Care, municipality_codes, write_deliveries, write_small_deliveries
from project import PROJECT, published, with_fine_table, with_more_tables

# As many years as both types of file have been delivered for.
_YEARS = range(2019, 2024)
_PUBLISH = "kvarn publish params/demo.yml"
PRODUCTS = ("open-data", "database", "spreadsheet", "explorer")


class Case(NamedTuple):
    """A thing that can be large.

    Attributes
    ----------
    make
        Makes what is needed for a size in a folder; the project in which the stages run.
    """

    says: str
    unit: str
    sizes: Sequence[int]
    make: Callable[[Path, int], Path]
    stages: Sequence[str]


def _of_years(folder: Path, years: Sequence[int]) -> None:
    (folder / "years").write_text(" ".join(map(str, years)))


def municipality(folder: Path, persons: int) -> Path:
    """Every inhabitant of one municipality has care, and two procedures in each month with it."""
    _of_years(folder, [2023])
    write_deliveries(folder / "deliveries", ["0180"], [2023], Care(persons, 2))
    return PROJECT


def years(folder: Path, number: int) -> Path:
    """A series of so many years until 2023."""
    return published(folder, range(2024 - number, 2024))


def small_files(folder: Path, files: int) -> Path:
    """Deliveries of five years of 290 municipalities, and then again and again as corrections, of one row each."""
    _of_years(folder, _YEARS)
    write_small_deliveries(folder / "deliveries", municipality_codes(), _YEARS, files)
    return PROJECT


CASES = {
    "municipality": Case(
        "one municipality, all of whose inhabitants have care: 6.5 months and 13 procedures a person in one year",
        "inhabitants",
        (97_407, 974_073),
        municipality,
        ("intake", "register", "count"),
    ),
    "small-files": Case(
        "delivery files of one row each: periods of 290 municipalities and five years, then corrections of them",
        "files",
        (10_000, 100_000, 1_000_000),
        small_files,
        ("intake-alone", "again"),
    ),
    "years": Case(
        "a series of so many years, 27 municipalities of 200 persons: the whole publication, and a run with nothing to do",
        "years",
        (5, 10, 30),
        years,
        (_PUBLISH, _PUBLISH),
    ),
    "tables": Case(
        "so many times the 19 tables, 27 municipalities of 200 persons, three years: the whole publication, and nothing to do",
        "times the tables",
        (1, 3, 10),
        with_more_tables,
        (_PUBLISH, _PUBLISH),
    ),
    **{
        f"cells-{word}": Case(
            f"one table of persons by region, sex and age, {mean:g} persons in a cell of the smallest on average",
            "cells",
            (10_000, 30_000, 100_000),
            partial(with_fine_table, mean=mean),
            ("protect", *PRODUCTS),
        )
        for word, mean in (("dense", 100.0), ("middling", 20.0), ("sparse", 3.0))
    },
}
