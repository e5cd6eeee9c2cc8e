"""In which state the imported code lists are, and that work which has begun goes by one state of them."""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kvarn.errors import CodeListError
from kvarn.programme import CODELISTS, current_project

__all__ = ["Stamp", "lists_held", "stamp", "state_of"]

# A folder, and what changes when a list in it is put in place, replaced or removed. None: there is no such folder.
Stamp = tuple[str, int, int] | None


class _Held:
    """The states of folders of lists that work in progress goes by, and how many go by them."""

    def __init__(self) -> None:
        self.lock, self.holders = threading.Lock(), 0
        self.states: dict[Path, Stamp] = {}


_held = _Held()


@contextmanager
def lists_held() -> Iterator[None]:
    """Go by the imported lists as they are now, however often they are asked for: work is done with one state of them.

    Raises
    ------
    CodeListError
        A list was imported, replaced or removed meanwhile, so that nobody can say which one the work has gone by.
    """
    with _held.lock:
        _held.holders += 1
    try:
        _require_as_held()
        yield
        _require_as_held()
    finally:
        with _held.lock:
            _held.holders -= 1
            if not _held.holders:
                _held.states.clear()


def _require_as_held() -> None:
    for root, held in list(_held.states.items()):
        if state_of(root) != held:
            raise CodeListError(
                "A code list was imported or removed while kvarn was at work with it.",
                file=root / CODELISTS,
                remedy="Run the same command again.",
            )


def stamp() -> Stamp:
    """The state of the current project's folder of lists. Lists are put in place by renaming, which changes the folder."""
    root = current_project()
    if root is None:
        return None
    if not _held.holders:
        return state_of(root)
    try:
        return _held.states[root]
    except KeyError:
        return _held.states.setdefault(root, state_of(root))


@functools.lru_cache(maxsize=64)
def _folder_in(root: Path) -> str:
    return str(root / CODELISTS)


def state_of(root: Path) -> Stamp:
    """The state of a project's folder of lists."""
    # Asked for each cell of each table: making a path would take longer than looking at it.
    folder = _folder_in(root)
    try:
        status = os.stat(folder)
    except OSError:
        return None
    return folder, status.st_mtime_ns, status.st_ino
