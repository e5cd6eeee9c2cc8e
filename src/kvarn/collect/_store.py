"""The store of one register's deliveries: the ledger, and the accepted rows in Parquet files (parcels) that never change."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from kvarn.base.locks import held
from kvarn.collect._accepted import rows_writer, write_rows
from kvarn.collect._ledger import Ledger
from kvarn.collect.safekeeping import partial_file, private_folder

__all__ = ["empty", "locked", "rows_of", "tidy", "write_parcel"]

_ROWS = "rows"
_LOCK = ".lock"


@contextlib.contextmanager
def locked(store: Path, waiting: Callable[[], None] | None = None) -> Iterator[None]:
    """Hold the store for writing; whoever comes second waits. The lock goes with the process, however that ends.

    Parameters
    ----------
    waiting
        Called once when somebody else holds it.
    """
    private_folder(store)
    with held(store / _LOCK, waiting):
        yield


def empty(store: Path) -> None:
    """Remove everything in a store that is held; the lock stays, so that whoever waits for it waits for the same one."""
    for found in store.iterdir():
        if found.is_dir() and not found.is_symlink():
            shutil.rmtree(found)
        elif found.name != _LOCK:
            found.unlink()


def write_parcel(store: Path, kind: str, year: int, numbers: Sequence[int], table: pa.Table) -> str:
    """Write the accepted rows of some deliveries; their place relative to the store.

    The file is on the disk before this returns, so that the ledger never names rows that are not there.
    """
    relative = f"{_ROWS}/{kind}/{year}/{numbers[0]:08d}-{numbers[-1]:08d}.parquet"
    with partial_file(store / relative) as beside:
        with rows_writer(beside, kind) as writer:
            write_rows(writer, table)
        with beside.open("rb") as written:
            os.fsync(written.fileno())
    return relative


def rows_of(store: Path, kind: str, year: int, parcels: Sequence[str | None]) -> list[Path]:
    """The parcels of some deliveries, each once, in order."""
    return [store / name for name in sorted({name for name in parcels if name}) if name.startswith(f"{_ROWS}/{kind}/{year}/")]


def tidy(store: Path, ledger: Ledger) -> None:
    """Remove what a killed intake has left: rows that no delivery in the ledger lays claim to. Only under the lock."""
    claimed = ledger.parcels()
    for path in (store / _ROWS).rglob("*"):
        if path.is_file() and path.relative_to(store).as_posix() not in claimed:
            path.unlink()
