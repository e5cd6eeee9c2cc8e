"""Delivery files of one municipality and year, as the municipality would send them.

The layout is ours, modelled on HSLF-FS 2017:67 annexes 1 and 2: no header, semicolons, LF. KHSL1: municipality,
identity number, year, month. KHSL2: municipality, identity number, date, procedure, profession and up to seven further
professions; most municipalities leave the empty items out, some send all twelve.
"""

from __future__ import annotations

import calendar
import datetime
import functools
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from kvarn.demo._faults import (
    KHSL1,
    KHSL2,
    PERSON_NOT_REPORTED,
    Period,
    accepted_of,
    faulty_files,
    faulty_rows,
    with_file_fault,
    with_row_fault,
)
from kvarn.demo._mix import Mix
from kvarn.demo._procedures import Given
from kvarn.demo._unreported import with_unreported

__all__ = ["Desk", "Reported", "due_date"]

_ITEMS = 12  # items of KHSL2
_USUAL_DAYS_BEFORE_DUE = 26
_DAYS_TO_CORRECTION = 40
_CORRECTED = "corrected"
_MEAN_DAYS_LATE, _MOST_DAYS_LATE = 18, 240

Indices = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Reported:
    """What intake accepts of a municipality's KHSL1 of a year.

    Attributes
    ----------
    accepted
        Whether it accepts that there was care, by stay and month.
    arrived
        For each month the day from which it knows; None where it never does.
    """

    accepted: npt.NDArray[np.bool_]
    arrived: list[datetime.date | None]

    def known_on(self, day: datetime.date | None) -> npt.NDArray[np.bool_]:
        """Whether intake knows by the day, None for never, of any care in the year, by stay."""
        by_then = [day is not None and arrived is not None and arrived <= day for arrived in self.arrived]
        return np.asarray(self.accepted[:, by_then].any(axis=1))


@dataclass
class Desk:
    """Where a year's files are written, and what is known of them. Its generators draw faults and arrivals only.

    Attributes
    ----------
    arrivals
        File name and date of arrival, for every file; for a corrected one its place below the folder of deliveries.
    faults
        File name, fault and how often, for every fault that was made.
    """

    folder: Path
    rates: Mapping[str, float]
    arrivals: list[tuple[str, datetime.date]] = field(default_factory=list)
    faults: list[tuple[str, str, int]] = field(default_factory=list)
    rows: Counter[str] = field(default_factory=Counter)

    def persons(
        self,
        municipality: str,
        year: int,
        identity: Indices,
        months: npt.NDArray[np.bool_],
        rng: np.random.Generator,
    ) -> Reported:
        """Write KHSL1 for the twelve months: one row a person and month with care. Returns what intake accepts of them."""
        month, person = np.nonzero(months.T)
        starts = _texts([f"{municipality};{number};{year};" for number in identity.tolist()])
        ends = _texts([f"{month:02}\n" for month in range(1, 13)])
        lines = _joined(starts.take(person), ends.take(month))
        faults = faulty_rows(len(lines), KHSL1, self.rates, rng)
        right, arrived = self._files(KHSL1, municipality, year, month + 1, lines, faults, self._arrivals(year, rng), rng)
        accepted = np.zeros_like(months)
        accepted[person[right], month[right]] = True
        return Reported(accepted, arrived)

    def procedures(
        self,
        municipality: str,
        year: int,
        identity: Indices,
        given: Given,
        reported: Reported,
        rng: np.random.Generator,
        *,
        mix: Mix,
        always_twelve: bool,
    ) -> None:
        """Write KHSL2 for the twelve months: one row a procedure, of twelve items or of as many as are filled.

        A municipality sends no procedures of whom it has not reported, and none before it has: on no day does the register hold
        more persons with a procedure than with care.
        """
        given = given.of(reported.accepted[given.stay, given.month - 1])
        starts = _texts([f"{municipality};{number};" for number in identity.tolist()])
        dates = _texts([f"{year}{month:02}{day:02};" for month in range(1, 13) for day in range(1, 32)])
        ends = _ends(mix, always_twelve)
        days = (given.month - 1) * 31 + given.day - 1
        arrivals = [
            None if own is None or persons is None else max(own, persons)
            for own, persons in zip(self._arrivals(year, rng), reported.arrived, strict=True)
        ]
        women = identity // 10 % 2 == 0
        known = np.stack([reported.known_on(day) for day in arrivals], axis=1)
        stay, unreported = with_unreported(given, reported.accepted, known, women, share=self.rates[PERSON_NOT_REPORTED], rng=rng)
        lines = _joined(starts.take(stay), dates.take(days), ends.take(given.entry))
        faults = faulty_rows(len(lines), KHSL2, self.rates, rng) | dict.fromkeys(unreported, PERSON_NOT_REPORTED)
        self._files(KHSL2, municipality, year, given.month, lines, dict(sorted(faults.items())), arrivals, rng)

    def _files(
        self,
        file_type: str,
        municipality: str,
        year: int,
        month: Indices,
        lines: pa.BinaryArray,
        faults: Mapping[int, str],
        arrivals: list[datetime.date | None],
        rng: np.random.Generator,
    ) -> tuple[npt.NDArray[np.bool_], list[datetime.date | None]]:
        """One file a month. A month without rows gives no file: an empty file would be a fault.

        Returns which rows intake accepts in the end, and for each month the day from which it has them.
        """
        file_faults = faulty_files(12, self.rates, rng)
        corrected = (rng.random(12) < self.rates["corrected_delivery"]).tolist()
        bounds = np.searchsorted(month, np.arange(1, 14)).tolist()
        accepted = np.zeros(len(lines), dtype=bool)
        known_from: list[datetime.date | None] = [None] * 12
        _, offset_buffer, data = lines.buffers()
        if offset_buffer is None or data is None:
            return accepted, known_from
        offsets = np.frombuffer(memoryview(offset_buffer), dtype=np.int32)
        for number in range(1, 13):
            first, last = bounds[number - 1], bounds[number]
            period = Period(file_type, municipality, year, number)
            file_fault, arrived = file_faults[number - 1], arrivals[number - 1]
            if first == last or arrived is None:
                continue
            name = f"{file_type}_{municipality}_{year}{number:02}.txt"
            content = memoryview(data)[offsets[first] : offsets[last]]
            # A file that is corrected lacked its last rows when it first came.
            rows_at_first = (last - first) // 2 if corrected[number - 1] else 0
            incomplete = content[: offsets[first + rows_at_first] - offsets[first]]
            own = {place - first: fault for place, fault in faults.items() if first <= place < last} if faults else {}
            if own:
                content = memoryview(b"".join(_pieces(content, offsets, first, own, period)))
            if rows_at_first:
                self._file(name, incomplete, arrived)
                file_fault = None
                name, arrived = self._corrected(name), arrived + datetime.timedelta(days=_DAYS_TO_CORRECTION)
            elif file_fault:
                content = memoryview(with_file_fault(file_fault, bytes(content), period))
            self._file(name, content, arrived)
            accepted[first:last] = accepted_of(last - first, own, file_fault)
            known_from[number - 1] = arrived
            whole = "corrected_delivery" if rows_at_first else file_fault
            made = Counter([*own.values(), *([whole] if whole else [])])
            self.faults += [(name, fault, count) for fault, count in sorted(made.items())]
            self.rows[file_type] += last - first
        return accepted, known_from

    def _file(self, name: str, content: memoryview, arrived: datetime.date) -> None:
        # For tens of thousands of small files a Path each would cost more than the writing.
        with open(f"{os.fspath(self.folder)}{os.sep}{name}", "wb", buffering=0) as file:
            file.write(content)
        self.arrivals.append((f"{self.folder.name}/{name}" if "/" in name else name, arrived))

    def _corrected(self, name: str) -> str:
        """The place of a corrected file: it has the name of the one that it replaces."""
        (self.folder / _CORRECTED).mkdir(exist_ok=True)
        return f"{_CORRECTED}/{name}"

    def _arrivals(self, year: int, rng: np.random.Generator) -> list[datetime.date | None]:
        """The day on which each month's file arrives, or None when it never does."""
        missing = rng.random(12) < self.rates["missing_delivery"]
        late = rng.random(12) < self.rates["late_delivery"]
        early = rng.integers(0, _USUAL_DAYS_BEFORE_DUE, 12)
        delay = np.minimum(rng.geometric(1 / _MEAN_DAYS_LATE, 12), _MOST_DAYS_LATE)
        days = np.where(late, delay, -early).tolist()
        return [
            None if missing[month] else due_date(year, month + 1) + datetime.timedelta(days=days[month]) for month in range(12)
        ]


