"""The overview of deliveries as data: what has come from each municipality for each month, and what has not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Literal

import pandas as pd

from kvarn import metadata
from kvarn.collect._layouts import layouts
from kvarn.edition import MONTHS_IN_YEAR, due_date, first_year_of_due_dates, last_day
from kvarn.identity_numbers import without_identity_numbers
from kvarn.programme import current_programme

__all__ = ["STATUSES", "Status", "overview_csv", "overview_rows", "unplaced_files"]

Status = Literal["accepted", "late", "corrected", "rejected", "missing", "not yet due"]
STATUSES: tuple[Status, ...] = ("accepted", "late", "corrected", "rejected", "missing", "not yet due")
_KEY = ["type", "municipality", "year", "month"]
_COLUMNS = [*_KEY, "status", "arrived", "due", "received", "accepted", "rejected", "file"]
_COUNTS = ["received", "accepted", "rejected"]
# A spreadsheet takes a field that begins with one of these for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def overview_rows(deliveries: pd.DataFrame, years: Iterable[int], *, as_of: dt.date | None = None) -> pd.DataFrame:
    """One row for each file that is due: of each type that the year has, from each municipality, for each month.

    The status is the first of these that fits: ``rejected`` (files have come, none was accepted), ``corrected`` (more than one
    has come and the last was accepted), ``late`` (the file in force came after its due date), ``accepted``; where nothing has
    come, ``not yet due`` until the due date has passed at `as_of`, then ``missing``. A file whose day of arrival is not known is
    not called late. What is before the first due date (`due` of programme.yml) has none: its files are never late, and
    are missing once the month is over.

    Parameters
    ----------
    deliveries
        One row a delivery known at `as_of`: ``number`` (in order of intake), ``name``, ``type``, ``municipality``, ``year``,
        ``month``, ``arrived`` (date, or empty), ``verdict``, ``received``, ``accepted``, ``rejected`` (rows), ``in_force``.
        Where there is ``came``, the day that decides the order, deliveries came in the order of that and then of their numbers.
        Those that belong to no municipality and month are left out; see `unplaced_files`.
    as_of
        The day that the overview is about; without it every due date has passed.

    Returns
    -------
    DataFrame
        ``type``, ``municipality`` (four digits), ``year``, ``month`` (1–12), ``status``, ``arrived`` and ``due`` (days, or
        empty), ``received``, ``accepted``, ``rejected`` (rows of the delivery in force, or of the last one where none is; empty
        where nothing has come), ``file`` (its name); by year, type, municipality and month.
    """
    grid = _grid(years)
    placed = _placed(deliveries)
    known = placed.sort_values([name for name in ("came", "number") if name in placed], kind="stable")
    known["arrived"] = pd.to_datetime(known["arrived"])
    known["is_accepted"] = known["verdict"] == "accepted"
    # The delivery to show stands last: the one in force, else the last accepted, else the last.
    known["rank"] = known["in_force"].fillna(False).astype(bool) * 2 + known["is_accepted"]
    by_key = known.groupby(_KEY, sort=False)
    history = by_key.agg(
        times=("number", "size"), any_accepted=("is_accepted", "any"), last_accepted=("is_accepted", "last")
    ).reset_index()
    shown = known.sort_values("rank", kind="stable").drop_duplicates(_KEY, keep="last")
    shown = shown.rename(columns={"name": "file"})[[*_KEY, "arrived", *_COUNTS, "file"]]
    rows = grid.merge(history, on=_KEY, how="left").merge(shown, on=_KEY, how="left")
    rows["status"] = _status(rows, as_of)
    rows[_COUNTS] = rows[_COUNTS].astype("Int64")
    return rows.sort_values(["year", *_KEY[:2], "month"], kind="stable", ignore_index=True)[_COLUMNS]


def unplaced_files(deliveries: pd.DataFrame, years: Iterable[int]) -> list[str]:
    """The names of the deliveries that have no place in the overview of these years: their names do not tell where they belong.

    Deliveries of other years that do belong somewhere are not among them.
    """
    wanted = set(years)
    placed = deliveries.index.isin(_placed(deliveries).index)
    of_years = deliveries["year"].isna() | deliveries["year"].isin(wanted)
    return sorted(set(deliveries.loc[~placed & of_years, "name"]))


def overview_csv(
    rows: pd.DataFrame, *, synthetic: bool = False, not_imported: Mapping[int, tuple[str, ...]] | None = None
) -> str:
    """The rows of `overview_rows` as CSV: UTF-8, comma, LF, a header; days as ``YYYY-MM-DD``, empty where there is nothing.

    A file name that a spreadsheet would take for a formula has an apostrophe before it. Where code lists are missing
    (`not_imported`, by year), the column ``not_imported`` names them for files of events. With `synthetic` the last
    column ``synthetic`` is ``true`` in every row.
    """
    tidy = rows[_COLUMNS].copy()
    for name in ("arrived", "due"):
        tidy[name] = pd.to_datetime(tidy[name]).dt.strftime("%Y-%m-%d")
    tidy["file"] = tidy["file"].map(without_identity_numbers, na_action="ignore").astype(object)
    risky = tidy["file"].fillna("").astype(str).str.startswith(_FORMULA)
    tidy.loc[risky, "file"] = "'" + tidy.loc[risky, "file"]
    if not_imported:
        missing = tidy["year"].map(lambda year: " ".join(not_imported.get(int(year), ())))
        tidy["not_imported"] = missing.where(tidy["type"] == current_programme().about.events, "")
    if synthetic:
        tidy["synthetic"] = "true"
    text: str = tidy.to_csv(index=False, lineterminator="\n")
    return text


def _placed(deliveries: pd.DataFrame) -> pd.DataFrame:
    """The deliveries that belong to a type, a municipality that exists, and a month, with whole numbers for year and month."""
    known = deliveries.dropna(subset=_KEY)
    known = known.astype({"year": "int64", "month": "int64", "type": "str", "municipality": "str"})
    due = {year: metadata.valid_codes("municipality", year) for year in known["year"].unique().tolist()}
    exists = [place in due[year] for place, year in zip(known["municipality"], known["year"].tolist(), strict=True)]
    return known[pd.Series(exists, index=known.index, dtype="bool") & known["type"].isin(layouts())]


def _grid(years: Iterable[int]) -> pd.DataFrame:
    """What is due, with the due date, and the day after which a file that has not come is missing."""
    months = [
        (layout.type, year, month)
        for year in sorted(set(years))
        for layout in layouts().values()
        if year >= layout.first_year
        for month in range(1, MONTHS_IN_YEAR + 1)
    ]
    places = {year: sorted(metadata.valid_codes("municipality", year)) for _, year, _ in months}
    grid = pd.DataFrame(
        [(kind, place, year, month) for kind, year, month in months for place in places[year]], columns=_KEY
    ).astype({"year": "int64", "month": "int64", "type": "str", "municipality": "str"})
    timely = {(year, month): due_date(year, month) for _, year, month in months if year >= first_year_of_due_dates()}
    expected = {(year, month): last_day(year, month) for _, year, month in months}
    period = list(zip(grid["year"], grid["month"], strict=True))
    grid["due"] = pd.to_datetime(pd.Series([timely.get(one) for one in period], dtype="object"))
    grid["expected"] = pd.to_datetime(pd.Series([expected[one] for one in period], dtype="object"))
    return grid


def _status(rows: pd.DataFrame, as_of: dt.date | None) -> pd.Series[str]:
    """The status of each row; what is set later goes before what was set earlier."""
    came = rows["times"].notna()
    status = pd.Series("missing", index=rows.index, dtype="str")
    if as_of is not None:
        status[~came & (rows["expected"] >= pd.Timestamp(as_of))] = "not yet due"
    status[came] = "accepted"
    status[came & (rows["arrived"] > rows["due"])] = "late"
    status[came & (rows["times"] > 1) & (rows["last_accepted"] == True)] = "corrected"  # noqa: E712 (empty where nothing came)
    status[came & (rows["any_accepted"] == False)] = "rejected"  # noqa: E712
    return status
