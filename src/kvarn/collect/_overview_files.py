"""The overview of a store's deliveries, written beside the receipts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

from kvarn.collect._collected import delivery_log
from kvarn.collect._overview import overview_csv, overview_page, overview_rows
from kvarn.collect._receipts import write_beside

__all__ = ["write_overview"]


def write_overview(
    store: Path, receipts: Path, years: Iterable[int] | None = None, *, as_of: dt.date | None = None, synthetic: bool = False
) -> None:
    """Write ``overview.html`` and ``overview.csv``: municipalities × months, what came, late, corrected, rejected or not at all.

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
    write_beside(receipts / "overview.html", overview_page(rows, synthetic=synthetic, as_of=as_of))
    write_beside(receipts / "overview.csv", overview_csv(rows))
