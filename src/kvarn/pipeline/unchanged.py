"""Which steps are as pytask has recorded them: nothing has to be started for what nothing has changed of."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytask import PNode

    from kvarn.pipeline.engine import Step

__all__ = ["LOCK", "nothing_to_do", "to_be_run"]

LOCK = "pytask.lock"
# Of finished steps that have not got into the lock file yet.
_JOURNAL = "pytask.lock.journal"
_VERSION = "1"
# A step's own code is one of its needs, so that the task itself never changes.
STATE_OF_TASK = "1"


def nothing_to_do(steps: Sequence[Step], folder: Path, needs_of: Callable[[Step], Iterable[PNode]]) -> bool:
    """Whether every step is up to date by what pytask recorded of its last run. Where that cannot be told, it is not.

    Parameters
    ----------
    folder
        Where pytask keeps its lock file.
    needs_of
        All that a step needs, its libraries among it.
    """
    recorded = _recorded(folder)
    if not recorded:
        return False
    state_of = _States()
    # The code first, and the files of a step before those of the next: what is out of date is mostly seen soon.
    return all(
        step.name in recorded
        and _same(recorded[step.name], "depends_on", needs_of(step), folder, state_of)
        and _same(recorded[step.name], "produces", step.makes, folder, state_of)
        for step in steps
    )


def to_be_run(steps: Sequence[Step], folder: Path, needs_of: Callable[[Step], Iterable[PNode]]) -> tuple[str, ...]:
    """The steps that are out of date, and those that may be once one of them has made something else.

    Parameters
    ----------
    steps
        In their order: each comes after those that make what it needs.
    """
    recorded, state_of = _recorded(folder), _States()
    found: list[str] = []
    made = _Made()
    for step in steps:
        needs = list(needs_of(step))
        stands = (
            step.name in recorded
            and not any(map(made.has, needs))
            and _same(recorded[step.name], "depends_on", needs, folder, state_of)
            and _same(recorded[step.name], "produces", step.makes, folder, state_of)
        )
        if not stands:
            found.append(step.name)
            made.add(step.makes)
    return tuple(found)


class _Made:
    """What steps make that are to be run: a folder is another one, too, where a file in it is, and the other way round."""

    def __init__(self) -> None:
        self._signatures: set[str] = set()
        self._places: set[str] = set()
        self._above: set[str] = set()

    def add(self, nodes: Iterable[PNode]) -> None:
        """Take note of what a step makes."""
        for node in nodes:
            self._signatures.add(node.signature)
            if (path := getattr(node, "path", None)) is not None:
                self._places.add(os.fspath(path))
                self._above.update(map(os.fspath, path.parents))

    def has(self, need: PNode) -> bool:
        """Whether a step needs any of it."""
        if need.signature in self._signatures:
            return True
        path = getattr(need, "path", None)
        if path is None:
            return False
        return os.fspath(path) in self._above or any(os.fspath(one) in self._places for one in (path, *path.parents))


def _recorded(folder: Path) -> Mapping[str, Any]:
    """What pytask recorded of each step; nothing where it was stopped before it had written all of it."""
    try:
        journal = os.stat(folder / _JOURNAL).st_size
    except OSError:
        journal = 0
    try:
        written = tomllib.loads((folder / LOCK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if journal or written.get("lock-version") != _VERSION:
        return {}
    tasks = written.get("task", [])
    return {task["id"]: task for task in tasks if task.get("state") == STATE_OF_TASK}


class _States:
    """The state of each node, asked for once."""

    def __init__(self) -> None:
        self._found: dict[str, str | None] = {}

    def __call__(self, node: PNode) -> str | None:
        if (key := node.signature) not in self._found:
            self._found[key] = node.state()
        return self._found[key]


def _same(task: Mapping[str, Any], side: str, nodes: Iterable[PNode], folder: Path, state_of: _States) -> bool:
    now = {_name_of(node, folder): state_of(node) for node in nodes}
    return None not in now.values() and now == task.get(side, {})


def _name_of(node: PNode, folder: Path) -> str:
    """As the lock file has it: what has a path by where it lies from the file."""
    path = getattr(node, "path", None)
    return node.name if path is None else Path(os.path.relpath(path, folder)).as_posix()
