"""Files for statistical databases: PX, JSON-stat and SDMX-CSV with its structure, and the catalogue that describes them."""

from __future__ import annotations

from pathlib import Path

from kvarn import metadata
from kvarn.disseminate.database.catalogue import write_catalogue
from kvarn.disseminate.database.jsonstat import COLLECTION, write_collection, write_jsonstat
from kvarn.disseminate.database.px import write_px
from kvarn.disseminate.database.sdmx import STRUCTURE, write_sdmx
from kvarn.disseminate.database.sdmx_structure import write_structure
from kvarn.disseminate.protected import ProtectedTables
from kvarn.edition import Edition

__all__ = [
    "COLLECTION",
    "STRUCTURE",
    "write_catalogue",
    "write_collection",
    "write_database",
    "write_jsonstat",
    "write_px",
    "write_sdmx",
    "write_structure",
]


def write_database(tables: ProtectedTables, edition: Edition, folder: Path) -> tuple[Path, ...]:
    """Write ``<table>.px``, ``<table>.sdmx.csv`` and in each language ``<language>/<table>.json`` for every table into `folder`,
    the collection of each language, and the structure of the SDMX files; return the paths.

    The catalogue comes after, when the open data are there as well: see `write_catalogue`.
    """
    written = []
    for name in tables.names():
        table = tables[name]
        written.append(write_px(table, edition, folder / f"{name}.px"))
        for language in metadata.languages:
            written.append(write_jsonstat(table, edition, language, folder / language / f"{name}.json"))
        written.append(write_sdmx(table, edition, folder / f"{name}.sdmx.csv"))
    for language in metadata.languages:
        written.append(write_collection(tables, edition, language, folder / language / COLLECTION))
    written.append(write_structure(tables, edition, folder / STRUCTURE))
    return tuple(written)
