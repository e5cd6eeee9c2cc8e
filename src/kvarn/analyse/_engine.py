"""What runs the statements: DuckDB on this machine.

Every statement of `kvarn.analyse` is written once, in SQL that DuckDB reads; `_spark` translates the same text for a
cluster. An engine knows relations by their names alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import pandas as pd
import pyarrow as pa

from kvarn.base.database import Database

__all__ = ["DuckDB", "Engine"]


class Engine(Protocol):
    """Relations by name, and questions to them."""

    def open(self, name: str, file: Path) -> None:
        """Call the rows of a Parquet file `name`."""

    def define(self, name: str, select: str, *, keep: bool = False) -> None:
        """Call what a statement selects `name`; `keep` it in memory when it will be asked several times."""

    def put(self, name: str, rows: pa.Table) -> None:
        """Call a small table `name`, in place of what had that name."""

    def frame(self, select: str) -> pd.DataFrame:
        """What a statement selects, in no particular order."""

    def rows(self, select: str) -> list[tuple[Any, ...]]:
        """The same as rows, in the statement's order."""

    def close(self) -> None:
        """Let go of the memory."""


class DuckDB:
    """In this process, on all cores, as `kvarn.base.database` opens it; `spill` lies beside the register."""

    def __init__(self, spill: Path) -> None:
        self._opened = Database(spill)
        self._database = self._opened.connection

    def open(self, name: str, file: Path) -> None:
        """As `Engine` says."""
        quoted = str(file).replace("'", "''")
        self._database.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{quoted}', hive_partitioning = false)")

    def define(self, name: str, select: str, *, keep: bool = False) -> None:
        """As `Engine` says."""
        self._database.execute(f"CREATE {'TEMPORARY TABLE' if keep else 'VIEW'} {name} AS {select}")

    def put(self, name: str, rows: pa.Table) -> None:
        """As `Engine` says."""
        self._database.register("incoming", rows)
        self._database.execute(f"CREATE OR REPLACE TEMPORARY TABLE {name} AS SELECT * FROM incoming")
        self._database.unregister("incoming")

    def frame(self, select: str) -> pd.DataFrame:
        """As `Engine` says."""
        return self._database.execute(select).df()

    def rows(self, select: str) -> list[tuple[Any, ...]]:
        """As `Engine` says."""
        return self._database.execute(select).fetchall()

    def close(self) -> None:
        """As `Engine` says."""
        self._opened.close()
