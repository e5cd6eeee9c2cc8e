"""What the system refuses is said in words and with a remedy, whichever library passes it on."""

from __future__ import annotations

import sqlite3
from pathlib import Path

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
