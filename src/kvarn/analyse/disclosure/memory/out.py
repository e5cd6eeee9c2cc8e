"""What is out of one register, in the order in which it went out: released editions and delivered orders."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kvarn.analyse.disclosure.memory.kept import Memory, pattern_hash
from kvarn.analyse.disclosure.memory.orders import Delivery, deliveries, not_whole
from kvarn.analyse.disclosure.memory.releases import Release, releases
from kvarn.base.damaged import kept_json
from kvarn.base.files import SECRET, replace_file
from kvarn.errors import InputError

__all__ = [
    "UNKNOWN",
    "Event",
    "History",
    "concerns",
    "gone_out_since",
    "keep_history",
    "kept_history",
    "memories_from",
    "news",
    "public_text",
]

Event = Release | Delivery
# A synthetic register that does not say what it was made from: it may be any.
UNKNOWN = "synthetic"
# Whoever took it away would forget what is out.
_BACKUP = "Restore it from the backup."
_RECORD = "ro-crate-metadata.json"


@dataclass(frozen=True)
class History:
    """What an edition, or an order from it, has to be protected together with.

    Attributes
    ----------
    own
        The release of the edition itself, where it is out.
    out
        All that is out of the same register, the oldest first, `own` among it.
    """

    own: Release | None
    out: tuple[Event, ...]

    @classmethod
    def read(
        cls, released: Path, orders: Path, *, edition: str, register: str, synthetic: bool, named: Collection[str] = ()
    ) -> History:
        """The history of the register of an edition.

        Parameters
        ----------
        named
            Editions that the parameters name besides (``disclosure.earlier``).

        Raises
        ------
        InputError
            The release history, or what an order has given away, cannot be read or is not whole.
        """
        every = releases(released)
        own = next((one for one in every if one.edition == edition), None)
        mine = [
            one
            for one in every
            if one == own or (one.synthetic == synthetic and (one.edition in named or concerns(one.register, register)))
        ]
        known = {edition, *named, *(one.edition for one in mine)}
        remembered = deliveries(orders)[::-1]
        _require_orders_of(every, remembered, orders)
        delivered = [one for one in remembered if one.synthetic == synthetic]
        if synthetic:
            # Orders of before there was a history do not say which register they are from, but which edition.
            delivered = [one for one in delivered if one.edition in known or (one.register and concerns(one.register, register))]
        return cls(own, tuple(_in_order(mine, delivered)))

    @property
    def as_it_stood(self) -> tuple[Event, ...]:
        """What was out when the edition itself was released; all that is out, where it has not been."""
        return self.out if self.own is None else self.out[: self.out.index(self.own)]


def concerns(one: str, other: str) -> bool:
    """Whether two registers are the same, or may be."""
    return one == other or (UNKNOWN in (one, other) and one.startswith(UNKNOWN) and other.startswith(UNKNOWN))


def _require_orders_of(released: Sequence[Release], delivered: Sequence[Delivery], orders: Path) -> None:
    """Every order that had been delivered when an edition was released is remembered still."""
    for one in released:
        last = delivered[one.orders - 1] if 0 < one.orders <= len(delivered) else None
        if one.orders > len(delivered) or (last is not None and one.last_order not in ("", last.digest)):
            since = "another one is the last of these" if last else f"{len(delivered)} are remembered"
            raise not_whole(orders, f"{one.orders} had been delivered when the edition {one.edition} was released, and {since}")


def _in_order(released: Sequence[Release], delivered: Sequence[Delivery]) -> list[Event]:
    found: list[Event] = []
    waiting = list(delivered)
    for one in released:
        while waiting and waiting[0].place <= one.orders:
            found.append(waiting.pop(0))
        found.append(one)
    return [*found, *waiting]


def memories_from(out: Sequence[Event]) -> list[Memory]:
    """What they gave away, the newest first."""
    found: list[Memory] = []
    for one in reversed(out):
        found += [one.memory] if isinstance(one, Release) else one.memories()
    return found


def keep_history(file: Path, register: str, out: Sequence[Event]) -> None:
    """Keep which part of the history an edition was protected together with, and the public record of each edition of it: an
    edition that is lost from the history is entered again only with the record that it was released with."""
    records = {one.edition: one.files.get(_RECORD, "") for one in out if isinstance(one, Release)}
    kept = {"register": register, "out": [_named(one) for one in out], "records": records}
    text = json.dumps(kept, indent=1, ensure_ascii=False) + "\n"
    replace_file(file, text.encode(), mode=SECRET)


def kept_history(file: Path, released: Path, orders: Path) -> tuple[Event, ...]:
    """What an edition was protected together with, the oldest first.

    Raises
    ------
    InputError
        It was never kept, or something of it is not in the history any more.
    """
    if not file.is_file():
        raise InputError(
            "The edition does not say what it was protected together with.",
            file=file,
            remedy="Make it again, with kvarn publish.",
        )
    told = kept_json(file, "out", _BACKUP)
    every: list[Event] = [*releases(released), *deliveries(orders)]
    by_name = {json.dumps(_named(one), sort_keys=True): one for one in every}
    names = [json.dumps(one, sort_keys=True) for one in told]
    if missing := [name for name in names if name not in by_name]:
        raise InputError(
            f"The edition was protected together with what is not in the release history any more: {missing[0]}.",
            file=file,
            remedy="Restore restricted/releases and restricted/orders from the backup, or make the edition again.",
        )
    return tuple(by_name[name] for name in names)


def news(file: Path, out: Sequence[Event]) -> list[str]:
    """What has gone out since an edition was protected, in words; and what is out no more."""
    if not file.is_file():
        return []
    told = kept_json(file, "out", _BACKUP)
    now = [_named(one) for one in out]
    found = [f"{_said(one)} since" for one in now if one not in told]
    return found + [f"{_said(one)}, and is not in the history any more" for one in told if one not in now]


def gone_out_since(file: Path, out: Sequence[Event], edition: str) -> list[str]:
    """What has gone out since a candidate was protected and knows nothing of it, in words: editions, and orders from others.

    An order from the candidate itself was protected together with it.
    """
    told = kept_json(file, "out", _BACKUP) if file.is_file() else []
    others = [one for one in out if isinstance(one, Release) or one.edition != edition]
    return [
        f"the edition {one.edition}" if isinstance(one, Release) else f"the order {one.order}"
        for one in others
        if _named(one) not in told
    ]


def public_text(out: Sequence[Event]) -> str:
    """What is out by its public names alone: nothing in it, nor its checksum, tells of a figure that is withheld."""
    lines = []
    for one in out:
        if isinstance(one, Release):
            lines.append(f"edition {one.edition} {one.files[_RECORD]}")
        else:
            definition = hashlib.sha256(one.definition.model_dump_json().encode()).hexdigest()
            lines.append(f"order {one.order} {one.number} {definition}")
    return "".join(f"{line}\n" for line in lines)


def _named(one: Event) -> dict[str, Any]:
    if isinstance(one, Release):
        return {"release": one.number, "edition": one.edition, "sha256": one.digest}
    return {"order": one.order, "number": one.number, "sha256": pattern_hash(one.folder / "disclosure") or ""}


def _said(one: Mapping[str, Any]) -> str:
    if "release" in one:
        return f"edition {one['edition']} has been released"
    return f"the order {one['order']} has been delivered"
