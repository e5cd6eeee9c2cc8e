"""Corrections, history, killed and simultaneous intakes, full disks: nothing is lost and nothing counted twice."""

from __future__ import annotations

import datetime as dt
import errno
import fcntl
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from kvarn.collect import _intake as intake_module
from kvarn.collect import collect_year, delivery_log, forget_unless_same, ledger_state, take_in, write_overview
from kvarn.demo import write_demo
from kvarn.errors import InputError

from .conftest import MAN, WOMAN, person, procedure, rows, terms

KHSL1, KHSL2 = "KHSL1_0114_202301.txt", "KHSL2_0114_202301.txt"
FIRST, CORRECTED = rows(person(WOMAN)), rows(person(WOMAN), person(MAN))
MARCH, MAY = dt.date(2023, 3, 31), dt.date(2023, 5, 2)


def deliver(tmp_path: Path, folder: str, files: dict[str, bytes]) -> Path:
    place = tmp_path / folder
    place.mkdir(exist_ok=True)
    for name, content in files.items():
        (place / name).write_bytes(content)
    return place


def numbers_in_force(store: Path, tmp_path: Path, as_of: dt.date | None = None) -> list[str]:
    """The identity numbers of the persons in force."""
    collect_year(store, 2023, tmp_path / "collected", as_of=as_of)
    log = pd.read_parquet(tmp_path / "collected" / "2023" / "deliveries.parquet")
    chosen = log[log["in_force"] & (log["type"] == "KHSL1")]
    found = pd.concat([pd.read_parquet(store / rows) for rows in chosen["rows"]])
    return sorted(found[found["file"].isin(chosen["delivery"])]["identity_number"])


def test_a_corrected_delivery_replaces_the_earlier_one_which_is_kept(tmp_path: Path) -> None:
    store, receipts = tmp_path / "store", tmp_path / "receipts"
    first, second = deliver(tmp_path, "a", {KHSL1: FIRST}), deliver(tmp_path, "b", {KHSL1: CORRECTED})
    take_in([first], store, terms=terms(), receipts=receipts, arrived=MARCH)
    before = json.loads((receipts / f"{KHSL1}.json").read_text())
    outcome = take_in([second], store, terms=terms(), receipts=receipts, arrived=MAY)
    after = json.loads((receipts / f"{KHSL1}.json").read_text())
    assert (before["replaces"], after["replaces"]) == (None, before["sha256"])
    assert outcome.rejected == []
    assert json.loads((receipts / "earlier" / f"1-{KHSL1}.json").read_text()) == before
    assert numbers_in_force(store, tmp_path) == sorted([WOMAN, MAN])
    assert numbers_in_force(store, tmp_path, MARCH) == [WOMAN], "preliminary"
    log = delivery_log(store)
    assert log["in_force"].tolist() == [False, True]
    assert delivery_log(store, as_of=dt.date(2023, 3, 30)).empty
    assert delivery_log(store, as_of=MARCH)["in_force"].tolist() == [True]


@pytest.mark.parametrize("moved", [(), (".html",), (".html", ".json")])
def test_an_intake_killed_before_the_correction_had_its_receipt_gives_it_later(tmp_path: Path, moved: tuple[str, ...]) -> None:
    store, receipts, earlier = tmp_path / "store", tmp_path / "receipts", tmp_path / "receipts" / "earlier"
    both = [deliver(tmp_path, "a", {KHSL1: FIRST}), deliver(tmp_path, "b", {KHSL1: CORRECTED})]
    take_in(both, store, terms=terms(), receipts=receipts, arrived=MARCH)
    given = {path.relative_to(receipts): path.read_bytes() for path in receipts.rglob("*") if path.is_file()}
    for suffix in (".html", ".json"):
        (receipts / f"{KHSL1}{suffix}").unlink()
        if suffix not in moved:
            (earlier / f"1-{KHSL1}{suffix}").rename(receipts / f"{KHSL1}{suffix}")
    take_in(both, store, terms=terms(), receipts=receipts, arrived=MARCH)
    assert {path.relative_to(receipts): path.read_bytes() for path in receipts.rglob("*") if path.is_file()} == given


