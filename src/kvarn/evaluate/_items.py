"""Item non-response: what is lacking in rows that were accepted. Rows that were rejected are no part of it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from kvarn import metadata
from kvarn.analyse import NOT_APPLICABLE, NOT_AVAILABLE, decimal_text
from kvarn.collect import layouts
from kvarn.edition import find_workspace
from kvarn.errors import InputError
from kvarn.evaluate._deliveries import ROWS_FOR_A_RATE

__all__ = ["item_non_response", "open_items", "read_items"]

_MEASURE = "item_non_response"


def open_items(edition: str, years: Iterable[int]) -> pd.DataFrame:
    """How many accepted rows lack an item, or have an invalid value there: one row a year, file type and item.

    Returns
    -------
    DataFrame
        ``year``, ``type``, ``item``, ``rows`` (accepted rows of the deliveries in force), ``empty``, ``invalid``.

    Raises
    ------
    InputError
        A year has not been collected.
    """
    return read_items(find_workspace(edition).collected, years)


def read_items(collected: Path, years: Iterable[int]) -> pd.DataFrame:
    """What lies in a folder of collected deliveries, as `open_items` returns it."""
    return pd.concat([_read(collected / str(year) / "items.parquet").assign(year=int(year)) for year in years], ignore_index=True)


def _read(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise InputError("The year has not been collected.", file=path, remedy="Run kvarn publish for the edition.")
    items: pd.DataFrame = pq.read_table(path).to_pandas()
    return items


def item_non_response(items: pd.DataFrame, years: Iterable[int]) -> pd.DataFrame:
    """The item non-response rate by year, file type and item (after the ESS indicator A5, unweighted).

    The share of the accepted rows in which the item is empty, or has a value that is no right one. It is not applicable to what
    the rows of a file type do not have, and not available where fewer rows were accepted than a rate needs: published totals tell
    how many those were, and a share of few would tell in how many the item is lacking.

    Parameters
    ----------
    items
        As `open_items` returns it.

    Returns
    -------
    DataFrame
        ``year``, ``file_type``, ``item``, ``measure``, ``value`` (text), ``contributors`` (empty: it is about rows, not persons).
    """
    counted = {
        (year, kind, item): (total, empty + invalid)
        for year, kind, item, total, empty, invalid in zip(
            *(items[name].tolist() for name in ("year", "type", "item", "rows", "empty", "invalid")), strict=True
        )
    }
    decimals = metadata.measure(_MEASURE).decimals
    rows = []
    for year in map(int, years):
        for layout in layouts().values():
            for item in metadata.codelist("item").codes:
                total, lacking = counted.get((year, layout.type, item), (None, 0))
                value = (
                    NOT_APPLICABLE
                    if total is None or year < layout.first_year
                    else decimal_text(lacking, total, factor=100, decimals=decimals)
                    if total >= ROWS_FOR_A_RATE
                    else NOT_AVAILABLE
                )
                rows.append({"year": year, "file_type": layout.type, "item": item, "measure": _MEASURE, "value": value})
    return pd.DataFrame(rows).assign(contributors=pd.array([pd.NA] * len(rows), dtype="Int64"))
