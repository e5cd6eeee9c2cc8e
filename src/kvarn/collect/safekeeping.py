"""How secret files are written: readable by their owner alone, and never half."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb

from kvarn.base.exchange import replacing

__all__ = ["OWNER_ONLY_FILE", "OWNER_ONLY_FOLDER", "engine", "partial_file", "partial_folder", "private_folder"]

OWNER_ONLY_FILE = 0o600
OWNER_ONLY_FOLDER = 0o700
_MEMORY = "2GB"


def private_folder(folder: Path) -> Path:
    """Make the folder, and those above it that are missing, readable by the owner alone."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(mode=OWNER_ONLY_FOLDER, exist_ok=True)
    folder.chmod(OWNER_ONLY_FOLDER)
    return folder


@contextlib.contextmanager
def partial_file(target: Path) -> Iterator[Path]:
    """A path beside `target` to write to; it takes the target's place when the block ends well, and goes away when not."""
    private_folder(target.parent)
    beside = target.with_name(f".{target.name}.partial")
    try:
        yield beside
        beside.chmod(OWNER_ONLY_FILE)
        os.replace(beside, target)
    finally:
        beside.unlink(missing_ok=True)


@contextlib.contextmanager
def partial_folder(target: Path) -> Iterator[Path]:
    """An empty folder beside `target` to write to; see `partial_file` and `kvarn.base.exchange`."""
    private_folder(target.parent)
    with replacing(target, secret=True) as beside:
        yield beside
        for path in beside.glob("*.parquet"):
            path.chmod(OWNER_ONLY_FILE)


@contextlib.contextmanager
def engine(spill: Path, *, threads: int | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB, with bounded memory, that puts what does not fit into a private folder `spill` (which goes away again).

    The results do not depend on `threads`: every query that is written to a file orders its rows.
    """
    private_folder(spill)
    configuration: dict[str, str | bool | int | float | list[str]] = {
        "temp_directory": str(spill),
        "memory_limit": _MEMORY,
        "autoinstall_known_extensions": False,
    }
    if threads is not None:
        configuration["threads"] = threads
    connection = duckdb.connect(config=configuration)
    try:
        yield connection
    finally:
        connection.close()
        shutil.rmtree(spill, ignore_errors=True)
