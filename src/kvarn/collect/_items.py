"""Item non-response: how many of the accepted rows lack an item, or have a value there that is none of its own.

What a row must have is judged when it comes in, and a row that lacks it is rejected whole. What is left is what intake accepts
all the same: a date of birth of which the month or day is unknown, a number that is local to a care provider. Every item is
looked at in the rows themselves, so that nothing is taken for right because it should be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import duckdb

from kvarn.base.database import engine
from kvarn.collect._layouts import Layout, layouts
from kvarn.collect._ledger import Entry
from kvarn.collect._row_words import literal

__all__ = ["BIRTH_DATE", "ItemCount", "count_items"]

# An item that is a part of the identity number: its month is 00, or its day 00 or 60, where they are unknown.
BIRTH_DATE = "birth_date"
_DATE_UNKNOWN = "value[5:6] = '00' OR value[7:8] IN ('00', '60')"
_TYPED = ("year", "month", "date")


class ItemCount(NamedTuple):
    """Of the accepted rows of one file type, how many lack an item, and in how many it is no right value."""

    file_type: str
    item: str
    rows: int
    empty: int
    invalid: int


def count_items(store: Path, in_force: Iterable[Entry]) -> list[ItemCount]:
    """The items of the accepted rows of these deliveries, by file type and item. Fields that need not be there are no items."""
    entries = [entry for entry in in_force if entry.rows]
    with engine(store / "spill-items") as database:
        return [
            one
            for layout in layouts().values()
            for one in _of_type(database, layout, store, [entry for entry in entries if entry.type == layout.type])
        ]


def _of_type(database: duckdb.DuckDBPyConnection, layout: Layout, store: Path, entries: list[Entry]) -> Iterator[ItemCount]:
    if not entries:
        yield from (ItemCount(layout.type, item, 0, 0, 0) for item in _items(layout))
        return
    database.execute("CREATE OR REPLACE TEMP TABLE counted AS SELECT unnest(?) AS file", [[entry.number for entry in entries]])
    parcels = ", ".join(literal(str(store / name)) for name in sorted({str(entry.rows) for entry in entries}))
    rows = f"read_parquet([{parcels}], hive_partitioning = false) SEMI JOIN counted USING (file)"
    for item, (column, empty, invalid) in _items(layout).items():
        # Of many rows there are few values.
        found = database.execute(f"""
            SELECT
                sum(n),
                sum(n) FILTER ({empty}),
                sum(n) FILTER (NOT ({empty}) AND ({invalid}))
            FROM (SELECT {column} AS value, count(*) AS n FROM {rows} GROUP BY ALL)
        """).fetchone()
        counts = [int(number or 0) for number in found or (0, 0, 0)]
        yield ItemCount(layout.type, item, *counts)


def _items(layout: Layout) -> Mapping[str, tuple[str, str, str]]:
    """Each item: its column, and when its ``value`` is empty, and invalid."""
    found = {}
    for field in layout.required:
        empty = "value IS NULL" if field.role in _TYPED else "value IS NULL OR trim(value) = ''"
        right = "TRUE" if field.role in _TYPED else f"regexp_full_match(value, {literal(field.pattern)})"
        found[field.role] = field.role, empty, f"NOT {right}"
        if field.role == "identity_number":
            found[BIRTH_DATE] = field.role, f"value IS NULL OR ({right} AND ({_DATE_UNKNOWN}))", "FALSE"
    return found
