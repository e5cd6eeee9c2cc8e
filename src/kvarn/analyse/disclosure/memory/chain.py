"""The end of a chain of entries that are never changed, kept beside their folder: so that it is seen when entries are lost.

``restricted/releases.json`` is the head of ``restricted/releases/``, ``restricted/orders.json`` that of ``restricted/orders/``:
how many entries there are, and the checksum of the last one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from kvarn.base.files import SECRET, replace_file
from kvarn.collect.safekeeping import private_folder

__all__ = ["head_file", "lost_by_head", "write_head"]


def head_file(folder: Path) -> Path:
    """Where the head of a folder's entries lies."""
    return folder.with_name(f"{folder.name}.json")


def write_head(folder: Path, number: int, digest: str) -> None:
    """Name the last entry; before the first one, number 0 and no checksum."""
    private_folder(folder.parent)
    replace_file(head_file(folder), (json.dumps({"number": number, "sha256": digest}) + "\n").encode(), mode=SECRET)


def lost_by_head(folder: Path, digests: Sequence[str], what: str) -> str | None:
    """Why the entries, by their checksums from the first on, are not those that the head names; None where they are.

    Whoever was stopped between an entry and the head has left the head behind, never before, its entry.
    """
    file = head_file(folder)
    if not file.is_file():
        return f"the file that names the last {what} is missing" if digests else None
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
        last, digest = known["number"], known["sha256"]
    except (ValueError, TypeError, KeyError):
        return "the file cannot be read"
    if not isinstance(last, int) or last < 0 or last > len(digests) or (last and digests[last - 1] != digest):
        return f"{what} {last} is missing, or is another one"
    return None
