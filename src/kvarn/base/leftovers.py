"""What a command writes beside its place, and what is left of it where the command was killed: the next one removes it."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from pathlib import Path

__all__ = ["alive", "beside", "sweep", "written_by"]

_BESIDE = re.compile(r"\..+\.(\d+)\.partial")


def beside(target: Path) -> Path:
    """Where this process writes a file or folder before it is whole: its name tells the process."""
    return target.with_name(f".{target.name}.{os.getpid()}.partial")


def written_by(path: Path) -> int | None:
    """The process that writes such a file or folder; None where the name is none of these."""
    found = _BESIDE.fullmatch(path.name)
    return int(found[1]) if found else None


def sweep(folder: Path) -> None:
    """Remove from a folder what processes that are no more have left beside what they wrote there."""
    for left in sorted(folder.iterdir()) if folder.is_dir() else ():
        process = written_by(left)
        if process is None or alive(process) or left.is_symlink():
            continue
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                left.unlink()


def alive(process: int) -> bool:
    """Whether there is such a process."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        # Another user's; or no number of a process.
        return True
    return True
