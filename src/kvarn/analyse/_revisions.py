"""Revisions: what an edition says otherwise than the one before it, cell by cell, as both are published."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kvarn import metadata
from kvarn.base.files import replace_file
from kvarn.base.published_cells import read_published_cells

__all__ = ["Revision", "list_revisions", "write_revisions"]


@dataclass(frozen=True)
class Revision:
    """One cell that two editions show in two ways: two figures, or a figure and the symbol in place of one.

    Attributes
    ----------
    cell
        Its categories in words: ``month 03, sex T``.
    """

    table: str
    year: int
    measure: str
    cell: str
    before: str
    now: str


def list_revisions(protected: Path, previous: Path) -> tuple[list[Revision], dict[tuple[str, int], int]]:
    """Every cell of both editions that has changed, and how many cells were compared for each table and year.

    A cell that shows a number in neither edition is not compared: one symbol for another is no revision.

    Parameters
    ----------
    protected, previous
        Folders of protected tables, ``<table>.csv``: of this edition, and as the edition before published them. A table
        that only one of them has, or that is classified otherwise now, is not compared; neither is a synthetic edition
        with a real one.

    Raises
    ------
    InputError
        A file of the previous edition is not a protected table.
    """
    found: list[Revision] = []
    compared: dict[tuple[str, int], int] = {}
    for table in metadata.tables():
        files = [folder / f"{table.name}.csv" for folder in (protected, previous)]
        if not all(file.is_file() for file in files):
            continue
        now, before = map(read_published_cells, files)
        if (now.names, now.synthetic) != (before.names, before.synthetic):
            continue
        for key, earlier, shown in now.figures_beside(before):
            year = int(now.of(key, "year"))
            compared[table.name, year] = compared.get((table.name, year), 0) + 1
            if shown != earlier:
                cell = now.in_words(key)
                found.append(Revision(table.name, year, now.of(key, "measure"), cell, earlier.text, shown.text))
    return found, compared


def write_revisions(protected: Path, previous: Path | None, into: Path) -> int:
    """List the revisions beside the protected tables, and return how many there are.

    Writes ``revisions.csv`` (``table``, ``year``, ``measure``, ``cell``, ``before``, ``now``; one row a revised cell) and
    ``revisions-by-table.csv`` (``table``, ``year``, ``compared``, ``revised``; one row a table and year that both
    editions have) into the folder `into`. Without an earlier edition both have no rows. All of it is public.
    """
    found, compared = list_revisions(protected, previous) if previous is not None and previous.is_dir() else ([], {})
    revised: dict[tuple[str, int], int] = {}
    for one in found:
        revised[one.table, one.year] = revised.get((one.table, one.year), 0) + 1
    into.mkdir(parents=True, exist_ok=True)
    listed = [(one.table, one.year, one.measure, one.cell, one.before, one.now) for one in found]
    _write(into / "revisions.csv", ("table", "year", "measure", "cell", "before", "now"), listed)
    counted = [(table, year, number, revised.get((table, year), 0)) for (table, year), number in compared.items()]
    _write(into / "revisions-by-table.csv", ("table", "year", "compared", "revised"), counted)
    return len(found)


def _write(path: Path, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    replace_file(path, sheet.getvalue().encode())
