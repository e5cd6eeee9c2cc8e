"""The overview of a store's deliveries, written beside the receipts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

from kvarn.collect._collected import delivery_log
from kvarn.collect._overview import overview_csv, overview_rows, unplaced_files
from kvarn.collect._overview_page import overview_page
from kvarn.collect._receipts import write_beside

__all__ = ["write_overview"]


def write_overview(
    store: Path, receipts: Path, years: Iterable[int] | None = None, *, as_of: dt.date | None = None, synthetic: bool = False
) -> None:
    """Write the overview of municipalities × months: what came, late, corrected, rejected or not at all.

    ``overview-<year>.html`` for each year, ``overview.html`` for the last one, and ``overview.csv`` for all.

    Parameters
    ----------
    years
        The years of care; those that deliveries have come of by default.

    Raises
    ------
    InputError
        `store` is no store of deliveries.
    """
    log = delivery_log(store, as_of=as_of)
    wanted = sorted(set(years) if years is not None else {int(year) for year in log["year"].dropna()})
    rows = overview_rows(log, wanted, as_of=as_of)
    for year in wanted:
        unplaced = unplaced_files(log, [year])
        page = overview_page(rows[rows["year"] == year], synthetic=synthetic, as_of=as_of, unplaced=unplaced)
        names = [f"overview-{year}.html"] + (["overview.html"] if year == wanted[-1] else [])
        for name in names:
            write_beside(receipts / name, page)
    write_beside(receipts / "overview.csv", overview_csv(rows, synthetic=synthetic))
