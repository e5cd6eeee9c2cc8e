"""The overview of a store's deliveries, written beside the receipts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path

from kvarn.collect._collected import delivery_log
from kvarn.collect._ledger import Entry, open_ledger
from kvarn.collect._overview import overview_csv, overview_rows, unplaced_files
from kvarn.collect._overview_page import MissingCodes, overview_page
from kvarn.collect._receipts import write_beside

__all__ = ["waiting_files", "write_overview"]

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

    ``overview-<year>.html`` for each year, ``overview.html`` for the last one, and ``overview.csv`` for all.

    Parameters
    ----------
    years
        The years of care; those that deliveries have come of by default.
    not_imported
        The official lists of procedures that have not been imported, by year: the pages and the file say so.

    Raises
    ------
    InputError
        `store` is no store of deliveries.
    """
    log = delivery_log(store, as_of=as_of)
    wanted = sorted(set(years) if years is not None else {int(year) for year in log["year"].dropna()})
    rows = overview_rows(log, wanted, as_of=as_of)
    missing = {year: what for year, what in (not_imported or {}).items() if year in wanted}
    waiting = waiting_files(store, missing, as_of=as_of)
    for year in wanted:
        unplaced = unplaced_files(log, [year])
        codes = [MissingCodes(year, missing[year], waiting[year])] if year in missing else []
        page = overview_page(rows[rows["year"] == year], synthetic=synthetic, as_of=as_of, unplaced=unplaced, codes=codes)
        names = [f"overview-{year}.html"] + (["overview.html"] if year == wanted[-1] else [])
        for name in names:
            write_beside(receipts / name, page)
    write_beside(receipts / "overview.csv", overview_csv(rows, synthetic=synthetic, not_imported=missing))


def waiting_files(store: Path, years: Iterable[int], *, as_of: dt.date | None = None) -> dict[int, int]:
    """How many files of each year wait for an official list: the last from their municipality for the month, not judged yet."""
    with open_ledger(store) as ledger:
        last: dict[int, list[Entry]] = {}
        for year in years:
            came = {entry.period: entry for entry in ledger.deliveries(year=year, as_of=as_of) if entry.type == "KHSL2"}
            last[year] = [entry for entry in came.values() if entry.verdict == "rejected"]
        faults = ledger.faults(entry.number for entries in last.values() for entry in entries)
    waiting = {number for number, counts in faults.items() if any(count.rule == "file-unchecked" for count in counts)}
    return {year: sum(entry.number in waiting for entry in entries) for year, entries in last.items()}
