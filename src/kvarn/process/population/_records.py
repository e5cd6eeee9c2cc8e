"""The record beside an imported population: what it was made from, and whether it is as it was imported."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kvarn.edition import POPULATION_RECORD
from kvarn.errors import CodeListError

__all__ = ["is_synthetic", "record_of", "record_text", "require_unchanged"]

_REMEDY = "Import the downloaded file again: kvarn population FILE --replace."


def record_of(path: Path) -> Path:
    """The record of an imported population."""
    return path.with_name(path.stem + POPULATION_RECORD)


def record_text(sha256: str, sources: Sequence[tuple[str, str]], *, noise: int, synthetic: bool) -> str:
    """The record as it is written: fingerprints of the imported file and of its sources. No day, so that bytes are stable."""
    said: dict[str, Any] = {
        "sha256": sha256,
        "sources": [{"file": name, "sha256": fingerprint} for name, fingerprint in sources],
    }
    # Only where it matters, so that a record says nothing that needs an explanation.
    said |= {"noise": noise} if noise else {}
    said |= {"synthetic": True} if synthetic else {}
    return json.dumps(said, ensure_ascii=False, indent=2) + "\n"


def require_unchanged(path: Path, sha256: str) -> None:
    """Refuse an imported population that is not as it was imported; one without a record is as it is.

    Raises
    ------
    CodeListError
        The record is damaged, or the file was changed.
    """
    record = record_of(path)
    if path.suffix != ".csv" or not record.is_file():
        return
    try:
        same = json.loads(record.read_text(encoding="utf-8"))["sha256"] == sha256
    except (ValueError, KeyError, TypeError, RecursionError):
        raise CodeListError("The record of an imported population is damaged.", file=record, remedy=_REMEDY) from None
    if not same:
        raise CodeListError("The imported population is not as it was imported.", file=path, remedy=_REMEDY)


def is_synthetic(path: Path) -> bool:
    """Whether an imported population was made from a synthetic one."""
    try:
        return json.loads(record_of(path).read_text(encoding="utf-8")).get("synthetic") is True
    except (OSError, ValueError, AttributeError, RecursionError):
        return False
