"""The one way in which DuckDB is opened: bounded memory, nothing from the network, and nothing left behind."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb

from kvarn.base.leftovers import alive

__all__ = ["MEMORY", "Database", "engine", "sweep"]

MEMORY = "2GB"
_OWNER_ONLY = 0o700
_TIMES = 5
_numbers = itertools.count()


class Database:
    """DuckDB in this process.

    What does not fit in memory is microdata: it goes into a folder of this database's own in the folder `spill`. Both are for
    their owner alone and go away again, and what a killed process has left goes with them. Where nothing can be written there
    (whoever only reads need not be able to), everything must fit in memory. The limits cannot be changed by a statement, and none
    installs or loads an extension.

    The results do not depend on `threads`: every query that is written to a file orders its rows.
    """

    def __init__(self, spill: Path, *, threads: int | None = None) -> None:
        self._spill = _made(spill)
        configuration: dict[str, str | bool | int | float | list[str]] = {
            "temp_directory": str(self._spill) if self._spill else "",
            "memory_limit": MEMORY,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "lock_configuration": True,
        }
        if threads is not None:
            configuration["threads"] = threads
        try:
            self.connection = duckdb.connect(config=configuration)
        except BaseException:
            self._remove()
            raise

    def close(self) -> None:
        """Let go of the memory, and of what lies in `spill`."""
        self.connection.close()
        self._remove()

    def _remove(self) -> None:
        if self._spill is not None:
            shutil.rmtree(self._spill, ignore_errors=True)
            # Another database may have its folder there; and whoever made a wall around this process has made it, too.
            with contextlib.suppress(OSError):
                self._spill.parent.rmdir()


@contextlib.contextmanager
def engine(spill: Path, *, threads: int | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A `Database` while the block runs."""
    database = Database(spill, threads=threads)
    try:
        yield database.connection
    finally:
        database.close()


def _made(spill: Path) -> Path | None:
    """A new folder for what is spilled, or None where none can be made."""
    folder = spill / f"{os.getpid()}.{next(_numbers)}"
    # Whoever closes a database may remove `spill` just before something is put into it.
    for _ in range(_TIMES):
        try:
            for path in reversed([spill, *spill.parents]):
                if not path.exists():
                    path.mkdir(mode=_OWNER_ONLY, exist_ok=True)
            sweep(spill)
            folder.mkdir(mode=_OWNER_ONLY)
            return folder
        except FileNotFoundError:
            continue
        except OSError:
            return None
    return None


def sweep(spill: Path) -> None:
    """Remove what killed processes have left: folders named by a process that is no more."""
    for left in list(spill.iterdir()) if spill.is_dir() else ():
        process = left.name.partition(".")[0]
        if left.is_dir() and process.isdecimal() and not alive(int(process)):
            shutil.rmtree(left, ignore_errors=True)
