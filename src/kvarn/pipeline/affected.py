"""Which editions have been made with another state of a code list: what importing it makes out of date."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

from kvarn.pipeline.nodes import file

__all__ = ["editions_made_with_other_lists"]

# Every step that code lists matter to comes after this one, which needs all of them.
_STEP = "check"


def editions_made_with_other_lists(root: Path, codelist: Path) -> list[Path]:
    """The editions (their parameters) that were made before the list was what it is now.

    Told from what the engine has kept of each: an edition that has not been made yet is none of them.
    """
    state = file(codelist).state()
    found = []
    for params in sorted((root / "params").glob("*.yml")):
        folder = root / "build" / params.stem
        states = _states(folder, codelist)
        if states is not None and state not in states:
            found.append(params)
    return found


def _states(folder: Path, codelist: Path) -> list[str] | None:
    """As what the step has known the list, none where it has not; None where it has not been run."""
    try:
        tasks = tomllib.loads((folder / "pytask.lock").read_text(encoding="utf-8"))["task"]
        return [state for task in tasks if task["id"] == _STEP for state in _of(task, folder, codelist)] if _run(tasks) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _run(tasks: list[dict[str, object]]) -> bool:
    return any(task["id"] == _STEP for task in tasks)


def _of(task: dict[str, dict[str, str]], folder: Path, codelist: Path) -> Iterator[str]:
    for place, state in task["depends_on"].items():
        if place.endswith(codelist.name) and (folder / place).resolve() == codelist.resolve():
            yield state
