"""What intake accepts of a synthetic register, in plain Python: files in, persons with care and with procedures out."""

from __future__ import annotations

import csv
import datetime as dt
import functools
import re
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from kvarn.demo._identity import check_digit
from kvarn.metadata import own_codelist

MOST_BAD_ROWS = 0.05
NAME = re.compile(r"(KHSL[12])_(\d{4})_(\d{4})(\d{2})\.txt")


class Row(NamedTuple):
    municipality: str
    year: int
    month: int
    person: str

    @property
    def woman(self) -> bool:
        return int(self.person[10]) % 2 == 0

    @property
    def age(self) -> int:
        return min(self.year - int(self.person[:4]), 100)


class Delivery(NamedTuple):
    type: str
    municipality: str
    year: int
    month: int
    arrived: dt.date
    rows: tuple[Row, ...]


@functools.cache
def born(person: str) -> dt.date | None:
    """The day of birth that a right identity number tells."""
    day = int(person[6:8])
    try:
        date = dt.date(int(person[:4]), int(person[4:6]), day - 60 if day > 60 else day)
    except ValueError:
        return None
    return date if person[11] == check_digit(person[2:11]) else None


@functools.cache
def codes() -> tuple[frozenset[str], frozenset[str]]:
    """The procedures, and the professions that are accepted."""
    professions = frozenset(row["code"] for row in own_codelist("profession").rows if row.get("accepted") == "true")
    return frozenset(row["code"] for row in own_codelist("procedure").rows if row["code"] != "T"), professions


def is_right(fields: list[str], type_: str, municipality: str, period: str) -> bool:
    """Whether a row is, by the rules that the demo's faults break."""
    if len(fields) < 4 or fields[0] != municipality or not re.fullmatch(r"\d{12}", fields[1]):
        return False
    birth = born(fields[1])
    if birth is None or birth.year > int(period[:4]):
        return False
    if type_ == "KHSL1":
        return fields[2:] == [period[:4], period[4:]]
    if not 5 <= len(fields) <= 12 or (fields[-1] == "" and len(fields) < 12):
        return False
    procedures, professions = codes()
    given = [code for code in fields[4:] if code]
    days = re.fullmatch(rf"{period}(0[1-9]|[12]\d|3[01])", fields[2])
    return bool(days and fields[3] in procedures and set(given) <= professions and len(set(given)) == len(given))


def could_not_be_checked(fields: list[str], type_: str, municipality: str, period: str) -> bool:
    """Whether a row would be right, were its procedure on kvarn's own list: no list of the year says that it is none."""
    if type_ != "KHSL2" or len(fields) < 4 or not re.fullmatch(r"(?!U)(?!..000)[A-Z]{2}[A-Z0-9]\d\d", fields[3]):
        return False
    procedures, _ = codes()
    known = [*fields[:3], min(procedures), *fields[4:]]
    return fields[3] not in procedures and is_right(known, type_, municipality, period)


def rows_of(content: bytes, type_: str, municipality: str, period: str) -> tuple[Row, ...] | None:
    """The accepted rows of a file, or None where it is rejected whole."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    if not text.endswith("\n") or "\0" in text or not re.match(r"\d+;", text):
        return None
    lines = text.splitlines()
    different = [line.split(";") for line in dict.fromkeys(lines)]
    right = [fields for fields in different if is_right(fields, type_, municipality, period)]
    unchecked = sum(could_not_be_checked(fields, type_, municipality, period) for fields in different)
    if len(lines) - len(right) - unchecked > MOST_BAD_ROWS * len(lines):
        return None
    return tuple(Row(municipality, int(period[:4]), int(period[4:]), fields[1]) for fields in right)


def accepted_deliveries(folder: Path) -> list[Delivery]:
    """The deliveries that are accepted, in the order in which they came."""
    found = []
    with (folder / "deliveries" / "arrivals.csv").open(encoding="utf-8", newline="") as lines:
        arrivals = [(row["file"], dt.date.fromisoformat(row["arrived"])) for row in csv.DictReader(lines)]
    for name, arrived in arrivals:
        match = NAME.fullmatch(name.rpartition("/")[2])
        assert match, name
        type_, municipality, year, month = match.groups()
        place = folder / "deliveries" / (name if "/" in name else f"{year}/{name}")
        rows = rows_of(place.read_bytes(), type_, municipality, year + month)
        if rows is not None:
            found.append(Delivery(type_, municipality, int(year), int(month), arrived, rows))
    return sorted(found, key=lambda delivery: delivery.arrived)


def in_force(deliveries: list[Delivery], day: dt.date) -> dict[str, set[Row]]:
    """By type the rows that the register holds on a day: of each period those of the file that came last."""
    last = {d[:4]: d for d in deliveries if d.arrived <= day}
    rows: dict[str, set[Row]] = defaultdict(set)
    for delivery in last.values():
        rows[delivery.type] |= set(delivery.rows)
    return rows
