"""Numbers that stand in no table, and that anyone who can subtract would know."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

from kvarn.analyse import protect_tables, share, validate_tables
from kvarn.analyse._tables import complete_table, write_table
from kvarn.edition import Disclosure


def counted(measure: str, variable: str, women: dict[str, int]) -> pd.DataFrame:
    """Women only, and so as many of both sexes."""
    rows = [(2023, sex, code, measure, number, number) for code, number in women.items() for sex in ("2", "T")]
    return pd.DataFrame(rows, columns=["year", "sex", variable, "measure", "value", "contributors"])


def protected(folder: Path, persons: dict[str, int], with_procedure: dict[str, int]) -> dict[str, list[dict[str, str]]]:
    """The rows of both tables: persons by month and persons with a procedure by kind."""
    months = counted("persons", "month", persons)
    kinds = counted("persons_with_procedure", "kind", with_procedure)
    everyone = months[months["month"] == "T"].drop(columns="month")
    of_everyone = share("share_of_persons", part=kinds, of=everyone)
    of_those = share("share_of_persons_with_procedure", part=kinds, of=kinds)
    tables = {"persons-by-month": [months], "persons-with-procedure-by-kind": [kinds, of_everyone, of_those]}
    (folder / "tables").mkdir()
    for name, frames in tables.items():
        write_table(folder / "tables" / f"{name}.parquet", complete_table(name, *frames))
    validate_tables(folder / "tables")
    rules = Disclosure(threshold=4, contributors=4)
    protect_tables(folder / "tables", folder / "out", disclosure=rules, synthetic=False, report=folder / "report.json")
    found = {}
    for name in tables:
        with (folder / "out" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
            found[name] = list(csv.DictReader(lines))
    return found


def value(rows: list[dict[str, str]], measure: str, **codes: str) -> str:
    """Empty where it is withheld."""
    (row,) = [row for row in rows if row["measure"] == measure and all(row[name] == code for name, code in codes.items())]
    return row["value"]


@pytest.mark.parametrize("sex", ["2", "T"])
def test_two_persons_without_a_procedure_cannot_be_reckoned(tmp_path: Path, sex: str) -> None:
    found = protected(tmp_path, {"T": 40, "01": 20, "02": 25}, {"T": 38, "treating": 30, "assessing": 20})
    everyone = value(found["persons-by-month"], "persons", sex=sex, month="T")
    kinds = found["persons-with-procedure-by-kind"]
    those = value(kinds, "persons_with_procedure", sex=sex, kind="T")
    assert not (everyone and those)
    assert not value(kinds, "share_of_persons", sex=sex, kind="T"), "40 × 95.0 per cent is 38"


@pytest.mark.parametrize("sex", ["2", "T"])
def test_one_person_who_is_missing_from_a_month_cannot_be_reckoned(tmp_path: Path, sex: str) -> None:
    found = protected(tmp_path, {"T": 40, "01": 39, "02": 25}, {"T": 30})
    everyone = value(found["persons-by-month"], "persons", sex=sex, month="T")
    assert not (everyone and value(found["persons-by-month"], "persons", sex=sex, month="01"))


def test_differences_that_are_large_or_nought_hide_nothing(tmp_path: Path) -> None:
    found = protected(tmp_path, {"T": 40, "01": 40, "02": 36}, {"T": 36, "treating": 32, "assessing": 36})
    rows = [row for table in found.values() for row in table]
    assert [row for row in rows if row["status"] == "X"] == []


def test_where_one_category_has_everything_it_is_hidden_with_its_total(tmp_path: Path) -> None:
    """One kind of care in one month only: month and year are the same number."""
    found = protected(tmp_path, {"T": 3, "07": 3}, {"T": 0})
    months = found["persons-by-month"]
    assert [value(months, "persons", sex=sex, month=month) for sex in ("2", "T") for month in ("07", "T")] == [""] * 4
    assert value(months, "persons", sex="1", month="T") == "0"
    assert value(months, "persons", sex="T", month="06") == "0"
