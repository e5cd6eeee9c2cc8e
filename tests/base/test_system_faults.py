"""What the system refuses is said in words and with a remedy, whichever library passes it on."""

from __future__ import annotations

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
