"""How an edition stands to the release history: not released, released as it lies there, or another by now."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from kvarn.analyse.disclosure.memory.releases import MADE, PARAMETERS, RECORD, Release, checksums, releases
from kvarn.edition import Workspace, load_edition
from kvarn.errors import InputError, ReleaseError
from kvarn.pipeline.kept_record import kept_record, read_record
from kvarn.pipeline.nodes import Folder
from kvarn.pipeline.production import Production

__all__ = ["TOLD", "Standing", "candidate_of", "candidate_state", "flat", "standing"]

_RECORD = "ro-crate-metadata.json"
TOLD = 5
"""How many reasons, or differences, a message lists."""


def candidate_of(work: Workspace) -> Path:
    """What the edition is now: what is released or a candidate for it, or what it has become since it was released."""
    return work.candidate if work.candidate.is_dir() else work.publication


def candidate_state(work: Workspace) -> str | None:
    """What changes when the candidate is another one; None when there is none."""
    return Folder(path=candidate_of(work)).state()


@dataclass(frozen=True)
class Standing:
    """How an edition stands to the release history.

    Attributes
    ----------
    own
        Its release; None where it never was released.
    same
        Whether what lies there is what was released.
    differences
        What the candidate was made of otherwise than what is released, in words.
    as_entered
        Whether it was out before it was entered, and it and its parameters are as they were then: its steps may be out of date.
    made
        Whether anything of it lies there: a candidate, or a publication.
    another
        The name of another edition, where it is that one which lies in this one's place.
    """

    own: Release | None
    same: bool
    differences: tuple[str, ...] = ()
    as_entered: bool = False
    made: bool = True
    another: str | None = None

    @property
    def said(self) -> str:
        """One sentence for `kvarn status` and `kvarn publish`."""
        if self.own is None and not self.made:
            return "Not released: nothing of it has been published yet (kvarn publish makes a candidate)."
        if self.another is not None:
            return (
                f"Not released: what lies in its place in publications/ is the edition {self.another}, copied or renamed. "
                "Take that away; kvarn publish makes this one."
            )
        if self.own is None:
            return "Not released: it is a candidate until kvarn release enters it in the release history."
        released = f"Released, with {self.own.published} as its day of publication"
        if self.same:
            return f"{released}: what lies there is what is out."
        if not self.differences:
            return f"{released}. What lies in publications/ is not what was released: restore it."
        listed = "; ".join(self.differences[:TOLD]) + (" …" if len(self.differences) > TOLD else "")
        return f"{released}. The candidate differs from what is out, which stays: {listed}."


def standing(production: Production) -> Standing:
    """How the edition stands to the release history, by what lies there now."""
    work = production.workspace
    own = next((one for one in releases(work.releases) if one.edition == work.name), None)
    if own is None:
        return Standing(None, False, made=work.candidate.is_dir() or work.publication.is_dir(), another=_another_at(work))
    if work.candidate.is_dir():
        return Standing(own, False, tuple(_differences(own, production)))
    try:
        same = work.publication.is_dir() and checksums(work.publication) == own.files
    except InputError:
        return Standing(own, False)
    then = (own.folder / PARAMETERS).read_bytes()
    return Standing(own, same, as_entered=same and own.already_out and production.params.read_bytes() == then)


def _another_at(work: Workspace) -> str | None:
    """The name that the publication gives itself, where that is not the edition's. A damaged record is told elsewhere."""
    with contextlib.suppress(ReleaseError, OSError, KeyError):
        name = read_record(work.publication / _RECORD)["./"]["identifier"]
        return None if name == work.name or work.trial else str(name)
    return None


def _differences(own: Release, production: Production) -> Iterator[str]:
    """What the candidate was made from otherwise: by the parameters and by the two records; at least what differs in these."""
    old, new = read_record(own.folder / RECORD), read_record(production.workspace.candidate / _RECORD)
    said = list(_other_parameters(own, production))
    for key in sorted(old.keys() | new.keys()):
        kind, _, name = unquote(key).partition("/")
        if old.get(key, {}) == new.get(key, {}) or kind not in ("#input", "#notebook", "#deliveries", "#kvarn"):
            continue
        if kind == "#input" and name.startswith("params/"):
            continue
        said.append(
            {"#deliveries": "the deliveries are others", "#kvarn": "the code of kvarn is another"}.get(kind, f"{name} is another")
        )
    yield from said or [
        f"{sum(old.get(key) != new.get(key) for key in old.keys() | new.keys())} entries of the record are others"
    ]


def _other_parameters(own: Release, production: Production) -> Iterator[str]:
    kept = kept_record(own.folder / MADE, own.folder / RECORD)
    then = load_edition(own.folder / PARAMETERS, kept.overrides if kept else (), published=True)
    was, is_now = (flat(edition.model_dump(mode="json")) for edition in (then, production.edition))
    for key in sorted(was.keys() | is_now.keys()):
        if was.get(key) != is_now.get(key):
            yield f"{key} was {was.get(key, 'not there')!s}, and is {is_now.get(key, 'not there')!s}"


def flat(values: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Parameters by their dotted keys."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        found |= flat(value, f"{above}{key}.") if isinstance(value, dict) else {f"{above}{key}": value}
    return found
