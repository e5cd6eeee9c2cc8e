"""What custom orders have given away is remembered, whatever has become of their parameters.

``restricted/orders/<order>/<number>/`` keeps each delivery that differed from the one before: ``table.json`` (the table's
definition, and of which edition), ``disclosure/`` (the pattern and its certificate), ``edition/`` (the pattern that the edition
had been published with: once an order of it is out, so is the edition) and the officer's report. Deliveries are a chain, as
releases are: each holds the checksum of the one before it and of its own files, and ``restricted/orders.json`` names the last
one, so that one that is lost, or was changed, is seen.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kvarn.analyse.disclosure.memory.chain import head_file, lost_by_head, write_head
from kvarn.analyse.disclosure.memory.kept import Memory, as_asked, pattern_hash, rules_of
from kvarn.analyse.disclosure.memory.releases import checksums
from kvarn.base.exchange import exchange, recover, stage
from kvarn.base.files import SECRET, replace_file
from kvarn.base.locks import held_for
from kvarn.collect.safekeeping import private_folder
from kvarn.edition import Disclosure
from kvarn.errors import InputError
from kvarn.metadata import TableDefinition

__all__ = ["Delivery", "alone", "deliveries", "keep_delivery", "memories_of", "not_whole"]

_TABLE, _PARAMETERS = "table.json", "order.yml"


@dataclass(frozen=True)
class Delivery:
    """One order as it was delivered.

    Attributes
    ----------
    place
        The how manieth delivery of all orders it was.
    register
        Which register it is from; empty for orders of before there was a release history.
    before
        The checksum of the delivery before; empty for the first.
    kept
        The checksum of every file of this delivery; None for deliveries of before they were a chain.
    digest
        The checksum of this delivery.
    """

    order: str
    number: int
    place: int
    edition: str
    synthetic: bool
    definition: TableDefinition
    folder: Path
    register: str = ""
    before: str = ""
    kept: Mapping[str, str] | None = None
    digest: str = ""

    def memories(self) -> list[Memory]:
        """What it gave away, and what its edition had given away before."""
        name = f"orders/{self.order}/{self.number}"
        own = Memory(self.folder / "disclosure", name, self.definition.model_copy(update={"name": name}))
        return [own, Memory(self.folder / "edition", self.edition)]


def deliveries(orders: Path) -> list[Delivery]:
    """Every delivery of every order, the newest first, once it is certain that none is missing and nothing has been changed.

    Raises
    ------
    InputError
        One of them cannot be read, or they are not whole.
    """
    # A hidden folder is one that is being written, or was left by a run that was stopped.
    found = sorted((_read(path) for path in orders.glob(f"[!.]*/[!.]*/{_TABLE}")), key=lambda one: one.place)
    for place, one in enumerate(found, 1):
        last = found[place - 2] if place > 1 else None
        if one.place != place:
            raise not_whole(orders, f"delivery {place} is missing, or there are two of it")
        if one.kept is None and (last is None or last.kept is None):
            continue
        if one.kept is None or one.before != (last.digest if last else ""):
            raise not_whole(one.folder, f"delivery {place} does not follow on the one before")
        if _checksums(one.folder) != one.kept:
            raise not_whole(one.folder, f"what is kept of delivery {place} is not what was delivered")
    in_a_chain = bool(found) and found[-1].kept is not None
    if (in_a_chain or head_file(orders).is_file()) and (why := lost_by_head(orders, [one.digest for one in found], "delivery")):
        raise not_whole(head_file(orders), why)
    return found[::-1]


def _read(path: Path) -> Delivery:
    try:
        content = path.read_bytes()
        kept = json.loads(content)
        definition = TableDefinition(**kept.pop("definition"))
        number, digest = int(path.parent.name), hashlib.sha256(content).hexdigest()
        return Delivery(path.parent.parent.name, number, definition=definition, folder=path.parent, digest=digest, **kept)
    except (ValueError, TypeError, KeyError) as error:
        raise InputError(
            "What a custom order has given away cannot be read.",
            file=path,
            remedy="Restore the folder from the backup: nothing may be published that could uncover the order.",
        ) from error


def _checksums(folder: Path) -> dict[str, str]:
    """What is kept of a delivery, but for the order's file: that may be written anew with other words for the same table, and
    whoever is stopped meanwhile leaves a hidden one."""
    own = (_TABLE, _PARAMETERS)
    return {name: digest for name, digest in checksums(folder).items() if name not in own and not name.startswith(".")}


def not_whole(file: Path, why: str) -> InputError:
    """The error of deliveries of which one is missing or was changed."""
    return InputError(
        f"What custom orders have given away is not whole: {why}.",
        file=file,
        remedy="Restore restricted/orders and restricted/orders.json from the backup: nothing may be published that could "
        "uncover an order.",
    )


def memories_of(restricted: Path, edition: str, earlier: Sequence[str], orders: Path | None, *, synthetic: bool) -> list[Memory]:
    """What tables have to start from where there is no release history, as in a program of one's own: every order, and the
    editions that are named (oldest first), the newest first, each after the orders from it. Orders from synthetic registers are
    of no matter but to the edition that they are from, and to those that name it. `kvarn publish` goes by
    `kvarn.analyse.disclosure.memory.out` instead, where nothing need be named."""
    found: list[Memory] = []
    delivered = [one for one in (deliveries(orders) if orders else []) if one.synthetic == synthetic]
    if synthetic:
        delivered = [one for one in delivered if one.edition in (edition, *earlier)]
    for one in delivered:
        found += one.memories() if one.edition not in earlier else []
    for name in reversed(earlier):
        for one in delivered:
            found += one.memories() if one.edition == name else []
        found.append(Memory(restricted / name / "disclosure", name))
    return found


def keep_delivery(
    orders: Path,
    name: str,
    about: dict[str, Any],
    definition: TableDefinition,
    edition: Path,
    parameters: bytes,
    write: Callable[[Path], None],
) -> Path:
    """Keep a delivery, unless the last one of the order was the same; returns its folder.

    Parameters
    ----------
    about
        ``edition``, ``synthetic`` and ``register``.
    edition
        The folder of the edition's own pattern.
    parameters
        The order's file, kept as ``order.yml`` of the delivery.
    write
        Writes pattern, certificate and report into a folder.
    """
    delivered = deliveries(orders)
    newest = delivered[0].digest if delivered else ""
    if not head_file(orders).is_file():
        # From the first delivery of a chain on there is a head, so that one without is seen to be cut off.
        write_head(orders, len(delivered), newest)
    last = next((one for one in delivered if one.order == name), None)
    following = private_folder(orders / name) / str(last.number + 1 if last else 1)
    beside = stage(following, secret=True)
    try:
        write(beside)
        shutil.copytree(edition, beside / "edition")
        if last is not None and _same(last, beside, about, definition):
            target = last.folder
        else:
            target = following
            defined = definition.model_dump(mode="json")
            kept = about | {"place": len(delivered) + 1, "definition": defined, "before": newest, "kept": _checksums(beside)}
            content = (json.dumps(kept, indent=2, ensure_ascii=False) + "\n").encode()
            replace_file(beside / _TABLE, content, mode=SECRET)
            exchange(beside, target, secret=True, durable=True)
            write_head(orders, len(delivered) + 1, hashlib.sha256(content).hexdigest())
    finally:
        recover(following)
    replace_file(target / _PARAMETERS, parameters, mode=SECRET)
    return target


def _same(last: Delivery, now: Path, about: dict[str, Any], definition: TableDefinition) -> bool:
    folders = ("disclosure", "edition")
    # By other rules other cells are secrets, though the same are withheld: both are remembered.
    patterns = all(_pattern(now / folder) == _pattern(last.folder / folder) for folder in folders)
    same = definition.model_dump(mode="json") == last.definition.model_dump(mode="json")
    known = {"edition": last.edition, "synthetic": last.synthetic, "register": last.register}
    return patterns and same and {"register": "", **about} == known


def _pattern(folder: Path) -> tuple[str | None, Disclosure | None]:
    rules = rules_of(folder)
    return pattern_hash(folder), rules and as_asked(rules)


@contextlib.contextmanager
def alone(orders: Path, waiting: Callable[[str], None] | None = None, *, work: str = "another run") -> Iterator[None]:
    """Hold the lock of what is out: whatever goes out, or is protected together with it, takes turns.

    Parameters
    ----------
    waiting
        Called once when somebody else holds it, with who that is and since when; else whoever listens to the stages is told.
    work
        What it is held for: whoever waits reads it.
    """
    private_folder(orders)
    with held_for(work, orders, waiting):
        yield
