"""The project whose programme and imported code lists are in force."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from kvarn.base.secret_places import MARKS

__all__ = ["CODELISTS", "MARKS", "current_project", "find_project", "project_held", "project_in_block", "use_project"]

# Where a project keeps the official lists that were imported.
CODELISTS = Path("params") / "codelists"

_chosen: Path | None = None
_held: ContextVar[Path | None] = ContextVar("the project in use", default=None)
_found: dict[str, Path] = {}


def find_project(start: Path) -> Path | None:
    """The nearest folder at or above `start` that holds ``_quarto.yml`` and ``notebooks/``, or None."""
    here = start.absolute()
    for folder in (here, *here.parents):
        if all((folder / mark).exists() for mark in MARKS):
            return folder
    return None


def use_project(root: Path | None) -> None:
    """Let the programme of this project and the code lists imported into it be in force, wherever the current folder is.

    None: those of the project that the current folder lies in.
    """
    global _chosen
    _chosen = root


@contextmanager
def project_held(root: Path | None) -> Iterator[None]:
    """Let this project be in use within the block; None: the one that is in use already."""
    token = _held.set(root or _held.get())
    try:
        yield
    finally:
        _held.reset(token)


def project_in_block() -> Path | None:
    """The project that `project_held` lets be in use, if any."""
    return _held.get()


def current_project() -> Path | None:
    """The project in use, else the one that the current folder lies in, else None."""
    held = _held.get()
    if held is not None:
        return held
    if _chosen is not None:
        return _chosen
    try:
        here = os.getcwd()
    except FileNotFoundError:
        return None
    if here not in _found:
        found = find_project(Path(here))
        if found is None:
            return None
        _found[here] = found
    return _found[here]
