"""Taking in deliveries: read, judged, their accepted rows kept, the verdict in the ledger, a receipt to the municipality."""

from __future__ import annotations

import datetime as dt
import functools
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa

from kvarn.base.database import engine
from kvarn.base.secret_places import refuse_public_place
from kvarn.collect._ahead import worked_ahead
from kvarn.collect._archives import Archives
from kvarn.collect._arrivals import arrival_of, check_names, logs_of_arrival
from kvarn.collect._deliveries import Delivery
from kvarn.collect._doors import refuse_open_store
from kvarn.collect._fewer import Before, Came, as_they_came
from kvarn.collect._judge import judge
from kvarn.collect._layouts import layouts
from kvarn.collect._ledger import Entry, Ledger, LostError, judged_after, open_ledger
from kvarn.collect._overview_files import write_passed_over
from kvarn.collect._passed_over import PassedOver
from kvarn.collect._reading import Parcel, Reading
from kvarn.collect._receipts import by_rule, in_order, receipt_is_there, write_receipt
from kvarn.collect._replaced import Replaced, replaced_rows
from kvarn.collect._rules import FaultCount
from kvarn.collect._sources import Source, find_sources
from kvarn.collect._store import empty, locked, parcel_is_recorded, require_rows, rows_of, tidy, write_parcel
from kvarn.collect._terms import Terms
from kvarn.collect.safekeeping import OWNER_ONLY_FOLDER
from kvarn.programme import current_programme

__all__ = ["Outcome", "forget_unless_same", "take_in"]

# What is wrong now may be right the next time, with the same bytes: such a file is judged anew.
_OF_THE_MOMENT = {"file-ambiguous", "file-future", "file-not-stored", "file-unreadable", "archive-unreadable"}

Judged = tuple[pa.Table | None, list[FaultCount]]


@dataclass
class Outcome:
    """What an intake came to.

    Attributes
    ----------
    entries
        One entry of the ledger for each file that was given, whether it was taken in now or before.
    known
        How many of them had been taken in before.
    passed_over
        What lies at the paths and is no delivery file, or cannot be looked into.
    replaced
        Of each correction that was taken in now, by its number, what became of the rows that it replaces.
    fewer
        The remarks on deliveries that were taken in now and hold far fewer rows than those before them, by number.
    """

    entries: list[Entry] = field(default_factory=list)
    known: int = 0
    passed_over: list[PassedOver] = field(default_factory=list)
    replaced: dict[int, Replaced] = field(default_factory=dict)
    fewer: dict[int, tuple[FaultCount, ...]] = field(default_factory=dict)

    @property
    def rejected(self) -> list[Entry]:
        """The deliveries that were rejected whole."""
        return [entry for entry in self.entries if entry.verdict == "rejected"]

    def rows(self, what: str) -> int:
        """The rows ``received``, ``accepted`` or ``rejected`` in all."""
        return sum(int(getattr(entry, what)) for entry in self.entries)


def take_in(
    paths: Sequence[Path],
    store: Path,
    *,
    terms: Terms,
    receipts: Path | None = None,
    arrivals: Path | None = None,
    arrived: dt.date | None = None,
    years: Iterable[int] | None = None,
    threads: int | None = None,
    told: Callable[[Entry], None] | None = None,
    waiting: Callable[[], None] | None = None,
) -> Outcome:
    """Validate deliveries and take in what is right.

    Every file becomes one entry of the ledger, its accepted rows are kept in a Parquet file, and it gets a receipt. A file is
    taken in whole or not at all, whatever happens meanwhile; one that has been taken in before, from the same place, with the
    same bytes and by the same rules, is not taken in again, so that an intake that was killed goes on where it stopped. A later
    accepted delivery of a municipality, month and type replaces the earlier one, which is kept. For every file, received =
    accepted + rejected.

    Parameters
    ----------
    paths
        Delivery files, folders and zip archives. Deliveries of the same period count in the order of their dates of arrival,
        then of `paths`.
    store
        The folder of the register's deliveries; made where it is not there.
    terms
        By which codes and limits deliveries are judged.
    receipts
        Where each file's receipt goes: ``<file name>.json`` and ``<file name>.html``.
    arrivals
        The portal's log of arrivals (``file,arrived``); by default ``arrivals.csv`` in each folder, where there is one.
    arrived
        The day on which they arrived, for those that no log tells of.
    years
        Take in files of these years alone, and those whose year nobody can tell.
    threads
        For DuckDB; all by default. The bytes written are the same.
    told
        Called with each delivery as soon as it is recorded.
    waiting
        Called when another intake is at work on the same store: this one waits for it.

    Raises
    ------
    DeliveryError
        There is nothing at a path.
    InputError
        The log of arrivals is not as it should be, the ledger cannot be written, others can get at the store, or the store or
        the receipts would lie where files leave the building or get into git.
    """
    wanted = None if years is None else frozenset(years)
    refuse_public_place(store, "microdata")
    if receipts is not None:
        refuse_public_place(receipts, "receipts", besides=("receipts",))
    refuse_open_store(store)
    logs = logs_of_arrival(paths, arrivals)
    found = find_sources(paths, leave_out=[store, *([receipts] if receipts else [])])
    check_names(paths, found.sources, logs)
    sources = [source for source in found.sources if wanted is None or source.year is None or source.year in wanted]
    if receipts is not None:
        receipts.mkdir(mode=OWNER_ONLY_FOLDER, parents=True, exist_ok=True)
    with locked(store, waiting), open_ledger(store, make=True) as ledger, engine(store / "spill", threads=threads) as database:
        require_rows(store, ledger.parcels())
        tidy(store, ledger)
        intake = _Intake(store, ledger, database, terms, receipts, told)
        intake.outcome.passed_over += found.passed_over
        with Archives() as archives:
            intake.run(sources, {source.place: arrival_of(source, logs) or arrived for source in sources}, archives)
        if receipts is not None:
            write_passed_over(receipts, found.passed_over)
        return intake.outcome


