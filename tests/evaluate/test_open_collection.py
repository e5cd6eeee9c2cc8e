"""Reading the log of collection, and what strange files in it do to the indicators."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kvarn import metadata
from kvarn.analyse import decimal_text
from kvarn.collect import due_date
from kvarn.errors import InputError
from kvarn.evaluate import deliveries_by_year, open_collection

COLUMNS = ["type", "municipality", "year", "month", "verdict", "received", "rejected", "arrived", "in_force"]
EARLY = dt.date(2023, 3, 1)


def log(*rows: tuple[str | None, str | None, int | None, str]) -> pd.DataFrame:
    """Type, municipality, month and verdict of files of ten rows of 2023."""
    filled = [
        (kind, place, 2023, month, verdict, 10, 0 if verdict == "accepted" else 10, EARLY, verdict == "accepted")
        for kind, place, month, verdict in rows
    ]
    return pd.DataFrame(filled, columns=COLUMNS)


def indicators(frame: pd.DataFrame, file_type: str = "KHSL1") -> dict[str, str]:
    found = deliveries_by_year(frame, [2023])
    chosen = found[found["file_type"] == file_type]
    return dict(zip(chosen["measure"], chosen["value"], strict=True))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "_quarto.yml").touch()
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "restricted" / "tiny" / "collected" / "2023"
    folder.mkdir(parents=True)
    log(("KHSL1", "0114", 1, "accepted")).assign(file=1, name="KHSL1_0114_202301.txt").to_parquet(folder / "deliveries.parquet")
    return tmp_path


@pytest.mark.usefixtures("project")
def test_the_log_of_the_years_asked_for_is_read() -> None:
    read = open_collection("tiny", [2023])
    assert list(read.columns) == COLUMNS
    assert indicators(read)["files_accepted"] == "1"


@pytest.mark.usefixtures("project")
def test_a_year_that_was_not_collected_is_refused() -> None:
    with pytest.raises(InputError, match="not been collected"):
        open_collection("tiny", [2022, 2023])


@pytest.mark.parametrize(("year", "last"), [(1999, 29), (2003, 29), (2099, 28), (2022, 28), (2023, 29)])
def test_december_is_due_in_february_whatever_its_length(year: int, last: int) -> None:
    """2000 was a leap year, 2100 will not be."""
    assert due_date(year, 12) == dt.date(year + 1, 2, last)


def test_a_file_that_arrives_on_the_due_date_is_in_time_and_the_day_after_late() -> None:
    file = log(("KHSL1", "0114", 12, "accepted"))
    assert indicators(file.assign(arrived=dt.date(2024, 2, 29)))["files_late"] == "0"
    assert indicators(file.assign(arrived=dt.date(2024, 3, 1)))["files_late"] == "1"


def test_a_file_in_the_name_of_no_municipality_fills_no_gap() -> None:
    found = indicators(log(("KHSL1", "9999", 1, "rejected"), ("KHSL1", "0114", 1, "accepted")))
    assert (found["files_accepted"], found["files_rejected"], found["files_missing"]) == ("1", "0", "3479")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["0114", "0115", "0180", "9999"]), st.integers(1, 3), st.sampled_from(["accepted", "rejected"])
        ),
        max_size=12,
    )
)
def test_every_share_is_of_the_counts_beside_it_and_the_files_due_are_accepted_rejected_or_missing(
    files: list[tuple[str, int, str]],
) -> None:
    known = [(place, month, verdict) for place, month, verdict in files if place != "9999" or verdict == "rejected"]
    found = indicators(log(*(("KHSL1", place, month, verdict) for place, month, verdict in known)).astype({"in_force": bool}))
    parts = [int(found[name]) for name in ("files_accepted", "files_rejected", "files_missing")]
    assert sum(parts) == int(found["files_due"]) and min(parts) >= 0
    assert int(found["files_lacking"]) == parts[1] + parts[2] and int(found["files_arrived"]) == parts[0] + parts[1]
    for name in metadata.table("deliveries-by-year").measures:
        made = metadata.measure(name).public_ratio
        if made is not None and found[name] not in (".", ".."):
            above, below = (int(found[part]) for part in (made.numerator, made.denominator))
            assert found[name] == decimal_text(above, below, factor=made.factor, decimals=metadata.measure(name).decimals), name


def test_a_month_that_is_sent_twice_fills_one_gap() -> None:
    found = indicators(log(("KHSL1", "0114", 1, "rejected"), ("KHSL1", "0114", 1, "accepted")))
    assert (found["files_accepted"], found["files_rejected"], found["files_missing"]) == ("1", "0", "3479")


def test_a_file_whose_name_cannot_be_read_is_still_missing() -> None:
    found = indicators(log((None, None, None, "rejected"), ("KHSL1", "0114", 1, "accepted")))
    assert (found["files_missing"], found["rows_received_thousands"]) == ("3479", "0")


def test_nothing_that_arrived_has_no_rates() -> None:
    found = indicators(log(("KHSL1", "0114", 1, "accepted")), "KHSL2")
    assert (found["files_missing"], found["unit_non_response"]) == ("3480", "100.0")
    assert (found["late_rate"], found["row_rejection_rate"], found["files_late"]) == (".", ".", "0")


def test_every_file_is_due_and_none_is_missing_when_all_came() -> None:
    rows = [("KHSL1", place, month, "accepted") for place in metadata.codelist("region").leaves for month in range(1, 13)]
    found = indicators(log(*rows))
    assert (found["files_due"], found["files_missing"], found["unit_non_response"]) == ("3480", "0", "0.0")
    assert found["municipalities_delivering"] == "290"


def test_what_is_due_follows_the_municipalities_of_the_year(project: Path) -> None:
    listed = project / "municipalities.csv"
    listed.write_text("kod;namn\n0114;Upplands Väsby\n0180;Stockholm\n", encoding="utf-8")
    metadata.import_codelist(listed, name="municipality", year=2023, into=project / metadata.CODELISTS, short="for the test")
    metadata.use_project(project)
    try:
        found = indicators(log(("KHSL1", "0114", 1, "accepted"), ("KHSL1", "0115", 1, "accepted")))
    finally:
        metadata.use_project(None)
    assert (found["files_due"], found["files_missing"]) == ("24", "23")
