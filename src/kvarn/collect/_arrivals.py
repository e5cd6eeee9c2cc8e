"""When deliveries arrived, as the portal's log tells."""

from __future__ import annotations

import csv
import datetime as dt
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from kvarn.collect._printable import in_letters
from kvarn.collect._sources import ARRIVALS, NAME, POSSIBLE_YEARS, Source
from kvarn.errors import InputError

__all__ = ["Arrival", "Log", "arrival_dates", "arrival_of", "check_names", "logs_of_arrival"]

_HEADER = ["file", "arrived"]
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Arrival(NamedTuple):
    """The day on which a file arrived, and the line of the log that tells it."""

    day: dt.date
    line: int


def arrival_dates(log: Path, *, required: bool) -> dict[str, Arrival]:
    """The dates of arrival by file name, or by place below the log's folder, from the portal's log (``file,arrived``).

    None where there is no log.

    Raises
    ------
    InputError
        There is no such file though it is `required`, its header is another, a row of it has not a file name and an ISO date
        that can be, or a file stands in it twice.
    """
    if not required and not os.path.lexists(log):
        return {}
    dates: dict[str, Arrival] = {}
    number = 0
    try:
        with log.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.reader(lines)
            header = next(rows, [])
            number = 1
            if header != _HEADER:
                field = "file" if header[:1] != _HEADER[:1] else "arrived"
                what = "The log of arrivals does not begin with its header."
                raise _wrong(log, 1, field, what, "Let the first line be: file,arrived")
            for row in rows:
                number = rows.line_num
                if row:
                    name, arrival = _read(log, number, row)
                    if name in dates:
                        raise _wrong(log, number, "file", f"The file stands on line {dates[name].line} already.", _REMEDY)
                    dates[name] = arrival
    except OSError as error:
        remedy = "Put the portal's log there, or take it away where there is none."
        raise InputError(f"The log of arrivals cannot be read: {error.strerror}.", file=log, remedy=remedy) from error
    except UnicodeDecodeError:
        raise _wrong(
            log, number + 1, None, "The log of arrivals is not text in UTF-8.", "Save it in the encoding UTF-8."
        ) from None
    except csv.Error as error:
        raise _wrong(log, number + 1, None, f"The log of arrivals is no CSV: {error}.", _REMEDY) from None
    return dates


_REMEDY = "Write each file once, with its name and the date as 2023-03-31, and a comma between them (docs/deliveries.md)."


def _read(log: Path, number: int, row: Sequence[str]) -> tuple[str, Arrival]:
    """A row of the log."""
    if not row[0].strip():
        raise _wrong(log, number, "file", "The log of arrivals has a row without a file name.", _REMEDY)
    if len(row) != len(_HEADER):
        raise _wrong(
            log, number, "arrived", "The log of arrivals has a row without a file name and a date, and nothing more.", _REMEDY
        )
    try:
        day = dt.date.fromisoformat(row[1].strip()) if _DAY.fullmatch(row[1].strip()) else None
    except ValueError:
        day = None
    if day is None or day.year not in POSSIBLE_YEARS:
        raise _wrong(log, number, "arrived", "The log of arrivals has a row without a file name and a date that can be.", _REMEDY)
    if day > dt.date.today():
        raise _wrong(log, number, "arrived", f"The day of arrival {day} is to come, by this machine's clock.", _REMEDY)
    return row[0], Arrival(day, number)


def _wrong(log: Path, line: int, field: str | None, what: str, remedy: str) -> InputError:
    return InputError(what, file=log, line=line, field=field, remedy=remedy)


@dataclass(frozen=True)
class Log:
    """The dates of one log (`file`, if any), and the folder that the places in it are below."""

    folder: Path
    dates: Mapping[str, Arrival]
    file: Path | None = None


def logs_of_arrival(paths: Sequence[Path], log: Path | None) -> list[Log]:
    """For each path that deliveries are taken from, the dates that are known there: beside the files, or in the folder above."""
    if log is not None:
        return [Log(path if path.is_dir() else path.parent, arrival_dates(log, required=True), log) for path in paths]
    found = []
    for path in paths:
        here = (path if path.is_dir() else path.parent).absolute()
        folder = next((folder for folder in (here, here.parent) if os.path.lexists(folder / ARRIVALS)), here)
        found.append(Log(folder, arrival_dates(folder / ARRIVALS, required=False), folder / ARRIVALS))
    return found


def arrival_of(source: Source, logs: Sequence[Log]) -> dt.date | None:
    """The day on which a file arrived; its place below the log's folder goes before its name."""
    log = logs[source.given]
    told = log.dates.get(_below(source, log)) or log.dates.get(source.name)
    return told.day if told else None


def check_names(paths: Sequence[Path], sources: Iterable[Source], logs: Sequence[Log]) -> None:
    """See that the log of a folder that is given names files that lie there, or deliveries that have been moved elsewhere.

    A log in the folder above may name whatever lies in other folders.

    Raises
    ------
    InputError
        A name is neither that of a file there nor that of a delivery: the file that is meant would have no day of arrival.
    """
    names: list[set[str]] = [set() for _ in logs]
    for source in sources:
        names[source.given] |= {source.name, _below(source, logs[source.given])}
    for path, log, known in zip(paths, logs, names, strict=True):
        if path.is_dir() and log.folder == path.absolute() and log.file is not None:
            for name, arrival in log.dates.items():
                if name not in known and not NAME.fullmatch(name.rpartition("/")[2]):
                    raise _wrong(
                        log.file,
                        arrival.line,
                        "file",
                        "The log of arrivals names a file that is not there, and no delivery is called so.",
                        "Correct the name, or put the file into the folder; or remove the line if it has been taken out.",
                    )


def _below(source: Source, log: Log) -> str:
    folder = in_letters(str(log.folder))
    # The place of a source is an absolute one, and its folder mostly the log's.
    inside = source.place.startswith(f"{folder}{os.sep}")
    return source.place[len(folder) + 1 :] if inside else os.path.relpath(source.place, folder)
