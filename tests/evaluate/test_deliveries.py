"""How complete and how punctual the deliveries were, against counts by hand."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from kvarn import metadata
from kvarn.collect import due_date
from kvarn.evaluate import deliveries_by_year
from kvarn.evaluate._deliveries import _of_rows

# They count files and municipalities.
FILES = ("files_", "unit_non_response", "late_rate", "municipalities_")
Row = tuple[str, str, int, int, str, int, int, dt.date | None]


def log(*rows: Row) -> pd.DataFrame:
    """Deliveries of which none has been replaced."""
    columns = ["type", "municipality", "year", "month", "verdict", "received", "rejected", "arrived"]
    return pd.DataFrame(rows, columns=columns).assign(in_force=lambda frame: frame["verdict"] == "accepted")


def measures(frame: pd.DataFrame, year: int, file_type: str) -> dict[str, str]:
    chosen = frame[(frame["year"] == year) & (frame["file_type"] == file_type)]
    return dict(zip(chosen["measure"], chosen["value"], strict=True))


@pytest.mark.parametrize(
    ("year", "month", "due"),
    [
        (2023, 1, "2023-03-31"),
        (2023, 12, "2024-02-29"),
        (2022, 12, "2023-02-28"),
        (2023, 11, "2024-01-31"),
        (2023, 6, "2023-08-31"),
    ],
)
def test_a_file_is_due_on_the_last_day_two_months_later(year: int, month: int, due: str) -> None:
    assert due_date(year, month).isoformat() == due


def test_accepted_rejected_missing_and_late_files_are_counted() -> None:
    frame = deliveries_by_year(
        log(
            ("KHSL1", "0114", 2023, 1, "accepted", 20_200, 1_100, dt.date(2023, 3, 31)),
            ("KHSL1", "0114", 2023, 2, "accepted", 9_900, 0, dt.date(2023, 5, 1)),
            ("KHSL1", "0180", 2023, 1, "rejected", 20_000, 20_000, dt.date(2023, 3, 1)),
        ),
        [2023],
    )
    found = measures(frame, 2023, "KHSL1")
    assert found == {
        "files_expected": "0",
        "files_due": "3480",
        "files_accepted": "2",
        "files_rejected": "1",
        "files_missing": "3477",
        "files_lacking": "3478",
        "unit_non_response": "99.9",
        "files_arrived": "3",
        "files_late": "1",
        "late_rate": "33.3",
        "rows_received_thousands": "50",
        "row_rejection_rate": "42.1",
        "municipalities_delivering": "1",
    }
    assert list(found) == list(metadata.table("deliveries-by-year").measures)
    assert measures(frame, 2023, "KHSL2")["late_rate"] == "."


def test_lateness_is_not_available_where_a_date_of_arrival_is_unknown() -> None:
    frame = deliveries_by_year(log(("KHSL1", "0114", 2023, 1, "accepted", 10, 1, None)), [2023])
    found = measures(frame, 2023, "KHSL1")
    assert (found["files_late"], found["late_rate"], found["files_accepted"]) == ("..", "..", "1")


@pytest.mark.parametrize(
    ("as_of", "expected", "months_due"),
    [
        # January is due until 31 March, that day included; December until 29 February.
        ("2023-03-31", 3480, 0),
        ("2023-04-01", 3190, 1),
        ("2024-02-29", 290, 11),
        ("2024-03-01", 0, 12),
        ("", 0, 12),
    ],
)
def test_a_file_that_can_still_come_in_time_is_expected_and_not_missing(as_of: str, expected: int, months_due: int) -> None:
    came = log(
        ("KHSL1", "0114", 2023, 1, "accepted", 10, 0, dt.date(2023, 3, 1)),
        ("KHSL1", "0180", 2023, 2, "rejected", 10, 10, dt.date(2023, 3, 2)),
    )
    for day in (as_of, dt.date.fromisoformat(as_of) if as_of else None):
        found = measures(deliveries_by_year(came, [2023], as_of=day), 2023, "KHSL1")
        counted = {name: int(found[name]) for name in found if name.startswith("files_")}
        assert counted["files_expected"] == expected
        assert counted["files_due"] == 3480 - expected
        # What has come before it was due is none of those due; the rest of the months that have passed is missing.
        assert (counted["files_accepted"], counted["files_rejected"]) == (int(months_due >= 1), int(months_due >= 2))
        assert counted["files_arrived"] == min(months_due, 2)
        # So few rows have no rate.
        assert found["row_rejection_rate"] == ".."
        assert counted["files_missing"] == 290 * months_due - sum(month <= months_due for month in (1, 2))
        assert counted["files_accepted"] + counted["files_rejected"] + counted["files_missing"] == counted["files_due"]


def test_of_a_year_of_which_nothing_is_due_yet_there_is_no_rate(as_of: str = "2023-01-15") -> None:
    found = measures(deliveries_by_year(log(), [2023], as_of=as_of), 2023, "KHSL1")
    assert (found["files_expected"], found["files_due"], found["files_missing"]) == ("3480", "0", "0")
    assert (found["unit_non_response"], found["late_rate"]) == (".", ".")


def test_procedures_were_not_due_before_2019() -> None:
    frame = deliveries_by_year(log(("KHSL1", "0114", 2018, 1, "accepted", 10, 1, None)), [2018])
    assert set(measures(frame, 2018, "KHSL2").values()) == {"."}
    assert frame["contributors"].isna().all()


def test_lateness_does_not_apply_before_the_due_dates_did() -> None:
    arrived = dt.date(2019, 1, 31)
    found = measures(deliveries_by_year(log(("KHSL1", "0114", 2018, 1, "accepted", 10, 1, arrived)), [2018]), 2018, "KHSL1")
    assert (found["files_late"], found["late_rate"], found["files_accepted"]) == (".", ".", "1")


def test_a_corrected_file_counts_once_and_is_in_time_when_the_first_one_was() -> None:
    files = log(
        ("KHSL1", "0114", 2023, 1, "accepted", 100_000, 40_000, dt.date(2023, 3, 31)),
        ("KHSL1", "0114", 2023, 1, "accepted", 120_000, 10_000, dt.date(2023, 6, 1)),
    )
    files.loc[0, "in_force"] = False
    found = measures(deliveries_by_year(files, [2023]), 2023, "KHSL1")
    assert [found[name] for name in ("files_accepted", "files_rejected", "files_late")] == ["1", "0", "0"]
    assert found["row_rejection_rate"] == "8.3"


def test_the_rows_of_a_file_more_are_not_told() -> None:
    """A row is a person's month or a procedure: two editions that differ by one municipality's file may not tell how many."""
    others = ("KHSL2", "0114", 2023, 1, "accepted", 1_942_100, 15_000, dt.date(2023, 3, 31))
    before = measures(deliveries_by_year(log(others), [2023]), 2023, "KHSL2")
    for rows in (1, 8, 14, 399):
        late = ("KHSL2", "0581", 2023, 1, "accepted", rows, 0, dt.date(2024, 5, 2))
        after = measures(deliveries_by_year(log(others, late), [2023]), 2023, "KHSL2")
        assert {name for name in before if before[name] != after[name]} <= {name for name in before if name.startswith(FILES)}
    assert before["rows_received_thousands"] == "1942"


@pytest.mark.parametrize("accepted", [431, 432, 498, 1_499, 9_499, 19_999, 20_000, 20_499, 20_500, 87_000])
def test_whoever_knows_how_many_rows_were_accepted_cannot_tell_few_that_were_rejected(accepted: int) -> None:
    """The register's totals are published: with them a rate of 0.7 per cent of 432 rows left 3 rows alone."""
    told: dict[tuple[str, ...], list[int]] = {}
    for rejected in range(200):
        told.setdefault(tuple(_of_rows(accepted + rejected, rejected).values()), []).append(rejected)
    for fitting in told.values():
        assert fitting[0] >= 10 or len(fitting) >= 10, f"only {fitting} rejected rows fit"


def test_few_rows_have_no_share_and_many_have_one() -> None:
    def told(accepted: int, rejected: int) -> list[str]:
        files = log(
            ("KHSL1", "0114", 2023, 1, "accepted", accepted, 0, dt.date(2023, 3, 31)),
            ("KHSL1", "0115", 2023, 1, "rejected", rejected, rejected, dt.date(2023, 3, 31)),
        )
        found = measures(deliveries_by_year(files, [2023]), 2023, "KHSL1")
        return [found[name] for name in ("rows_received_thousands", "row_rejection_rate")]

    assert told(432, 3) == ["0", ".."]
    assert told(87_000, 900) == ["88", "1.0"]
    assert told(0, 0) == ["0", "."]
