"""What the public record of a publication does not tell, kept restricted: how the edition was made.

The plain checksums of files that are not public, and every override. Orders are made from it, and a publication can be checked
against it later.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from kvarn.collect.safekeeping import partial_file
from kvarn.disseminate.record import RECORD, DeliverySet, RecordedFile
from kvarn.edition import Workspace

__all__ = ["KeptRecord", "keep_record", "kept_record"]


@dataclass(frozen=True)
class KeptRecord:
    """How a publication was made: its parameters' file (relative to the project's root), and what the command line overrode."""

    params: str
    overrides: tuple[str, ...]


def keep_record(
    work: Workspace,
    params: str,
    overrides: Sequence[str],
    inputs: Sequence[RecordedFile] = (),
    deliveries: DeliverySet | None = None,
) -> Path:
    """Keep how the publication that stands in its place was made."""
    kept = {
        "public_record": _checksum(work.publication),
        "params": params,
        "overrides": list(overrides),
        "inputs": [asdict(file) for file in sorted(inputs, key=lambda file: file.name)],
        "deliveries": None if deliveries is None else asdict(deliveries),
    }
    with partial_file(work.record) as beside:
        beside.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return work.record


def kept_record(work: Workspace) -> KeptRecord | None:
    """What has been kept of the publication that stands there; None where none is, or it is of another one."""
    if not (work.record.is_file() and (work.publication / RECORD).is_file()):
        return None
    kept = json.loads(work.record.read_text(encoding="utf-8"))
    if kept["public_record"] != _checksum(work.publication):
        return None
    return KeptRecord(kept["params"], tuple(kept["overrides"]))


def _checksum(publication: Path) -> str:
    return hashlib.sha256((publication / RECORD).read_bytes()).hexdigest()