def test_a_rejected_correction_leaves_the_earlier_delivery_in_force(tmp_path: Path) -> None:
    store = tmp_path / "store"
    take_in([deliver(tmp_path, "a", {KHSL1: FIRST})], store, terms=terms(), arrived=MARCH)
    take_in([deliver(tmp_path, "b", {KHSL1: b"nonsense\n"})], store, terms=terms(0.5), arrived=MAY)
    assert numbers_in_force(store, tmp_path) == [WOMAN]


def test_the_later_arrival_is_in_force_whatever_the_order_of_taking_in(tmp_path: Path) -> None:
    store = tmp_path / "store"
    take_in([deliver(tmp_path, "b", {KHSL1: CORRECTED})], store, terms=terms(), arrived=MAY)
    take_in([deliver(tmp_path, "a", {KHSL1: FIRST})], store, terms=terms(), arrived=MARCH)
    assert numbers_in_force(store, tmp_path) == sorted([WOMAN, MAN])


def test_of_two_paths_given_at_once_the_second_is_the_later(tmp_path: Path) -> None:
    store = tmp_path / "store"
    first, second = deliver(tmp_path, "z", {KHSL1: FIRST}), deliver(tmp_path, "b", {KHSL1: CORRECTED})
    take_in([first, second], store, terms=terms(), arrived=MARCH)
    assert numbers_in_force(store, tmp_path) == sorted([WOMAN, MAN])


def test_the_log_of_arrivals_orders_files_of_one_name_in_one_folder(tmp_path: Path) -> None:
    place = deliver(tmp_path, "a", {KHSL1: FIRST})
    (place / "again").mkdir()
    (place / "again" / KHSL1).write_bytes(CORRECTED)
    (place / "arrivals.csv").write_text(f"file,arrived\n{KHSL1},2023-03-31\nagain/{KHSL1},2023-05-02\n")
    take_in([place], tmp_path / "store", terms=terms())
    assert numbers_in_force(tmp_path / "store", tmp_path) == sorted([WOMAN, MAN])
    assert numbers_in_force(tmp_path / "store", tmp_path, MARCH) == [WOMAN]


def test_the_log_of_arrivals_may_lie_in_the_folder_above(tmp_path: Path) -> None:
    place = deliver(tmp_path, "2023", {KHSL1: FIRST})
    (place / "again").mkdir()
    (place / "again" / KHSL1).write_bytes(CORRECTED)
    (tmp_path / "arrivals.csv").write_text(f"file,arrived\n{KHSL1},2023-03-31\n2023/again/{KHSL1},2023-05-02\n")
    take_in([place], tmp_path / "store", terms=terms())
    assert delivery_log(tmp_path / "store")["came"].tolist() == [MARCH, MAY]


def test_what_was_taken_in_before_is_not_taken_in_again_and_gets_its_receipt(tmp_path: Path) -> None:
    store, place = tmp_path / "store", deliver(tmp_path, "a", {KHSL1: CORRECTED, KHSL2: rows(procedure())})
    first = take_in([place], store, terms=terms(), receipts=tmp_path / "r1")
    os.utime(place / KHSL1)
    again = take_in([place], store, terms=terms(), receipts=tmp_path / "r2")
    assert (first.known, again.known, len(delivery_log(store))) == (0, 2, 2)
    for name in (KHSL1, KHSL2):
        assert (tmp_path / "r1" / f"{name}.json").read_bytes() == (tmp_path / "r2" / f"{name}.json").read_bytes()


def test_the_same_bytes_from_elsewhere_are_a_duplicate_and_rejected(tmp_path: Path) -> None:
    store, receipts = tmp_path / "store", tmp_path / "receipts"
    take_in([deliver(tmp_path, "a", {KHSL1: FIRST})], store, terms=terms())
    outcome = take_in([deliver(tmp_path, "b", {KHSL1: FIRST})], store, terms=terms(), receipts=receipts)
    receipt = json.loads((receipts / f"{KHSL1}.json").read_text())
    assert [fault["rule"] for fault in receipt["faults"]] == ["file-duplicate"]
    assert (receipt["received"], receipt["accepted"], receipt["rejected"]) == (1, 0, 1)
    assert len(outcome.rejected) == 1
    assert numbers_in_force(store, tmp_path) == [WOMAN]


