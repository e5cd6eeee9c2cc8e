"""Why a step is out of date, in sentences that name what has changed, as far as it is known."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kvarn.base.files import SECRET, replace_file
from kvarn.pipeline.nodes import Computed, Setting

if TYPE_CHECKING:
    from pytask import PNode

__all__ = ["BEFORE", "NOT_RUN", "Reasons", "keep_parts"]

NOT_RUN = "the step has not been run yet"
BEFORE = "a step before it is out of date"
# Beside pytask's lock file, which knows no more of a setting than a checksum: what the checksum was made from.
_FILE = "settings.json"
_MOST_NAMED = 4
# What pytask says of what it has never seen.
_NEW = ("not_in_db", "first_run")


def keep_parts(nodes: Iterable[PNode], folder: Path) -> None:
    """Keep of what each setting consists now, by its state, so that a later status can say what in it has changed."""
    lock = folder / "pytask.lock"
    known = lock.read_text(encoding="utf-8") if lock.is_file() else ""
    kept = {state: parts for state, parts in _kept(folder).items() if state in known}
    for node in nodes:
        if (parts := _parts(node)) and (state := node.state()) is not None:
            kept[state] = dict(parts)
    text = json.dumps(kept, ensure_ascii=False, indent=0, sort_keys=True) + "\n"
    replace_file(folder / _FILE, text.encode(), mode=SECRET)


class Reasons:
    """Puts pytask's reasons in the user's words.

    Parameters
    ----------
    nodes
        What the steps need and make.
    made_by
        The step that makes a node, by the node's name.
    folder
        Where pytask keeps its lock file: ``build/<edition>``, or any other folder.
    """

    def __init__(self, nodes: Iterable[PNode], made_by: Mapping[str, str], folder: Path) -> None:
        self._nodes: dict[str, list[PNode]] = {}
        for node in nodes:
            self._nodes.setdefault(node.name, []).append(node)
        self._made_by = made_by
        self._kept = _kept(folder)
        self._root = (folder.parent.parent if folder.parent.name == "build" else folder.parent).absolute()

    def of(self, told: Sequence[Any], step: str) -> tuple[str, ...]:
        """Why a step is out of date, each reason once."""
        if not any(reason.node_type == "source" and reason.reason in _NEW for reason in told):
            return tuple(dict.fromkeys(said for reason in told for said in self._said(reason, step)))
        # What it makes is not called missing one by one where there is nothing of it.
        makers = (self._made_by.get(reason.node_name, step) for reason in told if reason.reason == "missing")
        return tuple(dict.fromkeys([NOT_RUN, *(f"waits for the step {maker}" for maker in makers if maker != step)]))

    def missing(self, error: BaseException, step: str) -> str:
        """What a step needs that nobody makes and that is not there."""
        found = [name for name in self._nodes if repr(name) in str(error)]
        return f"{self._called(found[0])} is not there" if found else "something that the step needs is not there"

    def _said(self, reason: Any, step: str) -> Iterator[str]:
        name = reason.node_name
        if reason.reason == "cascade":
            yield f"waits for the step {name}"
        elif reason.reason == "missing":
            maker = self._made_by.get(name)
            yield f"waits for the step {maker}" if maker not in (None, step) else f"{self._called(name)} is missing"
        elif reason.reason in _NEW:
            yield f"{self._called(name)} is new since the step was run"
        elif reason.reason == "forced":
            yield "the step is run whatever has changed"
        else:
            yield from self._changed(name, reason.details)

    def _changed(self, name: str, details: Mapping[str, str]) -> Iterator[str]:
        now: Mapping[str, str] = {}
        for node in self._nodes.get(name, ()):
            # Two steps may know different values by the same name.
            if node.state() == details.get("new_hash"):
                now = _parts(node) or {}
        then = self._kept.get(details.get("old_hash", ""), {})
        different = [part for part in {**then, **now} if then.get(part) != now.get(part)] if then and now else []
        yield from (_difference(part, then.get(part), now.get(part)) for part in different[:_MOST_NAMED])
        if len(different) > _MOST_NAMED:
            yield f"{len(different) - _MOST_NAMED} more have changed"
        if not different:
            yield f"{self._called(name)} has changed"

    def _called(self, name: str) -> str:
        """A file or folder by where it lies in the project, anything else by its name."""
        for node in self._nodes.get(name, ()):
            if called := getattr(node, "called", ""):
                return str(called)
        if "/" not in name.rstrip("/"):
            return name
        path = Path(name)
        shown = path.relative_to(self._root) if path.is_relative_to(self._root) else Path(*path.parts[-2:])
        return f"the folder {shown}" if name.endswith("/") else f"the file {shown}"


def _difference(part: str, then: str | None, now: str | None) -> str:
    if then is None:
        return f"{part} has been added"
    if now is None:
        return f"{part} has been removed"
    # A checksum tells a reader nothing.
    values = [value.partition(":")[2] for value in (then, now) if value.startswith("=")]
    return f"{part} has changed from {values[0]} to {values[1]}" if len(values) == 2 else f"{part} has changed"


def _parts(node: PNode) -> Mapping[str, str] | None:
    return node.parts() if isinstance(node, Setting | Computed) else None


def _kept(folder: Path) -> dict[str, dict[str, str]]:
    try:
        found = json.loads((folder / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    whole = isinstance(found, dict) and all(isinstance(parts, dict) for parts in found.values())
    return found if whole else {}
