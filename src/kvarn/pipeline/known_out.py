"""What else knows that something is out, beside the release history: so that a history that is lost, or is an older one, is seen.

A history that is gone with its head looks like that of a new office, and one from an older backup like that of some time ago. But

- ``publications/releases.json`` lists what is out, and was put back, by public names, and is not lost with ``restricted/``;
- ``restricted/<edition>/released.json`` says as what an edition was entered;
- ``restricted/<edition>/history.json`` says what an edition, or a trial, was protected together with;
- ``publications/orders/<order>/`` are orders that were delivered;
- the record of a publication says by a checksum whether anything was out when it was made.

Whatever one of them names and the history does not have is missing, and stops.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kvarn.analyse.disclosure.memory.kept import pattern_hash
from kvarn.analyse.disclosure.memory.orders import Delivery, deliveries
from kvarn.analyse.disclosure.memory.releases import Release, Reversion, entries, releases
from kvarn.base.files import SECRET, replace_file
from kvarn.base.modes import as_usual, make_usual
from kvarn.disseminate.recorded import RECORD
from kvarn.edition import Workspace
from kvarn.errors import EditionError, InputError

__all__ = ["enter_known_out", "missing_from_history", "require_history", "require_releases", "said_of_list"]

_INPUT = "#input/release-history"
_RELEASED, _DELIVERED = ("edition", "number", "record_sha256"), ("order", "number", "place")
_NOTHING = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True)
class Missing:
    """Something that is out, or was, and that the history does not have, or has as another.

    Attributes
    ----------
    edition, order
        Which; one of the two, or neither where only that there was something is known.
    what
        In words.
    told_by
        The file or folder that knows of it.
    record
        The checksum of the edition's public record, where that is known.
    put_back
        Whether it is that an edition was put back in front: nothing went out by it.
    """

    what: str
    told_by: Path
    edition: str | None = None
    order: str | None = None
    record: str | None = None
    put_back: bool = False


def require_history(work: Workspace, *, entering: bool = False) -> None:
    """See that the history has all that is known to be out.

    Parameters
    ----------
    entering
        Whether the edition itself is about to be entered as something that is out already: then what is missing stops it only
        where the edition is not among it.

    Raises
    ------
    InputError
        Something is missing, or the history is not whole.
    """
    missing = missing_from_history(work)
    if not missing or (entering and any(one.edition == work.name for one in missing)):
        return
    # Several may know of the same: the first of them is named.
    once = {(one.edition, one.order, one.put_back): one for one in reversed(missing)}
    said = "; ".join(
        f"{one.what} ({_shown(one.told_by, work)})" for one in missing if once[one.edition, one.order, one.put_back] is one
    )
    remedy = ["Restore restricted/releases, releases.json, orders and orders.json there from the newest backup."]
    oldest = next((one.edition for one in missing if one.edition is not None), None)
    if oldest is not None:
        remedy.append(
            f"Where there is none: kvarn release params/{oldest}.yml --already-out enters an edition as it lies in "
            "publications/, the oldest first; whether it tells something together with the others is then never asked again."
        )
    if any(one.order is not None for one in missing):
        remedy.append("What an order has withheld is kept nowhere else; docs/release.md says what is left without a backup.")
    if any(one.edition is None and one.order is None and not one.put_back for one in missing):
        remedy.append("An edition that never went out: take its folder out of publications/.")
    if any(one.put_back for one in missing):
        remedy.append("What was put back, and is in no backup, is put back again: kvarn revert.")
    remedy.append("A demonstration that is to begin anew: take publications/ away, too.")
    raise InputError(f"The release history does not have all that is out: {said}.", file=work.releases, remedy=" ".join(remedy))


def require_releases(work: Workspace) -> None:
    """See that the history has every release and every delivery that is known: that something was put back may be missing, as
    where it is to be entered anew.

    Raises
    ------
    InputError
        See `require_history`.
    """
    if any(not one.put_back for one in missing_from_history(work)):
        require_history(work)


def missing_from_history(work: Workspace) -> list[Missing]:
    """What is known to be out and the history does not have.

    Raises
    ------
    InputError
        The history, or one of those that know of it, cannot be read.
    """
    every, delivered = releases(work.releases), deliveries(work.orders)
    found = [*_listed(work, every, delivered), *_kept_by_editions(work, every, delivered), *_orders_there(work, delivered)]
    found += _kept_nothing_of(work, every) if every or delivered else _made_beside_a_history(work)
    return list(dict.fromkeys(found))


def enter_known_out(work: Workspace) -> None:
    """Tell the others what is out now: the list beside the publications, and of a released edition what it was entered as.

    What the list has and the history has not stays in it. The caller holds the lock of what is out.
    """
    told = _list_of(work)
    make_usual(work.known_out.parent)
    replace_file(work.known_out, _text(told))
    as_usual(work.known_out)
    own = next((one for one in releases(work.releases) if one.edition == work.name), None)
    if own is not None:
        replace_file(work.released, _text({**_public(own), "sha256": own.digest}), mode=SECRET)


def said_of_list(work: Workspace) -> Iterator[str]:
    """A sentence where the list beside the publications has not all that has been entered, as after a command that was stopped:
    readers of it, `kvarn serve` among them, go by an older state."""
    if not entries(work.releases) and not deliveries(work.orders):
        return
    if not work.known_out.is_file() or _read(work.known_out) != _list_of(work):
        yield (
            f"warning: {_shown(work.known_out, work)} does not have all that has been entered in the release history: a command "
            "was stopped, or the file is lost. Give the last kvarn release, revert or order again: it writes the list."
        )


def _list_of(work: Workspace) -> dict[str, Any]:
    """The content of the list beside the publications, as the history has it now."""
    every, delivered = releases(work.releases), deliveries(work.orders)
    file = work.known_out
    listed = (_named(file, "releases", _RELEASED), _named(file, "orders", _DELIVERED)) if file.is_file() else ([], [])
    back = _put_back_of(work)
    if file.is_file():
        back = {one["number"]: one for one in _put_back_in(file)} | back
    editions = {one["edition"]: one for one in listed[0]} | {one.edition: _public(one) for one in every}
    orders = {(one["order"], one["number"]): one for one in listed[1]}
    orders |= {(one.order, one.number): _public_order(one) for one in delivered}
    told = {
        "releases": sorted(editions.values(), key=lambda one: (one["number"], one["edition"])),
        "orders": sorted(orders.values(), key=lambda one: (one["place"], one["order"])),
    }
    if back:
        told["put_back"] = [back[number] for number in sorted(back)]
    return told


def _put_back_of(work: Workspace) -> dict[int, dict[str, Any]]:
    """The editions that were put back in front, by the number of the entry."""
    every = (one for one in entries(work.releases) if isinstance(one, Reversion))
    return {one.number: {"number": one.number, "edition": one.edition, "instead_of": one.instead_of} for one in every}


def _put_back_in(file: Path) -> list[dict[str, Any]]:
    return _named(file, "put_back", ("number", "edition", "instead_of")) if "put_back" in _read(file) else []


def _public(one: Release) -> dict[str, Any]:
    return {
        "number": one.number,
        "edition": one.edition,
        "published": one.published,
        "synthetic": one.synthetic,
        "corrects": one.corrects,
        "record_sha256": one.files.get(RECORD, ""),
    }


def _public_order(one: Delivery) -> dict[str, Any]:
    definition = hashlib.sha256(one.definition.model_dump_json().encode()).hexdigest()
    return {"place": one.place, "order": one.order, "number": one.number, "definition_sha256": definition}


def _listed(work: Workspace, every: Sequence[Release], delivered: Sequence[Delivery]) -> Iterator[Missing]:
    """What the list beside the publications names; and of each edition what it was entered as."""
    file = work.known_out
    listed = [(file, one) for one in _named(file, "releases", _RELEASED)] if file.is_file() else []
    listed += [(other, _named(other, None, _RELEASED)[0]) for other in work.of_every_edition(work.released)]
    known = {one.edition: one.files.get(RECORD, "") for one in every}
    for told_by, one in listed:
        if known.get(one["edition"]) != one["record_sha256"]:
            yield Missing(_released(one, known), told_by, edition=one["edition"], record=one["record_sha256"])
    # Entered anew after a loss, it can have another number; the same can have been put back several times.
    back = Counter((one["edition"], one["instead_of"]) for one in _put_back_of(work).values())
    for one in _put_back_in(file) if file.is_file() else ():
        back[one["edition"], one["instead_of"]] -= 1
        if back[one["edition"], one["instead_of"]] < 0:
            yield Missing(f"that {one['edition']} was put back in front, number {one['number']}", file, put_back=True)
    orders = {(one.order, one.number): _public_order(one) for one in delivered}
    for one in _named(file, "orders", _DELIVERED) if file.is_file() else ():
        if orders.get((one["order"], one["number"])) != one:
            yield Missing(_delivered(one), file, order=one["order"])


def _kept_by_editions(work: Workspace, every: Sequence[Release], delivered: Sequence[Delivery]) -> Iterator[Missing]:
    """What editions and trials were protected together with."""
    known = {one.edition: one for one in every}
    orders = {(one.order, one.number): pattern_hash(one.folder / "disclosure") or "" for one in delivered}
    for file in work.of_every_edition(work.history):
        records = _read(file).get("records", {})
        for one in _named(file, "out", ("number", "sha256")):
            if "order" in one:
                if orders.get((one["order"], one["number"])) != one["sha256"]:
                    yield Missing(_delivered(one), file, order=one["order"])
                continue
            now = known.get(one["edition"])
            # One that was lost, and entered anew, is another entry of the same edition.
            if now is None or (now.digest != one["sha256"] and not now.already_out):
                yield Missing(_released(one, known), file, edition=one["edition"], record=records.get(one["edition"]))


def _released(one: Mapping[str, Any], known: Collection[str]) -> str:
    return f"the edition {one['edition']}, released as number {one['number']}" + (
        " as another" if one["edition"] in known else ""
    )


def _delivered(one: Mapping[str, Any]) -> str:
    return f"delivery {one['number']} of the order {one['order']}"


def _orders_there(work: Workspace, delivered: Sequence[Delivery]) -> Iterator[Missing]:
    """Orders whose products lie here: a delivery is remembered before its products take their place."""
    known = {one.order for one in delivered}
    for folder in sorted(work.delivered_orders.glob("[!.]*")):
        if folder.is_dir() and folder.name not in known:
            yield Missing(f"the order {folder.name}", folder, order=folder.name)


def _made_beside_a_history(work: Workspace) -> Iterator[Missing]:
    for record in sorted(work.known_out.parent.glob(f"[!.]*/{RECORD}")):
        told = next((one for one in _graph(record) if one.get("@id") == _INPUT), {})
        if told.get("sha256", _NOTHING) != _NOTHING:
            yield Missing(f"what was out when the edition {record.parent.name} was made", record)


def _kept_nothing_of(work: Workspace, every: Sequence[Release]) -> Iterator[Missing]:
    """Publications that were made beside a history, are not in it, and of which ``restricted/`` has nothing: as when an older
    backup has taken the place of what was there. Whether they were released nobody can say."""
    known = {one.edition for one in every}
    for record in sorted(work.known_out.parent.glob(f"[!.]*/{RECORD}")):
        name = record.parent.name
        if name not in known and not _is_kept(work, name) and any(one.get("@id") == _INPUT for one in _graph(record)):
            # It is named as no edition: whoever enters it as out already must have what it gave away.
            yield Missing(f"what restricted/{name} kept of the publication {name}", record)


def _is_kept(work: Workspace, name: str) -> bool:
    try:
        own = Workspace(work.root, name)
        return own.history.is_file() or own.disclosure_memory.is_dir()
    except EditionError:
        # A folder that somebody has put there, such as a copy: no edition can be called so, and none is released from it.
        return True


def _graph(record: Path) -> list[dict[str, Any]]:
    graph = _read(record).get("@graph", [])
    return [one for one in graph if isinstance(one, dict)] if isinstance(graph, list) else []


def _named(file: Path, key: str | None, wanted: Sequence[str]) -> list[dict[str, Any]]:
    """What a file lists under a key, each entry with the fields that are wanted; without a key the file is one entry."""
    told = _read(file)
    found = [told] if key is None else told.get(key)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise _unreadable(file)
    # Editions stand with the number of their release in the list of what something was protected together with.
    found = [{"number": one.get("release"), **one} for one in found]
    if not all(one.keys() >= set(wanted) and ("order" in one or "edition" in one) for one in found):
        raise _unreadable(file)
    return found


def _read(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise _unreadable(file)
    return found


def _unreadable(file: Path) -> InputError:
    return InputError("The file tells what is out, and cannot be read.", file=file, remedy="Restore it from the backup.")


def _text(told: Mapping[str, Any]) -> bytes:
    return (json.dumps(told, indent=1, ensure_ascii=False) + "\n").encode()


def _shown(path: Path, work: Workspace) -> str:
    return path.relative_to(work.root).as_posix()