def test_a_file_is_judged_anew_when_the_rules_have_changed(tmp_path: Path) -> None:
    store, place = tmp_path / "store", deliver(tmp_path, "a", {KHSL1: rows(person(), "x")})
    assert take_in([place], store, terms=terms(0.1)).rejected
    assert not take_in([place], store, terms=terms(0.5)).rejected
    assert numbers_in_force(store, tmp_path) == [WOMAN]
    write_overview(store, tmp_path, [2023])
    overview = pd.read_csv(tmp_path / "overview.csv", dtype=str)
    shown = overview[(overview["municipality"] == "0114") & (overview["month"] == "1") & (overview["type"] == "KHSL1")]
    assert shown["status"].tolist() == ["accepted"], "the municipality has corrected nothing"


def at(monkeypatch: pytest.MonkeyPatch, day: dt.date) -> None:
    """The day on which the next intake takes in."""

    class Clock(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> Clock:
            return cls(day.year, day.month, day.day, 12, tzinfo=tz)

    monkeypatch.setattr(intake_module.dt, "datetime", Clock)


@pytest.mark.parametrize("days", [(0, 0, 0), (0, 30, 60)], ids=["one day", "days apart"])
@pytest.mark.parametrize("arrived", [None, MARCH], ids=["not told", "told"])
def test_a_superseded_delivery_that_is_judged_anew_stays_superseded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: tuple[int, ...], arrived: dt.date | None
) -> None:
    """The first file lies where it lay, and only it is given again, under changed rules: the correction stays in force."""
    store, receipts = tmp_path / "store", tmp_path / "receipts"
    first, second = deliver(tmp_path, "a", {KHSL1: FIRST}), deliver(tmp_path, "b", {KHSL1: CORRECTED})
    for past, place, limits in zip(days, (first, second, first), (terms(), terms(), terms(0.5)), strict=True):
        at(monkeypatch, MAY + dt.timedelta(past))
        take_in([place], store, terms=limits, receipts=receipts, arrived=arrived)
    assert numbers_in_force(store, tmp_path) == sorted([WOMAN, MAN])
    log = delivery_log(store)
    assert log["number"].tolist() == [1, 3, 2] and log["judged_again"].tolist() == [True, False, False]
    assert log["came"].tolist() == ([MARCH] * 3 if arrived else [MAY, MAY, MAY + dt.timedelta(days[1])])
    shown, moved = (json.loads((receipts / name).read_text()) for name in (f"{KHSL1}.json", f"earlier/3-{KHSL1}.json"))
    assert (shown["delivery"], moved["judged_before_as"], moved["replaces"]) == (2, 1, None)
    collected = pd.read_parquet(tmp_path / "collected" / "2023" / "deliveries.parquet")
    assert collected["delivery"].tolist() == [3, 2], "each delivery stands once, as it was judged last"
    given = {path.relative_to(receipts): path.read_bytes() for path in receipts.rglob("*.*")}
    take_in([first, second], store, terms=terms(0.5), receipts=tmp_path / "afresh", arrived=arrived)
    assert take_in([first], store, terms=terms(0.5), receipts=receipts, arrived=arrived).known == 1
    assert given.items() <= {path.relative_to(receipts): path.read_bytes() for path in receipts.rglob("*.*")}.items()


@pytest.mark.parametrize("touched", [False, True])
def test_a_folder_with_a_correction_is_judged_anew_in_the_order_in_which_its_files_came(tmp_path: Path, touched: bool) -> None:
    """Neither by the day, which is the same, nor as two files of one name of which nobody can tell the later."""
    store, folder = tmp_path / "store", tmp_path / "all"
    # The correction's place comes first by name.
    for place, content in (("z", FIRST), ("a", CORRECTED)):
        (folder / place).mkdir(parents=True)
        (folder / place / KHSL1).write_bytes(content)
        take_in([folder], store, terms=terms())
    if touched:
        os.utime(folder / "z" / KHSL1)
    assert not take_in([folder], store, terms=terms(0.5)).rejected
    assert numbers_in_force(store, tmp_path) == sorted([WOMAN, MAN])
    assert delivery_log(store)["verdict"].tolist() == ["accepted"] * 4
    # A third one comes after both.
    (folder / "b").mkdir()
    (folder / "b" / KHSL1).write_bytes(rows(person(MAN)))
    take_in([folder], store, terms=terms(0.4))
    assert numbers_in_force(store, tmp_path) == [MAN]


