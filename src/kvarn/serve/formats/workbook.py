"""A workbook of one sheet: the title, the table with its heads, and the notes; the same selection gives the same bytes."""

from __future__ import annotations

import datetime as dt
import io
import math
from typing import Any

import xlsxwriter

from kvarn.disseminate.sheets import StrictSheet
from kvarn.serve.formats.grid import NIL, Entry, grid, notes_of
from kvarn.serve.formats.options import Options
from kvarn.serve.problems import Problem
from kvarn.serve.selection import Chosen

__all__ = ["require_sheet", "write_workbook"]

_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384
# More than title, heads and notes take.
_AROUND = 1_000


def require_sheet(chosen: Chosen) -> None:
    """See that a sheet has room for the table.

    Raises
    ------
    Problem
        The table has more rows or columns than a sheet.
    """
    rows, columns = (math.prod(len(one.codes) for one in side) for side in (chosen.stub, chosen.heading))
    if rows + _AROUND > _MOST_ROWS or columns + len(chosen.stub) > _MOST_COLUMNS:
        raise Problem(
            400,
            "Unsupported output format",
            f"A sheet has {_MOST_ROWS:,} rows and {_MOST_COLUMNS:,} columns; "
            "choose fewer categories, or place the variables otherwise.",
        )


def write_workbook(chosen: Chosen, language: str, options: Options) -> bytes:
    """Numbers are numbers with their decimals, nil is the number 0 shown as a dash, and a symbol is a text."""
    shown, table = grid(chosen, language, options), chosen.table
    notes = notes_of(chosen, language)
    heads = max(1, len(chosen.heading))
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as workbook:
        published = dt.datetime.fromisoformat(table.updated).replace(tzinfo=None)
        workbook.set_properties(
            {"title": table.labels[language], "author": table.edition.publisher[language], "created": published}
        )
        bold, formats = workbook.add_format({"bold": True}), _Formats(workbook)
        sheet = workbook.add_worksheet(worksheet_class=StrictSheet)
        # The title is always there: a sheet that is kept alone must say what it is, and that it is synthetic.
        sheet.write_string(0, 0, table.labels[language], bold)
        for row, name in enumerate(table.notes[language][: table.mandatory_notes], 1):
            sheet.write_string(row, 0, name)
        top = table.mandatory_notes + 2
        for column, name in enumerate(shown.stub):
            sheet.write_string(top + heads - 1, column, name, bold)
        for column, categories in enumerate(shown.columns, len(shown.stub)):
            for row, name in enumerate(categories, top):
                sheet.write_string(row, column, name, bold)
        below = top + heads
        for row, (names, cells) in enumerate(shown.rows, below):
            for column, name in enumerate(names):
                sheet.write_string(row, column, name)
            for column, cell in enumerate(cells, len(names)):
                _write(sheet, row, column, cell, formats)
        for row, note in enumerate(notes, below + len(shown.rows) + 1):
            sheet.write_string(row, 0, note)
    return written.getvalue()


class _Formats:
    """The formats of numbers, made when they are first asked for."""

    def __init__(self, workbook: Any) -> None:
        self.workbook = workbook
        self.made: dict[int, Any] = {}

    def of(self, decimals: int, nil: bool) -> Any:
        """Of a number with so many decimals."""
        key = -1 if nil else decimals
        if key not in self.made:
            shape = f'"{NIL}"' if nil else "#,##0" + ("." + "0" * decimals if decimals else "")
            self.made[key] = self.workbook.add_format({"num_format": shape, "align": "right"})
        return self.made[key]


def _write(sheet: Any, row: int, column: int, cell: Entry, formats: _Formats) -> None:
    if cell.symbol:
        sheet.write_string(row, column, cell.symbol)
    else:
        sheet.write_number(row, column, float(cell.number), formats.of(len(cell.number.partition(".")[2]), cell.nil))
