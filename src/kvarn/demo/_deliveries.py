"""Delivery files of one municipality and year, as the municipality would send them.

The layout is ours, modelled on HSLF-FS 2017:67 annexes 1 and 2: no header, semicolons, LF. KHSL1: municipality, identity
number, year, month. KHSL2: municipality, identity number, date, procedure, profession and up to seven further professions;
most municipalities leave the empty items out, some send all twelve.
"""

from __future__ import annotations

import calendar
import datetime
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from kvarn.demo._faults import KHSL1, KHSL2, Period, faulty_file, faulty_rows, with_file_fault, with_row_fault
from kvarn.demo._mix import Mix
from kvarn.demo._procedures import Given

__all__ = ["Desk", "due_date"]

_ITEMS = 12  # items of KHSL2
_TWELVE_ITEMS_ALWAYS = 0.15  # share of the municipalities, assumption
_USUAL_DAYS_BEFORE_DUE = 26
_MEAN_DAYS_LATE, _MOST_DAYS_LATE = 18, 240

Indices = npt.NDArray[np.int64]


@dataclass
class Desk:
    """Where a municipality's files are written, and what is known of them.

    Attributes
    ----------
    arrivals
        File name and date of arrival, for every file.
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
        lines = pc.binary_join_element_wise(starts.take(pa.array(person)), ends.take(pa.array(month)), b"")
        self._files(KHSL1, municipality, year, month + 1, lines, rng)

    def procedures(
        self, municipality: str, year: int, identity: Indices, given: Given, mix: Mix, rng: np.random.Generator
    ) -> None:
        """Write KHSL2 for the twelve months: one row a procedure."""
        always_twelve = rng.random() < _TWELVE_ITEMS_ALWAYS
        starts = _texts([f"{municipality};{number};" for number in identity.tolist()])
        dates = _texts([f"{year}{month:02}{day:02};" for month in range(1, 13) for day in range(1, 32)])
        ends = _texts([";".join(_after_date(entry.procedure, entry.professions, always_twelve)) for entry in mix.entries])
        lines = pc.binary_join_element_wise(
            starts.take(pa.array(given.stay)),
            dates.take(pa.array((given.month - 1) * 31 + given.day - 1)),
            ends.take(pa.array(given.entry)),
            b"",
        )
        self._files(KHSL2, municipality, year, given.month, lines, rng)

    def _files(
        self, file_type: str, municipality: str, year: int, month: Indices, lines: pa.BinaryArray, rng: np.random.Generator
    ) -> None:
        """One file a month. A month without rows gives no file: an empty file would be a fault."""
        faults = faulty_rows(len(lines), file_type, self.rates, rng)
        bounds = np.searchsorted(month, np.arange(1, 14)).tolist()
        _, offset_buffer, data = lines.buffers()
        offsets = np.frombuffer(offset_buffer, dtype=np.int32)
        for number in range(1, 13):
            first, last = bounds[number - 1], bounds[number]
            period = Period(file_type, municipality, year, number)
            file_fault, arrived = faulty_file(self.rates, rng), self._arrival(period, rng)
            if first == last or arrived is None:
                continue
            name = f"{file_type}_{municipality}_{year}{number:02}.txt"
            content = memoryview(data)[offsets[first] : offsets[last]] if data is not None else memoryview(b"")
            own = {place: fault for place, fault in faults.items() if first <= place < last} if faults else {}
            if own:
                content = memoryview(b"".join(_pieces(content, offsets, first, own, period)))
            if file_fault:
                content = memoryview(with_file_fault(file_fault, bytes(content), period))
            with open(self.folder / name, "wb", buffering=0) as file:
                file.write(content)
            self.arrivals.append((name, arrived))
            made = Counter([*own.values(), *([file_fault] if file_fault else [])])
            self.faults += [(name, fault, count) for fault, count in sorted(made.items())]
            self.rows[file_type] += last - first

    def _arrival(self, period: Period, rng: np.random.Generator) -> datetime.date | None:
        """The day the file arrives, or None when it never does."""
        missing, late = rng.random(2) < (self.rates["missing_delivery"], self.rates["late_delivery"])
        early = int(rng.integers(0, _USUAL_DAYS_BEFORE_DUE))
        delay = min(int(rng.geometric(1 / _MEAN_DAYS_LATE)), _MOST_DAYS_LATE)
        if missing:
            return None
        return due_date(period.year, period.month) + datetime.timedelta(days=delay if late else -early)


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


def _after_date(procedure: str, professions: tuple[str, ...], always_twelve: bool) -> list[str]:
    items = [procedure, *professions]
    if always_twelve:
        items += [""] * (_ITEMS - 3 - len(items))
    return [*items[:-1], items[-1] + "\n"]


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
