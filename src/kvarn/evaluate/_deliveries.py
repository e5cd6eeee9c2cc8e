"""How complete and how punctual the municipalities' deliveries were."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from kvarn import metadata
from kvarn.analyse import NOT_APPLICABLE, NOT_AVAILABLE, decimal_text
from kvarn.collect import due_date, first_year_of_due_dates, layouts
from kvarn.edition import find_workspace, last_day
from kvarn.errors import InputError

__all__ = ["ROWS_FOR_A_RATE", "deliveries_by_year", "months_past", "open_collection", "read_collection"]

MONTHS_IN_YEAR = 12
ROUNDED_TO = 1000
# A share with one decimal leaves a thousandth of the rows to choose among: of so many accepted, ten numbers fit at least.
ROWS_FOR_A_RATE = 20_000
# So few rejected rows change no rounded number.
_FEW_ROWS = 100
_TABLE = "deliveries-by-year"
_LOG = ["type", "municipality", "year", "month", "verdict", "received", "rejected", "arrived", "in_force"]


def open_collection(edition: str, years: Iterable[int]) -> pd.DataFrame:
    """The log of what an edition of this project has collected: one row a delivery file.

    Returns
    -------
    DataFrame
        ``type``, ``municipality``, ``year``, ``month`` (empty where the file's name does not tell), ``verdict`` (``accepted`` or
        ``rejected``), ``received`` and ``rejected`` (rows), ``arrived`` (date; empty where the portal's log does not tell),
        ``in_force`` (whether it counts, and no later one has replaced it).

    Raises
    ------
    InputError
        A year has not been collected.
    """
    return read_collection(find_workspace(edition).collected, years)


def read_collection(collected: Path, years: Iterable[int]) -> pd.DataFrame:
    """The log that lies in a folder of collected deliveries, as `open_collection` returns it."""
    return pd.concat([_log(collected / str(year) / "deliveries.parquet") for year in years], ignore_index=True)


def _log(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise InputError("The year has not been collected.", file=path, remedy="Run kvarn publish for the edition.")
    log: pd.DataFrame = pq.read_table(path, columns=_LOG).to_pandas()
    return log


def deliveries_by_year(log: pd.DataFrame, years: Iterable[int], *, as_of: dt.date | str | None = None) -> pd.DataFrame:
    """Deliveries due, accepted, rejected, missing and late, and their rows, by year and file type.

    A file is due from every municipality for every month, of each file type that the year has. A file
    is expected, and not due, until its last day has passed on the edition's day, whether it has come or not: those that come
    early say nothing of those that do not come. Each file due is accepted, rejected or missing: accepted when an accepted
    file is in force, rejected when only rejected ones have arrived. The unit non-response rate is the share of the files due
    that are missing or rejected (after the ESS indicator A4, counted in files), the late rate the share of those that arrived
    that first did so late, and the row rejection rate the share of the rows received that are rejected. Nothing here is item
    non-response (A5): a row with a fault is rejected whole. A share of files has its two counts beside it. Rows have not: a
    row is a person's month or an event, and how many more there are than in an edition before is how many a municipality
    has delivered since. Published totals tell how many rows were accepted, or nearly so, and a share of few rows would then
    tell how many were rejected: below 20,000 accepted ones it is not available, and fewer than a hundred rejected ones do not
    count in the rounded number. A file that a corrected one has replaced is no longer counted: its rows have come again.

    Parameters
    ----------
    log
        As `open_collection` returns it.
    as_of
        The edition's day (``data.as_of``; as text ``YYYY-MM-DD``). Without one, or with an empty text, every file is due.

    Returns
    -------
    DataFrame
        ``year``, ``file_type``, ``measure``, ``value`` (text), ``contributors`` (empty: they are about files, not persons).
    """
    files = log.dropna(subset=["type", "municipality", "month"])
    rows = [
        {"year": year, "file_type": layout.type, "measure": measure, "value": value}
        for year in years
        for layout in layouts().values()
        for measure, value in _measures(
            files[(files["year"] == year) & (files["type"] == layout.type)],
            int(year),
            layout.first_year,
            months_past(int(year), as_of),
        ).items()
    ]
    return pd.DataFrame(rows).assign(contributors=pd.array([pd.NA] * len(rows), dtype="Int64"))


def months_past(year: int, as_of: dt.date | str | None) -> list[int]:
    """The months of a year for which files are due on the edition's day: their last day of delivery has passed."""
    day = dt.date.fromisoformat(as_of) if isinstance(as_of, str) and as_of else (as_of or None)
    return [month for month in range(1, MONTHS_IN_YEAR + 1) if day is None or last_day(year, month) < day]


def _measures(all_files: pd.DataFrame, year: int, first_year: int, past: Collection[int]) -> Mapping[str, str]:
    names = metadata.table(_TABLE).measures
    if year < first_year:
        return dict.fromkeys(names, NOT_APPLICABLE)
    municipalities = metadata.valid_codes("municipality", year)
    due, expected = (len(municipalities) * months for months in (len(past), MONTHS_IN_YEAR - len(past)))
    in_force, of_due = all_files[all_files["in_force"]], all_files[all_files["month"].isin(past)]
    files = all_files[all_files["in_force"] | (all_files["verdict"] == "rejected")]
    accepted = _of_those_due(of_due[of_due["in_force"]], municipalities)
    arrived = _of_those_due(of_due, municipalities)
    lacking = due - accepted
    late, late_rate = _lateness(of_due[of_due["municipality"].isin(municipalities)], year)
    received = int(files["received"].sum())
    refused = int(files["rejected"].sum())
    return {
        "files_expected": str(expected),
        "files_due": str(due),
        "files_accepted": str(accepted),
        "files_rejected": str(arrived - accepted),
        "files_missing": str(due - arrived),
        "files_lacking": str(lacking),
        "unit_non_response": _per_cent("unit_non_response", lacking, due),
        "files_arrived": str(arrived),
        "files_late": late,
        "late_rate": late_rate,
        **_of_rows(received, refused),
        "municipalities_delivering": str(in_force["municipality"].nunique()),
    }


def _of_rows(received: int, refused: int) -> dict[str, str]:
    """What is told of rows, so that whoever knows how many were accepted cannot tell few that were rejected.

    Whether the share is available is decided by the accepted rows alone. With accepted rows just below an edge the rounded
    number would tell of one that was rejected.
    """
    accepted = received - refused
    rounded = received if refused >= _FEW_ROWS else accepted
    told = received == 0 or accepted >= ROWS_FOR_A_RATE
    return {
        "rows_received_thousands": str((rounded + ROUNDED_TO // 2) // ROUNDED_TO),
        "row_rejection_rate": _per_cent("row_rejection_rate", refused, received) if told else NOT_AVAILABLE,
    }


def _of_those_due(files: pd.DataFrame, municipalities: Collection[str]) -> int:
    """Municipalities and months that a file has come for: a file sent twice, or in the name of no municipality, fills no gap."""
    known = files[files["municipality"].isin(municipalities)]
    return len(known[["municipality", "month"]].drop_duplicates())


def _lateness(files: pd.DataFrame, year: int) -> tuple[str, str]:
    """Files that first arrived after their due date, and their share: a correction makes no file late that came in time.

    Not applicable to the years before the due dates; not available where the date of arrival of some file is not known.
    """
    if year < first_year_of_due_dates():
        return NOT_APPLICABLE, NOT_APPLICABLE
    if files["arrived"].isna().any():
        return NOT_AVAILABLE, NOT_AVAILABLE
    first = files.sort_values("arrived").drop_duplicates(["municipality", "month"])
    due = [due_date(int(year), int(month)) for year, month in zip(first["year"], first["month"], strict=True)]
    late = sum(arrived > last for arrived, last in zip(pd.to_datetime(first["arrived"]).dt.date, due, strict=True))
    return str(late), _per_cent("late_rate", late, len(first))


def _per_cent(measure: str, part: int, whole: int) -> str:
    return decimal_text(part, whole, factor=100, decimals=metadata.measure(measure).decimals)
