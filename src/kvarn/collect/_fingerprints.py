"""What changes when deliveries do: of a folder of them as it lies there, and of those that have been taken in."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from kvarn.collect._arrivals import arrival_of, logs_of_arrival
from kvarn.collect._ledger import open_ledger, version_of_ledger
from kvarn.collect._sources import find_sources

__all__ = ["fingerprint", "ledger_state"]

AsLongAs = Callable[[str, Sequence[Any], Callable[[], Any]], Any]
"""Gives what was found before by a name, as long as its version is the same, and else what is found now."""


def find_now(name: str, version: Sequence[Any], find: Callable[[], Any]) -> Any:
    """Nothing is known."""
    return find()


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


def ledger_state(store: Path, year: int, *, as_of: dt.date | None = None, known: AsLongAs = find_now) -> str | None:
    """What changes when another delivery of the year comes; None where nothing has been taken in.

    Parameters
    ----------
    known
        Gives what was found before by a name, as long as a version is the same; by default nothing is known.
    """
    try:
        whole, row_files = known(
            f"deliveries of {year} in {store}", (version_of_ledger(store), str(as_of)), lambda: _state_of(store, year, as_of)
        )
    except (OSError, ValueError):
        return None
    return whole if all((store / rows).is_file() for rows in row_files) else None


def _state_of(store: Path, year: int, as_of: dt.date | None) -> tuple[str, list[str]]:
    """The hash over the year's deliveries, as the ledger has them now, and the files in which their rows lie."""
    with open_ledger(store) as ledger:
        entries = ledger.deliveries(year=year, as_of=as_of)
    whole = hashlib.sha256()
    for entry in entries:
        whole.update(
            f"{entry.number}\0{entry.name}\0{entry.sha256}\0{entry.rulebook}\0{entry.verdict}\0{entry.arrived}\n".encode()
        )
    return whole.hexdigest(), sorted({entry.rows for entry in entries if entry.rows is not None})
