"""The line below a chart or table of a document: which table it shows, and where its data are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kvarn.base.escaping import for_markdown
from kvarn.disseminate.shown_tables import cell_options, data_file, deliveries_of, deliveries_words, shown_tables, source_words
from kvarn.disseminate.templates import word

__all__ = ["sheet_words", "source_line", "with_sources"]


def source_line(tables: Sequence[str], language: str, *, to: str, sheets: Mapping[str, int]) -> list[str]:
    """A paragraph of Markdown for each table, which leads to its data; on a page in every format that it is published in.

    Below a table by region it is followed by the table that tells what was delivered of each region. A PDF, which is read away
    from the data too, names the file, and leads to the workbook besides.

    Parameters
    ----------
    sheets
        The number of each published table's sheet in the workbook.
    """
    linked = to == "html"
    said = [(table, source_words(table, language, linked=linked)) for table in tables]
    said += [(table, deliveries_words(table, language, linked=linked)) for table in deliveries_of(tables)]
    lines: list[str] = []
    for table, words in said:
        ways = [(words, data_file(table, language))]
        ways += _other_files(table, language) if linked else []
        ways += [(sheet_words(sheets[table], language), f"{language}/tables.xlsx")] if table in sheets else []
        lines += ["", " · ".join(f"[{for_markdown(one)}](../{file})" for one, file in ways), ""]
    return lines


def _other_files(table: str, language: str) -> list[tuple[str, str]]:
    """What else the table is published as: the words that lead there, and the file in the publication."""
    return [
        (word("format.codes", language), data_file(table)),
        ("PX", f"database/{table}.px"),
        ("JSON-stat", f"database/{language}/{table}.json"),
    ]


def sheet_words(number: int, language: str) -> str:
    """Which sheet of the workbook has a table: ``Workbook, sheet 4``."""
    return word("way.sheet", language, number=number)


def with_sources(notebook: dict[str, Any], language: str, *, to: str, sheets: Mapping[str, int]) -> dict[str, Any]:
    """An executed notebook for a renderer that embeds its cells itself: the words about the data are outputs of their cells."""
    cells = []
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        tables = shown_tables(cell_options(source)) if cell["cell_type"] == "code" else ()
        if tables and cell["outputs"]:
            words = "\n".join(source_line(tables, language, to=to, sheets=sheets)).strip()
            added = {"output_type": "display_data", "data": {"text/markdown": words}, "metadata": {}}
            cell = {**cell, "outputs": [*cell["outputs"], added]}
        cells.append(cell)
    return {**notebook, "cells": cells}
