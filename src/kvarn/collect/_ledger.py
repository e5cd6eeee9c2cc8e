"""The ledger of intake: every delivery that ever came, its verdict and its faults, and which was in force when.

SQLite keeps it: a commit is whole or not at all, whatever happens to the process or the machine.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kvarn.collect._rules import FaultCount
from kvarn.collect._sources import POSSIBLE_YEARS
from kvarn.collect.safekeeping import OWNER_ONLY_FILE, private_folder
from kvarn.errors import InputError

__all__ = [
    "FILE",
    "ROWS",
    "Entry",
    "Ledger",
    "LostError",
    "Period",
    "judged_after",
    "lost",
    "open_ledger",
    "rows_are_there",
    "version_of_ledger",
]

FILE = "ledger.sqlite"
ROWS = "rows"
# How a Parquet file ends.
_END = b"PAR1"
_VERSION = 1
_SCHEMA = """
CREATE TABLE delivery (
    number INTEGER PRIMARY KEY,
    place TEXT NOT NULL,
    name TEXT NOT NULL,
    changed INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    rulebook TEXT NOT NULL,
    type TEXT,
    municipality TEXT,
    year INTEGER,
    month INTEGER,
    arrived TEXT,
    taken_in TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('accepted', 'rejected')),
    received INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    rejected INTEGER NOT NULL CHECK (received = accepted + rejected),
    rows TEXT,
    replaces TEXT
) STRICT;
CREATE TABLE fault (
    delivery INTEGER NOT NULL REFERENCES delivery,
    place INTEGER NOT NULL,
    rule TEXT NOT NULL,
    times INTEGER NOT NULL,
    lines TEXT NOT NULL,
    code_values TEXT NOT NULL,
    PRIMARY KEY (delivery, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_place ON delivery (place);
CREATE INDEX delivery_period ON delivery (year, type, municipality, month);
"""
# A ledger of an earlier kvarn may hold a day of arrival, or a year in a file's name, that no calendar reaches.
_YEAR = f"year BETWEEN {POSSIBLE_YEARS.start} AND {POSSIBLE_YEARS.stop - 1}"
_COLUMNS = (
    "number, place, name, changed, bytes, sha256, rulebook, type, municipality, year, month, arrived, taken_in, verdict, "
    "received, accepted, rejected, rows, replaces"
)

Period = tuple[str | None, str | None, int | None, int | None]
"""What a delivery is of: type, municipality, year and month."""


@dataclass(frozen=True)
class Entry:
    """One delivery in the ledger.

    Attributes
    ----------
    place, changed, bytes, sha256
        Where the file came from, its time of change (ns), its size and its checksum (empty when it could not be read).
    rulebook
        The fingerprint of the rules, layouts and code lists by which it was judged.
    arrived
        The day on which it arrived, where somebody has said; else the day of taking in counts.
    rows
        The Parquet file with its accepted rows, relative to the store; None when there are none.
    replaces
        The checksum of the delivery that it replaced when it came.
    first, since
        The number of the first judgement of the same delivery, where rules have changed and it has been judged again, and the day
        on which it came then; else its own number, and None.
    in_force
        Whether it is the one that counts, at the time that was asked for.
    judged_again
        Whether a later judgement of the same delivery takes the place of this one, at the time that was asked for.
    """

    number: int
    place: str
    name: str
    changed: int
    bytes: int
    sha256: str
    rulebook: str
    type: str | None
    municipality: str | None
    year: int | None
    month: int | None
    arrived: dt.date | None
    taken_in: dt.datetime
    verdict: str
    received: int
    accepted: int
    rejected: int
    rows: str | None
    replaces: str | None
    first: int
    in_force: bool = False
    since: dt.date | None = None
    judged_again: bool = False

    @property
    def came(self) -> dt.date:
        """The day that decides which delivery is the later one."""
        return self.arrived or self.since or self.taken_in.date()

    @property
    def turn(self) -> tuple[dt.date, int, int]:
        """What orders deliveries as they came: one that is judged again keeps its place."""
        return self.came, self.first, self.number

    @property
    def period(self) -> Period:
        """What it is a delivery of: type, municipality, year and month."""
        return self.type, self.municipality, self.year, self.month


class Ledger:
    """The ledger of one store. Reading is open to all; whoever writes holds the store's lock (`kvarn.collect._intake`)."""

    def __init__(self, connection: sqlite3.Connection, file: Path) -> None:
        self._connection = connection
        self._file = file

    def record(self, entries: Sequence[Entry], faults: Iterable[tuple[int, Sequence[FaultCount]]]) -> None:
        """Write deliveries and their faults, all of them or none.

        Raises
        ------
        InputError
            The ledger cannot be written: the disk is full, say. Nothing has been.
        """
        with self._told(), self._connection:
            places = ", ".join("?" * 19)
            self._connection.executemany(
                f"INSERT INTO delivery ({_COLUMNS}) VALUES ({places})", [_written(entry) for entry in entries]
            )
            self._connection.executemany(
                "INSERT INTO fault (delivery, place, rule, times, lines, code_values) VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (number, place, count.rule, count.times, json.dumps(count.first_lines), json.dumps(list(count.values)))
                    for number, counts in faults
                    for place, count in enumerate(counts)
                ],
            )

    def next_number(self) -> int:
        """The number that the next delivery gets."""
        return int(self._one("SELECT coalesce(max(number), 0) + 1 FROM delivery"))

    def at(self, places: Iterable[str]) -> dict[str, Entry]:
        """The last delivery from each of these places that was judged: a fault of the moment is no judgement."""
        with self._told():
            self._connection.execute("CREATE TEMP TABLE IF NOT EXISTS asked (place TEXT PRIMARY KEY)")
            self._connection.execute("DELETE FROM asked")
            self._connection.executemany("INSERT OR IGNORE INTO asked VALUES (?)", [(place,) for place in places])
            found = self._entries("WHERE place IN (SELECT place FROM asked) ORDER BY number")
            self._connection.commit()
        return {entry.place: entry for entry in with_first(found) if _is_judged(entry)}

    def deliveries(self, *, year: int | None = None, as_of: dt.date | None = None) -> list[Entry]:
        """Every delivery that had come by a day, in the order of coming, each with whether it was in force then.

        Parameters
        ----------
        year
            The year of care; all, and the files whose name tells none, by default.
        as_of
            The day; now by default.
        """
        condition = f"year = {int(year)}" if year is not None else "TRUE"
        with self._told():
            found = with_first(self._entries(f"WHERE {condition} ORDER BY number"))
        found = [entry for entry in found if as_of is None or entry.came <= as_of]
        judgement = {entry.first: entry.number for entry in found}
        again = {entry.number for entry in found if judgement[entry.first] != entry.number}
        found.sort(key=lambda entry: entry.turn)
        # Of the accepted deliveries for a municipality, month and type the one that came last is in force, as it was judged last.
        last = {entry.period: entry.number for entry in found if entry.verdict == "accepted" and entry.number not in again}
        in_force = set(last.values())
        return [
            replace(entry, in_force=entry.number in in_force, judged_again=entry.number in again)
            if entry.number in in_force or entry.number in again
            else entry
            for entry in found
        ]

    def in_force(self, year: int, kind: str) -> dict[tuple[str, int], Entry]:
        """The deliveries of one year and type in force now, by municipality and month."""
        return {
            (entry.municipality, entry.month): entry
            for entry in self.deliveries(year=year)
            if entry.in_force and entry.type == kind and entry.municipality and entry.month
        }

    def faults(self, numbers: Iterable[int]) -> dict[int, list[FaultCount]]:
        """The faults of these deliveries, in the order in which receipts show them."""
        found: dict[int, list[FaultCount]] = {number: [] for number in numbers}
        with self._told():
            rows = self._connection.execute(
                """
                SELECT delivery, rule, times, lines, code_values
                FROM fault
                WHERE delivery BETWEEN ? AND ?
                ORDER BY delivery, place
                """,
                (min(found, default=0), max(found, default=-1)),
            )
            for number, rule, times, lines, values in rows:
                if number in found:
                    found[number].append(FaultCount(number, rule, times, json.loads(lines), json.loads(values)))
        return found

    def years(self) -> tuple[int, ...]:
        """The years of care of which deliveries have come."""
        with self._told():
            rows = self._connection.execute(f"SELECT DISTINCT year FROM delivery WHERE {_YEAR} ORDER BY year")
            return tuple(year for (year,) in rows)

    def parcels(self) -> dict[str, int]:
        """The Parquet files that deliveries in the ledger have their rows in, and how many rows each has."""
        with self._told():
            named = "SELECT rows, sum(accepted) FROM delivery WHERE rows IS NOT NULL GROUP BY rows"
            return dict(self._connection.execute(named).fetchall())

    def _one(self, query: str) -> Any:
        with self._told():
            return self._connection.execute(query).fetchone()[0]

    def _entries(self, where: str) -> list[Entry]:
        return [_read(row) for row in self._connection.execute(f"SELECT {_COLUMNS} FROM delivery {where}")]

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise _trouble(self._file, error) from None


def with_first(entries: Iterable[Entry]) -> list[Entry]:
    """Deliveries, in the order of their numbers, each with the first judgement of the same one.

    The same delivery is the same bytes from the same place, one after the other: what came back there after something else is
    another one. A fault of the moment is no judgement.
    """
    found: list[Entry] = []
    before: dict[str, Entry] = {}
    for entry in entries:
        told = judged_after(before.get(entry.place), entry)
        found.append(told)
        if _is_judged(told):
            before[told.place] = told
    return found


def judged_after(before: Entry | None, entry: Entry) -> Entry:
    """A delivery, with the first judgement of the same one, where the last judgement at its place was of the same bytes."""
    if before is None or not _is_judged(entry) or entry.sha256 != before.sha256:
        return entry
    return replace(entry, first=before.first, since=before.came)


def _is_judged(entry: Entry) -> bool:
    return bool(entry.rulebook and entry.sha256)


def version_of_ledger(store: Path) -> str:
    """What is another whenever a store's ledger has been written to: time, size, number of the file, SQLite's own count.

    Raises
    ------
    OSError
        There is none, or it cannot be read.
    """
    with (store / FILE).open("rb") as file:
        status, head = os.fstat(file.fileno()), file.read(28)
    return f"{status.st_mtime_ns} {status.st_size} {status.st_ino} {head[24:].hex()}"


@contextlib.contextmanager
def open_ledger(store: Path, *, make: bool = False) -> Iterator[Ledger]:
    """The ledger of a store.

    Parameters
    ----------
    make
        Begin one where there is none.

    Raises
    ------
    LostError
        It is damaged; or there is none, and rows of deliveries are there all the same.
    InputError
        There is none, or the file is no ledger, or comes from a later version of kvarn.
    """
    file = store / FILE
    _refuse_rows_alone(store)
    if not make and not file.is_file():
        raise _none(store)
    if make:
        private_folder(store)
    try:
        connection = sqlite3.connect(file, timeout=60)
        try:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version == 0 and make:
                connection.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT;")
                file.chmod(OWNER_ONLY_FILE)
            elif version == 0:
                raise _none(store)
            elif version != _VERSION:
                raise InputError(
                    f"The ledger has version {version}, and this kvarn reads version {_VERSION}.",
                    file=file,
                    remedy="Use the kvarn that wrote it, or a later one.",
                )
            yield Ledger(connection, file)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise _trouble(file, error) from None


class LostError(InputError):
    """What a register was told is not there, or not as it was written: nothing may be begun anew in its place."""


def lost(what: str, file: Path, store: Path) -> LostError:
    """Something of a store that is not what was written."""
    remedy = f"Restore the whole folder {store} from the backup, {FILE} and {ROWS}/ of the same moment. Nothing has been changed."
    return LostError(what, file=file, remedy=remedy)


def rows_are_there(store: Path, name: str) -> bool:
    """Whether a file of rows is there and ends as one: it has not been cut short."""
    try:
        with (store / name).open("rb") as file:
            file.seek(-len(_END), os.SEEK_END)
            return file.read() == _END
    except OSError:
        return False


def _refuse_rows_alone(store: Path) -> None:
    """Rows without a ledger are not the beginning of a register, but what is left of one."""
    file = store / FILE
    begun = file.is_file() and file.stat().st_size > 0
    if not begun and any((store / ROWS).rglob("*.parquet")):
        what = "is empty" if file.is_file() else "is no file" if file.exists() else "is not there"
        raise lost(f"The ledger of intake {what}, and rows of deliveries that were taken in are.", file, store)


def _none(store: Path) -> InputError:
    return InputError(
        "This is no register that deliveries have been taken into.",
        file=store,
        remedy=f"Take deliveries in first: kvarn intake DELIVERIES… --into {store}",
    )


def _trouble(file: Path, error: sqlite3.Error) -> InputError:
    what = f"The ledger of intake cannot be used: {error}."
    if type(error) is sqlite3.DatabaseError:
        # No fault of the moment: it is no database any more.
        return lost(what, file, file.parent)
    remedy = "Make room on the disk, and see to it that you may write it; what was taken in before is whole."
    return InputError(what, file=file, remedy=remedy)


def _written(entry: Entry) -> tuple[Any, ...]:
    return (
        *(entry.number, entry.place, entry.name, entry.changed, entry.bytes, entry.sha256, entry.rulebook, entry.type),
        *(entry.municipality, entry.year, entry.month, entry.arrived.isoformat() if entry.arrived else None),
        *(entry.taken_in.isoformat(timespec="seconds"), entry.verdict, entry.received, entry.accepted, entry.rejected),
        *(entry.rows, entry.replaces),
    )


def _read(row: tuple[Any, ...]) -> Entry:
    values = list(row)
    values[9] = row[9] if row[9] in POSSIBLE_YEARS else None
    values[10] = row[10] if row[10] in range(1, 13) else None
    arrived = dt.date.fromisoformat(row[11]) if row[11] else None
    values[11] = arrived if arrived is not None and arrived.year in POSSIBLE_YEARS else None
    values[12] = dt.datetime.fromisoformat(row[12])
    values.append(row[0])
    return Entry(*values)