def due_date(year: int, month: int) -> datetime.date:
    """The last day of the month two months after the care month (HSLF-FS 2017:67 §4).

    Before 2019 deliveries came half-yearly; that they were due two months after the half-year is our assumption.
    """
    if year < 2019:
        month = 6 if month <= 6 else 12
    year, month = (year, month + 2) if month <= 10 else (year + 1, month - 10)
    return datetime.date(year, month, calendar.monthrange(year, month)[1])


def _texts(texts: list[str]) -> pa.BinaryArray:
    return pa.array(texts, type=pa.binary())


def _joined(*parts: pa.BinaryArray) -> pa.BinaryArray:
    """Rows from their parts; the array's one buffer holds the bytes of the files, row after row."""
    rows: pa.BinaryArray = pc.call_function("binary_join_element_wise", [*parts, pa.scalar(b"", pa.binary())])
    return rows


@functools.lru_cache(maxsize=2)
def _ends(mix: Mix, always_twelve: bool) -> pa.BinaryArray:
    """The ends of rows, from the procedure on, for each entry of the mix."""

    def end(items: tuple[str, ...]) -> str:
        return ";".join((*items, *[""] * (_ITEMS - 3 - len(items)))) if always_twelve else ";".join(items)

    return _texts([end((entry.procedure, *entry.professions)) + "\n" for entry in mix.entries])


def _pieces(
    content: memoryview, offsets: npt.NDArray[np.int32], first: int, faults: Mapping[int, str], period: Period
) -> Iterator[bytes | memoryview]:
    """The file with faulty rows, by their place in it, instead of right ones."""
    begin = int(offsets[first])
    done = 0
    for place, fault in faults.items():
        start, end = int(offsets[first + place]) - begin, int(offsets[first + place + 1]) - begin
        yield content[done:start]
        yield with_row_fault(fault, bytes(content[start:end]), period)
        done = end
    yield content[done:]
