"""In which figures and tables of the documents each published table is shown: by the numbers that the renderers give them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kvarn import metadata
from kvarn.base.files import text_in
from kvarn.base.notebook_files import read_notebook
from kvarn.disseminate.numbers import NO_BREAK_SPACE, format_list
from kvarn.disseminate.rendering.chapters import named_alone, with_chapters
from kvarn.disseminate.rendering.embedding import ADDRESS
from kvarn.disseminate.rendering.lines import lines_of, text_lines
from kvarn.disseminate.shown_tables import cell_options, shown_tables
from kvarn.disseminate.templates import word

__all__ = ["Cells", "Numbered", "numbered_in", "tables_of_cells", "where_shown"]

# A cell, by its notebook and label, and the tables that it shows.
Cells = Mapping[tuple[str, str], tuple[str, ...]]

_BEGINS = re.compile(r"^:::+\s*\{#((fig|tbl)-[\w-]+)[^}]*\}\s*$")
_ENDS = re.compile(r"^:::+\s*$")


@dataclass(frozen=True)
class Numbered:
    """A figure or table of a document.

    Attributes
    ----------
    kind, number, label
        ``fig`` or ``tbl``, its number among those of the document, and how the document calls it (``tbl-counties``).
    cells
        The cells that it embeds: each a notebook and a label.
    """

    kind: str
    number: int
    label: str
    cells: tuple[tuple[str, str], ...]


def numbered_in(document: Path) -> Iterator[Numbered]:
    """The figures and tables of a document with its chapters, in order."""
    counted = {"fig": 0, "tbl": 0}
    label, kind, cells = "", "", list[tuple[str, str]]()
    lines = with_chapters(lines_of(text_in(document), document), document.parent, (document.name,))
    for line in text_lines(lines):
        if (begins := _BEGINS.match(line.text)) is not None:
            label, kind, cells = begins[1], begins[2], []
        elif label and _ENDS.match(line.text):
            counted[kind] += 1
            yield Numbered(kind, counted[kind], label, tuple(cells))
            label = ""
        elif label and (found := ADDRESS.fullmatch(named_alone(line, "embed") or "")) is not None:
            cells.append((found[1], found[2]))


def where_shown(reports: Path, documents: Sequence[str], language: str, shows: Cells) -> dict[str, str]:
    """For each table that is shown, where: ``Shown in Annual statistical report (figure 3 and table 4).``

    Parameters
    ----------
    shows
        What `tables_of_cells` found in the present notebooks.
    """
    places: dict[str, dict[str, list[str]]] = {}
    for document in documents:
        for one in numbered_in(reports / document / language / f"{document}.qmd"):
            said = word(f"sheet.shown.{one.kind}", language, number=one.number).replace(" ", NO_BREAK_SPACE)
            for table in dict.fromkeys(table for cell in one.cells for table in shows.get(cell, ())):
                places.setdefault(table, {}).setdefault(document, []).append(said)
    return {table: _told(of, language) for table, of in places.items()}


def tables_of_cells(notebooks: Sequence[Path]) -> Cells:
    """Which tables each cell of the notebooks says that it shows."""
    found = {}
    for notebook in notebooks:
        for cell in read_notebook(notebook).cells:
            if cell["cell_type"] == "code":
                options = cell_options("".join(cell["source"]))
                found[notebook.stem, str(options.get("label", ""))] = shown_tables(options)
    return found


def _told(places: Mapping[str, Sequence[str]], language: str) -> str:
    told = [f"{metadata.text(f'product.{name}', language)} ({format_list(said, language)})" for name, said in places.items()]
    return word("sheet.shown", language, places=format_list(told, language))
