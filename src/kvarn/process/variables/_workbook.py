"""The variable list as a spreadsheet: texts stay texts, whatever they begin with."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter

from kvarn import metadata
from kvarn.metadata import Language
from kvarn.process.variables._listed import Listed, ListedTable
from kvarn.process.variables._page import VariableList, codelists_of, shown_share
from kvarn.process.variables._words import word

__all__ = ["workbook"]

_LITERAL = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_FIXED = ("table", "name", "title.sv", "title.en", "definition", "type", "values", "valid_from", "valid_to", "changes", "source")
_WIDTHS = (18, 20, 28, 28, 60, 12, 36, 11, 11, 40, 36)
_LABELS = ("codelist", "code", "title.sv", "title.en", "valid_from", "valid_to")


def workbook(listed: VariableList, dated: dt.date) -> bytes:
    """A sheet of variables in each language, and one of code lists. The same list and date give the same bytes.

    Parameters
    ----------
    dated
        Stands as the day on which the workbook was made.
    """
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, _LITERAL) as book:
        sheets = _Sheets(book, listed, dated)
        for language in metadata.languages:
            sheets.variables(language)
        sheets.codelists()
    return written.getvalue()


class _Sheets:
    """The sheets of one workbook."""

    def __init__(self, book: Any, listed: VariableList, dated: dt.date) -> None:
        self.book, self.listed = book, listed
        notices = [metadata.text("synthetic.notice", language) for language in metadata.languages] if listed.synthetic else []
        book.set_properties(
            {
                "title": " – ".join(listed.titles[language] for language in metadata.languages),
                "comments": " ".join(notices),
                "created": dt.datetime.combine(dated, dt.time()),
            }
        )
        font = {"font_name": "Arial", "font_size": 10, "valign": "top"}
        self.title = book.add_format(font | {"bold": True, "font_size": 14})
        self.notice = book.add_format(font | {"bold": True, "font_color": "#8A1C1C"})
        self.header = book.add_format(font | {"bold": True, "text_wrap": True, "bg_color": "#E6EDF3", "bottom": 2})
        self.text = book.add_format(font | {"text_wrap": True})
        self.number = book.add_format(font | {"num_format": "0", "align": "left"})
        self.share = book.add_format(font | {"num_format": "0.0%"})
        self.symbol = book.add_format(font | {"align": "right"})

    def variables(self, language: Language) -> None:
        """A row a variable, the share missing a year in the last columns."""
        sheet, row = self._sheet(word("workbook.language", language), self.listed.titles[language], language)
        headings = [word(f"heading.{name}", language) for name in _FIXED]
        headings += [word("heading.missing", language, year=year) for year in self.listed.years]
        rows = [
            [*self._fixed(table, variable, language), *(self._share(variable, year) for year in self.listed.years)]
            for table in self.listed.tables
            for variable in table.variables
        ]
        self._table(sheet, row, f"variables_{language}", headings, rows)
        for column, width in enumerate([*_WIDTHS, *(10 for _ in self.listed.years)]):
            sheet.set_column(column, column, width)
        sheet.freeze_panes(row + 1, 2)

    def _fixed(self, table: ListedTable, variable: Listed, language: Language) -> list[str | int | float]:
        return [
            table.name,
            variable.name,
            variable.titles["sv"],
            variable.titles["en"],
            variable.definition[language],
            word(f"type.{variable.type}", language),
            variable.values(language),
            variable.valid_from,
            variable.valid_to or "",
            variable.history(language),
            variable.source[language],
        ]

    def _share(self, variable: Listed, year: int) -> float | str:
        share = variable.missing.get(year)
        return shown_share(variable, year, "en") if share is None else share.missing / share.rows

    def codelists(self) -> None:
        """Every code of every code list, with both labels."""
        lists = codelists_of(self.listed)
        if not lists:
            return
        name = " – ".join(word("codelists", language) for language in metadata.languages)
        sheet, row = self._sheet(name, name, *metadata.languages)
        headings = [" / ".join(word(f"heading.{part}", language) for language in metadata.languages) for part in _LABELS]
        rows: list[list[str | int | float]] = [
            [name, code.code, code.sv, code.en, code.valid_from, code.valid_to] for name, codes in lists.items() for code in codes
        ]
        last = self._table(sheet, row, "codelists", headings, rows)
        sheet.ignore_errors({"number_stored_as_text": f"A{row + 2}:F{last + 1}"})
        for column, width in enumerate((18, 14, 60, 60, 12, 12)):
            sheet.set_column(column, column, width)
        sheet.freeze_panes(row + 1, 0)

    def _sheet(self, name: str, title: str, *languages: Language) -> tuple[Any, int]:
        """A sheet with its title in A1 and the notice under it, and the first free row."""
        sheet = self.book.add_worksheet(name)
        sheet.write_string(0, 0, title, self.title)
        row = 1
        for language in languages if self.listed.synthetic else ():
            sheet.write_string(row, 0, metadata.text("synthetic.notice", language), self.notice)
            row += 1
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        return sheet, row

    def _table(self, sheet: Any, row: int, name: str, headings: list[str], rows: Sequence[list[str | int | float]]) -> int:
        """A real table of the spreadsheet; returns its last row."""
        for number, cells in enumerate(rows, row + 1):
            for column, cell in enumerate(cells):
                if isinstance(cell, float):
                    sheet.write_number(number, column, cell, self.share)
                elif isinstance(cell, int):
                    sheet.write_number(number, column, cell, self.number)
                elif not cell:
                    # An empty text is no empty cell: programs differ in whether they keep it.
                    sheet.write_blank(number, column, None, self.text)
                else:
                    sheet.write_string(number, column, cell, self.symbol if cell in {".", ".."} else self.text)
        columns = [{"header": heading, "header_format": self.header} for heading in headings]
        place = (row, 0, row + len(rows), len(headings) - 1)
        sheet.add_table(*place, {"name": name, "columns": columns, "style": "Table Style Light 1"})
        return row + len(rows)
