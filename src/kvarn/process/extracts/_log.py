"""The log of extracts: what was given to whom, when, by which decision. Rows are only ever added."""

from __future__ import annotations

import contextlib
import csv
import io
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from kvarn.base.locks import held_for
from kvarn.collect.safekeeping import partial_file, private_folder
from kvarn.errors import InputError

__all__ = ["COLUMNS", "add_to_log", "alone"]

COLUMNS = (
    "given",
    "kvarn",
    "project",
    "recipient",
    "purpose",
    "decision",
    "decided",
    "valid_until",
    "edition",
    "years",
    "variables",
    "rows",
    "persons",
    "synthetic",
    "parameters_sha256",
    "outputs_sha256",
)

_RESTORE = "Restore the log from the backup, so that it tells of every extract, and run again."


@contextlib.contextmanager
def alone(extracts: Path, work: str, waiting: Callable[[str], None] | None = None) -> Iterator[None]:
    """Hold the lock of the folder of extracts: another extract waits until this one is in the log and in its place."""
    private_folder(extracts)
    with held_for(work, extracts, waiting):
        yield


def add_to_log(log: Path, row: Mapping[str, str]) -> None:
    """Add a row, under the lock of `alone`. The log is written beside and renamed: it is never half, and keeps every earlier row.

    Raises
    ------
    InputError
        The log is not one that kvarn wrote: its header is another, or its last row is cut off; or it does not tell of an extract
        that lies beside it, since a row is always written first.
    """
    header = _line(COLUMNS)
    earlier = log.read_bytes() if log.exists() else header
    if not earlier.startswith(header) or not earlier.endswith(b"\n"):
        raise InputError(
            "The log of extracts is damaged; nothing was given.",
            file=log,
            line=1 if not earlier.startswith(header) else earlier.count(b"\n") + 1,
            remedy=_RESTORE,
        )
    _require_all_told(log, earlier)
    with partial_file(log) as beside, beside.open("wb") as file:
        file.write(earlier + _line(tuple(row[name] for name in COLUMNS)))
        file.flush()
        os.fsync(file.fileno())


def _require_all_told(log: Path, written: bytes) -> None:
    """A log that was lost, or an older one, would otherwise be gone on with, and nobody would know what had been given."""
    told = {(row.get("project"), row.get("edition")) for row in csv.DictReader(io.StringIO(written.decode("utf-8", "replace")))}
    for papers in sorted(log.parent.glob("*/*/SHA256SUMS")):
        folder = papers.parent
        # What has a hidden name is not in its place yet.
        if not folder.name.startswith(".") and (folder.parent.name, folder.name) not in told:
            what = f"The log of extracts does not tell of {folder.parent.name}/{folder.name}, which lies beside it"
            raise InputError(f"{what}; nothing was given.", file=log, remedy=_RESTORE)


def _line(cells: tuple[str, ...]) -> bytes:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerow(cells)
    return written.getvalue().encode()
