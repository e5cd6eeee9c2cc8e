"""Files that kvarn keeps for itself, and what is said where one of them is not what was written."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kvarn.errors import InputError, KvarnError

__all__ = ["DAMAGED", "RESTORE", "damage_told", "damaged_below", "kept_json"]

DAMAGED = "The file is damaged: it is not what was written."
RESTORE = (
    "Take it away where kvarn has made it (in restricted/<edition> and build/<edition>) and run kvarn publish, which makes it "
    "again; restore anything else from the backup."
)


@contextlib.contextmanager
def damage_told(file: Path, remedy: str = RESTORE) -> Iterator[None]:
    """Let whatever is wrong with what a file of ours holds be told as damage of that file, while the block takes it apart.

    Raises
    ------
    InputError
        It is not text, not JSON, or not of the form that it is written in.
    """
    try:
        yield
    except KvarnError:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError):
        raise InputError(DAMAGED, file=file, remedy=remedy) from None


def kept_json(file: Path, key: str | None = None, remedy: str = RESTORE) -> Any:
    """What a JSON file of ours holds, or what it holds at a key.

    Raises
    ------
    InputError
        It is damaged, or has no such key.
    """
    with damage_told(file, remedy):
        held = json.loads(file.read_text(encoding="utf-8"))
        return held if key is None else held[key]


def damaged_below(folder: Path) -> Path | None:
    """The first Parquet file below a folder that cannot be read, or not to its end; None where all can.

    For whom a library has only said that one is damaged, and not which: all are read, until one is found.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    files = sorted(path for path in folder.rglob("*.parquet") if path.is_file())
    for entirely in (False, True):
        for file in files:
            try:
                with pq.ParquetFile(file) as opened:
                    for _ in opened.iter_batches() if entirely else ():
                        pass
            except (OSError, pa.ArrowException) as error:
                # What may not be read is not damaged.
                if getattr(error, "errno", None) is None:
                    return file
    return None
