"""An edition's compute step gives the same tables, byte for byte, however DuckDB is opened: limits change no figure."""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb
import pytest

from kvarn.base.database import Database
from kvarn.programme import Programme

from .conftest import compute_here, registered


def computed(root: Path, programme: Programme) -> dict[str, str]:
    """The checksums of the tables that the cells of the compute notebooks save."""
    root.mkdir()
    workspace = registered(root, programme)
    compute_here(workspace)
    assert not list(workspace.restricted.rglob("*spill*")), "nothing is left behind"
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(workspace.tables.rglob("*.parquet"))}


def test_the_tables_of_an_edition_are_the_same_with_limits_and_without(
    programme: Programme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_limits = computed(tmp_path / "with", programme)

    def without(self: Database, spill: Path, *, threads: int | None = None) -> None:
        self._spill = None
        self.connection = duckdb.connect()

    monkeypatch.setattr(Database, "__init__", without)
    assert computed(tmp_path / "without", programme) == with_limits
    assert len(with_limits) > 10