def test_what_comes_back_after_a_correction_is_another_delivery(tmp_path: Path) -> None:
    store, place = tmp_path / "store", deliver(tmp_path, "a", {KHSL1: FIRST})
    take_in([place], store, terms=terms())
    (place / KHSL1).write_bytes(CORRECTED)
    take_in([place], store, terms=terms())
    (place / KHSL1).write_bytes(FIRST)
    take_in([place], store, terms=terms(0.5))
    assert numbers_in_force(store, tmp_path) == [WOMAN]
    assert delivery_log(store)["judged_again"].tolist() == [False, False, False]


def test_a_delivery_that_is_rejected_when_it_is_judged_again_is_in_force_no_longer(tmp_path: Path) -> None:
    """Else its rows would count while its receipt says that it is rejected; and the one before it would not."""
    store, receipts = tmp_path / "store", tmp_path / "receipts"
    first = deliver(tmp_path, "a", {KHSL1: CORRECTED})
    second = deliver(tmp_path, "b", {KHSL1: rows(person(), *["x"] * 3)})
    take_in([first, second], store, terms=terms(0.9), receipts=receipts, arrived=MARCH)
    assert numbers_in_force(store, tmp_path) == [WOMAN]
    take_in([first, second], store, terms=terms(0.1), receipts=receipts, arrived=MARCH)
    assert numbers_in_force(store, tmp_path) == sorted([WOMAN, MAN])
    assert json.loads((receipts / f"{KHSL1}.json").read_text())["verdict"] == "rejected"
    take_in([first, second], store, terms=terms(0.9), receipts=receipts, arrived=MARCH)
    assert numbers_in_force(store, tmp_path) == [WOMAN]


def test_a_delivery_that_is_judged_again_replaces_what_it_replaced_and_never_itself(tmp_path: Path) -> None:
    """And its receipt says the same whenever it is written."""
    store, place = tmp_path / "store", deliver(tmp_path, "a", {KHSL1: FIRST})
    terms_of_then, receipts = [terms(0.9), terms(0.8), terms(0.7)], [tmp_path / f"r{number}" for number in range(3)]
    outcomes = [take_in([place], store, terms=terms_of_then[0], receipts=receipts[0])]
    (place / KHSL1).write_bytes(CORRECTED)
    outcomes += [take_in([place], store, terms=on, receipts=receipts[0]) for on in terms_of_then]
    assert [len(outcome.replaced) for outcome in outcomes] == [0, 1, 1, 1]
    told = json.loads((receipts[0] / f"{KHSL1}.json").read_text())
    first = json.loads((receipts[0] / "earlier" / f"1-{KHSL1}.json").read_text())
    assert (told["delivery"], told["judged_before_as"], told["replaces"]) == (4, 2, first["sha256"])
    assert told["replaced"] == {"rows": 1, "gone": 0, "same": 1, "new": 1} and told["sha256"] != first["sha256"]
    take_in([place], store, terms=terms_of_then[2], receipts=receipts[1])
    assert json.loads((receipts[1] / f"{KHSL1}.json").read_text()) == told
    # One that is alone has replaced nothing, though it was in force before.
    alone = deliver(tmp_path, "b", {"KHSL1_0114_202302.txt": rows(person(month="02"))})
    for on, folder in zip(terms_of_then, (receipts[1], receipts[1], receipts[1]), strict=True):
        take_in([alone], store, terms=on, receipts=folder)
    told = json.loads((receipts[1] / "KHSL1_0114_202302.txt.json").read_text())
    take_in([alone], store, terms=terms_of_then[2], receipts=receipts[2])
    assert (told["replaces"], told["replaced"]) == (None, None)
    assert json.loads((receipts[2] / "KHSL1_0114_202302.txt.json").read_text()) == told


