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

from kvarn.demo._faults import KHSL1, KHSL2, Period, faulty_files, faulty_rows, with_file_fault, with_row_fault
from kvarn.demo._mix import Mix
from kvarn.demo._procedures import Given

__all__ = ["Desk", "due_date"]

_ITEMS = 12  # items of KHSL2
_USUAL_DAYS_BEFORE_DUE = 26
_DAYS_TO_CORRECTION = 40
_CORRECTED = "corrected"
_MEAN_DAYS_LATE, _MOST_DAYS_LATE = 18, 240

Indices = npt.NDArray[np.int64]


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
    ) -> None:
        """Write KHSL1 for the twelve months: one row a person and month with care."""
        month, person = np.nonzero(months.T)
        starts = _texts([f"{municipality};{number};{year};" for number in identity.tolist()])
        ends = _texts([f"{month:02}\n" for month in range(1, 13)])
        lines = _joined(starts.take(person), ends.take(month))
        self._files(KHSL1, municipality, year, month + 1, lines, rng)

    def procedures(
        self,
        municipality: str,
        year: int,
        identity: Indices,
        given: Given,
        rng: np.random.Generator,
        *,
        mix: Mix,
        always_twelve: bool,
    ) -> None:
        """Write KHSL2 for the twelve months: one row a procedure, of twelve items or of as many as are filled."""
        starts = _texts([f"{municipality};{number};" for number in identity.tolist()])
        dates = _texts([f"{year}{month:02}{day:02};" for month in range(1, 13) for day in range(1, 32)])
        ends = _ends(mix, always_twelve)
        days = (given.month - 1) * 31 + given.day - 1
        lines = _joined(starts.take(given.stay), dates.take(days), ends.take(given.entry))
        self._files(KHSL2, municipality, year, given.month, lines, rng)

    def _files(
        self,
        file_type: str,
        municipality: str,
        year: int,
        month: Indices,
        lines: pa.BinaryArray,
        rng: np.random.Generator,
    ) -> None:
        """One file a month. A month without rows gives no file: an empty file would be a fault."""
        faults = faulty_rows(len(lines), file_type, self.rates, rng)
        file_faults = faulty_files(12, self.rates, rng)
        arrivals = self._arrivals(year, rng)
        corrected = (rng.random(12) < self.rates["corrected_delivery"]).tolist()
        bounds = np.searchsorted(month, np.arange(1, 14)).tolist()
        _, offset_buffer, data = lines.buffers()
        if offset_buffer is None or data is None:
            return
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
            incomplete = (
                content[: offsets[(first + last) // 2] - offsets[first]] if corrected[number - 1] and last - first > 1 else None
            )
            own = {place: fault for place, fault in faults.items() if first <= place < last} if faults else {}
            if own:
                content = memoryview(b"".join(_pieces(content, offsets, first, own, period)))
            if incomplete is not None:
                self._file(name, incomplete, arrived)
                name, arrived = self._corrected(name), arrived + datetime.timedelta(days=_DAYS_TO_CORRECTION)
            if file_fault and incomplete is None:
                content = memoryview(with_file_fault(file_fault, bytes(content), period))
            self._file(name, content, arrived)
            whole = "corrected_delivery" if incomplete is not None else file_fault
            made = Counter([*own.values(), *([whole] if whole else [])])
            self.faults += [(name, fault, count) for fault, count in sorted(made.items())]
            self.rows[file_type] += last - first

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
    """The file with faulty rows in place of right ones."""
    begin = int(offsets[first])
    done = 0
    for place, fault in faults.items():
        start, end = int(offsets[place]) - begin, int(offsets[place + 1]) - begin
        yield content[done:start]
        yield with_row_fault(fault, bytes(content[start:end]), period)
        done = end
    yield content[done:]
