"""CSV as PxWeb has it: the variables of the rows as columns, then a column for each category of those of the heading."""

from __future__ import annotations

from kvarn.disseminate.labelled_data import guarded
from kvarn.serve.formats.grid import Entry, grid
from kvarn.serve.formats.options import Options
from kvarn.serve.selection import Chosen
from kvarn.serve.words import said

__all__ = ["write_csv"]


def write_csv(chosen: Chosen, language: str, options: Options) -> bytes:
    """UTF-8 without a byte-order mark, texts in quotation marks, numbers with a point; a symbol stands in the place of a number.

    A table of synthetic data says so in a column of its own. A text that a spreadsheet program would take for a formula has an
    apostrophe before it.
    """
    shown, synthetic = grid(chosen, language, options), chosen.table.synthetic
    marked = [said("synthetic.column", language)] if synthetic else []
    yes = [said("synthetic.yes", language)] if synthetic else []
    lines = [[_quoted(chosen.table.labels[language])], []] if options.title else []
    lines.append([_quoted(one) for one in (*shown.stub, *marked, *(" ".join(column) for column in shown.columns))])
    # A writer of the library would have to be told of each number that it is one.
    lines += [[*map(_quoted, (*heads, *yes)), *map(_cell, cells)] for heads, cells in shown.rows]
    return "".join(options.separator.join(line) + "\n" for line in lines).encode("utf-8")


def _cell(entry: Entry) -> str:
    return _quoted(entry.symbol) if entry.symbol else entry.number


def _quoted(text: str) -> str:
    return '"' + guarded(text).replace('"', '""') + '"'
