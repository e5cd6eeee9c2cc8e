"""What came of each file that was due: by municipality, month and file type, and added up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from kvarn import metadata
from kvarn.analyse import NOT_APPLICABLE, NOT_AVAILABLE
from kvarn.analyse._classification import total, with_all_above
from kvarn.collect import due_date, first_year_of_due_dates, layouts
from kvarn.evaluate._deliveries import months_past

__all__ = ["deliveries_by_municipality"]

_COLUMNS = ["year", "region", "month", "file_type", "measure", "value"]


@dataclass
class _Files:
    """How many files of one place and month, or of several together, were due, and what came of them."""

    due: int = 0
    accepted: int = 0
    corrected: int = 0
    rejected: int = 0
    missing: int = 0
    late: int = 0
    # Of which nobody knows when they arrived.
    undated: int = 0

    def add(self, other: _Files) -> None:
        # Of hundreds of thousands: written out, since going through the names takes ten times as long.
        self.due += other.due
        self.accepted += other.accepted
        self.corrected += other.corrected
        self.rejected += other.rejected
        self.missing += other.missing
        self.late += other.late
        self.undated += other.undated


@dataclass(frozen=True)
class _Delivery:
    """One of the deliveries of a file; `arrived` is None where nobody knows."""

    in_force: bool
    arrived: dt.date | None


def deliveries_by_municipality(log: pd.DataFrame, years: Iterable[int], *, as_of: dt.date | str | None = None) -> pd.DataFrame:
    """What came of each file that was due, by year, region, month and file type.

    One file is due from each municipality for each month and file type. It is accepted when an accepted file is in force,
    rejected when only rejected ones have arrived, and missing when none has. It is corrected when the one in force has come in
    the place of an earlier one, rejected or accepted, and late when the first one arrived after the due date, whatever came
    of it: a file can be both, and an accepted one neither. A file of which nobody knows when it arrived is neither late
    nor in time (``..``). Months that are not due on the edition's day have none. Counties, the country and the year are sums.

    Parameters
    ----------
    log
        As `open_collection` returns it.
    as_of
        The edition's day (``data.as_of``; as text ``YYYY-MM-DD``). Without one, or with an empty text, every file is due.

    Returns
    -------
    DataFrame
        ``year``, ``region``, ``month``, ``file_type``, ``measure`` (``files_due``, ``files_accepted``, ``files_corrected``,
        ``files_rejected``, ``files_missing``, ``files_lacking``, which is the two together, ``files_late``), ``value`` (text),
        ``contributors`` (empty: they are about files, not persons).
    """
    came = _came(log)
    rows = [
        (year, region, month, layout.type, f"files_{measure}", value)
        for year in map(int, years)
        for layout in layouts().values()
        for (region, month), found in _places(
            came.get((year, layout.type), {}),
            year,
            months_past(year, as_of) if year >= layout.first_year else [],
        ).items()
        for measure, value in _told(found, applicable=year >= layout.first_year, dated=year >= first_year_of_due_dates())
    ]
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    return frame.assign(contributors=pd.array([pd.NA] * len(frame), dtype="Int64"))


_Came = Mapping[tuple[str, int], list[_Delivery]]


def _came(log: pd.DataFrame) -> Mapping[tuple[int, str], _Came]:
    """The deliveries of each municipality and month, in the order of coming, by year and file type."""
    files = log.dropna(subset=["type", "municipality", "month"])
    arrived = [None if pd.isna(day) else day.date() for day in pd.to_datetime(files["arrived"])]
    found: dict[tuple[int, str], dict[tuple[str, int], list[_Delivery]]] = {}
    columns = (files[name].tolist() for name in ("year", "type", "municipality", "month", "in_force"))
    for year, kind, municipality, month, in_force, day in zip(*columns, arrived, strict=True):
        of = found.setdefault((year, kind), {}).setdefault((municipality, month), [])
        of.append(_Delivery(bool(in_force), day))
    return found


def _places(came: _Came, year: int, past: Iterable[int]) -> Mapping[tuple[str, str], _Files]:
    """Each region and month (the totals among them), with what came of the files that were due there."""
    regions, months = metadata.codelist("region"), metadata.codelist("month")
    found = {(region, month): _Files() for region in regions.codes for month in months.codes}
    due = {month: due_date(year, month) for month in past}
    whole = [code for code in (total("month"),) if code is not None]
    for municipality in metadata.valid_codes("municipality", year):
        places = with_all_above("region", municipality)
        for month, last in due.items():
            one = _of_one(came.get((municipality, month), []), last)
            for region in places:
                for span in (*whole, f"{month:02d}"):
                    found[region, span].add(one)
    return found


def _of_one(came: Sequence[_Delivery], last: dt.date) -> _Files:
    """What came of one file: `came` are its deliveries in the order of coming."""
    if not came:
        return _Files(due=1, missing=1)
    accepted = any(one.in_force for one in came)
    dates = [one.arrived for one in came if one.arrived is not None]
    undated = len(dates) < len(came)
    return _Files(
        due=1,
        accepted=int(accepted),
        corrected=int(accepted and not came[0].in_force),
        rejected=int(not accepted),
        late=int(not undated and min(dates) > last),
        undated=int(undated),
    )


def _told(files: _Files, *, applicable: bool, dated: bool) -> Iterable[tuple[str, str]]:
    numbers = {name: getattr(files, name) for name in ("due", "accepted", "corrected", "rejected", "missing")}
    for measure, number in {**numbers, "lacking": files.rejected + files.missing}.items():
        yield measure, str(number) if applicable else NOT_APPLICABLE
    late = str(files.late) if not files.undated else NOT_AVAILABLE
    yield "late", late if applicable and dated else NOT_APPLICABLE
