"""What a municipality gets to know of its delivery: a receipt, as data and as a page."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

from kvarn.base.system_faults import naming
from kvarn.collect._deliveries import Delivery
from kvarn.collect._ledger import Entry
from kvarn.collect._receipt_page import receipt_page
from kvarn.collect._replaced import Replaced
from kvarn.collect._rules import OF_FEWER_ROWS, SHARE_OF_QUOTES, FaultCount, rules
from kvarn.collect.safekeeping import OWNER_ONLY_FILE, OWNER_ONLY_FOLDER
from kvarn.edition import due_date, first_year_of_due_dates
from kvarn.identity_numbers import without_identity_numbers

__all__ = [
    "by_rule",
    "in_order",
    "receipt",
    "receipt_is_there",
    "receipt_name",
    "receipt_schema",
    "write_beside",
    "write_receipt",
]

_LONGEST_NAME = 240
_EARLIER = "earlier"
_COPY = "file-duplicate"
_encode = json.JSONEncoder(ensure_ascii=False).encode


def receipt_schema() -> dict[str, Any]:
    """The JSON schema of a receipt."""
    text = (resources.files("kvarn.collect") / "layout" / "receipt.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def receipt(
    entry: Entry,
    counts: Sequence[FaultCount],
    *,
    synthetic: bool,
    limit: float | None = None,
    replaced: Replaced | None = None,
    fewer: float | None = None,
) -> dict[str, Any]:
    """The receipt for one delivery: the verdict, the rows, and each fault in both languages with line numbers.

    Line numbers are all that is told of a row: a receipt holds no identity number.

    Parameters
    ----------
    limit
        The share of bad rows above which a file is rejected whole.
    replaced
        What became of the rows of the delivery that this one replaces.
    fewer
        The share of missing rows above which a file that holds fewer rows than before gets a remark.
    """
    timely = entry.year is not None and entry.month is not None and entry.year >= first_year_of_due_dates()
    due = due_date(entry.year, entry.month) if timely and entry.year and entry.month else None
    return {
        "file": without_identity_numbers(entry.name),
        "delivery": entry.number,
        "judged_before_as": entry.first if entry.first != entry.number else None,
        "sha256": entry.sha256,
        "type": entry.type,
        "municipality": entry.municipality,
        "year": entry.year,
        "month": entry.month,
        "arrived": entry.arrived.isoformat() if entry.arrived else None,
        "due": due.isoformat() if due else None,
        "late": entry.arrived > due if entry.arrived and due else None,
        "verdict": entry.verdict,
        "received": entry.received,
        "accepted": entry.accepted,
        "rejected": entry.rejected,
        "bad_rows": _bad_rows(entry, counts),
        "bad_rows_limit": limit,
        "replaces": entry.replaces,
        "replaced": asdict(replaced) if replaced is not None else None,
        "synthetic": synthetic,
        "faults": [_fault(count, entry.accepted, limit, fewer) for count in counts],
    }


def _bad_rows(entry: Entry, counts: Sequence[FaultCount]) -> int | None:
    """How many rows count towards the limit; None where the rows were not judged, or some could not be."""
    broken = {count.rule: count.times for count in counts}
    if "row-procedure-unchecked" in broken or (entry.verdict == "rejected" and "file-bad-rows" not in broken):
        return None
    return entry.rejected if entry.verdict == "accepted" else broken["file-bad-rows"]


def _fault(count: FaultCount, accepted: int, limit: float | None, fewer: float | None) -> dict[str, Any]:
    rule = rules()[count.rule]
    limits = {"file-bad-rows": limit, "file-quotes": SHARE_OF_QUOTES, **dict.fromkeys(OF_FEWER_ROWS, fewer)}
    return {
        "rule": rule.code,
        "severity": rule.severity,
        "count": count.times,
        **({"limit": limits[count.rule]} if count.rule in limits else {}),
        **({"rows_before": accepted + count.times} if count.rule in OF_FEWER_ROWS else {}),
        "lines": count.first_lines,
        "values": list(count.values),
        "sv": rule.sv,
        "en": rule.en,
        "remedy": dict(rule.remedy),
        "source": rule.source,
    }


def in_order(deliveries: Sequence[Delivery], row_faults: Sequence[FaultCount]) -> dict[int, list[FaultCount]]:
    """The faults of each file, those of the file as a whole first, in the order of the rules."""
    found: dict[int, list[FaultCount]] = defaultdict(list)
    for delivery in deliveries:
        found[delivery.number] += [
            FaultCount(delivery.number, rule, delivery.over.get(rule, 1), at) for rule, at in delivery.faults.items()
        ]
    for count in row_faults:
        found[count.file].append(count)
    return defaultdict(list, {number: by_rule(counts) for number, counts in found.items()})


def by_rule(counts: Iterable[FaultCount]) -> list[FaultCount]:
    """Faults of one file in the order of the rules."""
    order = {rule: place for place, rule in enumerate(rules())}
    return sorted(counts, key=lambda count: order[count.rule])


def receipt_name(file: str) -> str:
    """What a file's receipt is called, without ``.json`` or ``.html``: the file's name, cut where it is too long for a disk.

    It lies outside ``restricted/``: an identity number in the name is hidden. By its checksum and number the receipt tells which
    file it is of.
    """
    file = without_identity_numbers(file)
    encoded = file.encode("utf-8", "surrogateescape")
    if len(encoded) <= _LONGEST_NAME and "/" not in file:
        return file
    return (
        encoded[: _LONGEST_NAME // 2].decode("utf-8", "ignore").replace("/", "_") + "-" + hashlib.sha256(encoded).hexdigest()[:16]
    )


def receipt_is_there(folder: Path, entry: Entry) -> bool:
    """Whether the delivery's own receipt lies in the folder, or in ``earlier/`` when one of that name came later."""
    name = receipt_name(entry.name)
    shown = _place_of(folder / f"{name}.json")
    if shown is None:
        return False
    place = folder / name if shown.number == entry.number else folder / _EARLIER / f"{entry.number}-{name}"
    return all(place.with_name(f"{place.name}{suffix}").is_file() for suffix in (".json", ".html"))


