"""What is new in code, notebooks, documents, inputs and parameters since an edition that is out, by what was kept of both."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kvarn.analyse.disclosure.memory.releases import MADE, PARAMETERS, RECORD, Release
from kvarn.base.notebook_files import is_notebook_of
from kvarn.edition import load_edition
from kvarn.errors import KvarnError
from kvarn.pipeline.comparison import Published
from kvarn.pipeline.kept_record import KeptRecord, kept_record, read_record
from kvarn.pipeline.production import Production
from kvarn.pipeline.standing import flat

__all__ = ["new_since"]

_ENTITIES = {
    "#kvarn": "code",
    "#software": "libraries",
    "#notebook": "notebooks",
    "#input": "inputs",
    "#notebook-wall": "wall around notebooks",
}
_OF_THE_EDITION = re.compile(r"params/[^/]+\.yml|release-history")
_SHORT = 12
Known = Mapping[str, str]


def new_since(release: Release | None, production: Production, now: Published) -> dict[str, Any]:
    """What differs, part by part, each with its state then and now; and what cannot be known, in sentences.

    Checksums are shortened. Of documents there is something to compare only where both editions were made by a version of kvarn
    that keeps their checksums.
    """
    if release is None:
        return {"edition": None, "parts": {}, "unknown": ["No edition of this year or the year before has been released."]}
    then, is_now = read_record(release.folder / RECORD), now.record
    kept_then = kept_record(release.folder / MADE, release.folder / RECORD)
    kept_now = kept_record(production.workspace.record, now.folder / "ro-crate-metadata.json")
    unknown: list[str] = []
    parts = {part: _differing(_state(then, part), _state(is_now, part)) for part in dict.fromkeys(_ENTITIES.values())}
    parts["notebooks"] = [one for one in parts["notebooks"] if not _is_same_notebook(one["name"], then, production)]
    parts["inputs that are not public"] = _differing(_secret(kept_then, then), _secret(kept_now, is_now))
    documents = [None if one is None else one.documents for one in (kept_then, kept_now)]
    if documents[0] is None or documents[1] is None:
        unknown.append("Which documents are others: their checksums were not kept when one of the two was made.")
    else:
        parts["documents"] = _differing(documents[0], documents[1])
    if kept_then is None:
        unknown.append("Which inputs that are not public are others: how the earlier edition was made was not kept.")
    try:
        parts["parameters"] = list(_parameters(release, kept_then, production))
    except KvarnError as error:
        unknown.append(f"Which parameters are others: those of the earlier edition cannot be read any more ({error.what}).")
    unknown.append("Whether the microdata of years that both have are the same: deliveries are compared by figures alone.")
    return {"edition": release.edition, "parts": {name: rows for name, rows in parts.items() if rows}, "unknown": unknown}


def _state(record: Mapping[str, Mapping[str, Any]], part: str) -> Known:
    found = {}
    for identifier, entity in record.items():
        name = str(entity.get("name", identifier))
        if _ENTITIES.get(identifier.partition("/")[0]) == part and not _OF_THE_EDITION.fullmatch(name):
            state = next((str(entity[key]) for key in ("sha256", "softwareVersion", "value") if key in entity), None)
            if state is not None:
                found[name] = state
    return found


def _is_same_notebook(name: str, record: Mapping[str, Mapping[str, Any]], production: Production) -> bool:
    """Whether a notebook is the one of a record of before its checksum was of what somebody wrote in it alone."""
    file, digest = production.root / name, _state(record, "notebooks").get(name)
    return file.is_file() and digest is not None and is_notebook_of(file, digest)


def _secret(kept: KeptRecord | None, record: Mapping[str, Mapping[str, Any]]) -> Known:
    """The plain checksums that the public record does not tell."""
    public = _state(record, "inputs")
    inputs = {} if kept is None else kept.inputs
    return {name: digest for name, digest in inputs.items() if name not in public and not _OF_THE_EDITION.fullmatch(name)}


def _differing(then: Known, now: Known) -> list[dict[str, str]]:
    names = sorted(name for name in then.keys() | now.keys() if then.get(name) != now.get(name))
    return [{"name": name, "before": _short(then.get(name, "")), "now": _short(now.get(name, ""))} for name in names]


def _short(state: str) -> str:
    whole = re.sub(r"[0-9a-f]{64}", lambda found: f"{found[0][:_SHORT]}…", state)
    return whole or "not there"


def _parameters(release: Release, kept: KeptRecord | None, production: Production) -> Iterator[dict[str, str]]:
    then = load_edition(release.folder / PARAMETERS, kept.overrides if kept else (), published=True)
    was, is_now = (flat(edition.model_dump(mode="json")) for edition in (then, production.edition))
    for key in sorted(was.keys() | is_now.keys()):
        if was.get(key) != is_now.get(key):
            before, now = (str(of[key]) if key in of else "not there" for of in (was, is_now))
            yield {"name": key, "before": before, "now": now}
