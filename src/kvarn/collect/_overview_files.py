"""The overview of a store's deliveries, written beside the receipts."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from kvarn.collect._collected import delivery_log
from kvarn.collect._layouts import layouts
from kvarn.collect._ledger import Entry, open_ledger
from kvarn.collect._overview import overview_csv, overview_rows, unplaced_files
from kvarn.collect._overview_page import MissingCodes, overview_page
from kvarn.collect._passed_over import REASONS, PassedOver
from kvarn.collect._receipts import write_beside
from kvarn.identity_numbers import without_identity_numbers
from kvarn.programme import current_programme

__all__ = ["waiting_files", "write_overview", "write_passed_over"]

_PASSED_OVER = "passed-over.csv"

NotImported = Mapping[int, tuple[str, ...]]


def write_overview(
    store: Path,
    receipts: Path,
    years: Iterable[int] | None = None,
    *,
    as_of: dt.date | None = None,
    synthetic: bool = False,
    not_imported: NotImported | None = None,
) -> None:
    """Write the overview of municipalities × months: what came, late, corrected, rejected or not at all.

    ``overview-<year>.html`` for each year, ``overview.html`` for the last with an accepted file, and ``overview.csv`` for all.

    Parameters
    ----------
    years
        The years of care; those that deliveries have come of by default.
    not_imported
        The official lists that have not been imported, by year: the pages and the file say so.

    Raises
    ------
    InputError
        `store` is no store of deliveries.
    """
    log = delivery_log(store, as_of=as_of)
    log = _with_possible_years(log[~log["judged_again"].astype(bool)])
    wanted = sorted(set(years) if years is not None else {int(year) for year in log["year"].dropna()})
    rows = overview_rows(log, wanted, as_of=as_of)
    missing = {year: what for year, what in (not_imported or {}).items() if year in wanted}
    waiting = waiting_files(store, missing, as_of=as_of)
    if not wanted:
        page = overview_page(rows, synthetic=synthetic, as_of=as_of, unplaced=unplaced_files(log, []))
        write_beside(receipts / "overview.html", page)
    accepted = {int(year) for year in log.loc[log["verdict"] == "accepted", "year"].dropna()}
    shown_first = max(accepted.intersection(wanted), default=max(wanted, default=None))
    for year in wanted:
        unplaced = unplaced_files(log, [year])
        codes = [MissingCodes(year, missing[year], waiting[year])] if year in missing else []
        page = overview_page(rows[rows["year"] == year], synthetic=synthetic, as_of=as_of, unplaced=unplaced, codes=codes)
        names = [f"overview-{year}.html"] + (["overview.html"] if year == shown_first else [])
        for name in names:
            write_beside(receipts / name, page)
    write_beside(receipts / "overview.csv", overview_csv(rows, synthetic=synthetic, not_imported=missing))


def _with_possible_years(log: pd.DataFrame) -> pd.DataFrame:
    """The log without the years of care that a file cannot be of: before the first of its type, or not begun when it came.

    A slip in one name would else make an overview of a year in which everything is missing.
    """
    first = {layout.type: layout.first_year for layout in layouts().values()}
    earliest = min(first.values())
    told = [
        year if not pd.isna(year) and first.get(kind, earliest) <= year <= came.year else pd.NA
        for year, kind, came in zip(log["year"], log["type"], log["came"], strict=True)
    ]
    return log.assign(year=pd.array(told, dtype="Int16"))


def waiting_files(store: Path, years: Iterable[int], *, as_of: dt.date | None = None) -> dict[int, int]:
    """How many files of each year wait for an official list: the last from their municipality for the month, not judged yet."""
    events = current_programme().about.events
    with open_ledger(store) as ledger:
        last: dict[int, list[Entry]] = {}
        for year in years:
            known = ledger.deliveries(year=year, as_of=as_of)
            came = {entry.period: entry for entry in known if entry.type == events and not entry.judged_again}
            last[year] = [entry for entry in came.values() if entry.verdict == "rejected"]
        faults = ledger.faults(entry.number for entries in last.values() for entry in entries)
    waiting = {number for number, counts in faults.items() if any(count.rule == "file-unchecked" for count in counts)}
    return {year: sum(entry.number in waiting for entry in entries) for year, entries in last.items()}


def write_passed_over(receipts: Path, passed_over: Sequence[PassedOver]) -> None:
    """Write ``passed-over.csv`` (``place,reason``) beside the receipts: what the last intake has passed over, if anything."""
    if not passed_over:
        (receipts / _PASSED_OVER).unlink(missing_ok=True)
        return
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["place", "reason"])
    rows.writerows((without_identity_numbers(found.place), REASONS[found.reason]) for found in sorted(passed_over))
    write_beside(receipts / _PASSED_OVER, text.getvalue())
