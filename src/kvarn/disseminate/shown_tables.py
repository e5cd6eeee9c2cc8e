"""Which protected tables a cell of a present notebook says that it shows, and the words below it that lead to their data.

>>> shown_tables(cell_options("#| shows: persons-by-month\\nplt.show()"))
('persons-by-month',)
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from kvarn import metadata
from kvarn.base.plain_text import in_one_piece
from kvarn.base.yaml_files import read_document

__all__ = ["OPTION", "cell_options", "data_file", "deliveries_of", "deliveries_words", "shown_tables", "source_words"]

OPTION = "shows"
_APART = re.compile(r"[\s,]+")


def cell_options(source: str) -> dict[str, Any]:
    """The ``#|`` lines at the head of a cell, which are YAML."""
    lines = []
    for line in source.splitlines():
        if not line.startswith("#|"):
            break
        lines.append(line[2:].removeprefix(" "))
    options = read_document("\n".join(lines)).values if lines else {}
    return options if isinstance(options, dict) else {}


def shown_tables(options: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids of the tables that a cell shows, as it says by ``#| shows:``: one, several with commas between them, or a list."""
    said = options.get(OPTION)
    listed = [str(one) for one in said] if isinstance(said, list) else _APART.split(str(said or ""))
    return tuple(dict.fromkeys(name for name in listed if name))


def data_file(table: str, language: str = "") -> str:
    """Where a table's data lie in the publication: with labels in a language, or with codes."""
    return f"data/{language}/{table}.csv" if language else f"data/{table}.csv"


def source_words(table: str, language: str, *, linked: bool = False) -> str:
    """Which table is shown, and where its data are: ``Source: the table Persons by month, data/en/persons-by-month.csv``.

    Where the words are a link, the format stands in the file's place: ``Source: the table Persons by month, CSV``.
    """
    title = in_one_piece(metadata.table(table).label(language).replace(", {years}", ""))
    return metadata.text("shown.source", language, title=title, file="CSV" if linked else data_file(table, language))


def deliveries_of(tables: Sequence[str]) -> tuple[str, ...]:
    """The tables that tell what came of the files of which these ones are made, without those that are among them."""
    named = [metadata.table(name).deliveries for name in tables]
    return tuple(dict.fromkeys(name for name in named if name is not None and name not in tables))


def deliveries_words(table: str, language: str, *, linked: bool = False) -> str:
    """Which table tells what came of the files, and where it is, as `source_words`: ``What was delivered: the table …``."""
    title = in_one_piece(metadata.table(table).label(language).replace(", {years}", ""))
    return metadata.text("shown.deliveries", language, title=title, file="CSV" if linked else data_file(table, language))
