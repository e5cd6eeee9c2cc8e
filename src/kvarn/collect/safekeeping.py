"""How secret files are written: readable by their owner alone, and never half."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from kvarn.base.exchange import replacing
from kvarn.base.system_faults import naming

__all__ = ["OWNER_ONLY_FILE", "OWNER_ONLY_FOLDER", "partial_file", "partial_folder", "private_folder"]

OWNER_ONLY_FILE = 0o600
OWNER_ONLY_FOLDER = 0o700


def private_folder(folder: Path) -> Path:
    """Make the folder, and those above it that are missing, readable by the owner alone.

    A folder that is there already keeps its modes: it may be somebody else's, and hold other things. What is written into it is
    for its owner alone; what lies in a project's ``restricted/`` is mended by every command (`kvarn.base.modes`).
    """
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        with contextlib.suppress(FileExistsError):
            path.mkdir(mode=OWNER_ONLY_FOLDER)
            path.chmod(OWNER_ONLY_FOLDER)
    return folder


@contextlib.contextmanager
def partial_file(target: Path) -> Iterator[Path]:
    """A path beside `target` to write to; it takes the target's place when the block ends well, and goes away when not."""
    private_folder(target.parent)
    beside = target.with_name(f".{target.name}.partial")
    try:
        with naming(target):
            yield beside
        beside.chmod(OWNER_ONLY_FILE)
        os.replace(beside, target)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def partial_folder(target: Path) -> Iterator[Path]:
    """An empty folder beside `target` to write to; see `partial_file` and `kvarn.base.exchange`."""
    private_folder(target.parent)
    with replacing(target, secret=True) as beside:
        yield beside
        for path in beside.glob("*.parquet"):
            path.chmod(OWNER_ONLY_FILE)
