"""What becomes of the rows that a correction replaces: gone, the same, new."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from kvarn.collect._accepted import schema_of
from kvarn.collect._layouts import layouts
from kvarn.collect._ledger import Entry

__all__ = ["Replaced", "replaced_rows"]


@dataclass(frozen=True)
class Replaced:
    """What became of the rows of the delivery that a correction replaces.

    Attributes
    ----------
    rows
        The rows that the replaced delivery had in the register.
    gone, same
        How many of them the correction does not have, and has.
    new
        How many rows only the correction has.
    """

    rows: int
    gone: int
    same: int
    new: int


def replaced_rows(
    database: duckdb.DuckDBPyConnection, store: Path, pairs: Collection[tuple[Entry, Entry]]
) -> Mapping[int, Replaced]:
    """Hold corrections against what they replace, row by row: by what a row says, not by where it stands.

    Parameters
    ----------
    pairs
        Each correction with the delivery that it replaces.

    Returns
    -------
    dict
        By the number of the correction. One whose rows, or whose predecessor's rows, have been lost is left out.
    """
    # Thousands of small deliveries have their rows in the same few files.
    lost = {rows for rows in _files_of(pairs) if not (store / rows).is_file()}
    there = [(new, old) for new, old in pairs if new.rows not in lost and old.rows not in lost]
    same: dict[int, int] = {}
    for kind in sorted({new.type for new, _ in there if new.type}):
        same |= _in_both(database, store, kind, [pair for pair in there if pair[0].type == kind])
    found = {}
    for new, old in there:
        both = same.get(new.number, 0)
        found[new.number] = Replaced(old.accepted, old.accepted - both, both, new.accepted - both)
    return found


def _files_of(pairs: Collection[tuple[Entry, Entry]]) -> set[str]:
    return {one.rows for pair in pairs for one in pair if one.rows is not None}


def _in_both(database: duckdb.DuckDBPyConnection, store: Path, kind: str, pairs: Sequence[tuple[Entry, Entry]]) -> dict[int, int]:
    files = sorted(str(store / rows) for rows in _files_of(pairs))
    if not files:
        return {}
    reading = "read_parquet([" + ", ".join("'" + file.replace("'", "''") + "'" for file in files) + "])"
    columns = ", ".join(name for name in schema_of(layouts()[kind]).names if name not in {"file", "line"})
    numbers = pa.table({"new": [new.number for new, _ in pairs], "old": [old.number for _, old in pairs]})
    with database.cursor() as connection:
        connection.register("pair", numbers)
        rows = connection.execute(
            f"""
            SELECT new, COUNT(*)
            FROM (
                SELECT new, {columns} FROM {reading} AS later JOIN pair ON later.file = pair.new
                INTERSECT ALL
                SELECT new, {columns} FROM {reading} AS earlier JOIN pair ON earlier.file = pair.old
            )
            GROUP BY new
            """
        ).fetchall()
    return {int(new): int(count) for new, count in rows}
