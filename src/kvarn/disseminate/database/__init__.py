"""Files for statistical databases: PX, JSON-stat and SDMX-CSV, and the catalogue that describes them."""

from __future__ import annotations

from pathlib import Path

from kvarn.disseminate.database.catalogue import write_catalogue
from kvarn.disseminate.database.jsonstat import write_jsonstat
from kvarn.disseminate.database.px import write_px
from kvarn.disseminate.database.sdmx import write_sdmx
from kvarn.disseminate.protected import ProtectedTables
from kvarn.edition import Edition

__all__ = ["write_catalogue", "write_database", "write_jsonstat", "write_px", "write_sdmx"]


def write_database(tables: ProtectedTables, edition: Edition, folder: Path) -> tuple[Path, ...]:
    """Write ``<table>.px``, ``<table>.json`` and ``<table>.sdmx.csv`` for every table into `folder`; return the paths.

    The catalogue comes after, when the open data are there as well: see `write_catalogue`.
    """
    written = []
    for name in tables.names():
        table = tables[name]
        written.append(write_px(table, edition, folder / f"{name}.px"))
        written.append(write_jsonstat(table, edition, folder / f"{name}.json"))
        written.append(write_sdmx(table, edition, folder / f"{name}.sdmx.csv"))
    return tuple(written)
