"""The products of a custom order: the table as a workbook, as open data and for databases, and a page that leads to them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kvarn import metadata
from kvarn.disseminate.cube import source
from kvarn.disseminate.database import STRUCTURE, write_database
from kvarn.disseminate.open_data import write_open_data
from kvarn.disseminate.protected import ProtectedTable, ProtectedTables
from kvarn.disseminate.site import size_of
from kvarn.disseminate.spreadsheet import write_spreadsheet
from kvarn.disseminate.stage import stage_name, stage_notice
from kvarn.disseminate.symbols import symbols_in
from kvarn.disseminate.templates import render, style, word
from kvarn.disseminate.writing import write_beside
from kvarn.edition import Edition, Words

__all__ = ["titled", "write_order"]


def write_order(protected: Path, name: str, edition: Edition, folder: Path) -> None:
    """Write everything that becomes ``publications/orders/<name>/`` into `folder`.

    ``index.html`` (both languages), ``<language>/tables.xlsx``, ``data/<name>.csv`` and ``data/<language>/<name>.csv`` with
    their CSVW descriptions, ``data/<name>.parquet``, ``database/<name>`` as PX and SDMX-CSV, with the structure of the last, and
    ``database/<language>/<name>.json`` (JSON-stat). The same table and edition give the same bytes.

    Parameters
    ----------
    protected
        The folder with the protected table, ``<name>.csv``, which must be declared (``metadata.tables_beside``).
    edition
        The parameters of the edition from whose register it is.
    """
    tables, of_order = ProtectedTables(protected), titled(edition)
    write_open_data(tables, of_order, folder / "data")
    write_database(tables, of_order, folder / "database")
    for language in edition.languages:
        write_spreadsheet(tables, of_order, language, folder / language / "tables.xlsx")
    page = render(
        "order.html.j2",
        style=style("page.css"),
        synthetic=edition.synthetic,
        contact=edition.publication.contact,
        halves=[_half(tables[name], edition, folder, language) for language in edition.languages],
    )
    write_beside(folder / "index.html", page)


def titled(edition: Edition) -> Edition:
    """The edition's words, with a title that says that this is an ordered table."""
    titles = {
        language: word("order.publication", language, title=edition.publication.title.label(language))
        for language in metadata.languages
    }
    return edition.model_copy(update={"publication": edition.publication.model_copy(update={"title": Words(**titles)})})


def _half(table: ProtectedTable, edition: Edition, folder: Path, language: str) -> dict[str, Any]:
    """One language's half of the page."""
    words = edition.publication
    used = symbols_in([table], edition, language)
    return {
        "language": language,
        "name": metadata.text(f"language.{language}", language),
        "title": table.title(language),
        "of": f"{word('order.publication', language, title=words.title.label(language))} {edition.reference_year}",
        "publisher": words.publisher.label(language),
        "notice": metadata.text("synthetic.notice", language),
        "short_notice": metadata.text("synthetic.short", language),
        "lead": word("order.lead", language, title=words.title.label(language), year=edition.reference_year),
        "note": " ".join([*filter(None, [table.definition.notes.get(language)]), *table.remarks(language)]) or None,
        "workbook": _file(folder, f"{language}/tables.xlsx", "XLSX", language),
        "files": [_file(folder, address, kind, language) for address, kind in _addresses(table.definition.name, language)],
        "symbols": [(metadata.text("symbol.zero", language) if symbol == "0" else symbol, said) for symbol, said in used.items()],
        "stage": stage_name(edition, language),
        "stage_notice": stage_notice(edition, language),
        "source": source(edition, language),
    }


def _addresses(name: str, language: str) -> list[tuple[str, str]]:
    return [
        (f"data/{language}/{name}.csv", word("format.labelled", language)),
        (f"data/{name}.csv", word("format.codes", language)),
        (f"data/{name}.parquet", "Parquet"),
        (f"data/{name}.csv-metadata.json", "CSVW"),
        (f"database/{name}.px", "PX"),
        (f"database/{language}/{name}.json", "JSON-stat"),
        (f"database/{name}.sdmx.csv", "SDMX-CSV"),
        (f"database/{STRUCTURE}", "SDMX-ML"),
    ]


def _file(folder: Path, address: str, kind: str, language: str) -> dict[str, str]:
    return {"address": address, "format": kind, "size": size_of(folder / address, language)}
