"""The fingerprint of a year's deliveries: it changes when a file comes, goes or changes, or when its date of arrival does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from kvarn.collect._deliveries import Found, find_deliveries
from kvarn.collect._intake import ARRIVALS, arrival_dates
from kvarn.collect.safekeeping import partial_file

__all__ = ["fingerprints"]


def fingerprints(deliveries: Path, years: Sequence[int], cache: Path) -> dict[int, str]:
    """The fingerprint of each year's delivery files and of their dates of arrival.

    Parameters
    ----------
    cache
        A secret file that remembers the checksums of files by path, size and time of change, so that asking again reads none.

    Raises
    ------
    DeliveryError
        There is no such folder.
    InputError
        The log of arrivals cannot be read.
    """
    found = find_deliveries(deliveries, years)
    arrived = arrival_dates(deliveries / ARRIVALS, required=False)
    before = _remembered(cache)
    now: dict[str, list[str | int]] = {}
    told = {}
    for year in years:
        whole = hashlib.sha256()
        for file in found[year]:
            checksum = _checksum(file, before)
            now[file.path] = [file.size, file.changed, checksum]
            whole.update(f"{file.name}\0{checksum}\0{arrived.get(file.name, '')}\n".encode())
        told[year] = whole.hexdigest()
    if now != before:
        with partial_file(cache) as beside:
            beside.write_text(json.dumps(now), encoding="utf-8")
    return told


def _checksum(file: Found, before: Mapping[str, list[str | int]]) -> str:
    size, changed, checksum = before.get(file.path, (None, None, ""))
    if (size, changed) == (file.size, file.changed):
        return str(checksum)
    try:
        with Path(file.path).open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except OSError:
        return "unreadable"


def _remembered(cache: Path) -> dict[str, list[str | int]]:
    try:
        remembered = json.loads(cache.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return remembered if isinstance(remembered, dict) else {}
