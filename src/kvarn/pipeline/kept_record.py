"""What the public record of a publication does not tell, kept restricted: how the edition was made.

The plain checksums of files that are not public, and every override. Orders are made from it, and a publication can be checked
against it later.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kvarn.base.damaged import damage_told, kept_json
from kvarn.collect.safekeeping import partial_file
from kvarn.disseminate.recorded import RECORD, DeliverySet, RecordedFile
from kvarn.edition import Workspace
from kvarn.errors import ReleaseError

__all__ = ["KeptRecord", "keep_record", "kept_record", "read_record", "told_overrides"]


@dataclass(frozen=True)
class KeptRecord:
    """How a publication was made.

    Attributes
    ----------
    params
        Its parameters' file, relative to the project's root.
    overrides
        What the command line overrode.
    inputs
        The plain checksum of every input, by its name in the record.
    documents
        The checksum of every file of the documents, of which the public record has none; None where an earlier version kept
        none.
    """

    params: str
    overrides: tuple[str, ...]
    inputs: Mapping[str, str]
    documents: Mapping[str, str] | None = None


def keep_record(
    work: Workspace,
    publication: Path,
    params: str,
    overrides: Sequence[str],
    inputs: Sequence[RecordedFile] = (),
    deliveries: DeliverySet | None = None,
    documents: Mapping[str, str] | None = None,
) -> Path:
    """Keep how the publication in this folder was made."""
    kept = {
        "public_record": _checksum(publication),
        "params": params,
        "overrides": list(overrides),
        "inputs": [asdict(file) for file in sorted(inputs, key=lambda file: file.name)],
        "deliveries": None if deliveries is None else asdict(deliveries),
        "documents": None if documents is None else dict(sorted(documents.items())),
    }
    with partial_file(work.record) as beside:
        beside.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return work.record


def kept_record(kept: Path, public_record: Path) -> KeptRecord | None:
    """What a file keeps of the publication whose public record this is; None where there is none, or it is of another one.

    Raises
    ------
    ReleaseError
        It cannot be read.
    """
    if not (kept.is_file() and public_record.is_file()):
        return None
    try:
        told = json.loads(kept.read_text(encoding="utf-8"))
        inputs = {one["name"]: one["sha256"] for one in told["inputs"]}
        documents = told.get("documents")
        texts = None if documents is None else {str(name): str(digest) for name, digest in documents.items()}
        found = KeptRecord(str(told["params"]), tuple(told["overrides"]), inputs, texts)
        of = told["public_record"]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ReleaseError(
            "What is kept of how the publication was made cannot be read.",
            where=str(kept),
            remedy="Restore it from the backup; or make the edition again, with kvarn publish.",
        ) from None
    return found if of == hashlib.sha256(public_record.read_bytes()).hexdigest() else None


def told_overrides(public_record: Path) -> tuple[str, ...]:
    """What a public record tells of overrides: all of them in the records of earlier versions, which kept nothing besides."""
    if not public_record.is_file():
        return ()
    with damage_told(public_record):
        graph = kept_json(public_record, "@graph")
        return tuple(f"{one['name']}={one['value']}" for one in graph if str(one["@id"]).startswith("#override/"))


def read_record(record: Path) -> Mapping[str, Mapping[str, Any]]:
    """The entities of a public record, by their names.

    Raises
    ------
    ReleaseError
        It cannot be read.
    """
    try:
        found = {one["@id"]: one for one in json.loads(record.read_text(encoding="utf-8"))["@graph"]}
        for one in found.values():
            _require_form(one)
        return found
    except (ValueError, KeyError, TypeError):
        raise ReleaseError(
            "The record of the publication cannot be read.",
            where=str(record),
            remedy="Restore the publication from the backup; one that is not released is made again by kvarn publish.",
        ) from None


# What is read of the record, and as what.
_READ_AS: Mapping[type, tuple[str, ...]] = {
    str: ("@id", "@type", "name", "identifier", "sha256", "softwareVersion"),
    list: ("inLanguage", "object", "result"),
    dict: ("instrument",),
}


def _require_form(entity: Mapping[str, Any]) -> None:
    for form, keys in _READ_AS.items():
        for key in keys:
            if key in entity and not isinstance(entity[key], form):
                raise TypeError(key)


def _checksum(publication: Path) -> str:
    return hashlib.sha256((publication / RECORD).read_bytes()).hexdigest()
