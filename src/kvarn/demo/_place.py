"""The register's folder: put in place whole, never half-written, and nothing else overwritten."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from kvarn.base.exchange import put_back, replacing
from kvarn.base.modes import private
from kvarn.base.secret_places import refuse_public_place
from kvarn.errors import InputError

__all__ = ["NOTICE", "new_folder", "put_back", "write_lines"]

NOTICE = "SYNTHETIC.txt"


@contextmanager
def new_folder(folder: Path, *, from_what_is_there: bool = False) -> Iterator[Path]:
    """A folder to write to, which takes the place of `folder` when everything has gone well; otherwise that stays as it was.

    Parameters
    ----------
    from_what_is_there
        Begin with what `folder` holds. Files are shared with it where the file system can: write them anew (`write_lines`),
        never into them.

    Raises
    ------
    InputError
        The folder holds something that is not a synthetic register, or lies where files leave the building or get into git.
    """
    # Identity numbers that are drawn by chance can be somebody's.
    refuse_public_place(folder, "synthetic register")
    put_back(folder)
    _refuse_anything_else(folder)
    # Where microdata lie, everything is its owner's alone, the synthetic ones too.
    secret = "restricted" in folder.absolute().parts
    with private() if secret else nullcontext(), replacing(folder, secret=secret) as new:
        if from_what_is_there:
            shutil.copytree(folder, new, copy_function=_linked, dirs_exist_ok=True)
        yield new


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Write lines to a file that is there or not; one that is shared with another folder stays as it is there."""
    path.unlink(missing_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def _linked(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        # Not every file system can give a file a second name.
        shutil.copy2(source, target)


def _refuse_anything_else(folder: Path) -> None:
    taken = folder.exists() and not (folder.is_dir() and ((folder / NOTICE).is_file() or not any(folder.iterdir())))
    if taken:
        raise InputError(
            "The folder for the synthetic register holds something else.",
            file=folder,
            remedy="Give a folder that does not exist, that is empty, or that holds an earlier demo.",
        )
