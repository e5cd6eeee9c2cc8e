"""Deliveries that hold far fewer rows than those before them: a remark, and no reason to reject."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from kvarn.collect._ledger import Entry, Ledger, Period, open_ledger
from kvarn.collect._rules import FaultCount

__all__ = ["Before", "Came", "FewerRows", "as_they_came", "far_fewer_rows"]


@dataclass(frozen=True)
class FewerRows:
    """From where on a delivery holds far fewer rows than another one: both must be passed.

    Attributes
    ----------
    share
        The share of the other's rows that are missing.
    least
        How many rows are missing at least: in a small municipality a few rows are a large share.
    """

    share: float = 0.5
    least: int = 20

    def far(self, rows: int, before: int) -> bool:
        """Whether `rows` are far fewer than `before`."""
        missing = before - rows
        return missing > 0 and missing >= self.least and missing > self.share * before


class Came(NamedTuple):
    """A delivery as it came: with whether it was in force, the one that it replaced, and its remarks."""

    entry: Entry
    replaced: Entry | None = None
    remarks: tuple[FaultCount, ...] = ()


class Before:
    """What had been accepted before a delivery: of its own municipality, month and type, and of the month before.

    A correction is held against the largest delivery of its month, and not only against the one that it replaces: else rows could
    be lost a few at a time, each time unnoticed. A delivery that is judged again by other rules is held against others, and never
    against itself.

    Parameters
    ----------
    entries
        Deliveries as the ledger has them.
    """

    def __init__(self, entries: Iterable[Entry], limits: FewerRows) -> None:
        self.in_force: dict[Period, Entry] = {}
        self._limits = limits
        # By the first judgement of each delivery: as it was judged last, and the most rows that it was ever judged to have.
        self._accepted: dict[Period, dict[int, Entry]] = {}
        self._largest: dict[Period, dict[int, int]] = {}
        for entry in entries:
            self._note(entry)

    def come(self, entry: Entry) -> Came:
        """Take note of a delivery that comes now; it is in force when it is accepted and none has come later.

        One that is judged again takes the place of what it was judged to be before.
        """
        others = [one for one in self._accepted.get(entry.period, {}).values() if one.first != entry.first]
        replaced = max(others, key=lambda one: one.turn, default=None)
        self._note(entry)
        if self.in_force.get(entry.period) is not entry:
            return Came(replace(entry, in_force=False))
        now = replace(entry, replaces=replaced.sha256 if replaced is not None else None, in_force=True)
        return Came(now, replaced, tuple(self.remarks(now)))

    def remarks(self, entry: Entry) -> Iterator[FaultCount]:
        """What there is to remark on a delivery in force: the rule, and how many rows fewer it has."""
        month_before = self.in_force.get(_month_before(entry.period))
        others = self._largest.get(entry.period, {}).items()
        held_against = {
            "file-fewer-than-earlier": max((rows for first, rows in others if first != entry.first), default=0),
            "file-fewer-than-month-before": month_before.accepted if month_before is not None else 0,
        }
        for rule, rows in held_against.items():
            if self._limits.far(entry.accepted, rows):
                yield FaultCount(entry.number, rule, rows - entry.accepted, [])

    def _note(self, entry: Entry) -> None:
        accepted = self._accepted.setdefault(entry.period, {})
        if entry.verdict == "accepted":
            largest = self._largest.setdefault(entry.period, {})
            largest[entry.first] = max(entry.accepted, largest.get(entry.first, 0))
        if entry.judged_again:
            return
        if entry.rulebook:
            accepted.pop(entry.first, None)
        if entry.verdict == "accepted":
            accepted[entry.first] = entry
        if accepted:
            self.in_force[entry.period] = max(accepted.values(), key=lambda one: one.turn)
        else:
            self.in_force.pop(entry.period, None)


def as_they_came(ledger: Ledger, wanted: Sequence[Entry], limits: FewerRows) -> list[Came]:
    """Deliveries that were taken in before, as they came then: their receipts say the same, whenever they are written."""
    years = {entry.year for entry in wanted if entry.year is not None}
    there = [entry for year in years | {year - 1 for year in years} for entry in ledger.deliveries(year=year)]
    before = Before((), limits)
    # As they came then: that one of them has been judged again since was not known.
    came = {
        entry.number: before.come(replace(entry, in_force=False, judged_again=False))
        for entry in sorted(there, key=lambda entry: entry.number)
    }
    # A file whose name tells no year was rejected.
    found = (came.get(entry.number, Came(entry)) for entry in wanted)
    return [Came(entry, then.replaced, then.remarks) for entry, then in zip(wanted, found, strict=True)]


def far_fewer_rows(
    store: Path, years: Collection[int], limits: FewerRows, *, as_of: dt.date | None = None
) -> list[tuple[Entry, list[FaultCount]]]:
    """The deliveries in force that hold far fewer rows than one before them, by file name, each with its remarks.

    Parameters
    ----------
    years
        The years of care.
    as_of
        The day whose deliveries count; now by default.

    Raises
    ------
    InputError
        `store` is no store of deliveries.
    """
    with open_ledger(store) as ledger:
        entries = [entry for entry in ledger.deliveries(as_of=as_of) if entry.type is not None]
    before = Before(entries, limits)
    found = [(entry, list(before.remarks(entry))) for entry in entries if entry.in_force and entry.year in years]
    return sorted(((entry, remarks) for entry, remarks in found if remarks), key=lambda one: one[0].name)


def _month_before(period: Period) -> Period:
    kind, municipality, year, month = period
    if year is None or month is None:
        return kind, municipality, None, None
    return (kind, municipality, year, month - 1) if month > 1 else (kind, municipality, year - 1, 12)
