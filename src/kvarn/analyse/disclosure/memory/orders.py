"""What custom orders have given away is remembered, whatever has become of their parameters.

``restricted/orders/<order>/<number>/`` keeps each delivery that differed from the one before: ``table.json`` (the table's
definition, and of which edition), ``disclosure/`` (the pattern and its certificate), ``edition/`` (the pattern that the edition
had been published with: once an order of it is out, so is the edition) and the officer's report.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kvarn.analyse._files import SECRET, replace_file
from kvarn.analyse.disclosure.memory.pattern import Memory, pattern_hash
from kvarn.base.exchange import exchange, recover, stage
from kvarn.base.locks import held
from kvarn.collect.safekeeping import private_folder
from kvarn.errors import InputError
from kvarn.metadata import TableDefinition

__all__ = ["Delivery", "alone", "deliveries", "keep_delivery", "memories_of"]

_TABLE = "table.json"


@dataclass(frozen=True)
class Delivery:
    """One order as it was delivered.

    Attributes
    ----------
    place
        The how manieth delivery of all orders it was.
    register
        Which register it is from; empty for orders of before there was a release history.
    """

    order: str
    number: int
    place: int
    edition: str
    synthetic: bool
    definition: TableDefinition
    folder: Path
    register: str = ""

    def memories(self) -> list[Memory]:
        """What it gave away, and what its edition had given away before."""
        name = f"orders/{self.order}/{self.number}"
        own = Memory(self.folder / "disclosure", name, self.definition.model_copy(update={"name": name}))
        return [own, Memory(self.folder / "edition", self.edition)]


def deliveries(orders: Path) -> list[Delivery]:
    """Every delivery of every order, the newest first.

    Raises
    ------
    InputError
        One of them cannot be read.
    """
    found = []
    # A hidden folder is one that is being written, or was left by a run that was stopped.
    for path in orders.glob(f"[!.]*/[!.]*/{_TABLE}"):
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            definition = TableDefinition(**kept.pop("definition"))
            found.append(
                Delivery(path.parent.parent.name, int(path.parent.name), definition=definition, folder=path.parent, **kept)
            )
        except (ValueError, TypeError, KeyError) as error:
            raise InputError(
                "What a custom order has given away cannot be read.",
                file=path,
                remedy="Restore the folder from the backup: nothing may be published that could uncover the order.",
            ) from error
    return sorted(found, key=lambda one: -one.place)


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
            kept = about | {"place": delivered[0].place + 1 if delivered else 1, "definition": definition.model_dump(mode="json")}
            text = json.dumps(kept, indent=2, ensure_ascii=False) + "\n"
            replace_file(beside / _TABLE, text.encode(), mode=SECRET)
            exchange(beside, target, secret=True, durable=True)
    finally:
        recover(following)
    replace_file(target / "order.yml", parameters, mode=SECRET)
    return target


def _same(last: Delivery, now: Path, about: dict[str, Any], definition: TableDefinition) -> bool:
    folders = ("disclosure", "edition")
    patterns = all(pattern_hash(now / folder) == pattern_hash(last.folder / folder) for folder in folders)
    same = definition.model_dump(mode="json") == last.definition.model_dump(mode="json")
    known = {"edition": last.edition, "synthetic": last.synthetic, "register": last.register}
    return patterns and same and {"register": "", **about} == known


@contextlib.contextmanager
def alone(orders: Path, waiting: Callable[[], None] | None = None) -> Iterator[None]:
    """Hold the lock of the orders: another order, or an edition that is protected, waits until this one is remembered."""
    private_folder(orders)
    with held(orders / ".lock", waiting):
        yield