def forget_unless_same(store: Path, paths: Sequence[Path], terms: Terms, years: Iterable[int]) -> None:
    """Remove a store that was made from these paths alone, when what it holds is no longer what they hold.

    That is so when rules, codes or limits have changed, a file that was taken in has gone, or the ledger or accepted rows are
    damaged or lost: then everything is taken in anew, so that the store is what it would be had the paths always been so.
    """
    if not store.exists():
        return
    there = {source.place for source in find_sources(paths).sources}
    with locked(store):
        try:
            with open_ledger(store, make=True) as ledger:
                held = [entry for year in years for entry in ledger.deliveries(year=year)]
                require_rows(store, ledger.parcels())
        except LostError:
            empty(store)
            return
        if not all(entry.place in there and entry.rulebook in ("", terms.rulebook(entry.year)) for entry in held):
            empty(store)


class _Intake:
    """One intake under way."""

    def __init__(
        self,
        store: Path,
        ledger: Ledger,
        database: duckdb.DuckDBPyConnection,
        terms: Terms,
        receipts: Path | None,
        told: Callable[[Entry], None] | None,
    ) -> None:
        self.store = store
        self.ledger = ledger
        self.database = database
        self.terms = terms
        self.receipts = receipts
        self.told = told
        self.outcome = Outcome()
        self.now = dt.datetime.now(dt.UTC).replace(microsecond=0, tzinfo=None)
        self.numbers = itertools.count(ledger.next_number())
        self.before = Before((), terms.fewer_rows)
        self.earlier: dict[str, Entry] = {}
        self.about = current_programme().about

    def run(self, sources: Sequence[Source], arrived: Mapping[str, dt.date | None], archives: Archives) -> None:
        """Take in everything, type by type and year by year: periods before their events."""
        self.earlier = self.ledger.at(source.place for source in sources)
        reading = Reading(self.terms, self.earlier, self.now.date(), archives)
        years = {source.year for source in sources if source.year is not None}
        # The month before January is the year before's.
        there = [entry for year in sorted(years | {year - 1 for year in years}) for entry in self.ledger.deliveries(year=year)]
        self.before = Before(there, self.terms.fewer_rows)
        told = {source.place: reading.known(source) for source in sources}
        self._know([entry for entry in told.values() if entry is not None])
        new = [source for source in sources if told[source.place] is None]
        deliveries = reading.deliveries(new, arrived)
        for group, members in itertools.groupby(deliveries, key=lambda d: (d.type, d.year)):
            # Persons must be in the ledger before the events of the year are judged, so the reading ahead ends with a group.
            reported = self._persons(group[1]) if group[0] == self.about.events else {}
            in_force = list(self.before.in_force.values())
            parcels = reading.parcels(group, list(members), in_force, self.numbers)
            for (parcel, known), judged in worked_ahead(parcels, functools.partial(self._judged_ahead, reported)):
                self._know(known)
                if not parcel.empty:
                    self._take(parcel, judged.result, reported)

    def _take(self, parcel: Parcel, judged: Callable[[], Judged], reported: Mapping[tuple[str, int], Entry]) -> None:
        """Record what was judged; where that fails for lack of room, file by file, so that it fails for those files alone.

        Where it fails for rows that were taken in before, no delivery is at fault, and none is rejected for it.
        """
        try:
            table, counts = judged()
            rows = self._written(parcel, table)
        except (OSError, MemoryError, duckdb.Error):
            all_rows = self.ledger.parcels()
            named = {entry.rows for entry in reported.values() if entry.rows}
            require_rows(self.store, {name: all_rows[name] for name in named}, entirely=True)
            singles = list(parcel.single())
            if len(singles) > 1:
                for single in singles:
                    self._take(single, functools.partial(self._judged, single, reported), reported)
                return
            for delivery in parcel.deliveries:
                delivery.faults = {**delivery.faults, "file-not-stored": []}
                delivery.verdict, delivery.sha256 = "rejected", ""
            counts, rows = [], {}
        self._record(parcel.deliveries, counts, rows)

    def _judged_ahead(self, reported: Mapping[tuple[str, int], Entry], read: tuple[Parcel, list[Entry]]) -> Judged:
        return self._judged(read[0], reported)

    def _judged(self, parcel: Parcel, reported: Mapping[tuple[str, int], Entry]) -> Judged:
        """Judge, in whichever thread: with a connection of its own, whose tables nobody else sees."""
        if not parcel.batch.deliveries:
            return None, []
        assert parcel.kind is not None and parcel.year is not None
        for delivery in parcel.batch.deliveries:
            delivery.verdict = "accepted"
        with self.database.cursor() as connection:
            return judge(
                connection,
                parcel.batch,
                layouts()[parcel.kind],
                self.terms.codes(parcel.year),
                share_limit=self.terms.share_limit,
                persons={key: entry.number for key, entry in reported.items()},
                deaths=self.terms.deaths,
                own_list=self.terms.synthetic,
                persons_rows=rows_of(self.store, self.about.periods, parcel.year, [entry.rows for entry in reported.values()]),
            )

    def _persons(self, year: int | None) -> dict[tuple[str, int], Entry]:
        """The deliveries of persons in force, by municipality and month."""
        return {
            (entry.municipality, entry.month): entry
            for entry in self.before.in_force.values()
            if entry.type == self.about.periods and entry.year == year and entry.municipality and entry.month
        }

    def _written(self, parcel: Parcel, table: pa.Table | None) -> dict[int, str]:
        """Where the accepted rows of each delivery are."""
        if table is None or table.num_rows == 0:
            return {}
        assert parcel.kind is not None and parcel.year is not None
        accepted = [delivery.number for delivery in parcel.batch.deliveries if delivery.accepted]
        name = write_parcel(self.store, parcel.kind, parcel.year, accepted, table)
        return dict.fromkeys(accepted, name)

    def _record(self, deliveries: Sequence[Delivery], counts: Sequence[FaultCount], rows: Mapping[int, str]) -> None:
        faults = in_order(deliveries, counts)
        came = [self.before.come(self._entry(delivery, rows.get(delivery.number))) for delivery in deliveries]
        entries = [one.entry for one in came]
        self.ledger.record(entries, faults.items())
        parcel_is_recorded(self.store)
        self.outcome.entries += entries
        replaced = self._replaced(came)
        self.outcome.replaced |= replaced
        self.outcome.fewer |= {one.entry.number: one.remarks for one in came if one.remarks}
        self._give_receipts(came, replaced, faults)
        if self.told is not None:
            for entry in entries:
                self.told(entry)

    def _replaced(self, came: Sequence[Came]) -> Mapping[int, Replaced]:
        return replaced_rows(self.database, self.store, [(one.entry, one.replaced) for one in came if one.replaced is not None])

    def _entry(self, delivery: Delivery, rows: str | None) -> Entry:
        """What the ledger says of a delivery."""
        entry = Entry(
            number=delivery.number,
            first=delivery.number,
            place=delivery.source.place,
            name=delivery.name,
            changed=delivery.source.changed,
            bytes=delivery.size,
            sha256=delivery.sha256,
            rulebook="" if _OF_THE_MOMENT & delivery.faults.keys() else self.terms.rulebook(delivery.year),
            type=delivery.type,
            municipality=delivery.municipality,
            year=delivery.year,
            month=delivery.month,
            arrived=delivery.arrived,
            taken_in=self.now,
            verdict=delivery.verdict,
            received=delivery.received,
            accepted=delivery.accepted,
            rejected=delivery.rejected,
            rows=rows,
            replaces=None,
        )
        return judged_after(self.earlier.get(entry.place), entry)

    def _know(self, entries: Sequence[Entry]) -> None:
        """Note deliveries that were in the ledger before, and see that each has its receipt."""
        self.outcome.entries += entries
        self.outcome.known += len(entries)
        if self.receipts is not None:
            without = [entry for entry in entries if not receipt_is_there(self.receipts, entry)]
            came = as_they_came(self.ledger, without, self.terms.fewer_rows)
            self._give_receipts(came, self._replaced(came), self.ledger.faults(entry.number for entry in without))

    def _give_receipts(
        self, came: Sequence[Came], replaced: Mapping[int, Replaced], faults: Mapping[int, list[FaultCount]]
    ) -> None:
        if self.receipts is not None:
            for entry, _, remarks in came:
                write_receipt(
                    self.receipts,
                    entry,
                    by_rule([*faults[entry.number], *remarks]),
                    replaced=replaced.get(entry.number),
                    fewer=self.terms.fewer_rows.share,
                    synthetic=self.terms.synthetic,
                    limit=self.terms.share_limit,
                )
