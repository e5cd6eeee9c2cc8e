"""Writing beside and renaming, so that nothing half-written is ever found."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from kvarn.base.modes import as_usual
from kvarn.base.system_faults import naming

__all__ = ["SECRET", "replace_file"]

SECRET = 0o600


def replace_file(path: Path, content: bytes, *, mode: int = 0o644, usual: bool = False) -> None:
    """Put `content` at `path`, all or nothing, readable as `mode` from the first byte on.

    Parameters
    ----------
    usual
        Whether it gets the modes in the end that it would have outside `kvarn.base.modes.private`.
    """
    beside = path.with_name(f".{path.name}.partial")
    beside.unlink(missing_ok=True)
    try:
        with naming(path):
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            if usual:
                as_usual(beside)
            beside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise
