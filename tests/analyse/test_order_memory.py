"""What orders have given away is a chain, as releases are: whatever is lost of it or was changed stops everything."""

from __future__ import annotations

import itertools
import json
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from kvarn.analyse.disclosure.memory.orders import Delivery, alone, deliveries, keep_delivery, memories_of
from kvarn.analyse.disclosure.memory.out import History
from kvarn.base.stages import hear
from kvarn.errors import InputError

from .test_orders import BY_SEX
from .test_release_history import enter, stopped_at


def deliver(
    root: Path, name: str, pattern: str = "a", register: str = "real", edition_of: str = "first", threshold: int = 4
) -> Path:
    """Remember a delivery as `kvarn order` does, of a pattern of its own."""
    edition = root / "restricted" / "first" / "disclosure"
    edition.mkdir(parents=True, exist_ok=True)
    (edition / "certificate.json").write_text('{"rules": {}, "cells_sha256": "of the edition"}')

    def write(folder: Path) -> None:
        (folder / "disclosure").mkdir()
        certificate = json.dumps({"rules": {"threshold": threshold}, "cells_sha256": f"{name} {pattern}"})
        (folder / "disclosure" / "certificate.json").write_text(certificate)

    about = {"edition": edition_of, "synthetic": register != "real", "register": register}
    return keep_delivery(root / "restricted" / "orders", name, about, BY_SEX.definition(name), edition, b"an order\n", write)


def known(root: Path) -> list[tuple[str, int]]:
    return [(one.order, one.number) for one in deliveries(root / "restricted" / "orders")[::-1]]


def without_a_chain(root: Path) -> None:
    """As deliveries were kept before: no checksums, and no head."""
    (root / "restricted" / "orders.json").unlink()
    for path in sorted((root / "restricted" / "orders").glob("*/*/table.json")):
        told = json.loads(path.read_text())
        del told["before"], told["kept"]
        path.write_text(json.dumps(told))


def test_deliveries_are_kept_in_order_each_with_the_checksum_of_the_one_before(tmp_path: Path) -> None:
    for name, pattern in (("a", "1"), ("b", "1"), ("a", "2"), ("a", "2")):
        deliver(tmp_path, name, pattern)
    assert known(tmp_path) == [("a", 1), ("b", 1), ("a", 2)]
    first, second, third = deliveries(tmp_path / "restricted" / "orders")[::-1]
    assert first.before == "" and (second.before, third.before) == (first.digest, second.digest)


def test_an_order_that_comes_out_the_same_by_other_rules_is_remembered_with_those(tmp_path: Path) -> None:
    for threshold in (4, 10, 10):
        deliver(tmp_path, "a", threshold=threshold)
    assert known(tmp_path) == [("a", 1), ("a", 2)]


def lose_the_last(orders: Path) -> None:
    shutil.rmtree(orders / "a" / "2")


def lose_the_first(orders: Path) -> None:
    shutil.rmtree(orders / "a" / "1")


def lose_an_order(orders: Path) -> None:
    shutil.rmtree(orders / "b")


def lose_all(orders: Path) -> None:
    shutil.rmtree(orders)


def lose_all_that_is_in_it(orders: Path) -> None:
    for path in orders.iterdir():
        shutil.rmtree(path)


def lose_the_head(orders: Path) -> None:
    orders.with_name("orders.json").unlink()


def cut_off(orders: Path) -> None:
    lose_the_last(orders)
    lose_the_head(orders)


def lose_a_pattern(orders: Path) -> None:
    (orders / "b" / "1" / "disclosure" / "certificate.json").unlink()


def change_a_pattern(orders: Path) -> None:
    (orders / "b" / "1" / "edition" / "certificate.json").write_text("{}")


def change_what_it_was(orders: Path) -> None:
    path = orders / "a" / "1" / "table.json"
    path.write_text(path.read_text().replace('"edition": "first"', '"edition": "other"'))


def call_it_another(orders: Path) -> None:
    (orders / "b").rename(orders / "c")
    (orders / "a" / "1").rename(orders / "a" / "0")
    shutil.copytree(orders / "a" / "0", orders / "a" / "1")


def forget_that_it_is_a_chain(orders: Path) -> None:
    path = orders / "a" / "2" / "table.json"
    told = json.loads(path.read_text())
    del told["before"], told["kept"]
    path.write_text(json.dumps(told))


HARMS = [lose_the_last, lose_the_first, lose_an_order, lose_all, lose_all_that_is_in_it, lose_the_head, cut_off, lose_a_pattern]
HARMS += [change_a_pattern, change_what_it_was, call_it_another, forget_that_it_is_a_chain]


@pytest.mark.parametrize("harm", HARMS)
def test_order_memory_that_is_not_whole_stops_everything(tmp_path: Path, harm: Callable[[Path], None]) -> None:
    for name, pattern in (("a", "1"), ("b", "1"), ("a", "2")):
        deliver(tmp_path, name, pattern)
    harm(tmp_path / "restricted" / "orders")
    with pytest.raises(InputError, match="custom orders have given away is not whole") as caught:
        deliveries(tmp_path / "restricted" / "orders")
    assert "restricted/orders.json from the backup" in str(caught.value.remedy)
    with pytest.raises(InputError, match="not whole"):
        deliver(tmp_path, "c")