def write_receipt(
    folder: Path,
    entry: Entry,
    counts: Sequence[FaultCount],
    *,
    synthetic: bool,
    limit: float | None = None,
    replaced: Replaced | None = None,
    fewer: float | None = None,
) -> None:
    """Write ``<file name>.json`` and ``.html``; the receipt of an earlier delivery of that name moves to ``earlier/``.

    There lies a duplicate's, too, and under the file's name that of the delivery which it is a copy of: the file is accepted.
    """
    name = receipt_name(entry.name)
    told = receipt(entry, counts, synthetic=synthetic, limit=limit, replaced=replaced, fewer=fewer)
    own, before = _place(told), _place_of(folder / f"{name}.json")
    if before is not None and before > own:
        folder, name = _made(folder / _EARLIER), f"{entry.number}-{name}"
    elif before is not None and before < own:
        _made(folder / _EARLIER)
        # The JSON file says whose receipt it is, so it goes last: a kill between the two loses neither.
        for suffix in (".html", ".json"):
            if (folder / f"{name}{suffix}").exists():
                os.replace(folder / f"{name}{suffix}", folder / _EARLIER / f"{before.number}-{name}{suffix}")
    write_beside(folder / f"{name}.html", receipt_page(told))
    write_beside(folder / f"{name}.json", _encode(told) + "\n")


def _made(folder: Path) -> Path:
    folder.mkdir(mode=OWNER_ONLY_FOLDER, exist_ok=True)
    return folder


class _Place(NamedTuple):
    """Among the deliveries of one name the last is the one whose receipt lies under the file's name."""

    is_no_copy: bool
    first: int
    number: int


def _place(told: Mapping[str, Any]) -> _Place:
    number, is_copy = int(told["delivery"]), any(fault["rule"] == _COPY for fault in told["faults"])
    return _Place(not is_copy, int(told.get("judged_before_as") or number), number)


def _place_of(path: Path) -> _Place | None:
    """The place of the delivery that a receipt is for, as far as there is one."""
    try:
        return _place(json.loads(path.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_beside(path: Path, text: str) -> None:
    """Write a file for its owner alone; it appears whole."""
    beside = path.with_name(f".{hashlib.sha256(path.name.encode('utf-8', 'surrogateescape')).hexdigest()[:16]}.partial")
    try:
        with naming(path):
            handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY_FILE)
            with os.fdopen(handle, "wb") as stream:
                stream.write(text.encode("utf-8", "replace"))
            os.replace(beside, path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise
