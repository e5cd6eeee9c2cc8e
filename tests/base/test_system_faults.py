"""What the system refuses is said in words and with a remedy, whichever library passes it on."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from kvarn.base.system_faults import refused


def test_of_a_library_that_keeps_its_data_by_another() -> None:
    full = OperationalError("SELECT 1", {}, sqlite3.OperationalError("database or disk is full"))
    fault = refused(full, where="build/2023")
    assert fault is not None
    assert (fault.what, fault.where) == ("No space left on device.", "build/2023")
    assert "SELECT" not in str(fault) and "remedy:" in str(fault)


def test_as_the_library_itself_raises_it(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OperationalError) as raised, create_engine(f"sqlite:///{tmp_path / 'folder'}").connect() as database:
        database.execute(text("SELECT 1"))
    fault = refused(raised.value, where=str(tmp_path))
    assert fault is not None and fault.where == str(tmp_path) and fault.remedy


def _cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut": _cut,
    "appended": lambda content: content + b"more",
    "noughts": lambda content: bytes(len(content)),
    "another kind": lambda content: b'{"a": 1, "b": [2, 3, 4, 5]}',
    "empty": lambda content: b"",
    "pages": lambda content: content[:4] + b"\x5a" * 60 + content[64:],
}
READERS: dict[str, Callable[[Path], object]] = {
    "duckdb": lambda file: duckdb.sql(f"SELECT sum(a), max(b) FROM read_parquet('{file}')").fetchall(),
    "pyarrow": lambda file: pq.read_table(file),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_file_of_data_that_is_damaged_is_called_damaged(tmp_path: Path, damage: str, reader: str) -> None:
    file = tmp_path / "data.parquet"
    pq.write_table(pa.table({"a": list(range(1000)), "b": [f"{number * 7919}" for number in range(1000)]}), file)
    file.write_bytes(DAMAGES[damage](file.read_bytes()))
    with pytest.raises(Exception) as raised:
        READERS[reader](file)
    fault = refused(raised.value, where=str(file))
    assert fault is not None, repr(raised.value)
    assert fault.what == "The file is damaged: it is not what was written."
    assert fault.where == str(file) and "kvarn publish" in str(fault.remedy)


@pytest.mark.parametrize("damage", DAMAGES)
def test_the_one_that_is_damaged_is_sought_where_the_library_does_not_say_which(tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "restricted" / "2023" / "register"
    folder.mkdir(parents=True)
    for number in range(3):
        pq.write_table(
            pa.table({"a": list(range(1000)), "b": [f"{n * 7919}" for n in range(1000)]}), folder / f"{number}.parquet"
        )
    silent = duckdb.InvalidInputException("Snappy decompression failure")
    assert str(getattr(refused(silent, where="here", project=tmp_path), "where", None)) == "here", "none is"
    victim = folder / "1.parquet"
    victim.write_bytes(DAMAGES[damage](victim.read_bytes()))
    fault = refused(silent, where="here", project=tmp_path)
    assert fault is not None and fault.where == str(victim)


@pytest.mark.parametrize("code", [errno.EISDIR, errno.ENOTDIR, errno.EEXIST, errno.ELOOP, errno.EAGAIN, errno.ENOMEM])
def test_what_stands_in_the_way_has_a_remedy_of_its_own(code: int) -> None:
    fault = refused(OSError(code, os.strerror(code), "build/2023"))
    assert fault is not None and "Check the disk" not in str(fault.remedy) and "same command again" in str(fault.remedy)


@pytest.mark.parametrize("code", [errno.EACCES, errno.EIO, errno.EMFILE])
def test_what_arrow_says_of_a_file_is_told_in_our_words(code: int) -> None:
    said = f"Failed to open local file '/register/persons.parquet'. Detail: [errno {code}] {os.strerror(code)}"
    fault = refused(OSError(code, said), where="here")
    assert fault is not None and (fault.what, fault.where) == (f"{os.strerror(code)}.", "/register/persons.parquet")


def test_so_arrow_says_it(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file") as raised:
        pa.OSFile(str(tmp_path / "gone.parquet"))
    fault = refused(raised.value, where="here")
    assert fault is not None and (fault.what, fault.where) == ("No such file or directory.", str(tmp_path / "gone.parquet"))