@pytest.mark.parametrize("harm", [lose_all, cut_off])
def test_a_release_knows_how_many_orders_had_been_delivered_before_it(tmp_path: Path, harm: Callable[[Path], None]) -> None:
    """Though the head of the orders is lost with them, or an older one was restored together with older orders."""
    deliver(tmp_path, "a", "1")
    before = shutil.copytree(tmp_path / "restricted", tmp_path / "backup")
    deliver(tmp_path, "a", "2")
    last = deliveries(tmp_path / "restricted" / "orders")[0].digest
    enter(tmp_path, "first", orders=2, last_order=last)
    restricted = tmp_path / "restricted"

    def read() -> History:
        return History.read(
            restricted / "releases", restricted / "orders", edition="next", register="real", synthetic=False, named=()
        )

    assert [getattr(one, "order", one.edition) for one in read().out] == ["a", "a", "first"]
    shutil.rmtree(restricted / "orders")
    (restricted / "orders.json").unlink()
    if harm is cut_off:
        shutil.copytree(before / "orders", restricted / "orders")
        shutil.copy(before / "orders.json", restricted)
    with pytest.raises(InputError, match="2 had been delivered when the edition first was released"):
        read()
    if harm is cut_off:
        # Another order delivered since does not stand in for the one that was lost.
        deliver(tmp_path, "a", "3")
        with pytest.raises(InputError, match="another one is the last of these"):
            read()


def test_deliveries_of_before_there_was_a_chain_begin_it(tmp_path: Path) -> None:
    deliver(tmp_path, "a", "1")
    deliver(tmp_path, "b", "1")
    without_a_chain(tmp_path)
    assert known(tmp_path) == [("a", 1), ("b", 1)]
    deliver(tmp_path, "a", "2")
    assert known(tmp_path) == [("a", 1), ("b", 1), ("a", 2)]
    path = tmp_path / "restricted" / "orders" / "b" / "1" / "table.json"
    path.write_text(path.read_text() + " ")
    with pytest.raises(InputError, match="delivery 3 does not follow"):
        deliveries(tmp_path / "restricted" / "orders")


@pytest.mark.parametrize("of_before", [False, True])
def test_whoever_is_killed_at_any_moment_has_remembered_an_order_whole_or_not_at_all(tmp_path: Path, of_before: bool) -> None:
    deliver(tmp_path, "a", "1")
    if of_before:
        without_a_chain(tmp_path)
    before = shutil.copytree(tmp_path / "restricted", tmp_path / "before")
    seen = set()
    for number in itertools.count(1):
        shutil.rmtree(tmp_path / "restricted")
        shutil.copytree(before, tmp_path / "restricted")
        if not stopped_at(number, lambda: deliver(tmp_path, "a", "2")):
            break
        found = known(tmp_path)
        assert found in ([("a", 1)], [("a", 1), ("a", 2)]), number
        seen.add(len(found))
        # The next one goes on from there.
        deliver(tmp_path, "a", "2")
        deliver(tmp_path, "b", "1")
        assert known(tmp_path) == [("a", 1), ("a", 2), ("b", 1)]
    assert seen == {1, 2} and number > 20


@pytest.mark.parametrize("by_stages", [False, True])
def test_whoever_waits_reads_who_is_at_work_and_since_when(tmp_path: Path, by_stages: bool) -> None:
    """A run that nobody has given a way to say it says it among its stages."""
    said: list[str] = []
    began, done = threading.Event(), threading.Event()

    def hold() -> None:
        with alone(tmp_path, work="the order by-age"):
            began.set()
            done.wait(timeout=30)

    def waiting(holder: str) -> None:
        said.append(holder)
        done.set()

    holder = threading.Thread(target=hold)
    holder.start()
    assert began.wait(timeout=30)
    with hear(waiting), alone(tmp_path, None if by_stages else waiting, work="the release of the edition 2023"):
        assert [path.name for path in tmp_path.iterdir()] and (tmp_path / ".holder").stat().st_mode & 0o077 == 0
    holder.join(timeout=30)
    assert len(said) == 1 and "the order by-age (started by " in said[0] and " UTC)" in said[0]
    assert said[0].startswith("waiting for ") == by_stages
    assert not (tmp_path / ".holder").exists()


def test_a_delivery_says_what_it_holds(tmp_path: Path) -> None:
    deliver(tmp_path, "a")
    (one,) = deliveries(tmp_path / "restricted" / "orders")
    assert isinstance(one, Delivery) and one.kept is not None
    assert set(one.kept) == {"disclosure/certificate.json", "edition/certificate.json"}


@pytest.mark.parametrize("mine", ["real", "synthetic a"])
def test_what_is_out_of_a_real_and_of_a_synthetic_register_is_never_held_together(tmp_path: Path, mine: str) -> None:
    """Though the editions and the orders have the same names, and an edition names one of the other kind."""
    for register in ("real", "synthetic a"):
        kind = register.split()[0]
        deliver(tmp_path, f"{kind}-order", "1", register, f"{kind}-edition")
        enter(tmp_path, f"{kind}-edition", register=register, orders=0)
    restricted = tmp_path / "restricted"
    history = History.read(
        restricted / "releases",
        restricted / "orders",
        edition="next",
        register=mine,
        synthetic=mine != "real",
        named=("real-edition", "synthetic-edition"),
    )
    kind = mine.split()[0]
    assert sorted(getattr(one, "order", one.edition) for one in history.out) == [f"{kind}-edition", f"{kind}-order"]
    for earlier in ((), ("real-edition", "synthetic-edition")):
        found = memories_of(restricted, f"{kind}-edition", earlier, restricted / "orders", synthetic=mine != "real")
        orders = {one.name for one in found if one.table is not None}
        assert orders and all(name.split("/")[1].startswith(kind) for name in orders)
