"""Writing beside and renaming, so that nothing half-written is ever found."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["SECRET", "replace_file"]

SECRET = 0o600


def replace_file(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Put `content` at `path`, all or nothing, readable as `mode` from the first byte on."""
    beside = path.with_name(f".{path.name}.partial")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
