"""A register whose ledger or rows are lost or damaged: nothing is begun anew in its place, removed or blamed on a delivery."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from kvarn.collect import collect_year, delivery_log, forget_unless_same, ledger_state, take_in
from kvarn.collect._ledger import Ledger
from kvarn.errors import InputError

from .conftest import MAN, WOMAN, person, procedure, rows, terms

KHSL1, KHSL2 = "KHSL1_0114_202301.txt", "KHSL2_0114_202301.txt"
PERSONS, EVENTS = rows(person(WOMAN), person(MAN)), rows(procedure(WOMAN))

Damage = Callable[[Path], object]


def empty(file: Path) -> None:
    file.write_bytes(b"")


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def overwrite(file: Path) -> None:
    file.write_bytes(b"not what was written" * 20)


def turn_bits(file: Path) -> None:
    """What lies before the end, which tells of the form: that is seen when the rows are read."""
    content = bytearray(file.read_bytes())
    content[4 : len(content) // 3] = bytes(255 - byte for byte in content[4 : len(content) // 3])
    file.write_bytes(content)


def make_a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


DAMAGES: tuple[Damage, ...] = (Path.unlink, empty, cut, overwrite, make_a_folder)


def state(folder: Path) -> dict[str, str]:
    """Everything that lies there, but the lock and what databases have their own folders for."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


@pytest.fixture
def register(tmp_path: Path) -> Path:
    """A register that two months of persons have been taken into, each in a file of rows of its own."""
    for month in ("01", "02"):
        folder = tmp_path / month
        folder.mkdir()
        (folder / f"KHSL1_0114_2023{month}.txt").write_bytes(PERSONS.replace(b";01\n", f";{month}\n".encode()))
        take_in([folder], tmp_path / "register", terms=terms())
    assert len(list((tmp_path / "register").rglob("*.parquet"))) == 2
    return tmp_path / "register"


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """What comes next."""
    folder = tmp_path / "new"
    folder.mkdir()
    (folder / KHSL2).write_bytes(EVENTS)
    return folder


@pytest.mark.parametrize("damage", DAMAGES)
def test_nothing_is_begun_in_the_place_of_a_ledger_that_is_lost(register: Path, new: Path, damage: Damage) -> None:
    shutil.copytree(register, backup := register.with_name("backup"))
    damage(register / "ledger.sqlite")
    before = state(register)
    for attempt in (lambda: take_in([new], register, terms=terms()), lambda: delivery_log(register)):
        with pytest.raises(InputError, match=r"ledger\.sqlite[^$]*Restore the whole folder .*register from the backup"):
            attempt()
        assert state(register) == before
    # The remedy mends it.
    shutil.rmtree(register)
    shutil.copytree(backup, register)
    take_in([new], register, terms=terms())
    assert delivery_log(register)["verdict"].tolist() == ["accepted"] * 3


@pytest.mark.parametrize("months", [["03"], ["03", "04"]])
def test_a_ledger_that_is_older_than_the_rows_removes_none_of_them(register: Path, new: Path, months: list[str]) -> None:
    older = (register / "ledger.sqlite").read_bytes()
    for month in months:
        (new / f"KHSL1_0114_2023{month}.txt").write_bytes(PERSONS.replace(b";01\n", f";{month}\n".encode()))
        take_in([new], register, terms=terms())
    (register / "ledger.sqlite").write_bytes(older)
    before = state(register)
    with pytest.raises(InputError, match="it is older than the rows"):
        take_in([new], register, terms=terms())
    assert state(register) == before


class Killed(BaseException):
    """The process ends here, as far as the register can tell."""


def test_what_a_killed_intake_has_left_is_removed_as_ever(register: Path, new: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = state(register)
    (new / "KHSL1_0114_202303.txt").write_bytes(PERSONS.replace(b";01\n", b";03\n"))

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(Ledger, "record", killed)
        take_in([new], register, terms=terms())
    (left,) = set(state(register)) - set(before) - {"rows-under-way"}
    assert left.endswith("/00000003-00000003.parquet")
    half = register / "rows" / "KHSL1" / "2023" / ".00000004-00000004.parquet.partial"
    shutil.copy(register / left, half)
    take_in([], register, terms=terms())
    assert state(register) == before


@pytest.mark.parametrize("damage", [*DAMAGES, turn_bits])
def test_no_delivery_is_rejected_for_rows_that_are_lost(register: Path, new: Path, damage: Damage) -> None:
    victim = next(register.rglob("00000001-*.parquet"))
    damage(victim)
    before = state(register)
    with pytest.raises(InputError) as told:
        take_in([new], register, terms=terms())
    assert told.value.file == victim and "from the backup" in str(told.value.remedy)
    assert state(register) == before


@pytest.mark.parametrize("damage", DAMAGES)
def test_an_edition_names_the_rows_that_are_lost(register: Path, tmp_path: Path, damage: Damage) -> None:
    known = ledger_state(register, 2023)
    victim = next(register.rglob("00000002-*.parquet"))
    damage(victim)
    assert known and ledger_state(register, 2023) is None
    with pytest.raises(InputError) as told:
        collect_year(register, 2023, tmp_path / "collected")
    assert told.value.file == victim
    assert not (tmp_path / "collected" / "2023").exists()


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("what", ["ledger.sqlite", "rows"])
def test_a_store_that_can_be_made_again_is(register: Path, tmp_path: Path, what: str, damage: Damage) -> None:
    folders = [tmp_path / "01", tmp_path / "02"]
    damage(register / what if what != "rows" else next(register.rglob("*.parquet")))
    forget_unless_same(register, folders, terms(), [2023])
    take_in(folders, register, terms=terms())
    assert delivery_log(register)["verdict"].tolist() == ["accepted"] * 2


def test_rows_of_other_deliveries_are_not_those_that_the_ledger_names(register: Path, new: Path) -> None:
    take_in([new], register, terms=terms())
    parcels = sorted(register.rglob("*.parquet"))
    assert [parcel.parent.parent.name for parcel in parcels] == ["KHSL1", "KHSL1", "KHSL2"]
    kept = [parcel.read_bytes() for parcel in parcels]
    table = pq.read_table(parcels[0])
    fewer = register.with_name("fewer.parquet")
    pq.write_table(table.slice(1), fewer, store_schema=False)
    for of_another in (kept[1], kept[2], fewer.read_bytes()):
        parcels[0].write_bytes(of_another)
        for attempt in (lambda: take_in([new], register, terms=terms()), lambda: collect_year(register, 2023, register / "year")):
            with pytest.raises(InputError, match=r"These are not the rows of the deliveries [^$]*00000001-00000001\.parquet"):
                attempt()
        parcels[0].write_bytes(kept[0])
    take_in([new], register, terms=terms())
