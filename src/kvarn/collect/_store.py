"""The store of one register's deliveries: the ledger, and the accepted rows in Parquet files (parcels) that never change."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from kvarn.base.damaged import DAMAGED
from kvarn.base.locks import held
from kvarn.collect._accepted import rows_writer, write_rows
from kvarn.collect._ledger import ROWS, Ledger, lost
from kvarn.collect.safekeeping import partial_file, private_folder

__all__ = ["empty", "locked", "parcel_is_recorded", "require_rows", "rows_of", "tidy", "write_parcel"]

_LOCK = ".lock"
# Names the parcel that is written and not yet in the ledger: what a killed intake has left, and what an older ledger has not.
_UNDER_WAY = "rows-under-way"


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
    relative = f"{ROWS}/{kind}/{year}/{numbers[0]:08d}-{numbers[-1]:08d}.parquet"
    with partial_file(store / _UNDER_WAY) as note:
        note.write_text(relative, encoding="utf-8")
        _to_the_disk(note)
    with partial_file(store / relative) as beside:
        with rows_writer(beside, kind) as writer:
            write_rows(writer, table)
        _to_the_disk(beside)
    return relative


def parcel_is_recorded(store: Path) -> None:
    """Say that the ledger has the parcel that was written last."""
    (store / _UNDER_WAY).unlink(missing_ok=True)


def _to_the_disk(file: Path) -> None:
    with file.open("rb") as written:
        os.fsync(written.fileno())


def rows_of(store: Path, kind: str, year: int, parcels: Sequence[str | None]) -> list[Path]:
    """The parcels of some deliveries, each once, in order."""
    return [store / name for name in sorted({name for name in parcels if name}) if name.startswith(f"{ROWS}/{kind}/{year}/")]


def tidy(store: Path, ledger: Ledger) -> None:
    """Remove what a killed intake has left: the parcel that it had under way. Only under the lock.

    Raises
    ------
    LostError
        There are other rows that no delivery in the ledger lays claim to: the ledger is older than they are.
    """
    claimed = ledger.parcels()
    left = [path for path in (store / ROWS).rglob("*") if path.is_file() and path.relative_to(store).as_posix() not in claimed]
    under_way = _under_way(store)
    unknown = sorted(path for path in left if path.suffix == ".parquet" and path != under_way)
    if unknown:
        what = f"{_files(len(unknown))} of no delivery in the ledger of intake: it is older than the rows, or another's."
        raise lost(what, unknown[0], store)
    for path in left:
        path.unlink()
    parcel_is_recorded(store)


def _under_way(store: Path) -> Path | None:
    try:
        return store / (store / _UNDER_WAY).read_text(encoding="utf-8")
    except (FileNotFoundError, UnicodeDecodeError):
        return None


def _files(count: int) -> str:
    return "A file of rows is" if count == 1 else f"{count} files of rows are"


def require_rows(store: Path, parcels: Mapping[str, int], *, entirely: bool = False) -> None:
    """See that the rows that the ledger names can be read: of each file the end, where its form stands, or all of it.

    Parameters
    ----------
    parcels
        The files, and how many rows each has.

    Raises
    ------
    LostError
        One of them is not there, or is not what was written.
    """
    for name, rows in sorted(parcels.items()):
        try:
            with pq.ParquetFile(store / name) as file:
                same = _is_parcel(file.metadata, name, rows)
                if entirely:
                    for _ in file.iter_batches():
                        pass
        except FileNotFoundError:
            raise lost("Rows of deliveries that were taken in are not there.", store / name, store) from None
        except (OSError, pa.ArrowException) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise lost(DAMAGED, store / name, store) from None
        if not same:
            raise lost("These are not the rows of the deliveries that the ledger of intake says.", store / name, store)


def _is_parcel(held: pq.FileMetaData, name: str, rows: int) -> bool:
    """Whether these are so many rows, of the deliveries that the parcel's name says: each has a number of its own.

    Columns are not asked: a programme may have got another layout since, by which the deliveries are judged again.
    """
    first, last = (int(number) for number in Path(name).stem.split("-"))
    names = held.schema.names
    if held.num_rows != rows or "file" not in names:
        return False
    spans = [held.row_group(group).column(names.index("file")).statistics for group in range(held.num_row_groups)]
    return all(span is None or not span.has_min_max or first <= span.min <= span.max <= last for span in spans)
