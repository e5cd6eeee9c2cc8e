"""The fingerprint of a folder of deliveries: it changes when a file comes, goes or changes, or when a date of arrival does."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from kvarn.collect._arrivals import arrival_of, logs_of_arrival
from kvarn.collect._sources import find_sources

__all__ = ["fingerprint"]


def fingerprint(deliveries: Path, years: Iterable[int]) -> str:
    """The fingerprint of the delivery files of these years, and of those whose year nobody can tell.

    No file is read: its size and time of change tell. A file that was only touched makes intake look at it again, and find that
    it knows it.

    Raises
    ------
    DeliveryError
        There is no such folder.
    InputError
        The log of arrivals cannot be read.
    """
    wanted = frozenset(years)
    logs = logs_of_arrival([deliveries], None)
    whole = hashlib.sha256()
    for source in find_sources([deliveries]).sources:
        if source.year is None or source.year in wanted:
            told = (source.relative, source.size, source.changed, source.fault or "", arrival_of(source, logs) or "")
            whole.update("\0".join(map(str, told)).encode("utf-8", "surrogateescape") + b"\n")
    return whole.hexdigest()
