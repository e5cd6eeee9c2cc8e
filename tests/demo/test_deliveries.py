"""Deliveries have the declared layout, and without faults nothing is wrong with them."""

import datetime
from pathlib import Path

import pandas as pd
import pytest

from kvarn.demo._deliveries import due_date
from kvarn.metadata import codelist


def test_rows_of_persons_agree_with_the_name_of_their_file(persons: pd.DataFrame) -> None:
    expected = "KHSL1_" + persons["municipality"] + "_" + persons["year"].astype(str) + persons["month"] + ".txt"
    assert (expected == persons["file"]).all()
    assert (persons["fields"].str.len() == 4).all()


def test_rows_of_procedures_agree_with_the_name_of_their_file(procedures: pd.DataFrame) -> None:
    expected = "KHSL2_" + procedures["municipality"] + "_" + procedures["date"].str[:6] + ".txt"
    assert (expected == procedures["file"]).all()
    pd.to_datetime(procedures["date"], format="%Y%m%d", errors="raise")


def test_a_row_of_procedures_has_twelve_items_or_ends_with_its_last_profession(procedures: pd.DataFrame) -> None:
    items = procedures["fields"].str.len()
    ends_empty = procedures["fields"].str[-1] == ""
    assert (items[ends_empty] == 12).all()
    assert items.between(5, 12).all()
    assert ends_empty.any() and not ends_empty.all()


def test_professions_are_accepted_and_never_repeated(procedures: pd.DataFrame) -> None:
    accepted = {row["code"] for row in codelist("profession").rows if row.get("accepted") == "true"}
    numbers = set()
    for fields in procedures["fields"]:
        professions = [field for field in fields[4:] if field]
        assert set(professions) <= accepted and len(set(professions)) == len(professions)
        numbers.add(len(professions))
    assert max(numbers) > 3


def test_no_row_stands_twice(persons: pd.DataFrame, procedures: pd.DataFrame) -> None:
    assert not persons["text"].duplicated().any()
    assert not procedures["text"].duplicated().any()


def test_procedures_are_given_in_a_month_with_care(persons: pd.DataFrame, procedures: pd.DataFrame) -> None:
    in_care = set(zip(persons["file"].str.removeprefix("KHSL1"), persons["identity"], strict=True))
    treated = set(zip(procedures["file"].str.removeprefix("KHSL2"), procedures["identity"], strict=True))
    assert treated <= in_care


def test_arrivals_name_every_file_once_and_none_is_late_without_faults(faultless: Path) -> None:
    arrivals = pd.read_csv(faultless / "deliveries" / "arrivals.csv")
    files = sorted(file.name for file in faultless.glob("deliveries/*/KHSL*.txt"))
    assert sorted(arrivals["file"]) == files
    for name, arrived in arrivals.itertuples(index=False):
        assert datetime.date.fromisoformat(arrived) <= due_date(int(name[11:15]), int(name[15:17]))


@pytest.mark.parametrize(
    ("year", "month", "due"),
    [
        (2023, 1, "2023-03-31"),
        (2023, 11, "2024-01-31"),
        (2023, 12, "2024-02-29"),
        (2018, 2, "2018-08-31"),
        (2018, 9, "2019-02-28"),
    ],
)
def test_deliveries_are_due_two_months_after_the_care_month(year: int, month: int, due: str) -> None:
    assert due_date(year, month).isoformat() == due


def test_the_folder_says_in_both_languages_that_the_data_are_synthetic(faultless: Path) -> None:
    notice = (faultless / "SYNTHETIC.txt").read_text("utf-8")
    assert "syntetiska data" in notice and "synthetic data" in notice
