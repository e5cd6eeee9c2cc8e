"""Reading deliveries: what is new among them, in which order they count, and batches of them to be judged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kvarn.collect._archives import Archives
from kvarn.collect._deliveries import MOST_ROWS, Delivery, examine, hash_only, read_name
from kvarn.collect._judge import Batch
from kvarn.collect._ledger import Entry
from kvarn.collect._rules import rules
from kvarn.collect._sources import Source
from kvarn.collect._terms import Terms

__all__ = ["Parcel", "Reading"]

# Bytes of delivery files that go through DuckDB together, and how many refused files wait for them at the most.
BATCH_BYTES = 64 * 1024 * 1024
MOST_WAITING = 2_000


@dataclass
class Parcel:
    """Deliveries of one type and year that are judged and recorded together; refused ones need no judging."""

    kind: str | None
    year: int | None
    batch: Batch = field(default_factory=lambda: Batch([], []))
    refused: list[Delivery] = field(default_factory=list)
    bytes: int = 0
    rows: int = 0

    @property
    def deliveries(self) -> list[Delivery]:
        """All of them, in the order of their numbers."""
        return sorted([*self.batch.deliveries, *self.refused], key=lambda delivery: delivery.number)

    @property
    def empty(self) -> bool:
        """Whether there is none."""
        return not (self.batch.deliveries or self.refused)

    def single(self) -> Iterator[Parcel]:
        """Each delivery by itself."""
        for delivery, content in zip(*self.batch, strict=True):
            yield Parcel(self.kind, self.year, Batch([delivery], [content]))
        if self.refused:
            yield Parcel(self.kind, self.year, refused=self.refused)


class Reading:
    """What one intake reads.

    Parameters
    ----------
    before
        The last delivery in the ledger from each place.
    today
        The day of arrival of what nobody has told the day of.
    archives
        Reads what is in archives.
    """

    def __init__(self, terms: Terms, before: Mapping[str, Entry], today: dt.date, archives: Archives) -> None:
        self._terms = terms
        self._before = before
        self._today = today
        self._archives = archives
        self._judged: dict[str, Entry] = {}

    def known(self, source: Source) -> Entry | None:
        """The delivery in the ledger that this file is, as far as its place, size and time of change tell."""
        earlier = self._before.get(source.place)
        return earlier if earlier is not None and self._is(earlier, source, None) else None

    def deliveries(self, sources: Iterable[Source], arrived: Mapping[str, dt.date | None]) -> list[Delivery]:
        """The deliveries that files announce by their names, by year, type and municipality, the later ones last."""
        found = []
        for source in sources:
            delivery = read_name(0, source, self._terms.codes(source.year or 0).municipalities)
            delivery.arrived = arrived[source.place]
            if (judged := self._judged_before(delivery)) is not None:
                self._judged[source.place] = judged
            if delivery.month and delivery.year and self._not_yet(delivery):
                delivery.faults["file-future"] = []
            found.append(delivery)
        self._mark_ambiguous(found)
        return sorted(found, key=self._order)

    def parcels(
        self,
        group: tuple[str | None, int | None],
        deliveries: Sequence[Delivery],
        in_force: Iterable[Entry],
        numbers: Iterator[int],
    ) -> Iterator[tuple[Parcel, list[Entry]]]:
        """Read the files of a group and put them together; beside them, what turns out to have been taken in before."""
        parcel, known = Parcel(*group), list[Entry]()
        rulebook = self._terms.rulebook(group[1])
        received = {(entry.name, entry.sha256) for entry in in_force if entry.rulebook == rulebook}
        for delivery in deliveries:
            content = examine(delivery, self._archives)
            earlier = self._before.get(delivery.source.place)
            if earlier is not None and self._is(earlier, delivery.source, delivery.sha256):
                known.append(earlier)
                continue
            if (delivery.name, delivery.sha256) in received and not _refused(delivery):
                delivery.faults["file-duplicate"] = []
            if not parcel.empty and _full(parcel, len(content), delivery.received):
                yield parcel, known
                parcel, known = Parcel(*group), []
            delivery.number = next(numbers)
            if _refused(delivery):
                delivery.verdict = "rejected"
                parcel.refused.append(delivery)
                continue
            received.add((delivery.name, delivery.sha256))
            parcel.batch.deliveries.append(delivery)
            parcel.batch.contents.append(content)
            parcel.bytes += len(content)
            parcel.rows += delivery.received
        yield parcel, known

    def _judged_before(self, delivery: Delivery) -> Entry | None:
        """The same delivery as it was judged by other rules: it has come already, and keeps its place among the others."""
        earlier, source = self._before.get(delivery.source.place), delivery.source
        if earlier is None:
            return None
        same = (source.size, source.changed) == (earlier.bytes, earlier.changed)
        return earlier if same or hash_only(delivery, self._archives) == earlier.sha256 else None

    def _order(self, delivery: Delivery) -> tuple[object, ...]:
        period = (delivery.year or 0, delivery.type or "", delivery.municipality or "", delivery.month or 0)
        judged = self._judged.get(delivery.source.place)
        turn = (judged is None, judged.first if judged is not None else 0)
        return (*period, self._came(delivery), *turn, delivery.source.given, delivery.source.relative)

    def _came(self, delivery: Delivery) -> dt.date:
        judged = self._judged.get(delivery.source.place)
        return delivery.arrived or (judged.came if judged is not None else self._today)

    def _not_yet(self, delivery: Delivery) -> bool:
        """Whether the month of care had not even begun when the file came."""
        return dt.date(delivery.year or 1, delivery.month or 1, 1) > self._came(delivery)

    def _is(self, earlier: Entry, source: Source, sha256: str | None) -> bool:
        """Whether this very file has been judged by these very rules: told by its bytes, or by place, size and time of change."""
        if not earlier.sha256 or earlier.rulebook != self._terms.rulebook(source.year):
            return False
        if sha256 is not None:
            return sha256 == earlier.sha256
        return (source.size, source.changed) == (earlier.bytes, earlier.changed)

    def _mark_ambiguous(self, deliveries: Sequence[Delivery]) -> None:
        """Different files of one name, found at the same place and come on the same day: nobody can tell which is in force.

        Of those that have been judged before the order of coming is known.
        """
        groups: dict[tuple[int, str, dt.date], list[Delivery]] = {}
        for delivery in deliveries:
            if delivery.source.place in self._judged:
                continue
            groups.setdefault((delivery.source.given, delivery.name, self._came(delivery)), []).append(delivery)
        for same_name in groups.values():
            if len(same_name) > 1 and len({hash_only(delivery, self._archives) for delivery in same_name}) > 1:
                for delivery in same_name:
                    delivery.faults["file-ambiguous"] = []


def _full(parcel: Parcel, more: int, rows: int) -> bool:
    """Whether a parcel has no room for more bytes and rows."""
    waiting = len(parcel.refused) >= MOST_WAITING
    return waiting or parcel.bytes + more > BATCH_BYTES or parcel.rows + rows > MOST_ROWS


def _refused(delivery: Delivery) -> bool:
    """Whether a file rule rejects the file."""
    return any(rules()[fault].severity == "error" for fault in delivery.faults)