def test_a_file_that_cannot_be_judged_again_for_the_moment_counts_as_it_was_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, place = tmp_path / "store", deliver(tmp_path, "a", {KHSL1: FIRST})
    take_in([place], store, terms=terms())

    def full(*_: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(intake_module, "write_parcel", full)
        take_in([place], store, terms=terms(0.5))
    assert numbers_in_force(store, tmp_path) == [WOMAN]
    take_in([place], store, terms=terms(0.5))
    assert numbers_in_force(store, tmp_path) == [WOMAN]
    assert delivery_log(store)["verdict"].tolist() == ["accepted", "accepted", "rejected"]


def test_of_two_copies_that_come_at_once_the_accepted_one_has_the_receipt_of_the_name(tmp_path: Path) -> None:
    receipts = tmp_path / "receipts"
    both = [deliver(tmp_path, "a", {KHSL1: FIRST}), deliver(tmp_path, "b", {KHSL1: FIRST})]
    for _ in range(2):
        take_in(both, tmp_path / "store", terms=terms(), receipts=receipts)
        told = json.loads((receipts / f"{KHSL1}.json").read_text())
        copy = json.loads((receipts / "earlier" / f"2-{KHSL1}.json").read_text())
        assert (told["verdict"], told["delivery"], copy["verdict"]) == ("accepted", 1, "rejected")
    # The same file once more, and then a correction.
    take_in([deliver(tmp_path, "c", {KHSL1: FIRST})], tmp_path / "store", terms=terms(), receipts=receipts)
    assert json.loads((receipts / f"{KHSL1}.json").read_text())["delivery"] == 1
    take_in([deliver(tmp_path, "d", {KHSL1: CORRECTED})], tmp_path / "store", terms=terms(), receipts=receipts)
    assert json.loads((receipts / f"{KHSL1}.json").read_text())["delivery"] == 4
    assert sorted(path.name[0] for path in (receipts / "earlier").glob("*.json")) == ["1", "2", "3"]


def is_empty(store: Path) -> bool:
    return [path.name for path in store.iterdir()] == [".lock"] and ledger_state(store, 2023) is None


def test_a_store_is_forgotten_when_a_file_has_gone_or_rules_have_changed_and_kept_otherwise(tmp_path: Path) -> None:
    store, place = tmp_path / "store", deliver(tmp_path, "a", {KHSL1: FIRST, "KHSL1_0114_202302.txt": rows(person(month="02"))})
    take_in([place], store, terms=terms())
    forget_unless_same(store, [place], terms(), [2023])
    assert ledger_state(store, 2023) is not None
    forget_unless_same(store, [place], terms(0.5), [2023])
    assert is_empty(store)
    take_in([place], store, terms=terms())
    (place / "KHSL1_0114_202302.txt").unlink()
    forget_unless_same(store, [place], terms(), [2023])
    assert is_empty(store)
    take_in([place], store, terms=terms())
    next(store.rglob("*.parquet")).unlink()
    forget_unless_same(store, [place], terms(), [2023])
    assert is_empty(store)


def test_a_store_is_emptied_while_it_is_held_and_its_lock_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for the lock would else come in while the store is being removed, or hold a lock that nobody else sees."""
    store, place = tmp_path / "store", deliver(tmp_path, "a", {KHSL1: FIRST})
    take_in([place], store, terms=terms())
    lock, free = store / ".lock", []
    before, emptied = lock.stat().st_ino, intake_module.empty

    def seen(held: Path) -> None:
        free.append(can_be_held(lock))
        emptied(held)

    monkeypatch.setattr(intake_module, "empty", seen)
    forget_unless_same(store, [place], terms(0.5), [2023])
    assert free == [False] and is_empty(store)
    assert lock.stat().st_ino == before and can_be_held(lock)


def can_be_held(lock: Path) -> bool:
    """Whether another process would get the lock at once."""
    with lock.open("rb") as other:
        try:
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def test_the_state_of_the_ledger_tells_of_changes_and_of_rows_that_are_gone(tmp_path: Path) -> None:
    store = tmp_path / "store"
    assert ledger_state(store, 2023) is None
    take_in([deliver(tmp_path, "a", {KHSL1: FIRST})], store, terms=terms(), arrived=MARCH)
    first = ledger_state(store, 2023)
    assert first == ledger_state(store, 2023) != ledger_state(store, 2022)
    take_in([deliver(tmp_path, "b", {KHSL1: CORRECTED})], store, terms=terms(), arrived=MAY)
    assert ledger_state(store, 2023) != first
    assert ledger_state(store, 2023, as_of=MARCH) == first
    next(store.rglob("*.parquet")).unlink()
    assert ledger_state(store, 2023) is None


def test_a_folder_that_is_no_store_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no register that deliveries"):
        collect_year(tmp_path, 2023, tmp_path / "collected")
    (tmp_path / "ledger.sqlite").write_bytes(b"this is no database, whatever its name says" * 40)
    with pytest.raises(InputError, match="cannot be used"):
        collect_year(tmp_path, 2023, tmp_path / "collected")


def test_a_disk_that_is_full_for_one_file_rejects_that_file_alone_and_takes_it_in_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, receipts = tmp_path / "store", tmp_path / "receipts"
    files = {f"KHSL1_0114_2023{month:02}.txt": rows(person(month=f"{month:02}")) for month in range(1, 6)}
    place = deliver(tmp_path, "a", files)
    right = intake_module.write_parcel

    def no_room_for_the_third(store: Path, kind: str, year: int, numbers: list[int], table: Any) -> str:
        if 3 in numbers:
            raise OSError(errno.ENOSPC, "No space left on device")
        return right(store, kind, year, numbers, table)

    monkeypatch.setattr(intake_module, "write_parcel", no_room_for_the_third)
    outcome = take_in([place], store, terms=terms(), receipts=receipts)
    assert [entry.name for entry in outcome.rejected] == ["KHSL1_0114_202303.txt"]
    receipt = json.loads((receipts / "KHSL1_0114_202303.txt.json").read_text())
    assert [fault["rule"] for fault in receipt["faults"]] == ["file-not-stored"]
    assert len(numbers_in_force(store, tmp_path)) == 4
    monkeypatch.undo()
    again = take_in([place], store, terms=terms(), receipts=receipts)
    assert again.rejected == [] and again.known == 4
    assert len(numbers_in_force(store, tmp_path)) == 5


def test_a_ledger_that_cannot_be_written_stops_the_intake_and_what_was_in_it_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "store"
    take_in([deliver(tmp_path, "a", {KHSL1: FIRST})], store, terms=terms(), arrived=MARCH)
    monkeypatch.setattr("kvarn.collect._ledger._COLUMNS", "no_such_column")
    with pytest.raises(InputError, match="cannot be used"):
        take_in([deliver(tmp_path, "b", {KHSL1: CORRECTED})], store, terms=terms(), arrived=MAY)
    monkeypatch.undo()
    assert numbers_in_force(store, tmp_path) == [WOMAN]
    take_in([tmp_path / "b"], store, terms=terms(), arrived=MAY)
    assert numbers_in_force(store, tmp_path) == sorted([WOMAN, MAN])
    assert len(list(store.rglob("*.parquet"))) == 2, "what the failed intake had written is tidied away"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_rejected_alone_and_judged_anew_later(tmp_path: Path) -> None:
    place = deliver(tmp_path, "a", {KHSL1: FIRST, KHSL2: rows(procedure())})
    (place / KHSL1).chmod(0)
    assert [entry.name for entry in take_in([place], tmp_path / "store", terms=terms()).rejected] == [KHSL1]
    (place / KHSL1).chmod(0o600)
    assert take_in([place], tmp_path / "store", terms=terms()).rejected == []


def test_a_file_that_breaks_while_it_is_read_is_rejected_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = deliver(tmp_path, "a", {KHSL1: FIRST, KHSL2: rows(procedure())})
    right = Path.read_bytes

    def broken(path: Path) -> bytes:
        if path.name == KHSL1:
            raise OSError(errno.EIO, "Input/output error")
        return right(path)

    monkeypatch.setattr(Path, "read_bytes", broken)
    outcome = take_in([place], tmp_path / "store", terms=terms(), receipts=tmp_path / "receipts")
    assert [entry.name for entry in outcome.rejected] == [KHSL1]
    monkeypatch.undo()
    assert take_in([place], tmp_path / "store", terms=terms()).rejected == []


# --- whole processes --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder, persons=600, first_year=2018, last_year=2021, seed=3, procedures_per_person=6)
    for path in (folder / "deliveries").rglob("KHSL*"):
        if path.name[6:8] != "01":
            path.unlink()
    return folder / "deliveries"


def begin(demo: Path, store: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "kvarn", "intake", str(demo), "--into", str(store), "--receipts", str(store / "receipts")]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def state(store: Path) -> tuple[pd.DataFrame, dict[str, bytes], int]:
    """What came of an intake, without the numbers and times that depend on how it went."""
    log = delivery_log(store)[["name", "verdict", "received", "accepted", "rejected", "in_force"]]
    receipts = {}
    for path in sorted((store / "receipts").glob("KHSL*.json")):
        receipt = json.loads(path.read_text(encoding="utf-8"))
        receipts[path.name] = json.dumps({key: value for key, value in receipt.items() if key != "delivery"}).encode()
    kept = sum(pq.read_metadata(path).num_rows for path in (store / "rows").rglob("*.parquet"))
    return log.sort_values("name", ignore_index=True), receipts, kept


@pytest.fixture(scope="module")
def undisturbed(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = tmp_path_factory.mktemp("undisturbed") / "store"
    begin(demo, store).communicate()
    return store


def assert_same(store: Path, undisturbed: Path) -> None:
    found, wanted = state(store), state(undisturbed)
    pd.testing.assert_frame_equal(found[0], wanted[0])
    assert found[1] == wanted[1]
    assert found[2] == wanted[2], "rows are kept once"


# An intake that kills itself before or after the n-th call of one of its steps; run as a program with the intake's arguments.
DYING = """
import os, signal, sys
import kvarn.collect._intake as intake
from kvarn.collect._ledger import Ledger

step, count, when = sys.argv[1:4]
owner = {"write_parcel": intake, "record": Ledger, "write_receipt": intake}[step]
inner, left = getattr(owner, step), [int(count)]

def dying(*given, **named):
    left[0] -= 1
    if left[0] == 0 and when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    made = inner(*given, **named)
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return made

setattr(owner, step, dying)
from kvarn.cli import main
main(sys.argv[4:])
"""
KILLS = [
    ("write_parcel", 1, "before"),
    ("write_parcel", 1, "after"),
    ("record", 1, "after"),
    ("write_receipt", 40, "after"),
    ("record", 2, "before"),
    ("record", 3, "after"),
    ("write_receipt", 1, "before"),
]


def test_an_intake_killed_at_each_of_its_steps_goes_on_where_it_stopped(demo: Path, undisturbed: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    arguments = ["intake", str(demo), "--into", str(store), "--receipts", str(store / "receipts")]
    for step, count, when in KILLS:
        run = subprocess.run([sys.executable, "-c", DYING, step, str(count), when, *arguments], capture_output=True)
        assert run.returncode == -signal.SIGKILL, (step, count, when, run.stderr.decode()[-500:])
    begin(demo, store).communicate()
    assert_same(store, undisturbed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2))
def test_an_intake_killed_at_any_moment_goes_on_where_it_stopped(
    demo: Path, undisturbed: Path, tmp_path: Path, seed: int
) -> None:
    rng, store = random.Random(seed), tmp_path / "store"
    for _ in range(40):
        process = begin(demo, store)
        try:
            process.communicate(timeout=rng.uniform(0.5, 3.0))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
        else:
            break
    else:
        begin(demo, store).communicate()
    assert_same(store, undisturbed)


def test_two_intakes_at_once_do_not_disturb_each_other(demo: Path, undisturbed: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    both = [begin(demo, store)]
    time.sleep(0.5)
    both.append(begin(demo, store))
    said = [process.communicate() for process in both]
    assert all(process.returncode in (0, 1) for process in both), said
    assert_same(store, undisturbed)
