"""When deliveries arrived, as the portal's log tells."""

from __future__ import annotations

import csv
import datetime as dt
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kvarn.collect._sources import ARRIVALS, Source
from kvarn.errors import InputError

__all__ = ["Log", "arrival_dates", "arrival_of", "logs_of_arrival"]


def arrival_dates(log: Path, *, required: bool) -> dict[str, dt.date]:
    """The dates of arrival by file name, or by place below the log's folder, from the portal's log (``file,arrived``).

    None where there is no log.

    Raises
    ------
    InputError
        There is no such file though it is `required`, or a row of it has no file name or no ISO date.
    """
    if not required and not log.is_file():
        return {}
    dates: dict[str, dt.date] = {}
    number = 1
    try:
        with log.open(encoding="utf-8-sig", newline="") as lines:
            for number, row in enumerate(csv.reader(lines), start=1):
                if number > 1 and row:
                    dates[row[0]] = dt.date.fromisoformat(row[1].strip())
    except OSError as error:
        raise InputError(f"The log of arrivals cannot be read: {error.strerror}.", file=log) from error
    except (IndexError, ValueError, csv.Error) as error:
        raise InputError(
            "The log of arrivals has a row without a file name and a date.",
            file=log,
            line=number,
            field="arrived",
            remedy="Write the file's name and the date as 2023-03-31, with a comma between them.",
        ) from error
    return dates


@dataclass(frozen=True)
class Log:
    """The dates of one log, and the folder that the places in it are below."""

    folder: Path
    dates: Mapping[str, dt.date]


def logs_of_arrival(paths: Sequence[Path], log: Path | None) -> list[Log]:
    """For each path that deliveries are taken from, the dates that are known there: beside the files, or in the folder above."""
    if log is not None:
        return [Log(path if path.is_dir() else path.parent, arrival_dates(log, required=True)) for path in paths]
    found = []
    for path in paths:
        here = (path if path.is_dir() else path.parent).absolute()
        folder = next((folder for folder in (here, here.parent) if (folder / ARRIVALS).is_file()), here)
        found.append(Log(folder, arrival_dates(folder / ARRIVALS, required=False)))
    return found


def arrival_of(source: Source, logs: Sequence[Log]) -> dt.date | None:
    """The day on which a file arrived; its place below the log's folder goes before its name."""
    log = logs[source.given]
    return log.dates.get(os.path.relpath(source.place, log.folder), log.dates.get(source.name)) if log.dates else None
