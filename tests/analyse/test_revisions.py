"""What an edition says otherwise than the one before it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from kvarn.analyse import write_revisions
from kvarn.analyse._revisions import list_revisions
from kvarn.errors import InputError

MONTHS = "year,month,sex,measure,value,status\n"


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    now, before = tmp_path / "now", tmp_path / "before"
    for folder in (now, before):
        folder.mkdir()
    before.joinpath("persons-by-month.csv").write_text(
        MONTHS
        + "2021,01,T,persons,50,\n2021,02,T,persons,60,\n2022,01,T,persons,70,\n2022,02,T,persons,,X\n2022,03,T,persons,,..\n"
    )
    now.joinpath("persons-by-month.csv").write_text(
        MONTHS
        + "2021,01,T,persons,50,\n2021,02,T,persons,61,\n2022,01,T,persons,,X\n2022,02,T,persons,,X\n2022,03,T,persons,,X\n"
        + "2023,01,T,persons,9,\n"
    )
    return now, before


def test_every_changed_cell_of_both_editions_is_listed_and_no_other(folders: tuple[Path, Path]) -> None:
    found, compared = list_revisions(*folders)
    assert [(one.year, one.cell, one.before, one.now) for one in found] == [
        (2021, "month 02, sex T", "60", "61"),
        (2022, "month 01, sex T", "70", "X"),
    ]
    assert compared == {("persons-by-month", 2021): 2, ("persons-by-month", 2022): 1}


def test_the_lists_are_written_by_table_and_year(folders: tuple[Path, Path], tmp_path: Path) -> None:
    assert write_revisions(*folders, tmp_path / "build") == 2
    counted = pd.read_csv(tmp_path / "build" / "revisions-by-table.csv")
    assert counted.to_dict("records") == [
        {"table": "persons-by-month", "year": 2021, "compared": 2, "revised": 1},
        {"table": "persons-by-month", "year": 2022, "compared": 1, "revised": 1},
    ]
    assert pd.read_csv(tmp_path / "build" / "revisions.csv")["now"].tolist() == ["61", "X"]


def test_without_an_earlier_edition_the_lists_are_empty(folders: tuple[Path, Path], tmp_path: Path) -> None:
    assert write_revisions(folders[0], tmp_path / "none", tmp_path / "build") == 0
    assert (tmp_path / "build" / "revisions-by-table.csv").read_text() == "table,year,compared,revised\n"


def test_a_synthetic_edition_is_not_compared_with_a_real_one(folders: tuple[Path, Path]) -> None:
    now, before = folders
    table = pd.read_csv(now / "persons-by-month.csv", dtype=str).assign(synthetic="true")
    table.to_csv(now / "persons-by-month.csv", index=False)
    assert list_revisions(now, before) == ([], {})


def test_a_table_classified_otherwise_is_not_compared_and_a_strange_file_is_refused(folders: tuple[Path, Path]) -> None:
    now, before = folders
    (before / "persons-by-month.csv").write_text("year,month,measure,value,status\n2021,01,persons,50,\n")
    assert list_revisions(now, before) == ([], {})
    (before / "persons-by-month.csv").write_text("something else\n")
    with pytest.raises(InputError, match="not a protected table"):
        list_revisions(now, before)
