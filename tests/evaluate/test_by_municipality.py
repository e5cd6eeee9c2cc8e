"""What came of each file that was due, against counts by hand."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from kvarn import metadata
from kvarn.evaluate import deliveries_by_municipality, deliveries_by_year

DUE, LATE = dt.date(2023, 3, 31), dt.date(2023, 4, 1)
Row = tuple[str, str, int, str, dt.date | None, bool]
STATES = ("files_due", "files_accepted", "files_corrected", "files_rejected", "files_missing", "files_late")


def log(*rows: Row, year: int = 2023) -> pd.DataFrame:
    """Deliveries in the order of coming: type, municipality, month, verdict, arrival, whether it is in force."""
    columns = ["type", "municipality", "month", "verdict", "arrived", "in_force"]
    return pd.DataFrame(rows, columns=columns).assign(year=year, received=10, rejected=0)


def told(frame: pd.DataFrame, region: str, month: str, file_type: str = "KHSL1") -> tuple[str, ...]:
    chosen = frame[(frame["region"] == region) & (frame["month"] == month) & (frame["file_type"] == file_type)]
    found = dict(zip(chosen["measure"], chosen["value"], strict=True))
    lacking, parts = found["files_lacking"], (found["files_rejected"], found["files_missing"])
    assert lacking == ("." if "." in parts else str(sum(map(int, parts))))
    return tuple(found[name] for name in STATES)


ACCEPTED = ("KHSL1", "0114", 1, "accepted", DUE, True)


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([], "1 0 0 0 1 0"),
        ([ACCEPTED], "1 1 0 0 0 0"),
        ([("KHSL1", "0114", 1, "accepted", LATE, True)], "1 1 0 0 0 1"),
        ([("KHSL1", "0114", 1, "rejected", DUE, False)], "1 0 0 1 0 0"),
        ([("KHSL1", "0114", 1, "rejected", LATE, False)], "1 0 0 1 0 1"),
        # A correction that comes late makes no file late that came in time, of what was rejected as of what was accepted.
        ([("KHSL1", "0114", 1, "rejected", DUE, False), ("KHSL1", "0114", 1, "accepted", LATE, True)], "1 1 1 0 0 0"),
        ([("KHSL1", "0114", 1, "accepted", DUE, False), ("KHSL1", "0114", 1, "accepted", LATE, True)], "1 1 1 0 0 0"),
        # What comes after the one in force and is rejected, a copy or a failed correction, corrects nothing.
        ([ACCEPTED, ("KHSL1", "0114", 1, "rejected", LATE, False)], "1 1 0 0 0 0"),
        ([("KHSL1", "0114", 1, "accepted", None, True)], "1 1 0 0 0 .."),
        # A name that tells no municipality or month fills no gap.
        ([("KHSL1", None, 1, "rejected", DUE, False), ("KHSL1", "9999", 1, "rejected", DUE, False)], "1 0 0 0 1 0"),
    ],
)
def test_of_one_file_it_is_told_what_came_of_it(rows: list[Row], found: str) -> None:
    frame = deliveries_by_municipality(log(*rows), [2023])
    assert told(frame, "0114", "01") == tuple(found.split())
    assert told(frame, "0114", "01", "KHSL2") == ("1", "0", "0", "0", "1", "0")


def test_counties_the_country_and_the_year_are_sums_and_the_same_as_in_the_table_by_year() -> None:
    files = log(
        ACCEPTED,
        ("KHSL1", "0114", 2, "accepted", LATE, True),
        ("KHSL1", "0180", 1, "rejected", LATE, False),
        ("KHSL1", "0980", 1, "rejected", DUE, False),
        ("KHSL1", "0980", 1, "accepted", LATE, True),
        ("KHSL2", "0980", 1, "accepted", None, True),
    )
    frame = deliveries_by_municipality(files, [2023])
    assert told(frame, "01", "01") == ("26", "1", "0", "1", "24", "1")
    assert told(frame, "01", "T") == (str(26 * 12), "2", "0", "1", str(26 * 12 - 3), "1")
    assert told(frame, "00", "T") == (str(290 * 12), "3", "1", "1", str(290 * 12 - 4), "1")
    assert told(frame, "09", "T", "KHSL2")[-1] == ".." and told(frame, "01", "T", "KHSL2")[-1] == "0"
    by_year = deliveries_by_year(files, [2023])
    for file_type in ("KHSL1", "KHSL2"):
        chosen = by_year[by_year["file_type"] == file_type]
        whole = dict(zip(chosen["measure"], chosen["value"], strict=True))
        same = [name for name in STATES if name != "files_corrected"]
        assert whole["files_lacking"] == str(int(whole["files_rejected"]) + int(whole["files_missing"]))
        assert [whole[name] for name in same] == [
            one for name, one in zip(STATES, told(frame, "00", "T", file_type), strict=True) if name in same
        ]


def test_a_month_is_not_due_before_its_last_day_has_passed() -> None:
    files = log(ACCEPTED, ("KHSL1", "0114", 2, "accepted", DUE, True))
    frame = deliveries_by_municipality(files, [2023], as_of="2023-04-15")
    assert told(frame, "0114", "02") == ("0", "0", "0", "0", "0", "0")
    assert told(frame, "0114", "T") == ("1", "1", "0", "0", "0", "0")


def test_what_is_not_delivered_yet_is_not_applicable_and_before_due_dates_nothing_is_late() -> None:
    frame = deliveries_by_municipality(log(ACCEPTED, year=2018), [2018])
    assert told(frame, "0114", "01") == ("1", "1", "0", "0", "0", ".")
    assert set(told(frame, "0114", "01", "KHSL2")) == {"."}


def test_it_has_the_cells_and_measures_of_its_table() -> None:
    frame = deliveries_by_municipality(log(ACCEPTED), [2023])
    definition = metadata.table("deliveries-by-municipality")
    assert list(dict.fromkeys(frame["measure"])) and set(frame["measure"]) == set(definition.measures)
    assert not frame.duplicated(["year", "region", "month", "file_type", "measure"]).any()
    assert len(frame) == (1 + 21 + 290) * 13 * 2 * len(definition.measures)
    assert frame["contributors"].isna().all()
