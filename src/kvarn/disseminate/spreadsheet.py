"""The spreadsheet: every table in one workbook a language, numbers as numbers.

Arranged by the UK Government Analysis Function's guidance *Releasing statistics in spreadsheets*: one table a sheet,
no merged cells, no empty rows or columns in a table, title in A1, notes above, real Excel tables with a header row,
symbols as text.
"""

from __future__ import annotations

import datetime as dt
import io
import math
import re
import textwrap
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException
from xlsxwriter.utility import xl_range

from kvarn import metadata
from kvarn.disseminate.cube import cube_of, source
from kvarn.disseminate.licence import licence_statement
from kvarn.disseminate.numbers import format_date
from kvarn.disseminate.protected import ProtectedTable, ProtectedTables
from kvarn.disseminate.sheets import StrictSheet, is_sheet_name, table_name
from kvarn.disseminate.stage import correction_notice, stage_name, stage_notice
from kvarn.disseminate.symbols import NIL, symbols_in, symbols_line
from kvarn.disseminate.table_notes import table_notes
from kvarn.disseminate.templates import word
from kvarn.disseminate.wide import Wide, arrange_wide
from kvarn.disseminate.writing import write_beside
from kvarn.edition import Edition
from kvarn.errors import RenderingError

__all__ = ["write_spreadsheet"]

_WIDEST = 60
_LINE = 13
# More rows than a window shows: then heads stay in sight, and rows can be filtered.
_MANY_ROWS = 50
_SENTENCE = re.compile(r"(?<=[.;]) (?=[A-ZÅÄÖ])")
_LOCALES = {"sv": "sv-SE", "en": "en-GB"}


def write_spreadsheet(
    tables: ProtectedTables, edition: Edition, language: str, output: Path, shown: Mapping[str, str] | None = None
) -> Path:
    """Write ``tables.xlsx`` in one language.

    Sheets: cover, contents with links, definitions of the measures, symbols, then a table a sheet: one row a
    combination of the classification variables (labels, and the code where the variable has a heading for it), one column a
    measure, in its unit. What is not published is the text ``X``, ``..`` or ``.``; nil is the number 0, shown as ``–``. The
    same tables and edition give the same bytes.

    Parameters
    ----------
    shown
        For tables that the documents show, where: it stands on the table's sheet.

    Raises
    ------
    RenderingError
        Something cannot be written as it is: nothing is left out in silence.
    """
    written = io.BytesIO()
    try:
        with xlsxwriter.Workbook(written, {"in_memory": True}) as workbook:
            _Workbook(workbook, tables, edition, language, shown or {}).write()
    except XlsxWriterException as error:
        raise RenderingError(
            f"The spreadsheet cannot be written: {error}",
            document=output.name,
            remedy="Correct the table's declaration, or the words in the metadata.",
        ) from error
    return write_beside(output, _with_language(written.getvalue(), _LOCALES[language]))


class _Workbook:
    """The sheets of one workbook."""

    def __init__(self, workbook: Any, tables: ProtectedTables, edition: Edition, language: str, shown: Mapping[str, str]) -> None:
        self.workbook, self.tables, self.edition, self.language, self.shown = workbook, tables, edition, language, shown
        publication = edition.publication
        self.title = f"{publication.title.label(language)} {edition.reference_year}"
        published = dt.datetime.combine(publication.published, dt.time())
        workbook.set_properties(
            {
                "title": self.title,
                "subject": word("workbook.subject", language, year=edition.reference_year),
                "author": publication.publisher.label(language),
                "company": publication.publisher.label(language),
                "comments": " ".join(filter(None, [self.notice, stage_notice(edition, language)])),
                "created": published,
            }
        )
        font = {"font_name": "Arial", "font_size": 10, "valign": "top"}
        workbook.formats[0].set_font_name("Arial")
        workbook.formats[0].set_font_size(10)
        self.formats = {
            "title": workbook.add_format(font | {"bold": True, "font_size": 14}),
            "text": workbook.add_format(font),
            "wrapped": workbook.add_format(font | {"text_wrap": True}),
            "label": workbook.add_format(font | {"bold": True}),
            "notice": workbook.add_format(font | {"bold": True, "font_color": "#8A1C1C"}),
            "link": workbook.add_format(font | {"font_color": "#0B4F8A", "underline": 1}),
            "header": workbook.add_format(font | {"bold": True, "text_wrap": True, "bg_color": "#E6EDF3", "bottom": 2}),
            "numbers": workbook.add_format(
                font | {"bold": True, "text_wrap": True, "bg_color": "#E6EDF3", "bottom": 2, "align": "right"}
            ),
            "year": workbook.add_format(font | {"num_format": "0", "align": "left"}),
            "symbol": workbook.add_format(font | {"align": "right"}),
        }
        self.table_names: list[str] = []
        self.number_formats: dict[int, Any] = {}
        self.nil_formats: dict[int, Any] = {}
        for decimals in range(4):
            shape = "#,##0" + ("." + "0" * decimals if decimals else "")
            self.number_formats[decimals] = workbook.add_format(font | {"num_format": shape})
            # Nil stays the number 0, which can be added up, and is shown as its symbol.
            self.nil_formats[decimals] = workbook.add_format(font | {"num_format": f'{shape};-{shape};"{NIL}"', "align": "right"})

    @property
    def notice(self) -> str | None:
        """What stands on every sheet of a synthetic edition."""
        return metadata.text("synthetic.notice", self.language) if self.edition.synthetic else None

    def write(self) -> None:
        """Write every sheet, the contents before the tables that they name."""
        names = self.tables.names()
        sheets = {name: self._sheet_name(number, name) for number, name in enumerate(names, 1)}
        self._cover()
        self._contents(sheets)
        self._definitions(names)
        self._symbols()
        for number, (name, sheet) in enumerate(sheets.items(), 1):
            self._table(number, sheet, self.tables[name], sheets)

    def _sheet_name(self, number: int, name: str) -> str:
        called = self.tables[name].definition.sheet.get(self.language)
        if called is None:
            return word("sheet.table", self.language, number=number)
        named = f"{number} {called}"
        return named if is_sheet_name(named) else word("sheet.table", self.language, number=number)

    def _named(self, table: str) -> str:
        self.table_names.append(table_name(table, self.table_names))
        return self.table_names[-1]

    def _sheet(self, name: str, title: str, lines: list[str] | None = None, *, table: bool = False) -> tuple[Any, int]:
        """A sheet with its title in A1, the notices and `lines` under it; and the first free row.

        The notes of a table say themselves that its figures are preliminary.
        """
        sheet = self.workbook.add_worksheet(name, StrictSheet)
        sheet.write_string(0, 0, title, self.formats["title"])
        sheet.set_row(0, 24)
        row = 1
        for notice in filter(None, [self.notice, None if table else stage_notice(self.edition, self.language)]):
            sheet.write_string(row, 0, notice, self.formats["notice"])
            row += 1
        for line in lines or []:
            sheet.write_string(row, 0, line, self.formats["text"])
            row += 1
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        return sheet, row

    def _cover(self) -> None:
        publication, language = self.edition.publication, self.language
        sheet, row = self._sheet(word("sheet.cover", language), self.title)
        contact = ", ".join(filter(None, [publication.contact.name, publication.contact.email, publication.contact.telephone]))
        facts = {
            "cover.series": publication.series.label(language),
            "cover.publisher": publication.publisher.label(language),
            "cover.reference-year": str(self.edition.reference_year),
            "cover.published": format_date(publication.published, language),
            "cover.stage": stage_name(self.edition, language),
            "cover.source": source(self.edition, language),
            "cover.contact": contact,
        }
        if corrected := correction_notice(self.edition, language):
            facts["cover.correction"] = corrected
        facts["cover.licence"] = licence_statement(self.edition, language)
        if self.edition.synthetic:
            facts["cover.status"] = metadata.text("synthetic.short", language)
        for key, fact in facts.items():
            sheet.write_string(row, 0, word(key, language), self.formats["label"])
            sheet.write_string(row, 1, fact, self.formats["text"])
            row += 1
        sheet.set_column(0, 0, 22)
        sheet.set_column(1, 1, 80)

    def _contents(self, sheets: dict[str, str]) -> None:
        language = self.language
        intro = [word("sheet.contents.intro", language)]
        sheet, row = self._sheet(word("sheet.contents", language), word("sheet.contents", language), intro)
        titles = {word(f"sheet.{part}", language): word(f"sheet.{part}.intro", language) for part in ("definitions", "symbols")}
        titles |= {sheets[name]: self.tables[name].title(language) for name in sheets}
        header = [word("heading.sheet", language), word("heading.title", language)]
        rows = [[name, title] for name, title in titles.items()]
        self._as_table(sheet, row, "contents", header, rows, [32, 110], wrapped=True)
        for number, name in enumerate(titles, row + 1):
            sheet.write_url(number, 0, f"internal:'{name}'!A1", self.formats["link"], name)

    def _definitions(self, names: tuple[str, ...]) -> None:
        language = self.language
        used = dict.fromkeys(measure for name in names for measure in self.tables[name].definition.measures)
        measures = [metadata.measure(name) for name in used]
        intro = [word("sheet.definitions.intro", language)]
        sheet, row = self._sheet(word("sheet.definitions", language), word("sheet.definitions", language), intro)
        header = [word(f"heading.{part}", language) for part in ("measure", "unit", "definition", "source")]
        rows = [[m.label(language), m.unit[language], m.definition[language], self._source(m)] for m in measures]
        self._as_table(sheet, row, "definitions", header, rows, [32, 26, 80, 40], wrapped=True)

    def _symbols(self) -> None:
        language = self.language
        used = symbols_in([self.tables[name] for name in self.tables.names()], self.edition, language)
        intro = [word("sheet.symbols.intro" if used else "sheet.symbols.none", language)]
        sheet, row = self._sheet(word("sheet.symbols", language), word("sheet.symbols", language), intro)
        header = [word("heading.symbol", language), word("heading.meaning", language)]
        rows = [[metadata.text("symbol.zero", language) if symbol == "0" else symbol, said] for symbol, said in used.items()]
        if rows:
            self._as_table(sheet, row, "symbols", header, rows, [14, 60], wrapped=True)

    def _as_table(
        self,
        sheet: Any,
        row: int,
        name: str,
        header: list[str],
        rows: list[list[str]],
        widths: list[int],
        *,
        wrapped: bool = False,
    ) -> None:
        """A small table of texts."""
        text = self.formats["wrapped" if wrapped else "text"]
        sheet.set_row(row, 18)
        for number, cells in enumerate(rows, row + 1):
            lines = max(math.ceil(len(cell) / width) for cell, width in zip(cells, widths, strict=True))
            sheet.set_row(number, _LINE * lines + 3)
            for column, cell in enumerate(cells):
                sheet.write_string(number, column, cell, text)
        columns = [{"header": title, "header_format": self.formats["header"]} for title in header]
        place = (row, 0, row + len(rows), len(header) - 1)
        options = {"name": self._named(name), "columns": columns, "style": "Table Style Light 1", "autofilter": False}
        sheet.add_table(*place, options)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)

    def _table(self, number: int, name: str, table: ProtectedTable, sheets: Mapping[str, str]) -> None:
        language = self.language
        lines = [word("sheet.one-table", language), *_SENTENCE.split(" ".join(table_notes(table, self.edition, language)))]
        lines += [self.shown.get(table.definition.name, ""), symbols_line([table], self.edition, language)]
        title = word("sheet.title", language, number=number, title=table.title(language))
        sheet, row = self._sheet(name, title, [line for line in lines if line], table=True)
        sheet.write_url(
            row,
            0,
            f"internal:'{word('sheet.contents', language)}'!A1",
            self.formats["link"],
            word("sheet.back", language),
        )
        row += 1
        delivered = sheets.get(table.definition.deliveries or "")
        if delivered is not None:
            sheet.write_url(row, 0, f"internal:'{delivered}'!A1", self.formats["link"], word("sheet.delivered", language))
            row += 1
        wide = arrange_wide(cube_of(table), language)
        widths = self._cells(sheet, row + 1, wide)
        columns = [
            {"header": header, "header_format": self.formats["numbers" if column >= wide.labels else "header"]}
            for column, header in enumerate(wide.header)
        ]
        place = (row, 0, row + len(wide.rows), len(wide.header) - 1)
        many = len(wide.rows) > _MANY_ROWS
        named = {"name": self._named(table.definition.name), "style": "Table Style Light 1"}
        sheet.add_table(*place, {**named, "columns": columns, "autofilter": many})
        sheet.ignore_errors({"number_stored_as_text": xl_range(row + 1, 0, row + len(wide.rows), len(wide.header) - 1)})
        if many:
            sheet.freeze_panes(row + 1, 0)
        sheet.repeat_rows(row)
        sheet.set_row(row, _LINE * _lines(wide.header, widths) + 6)

    def _cells(self, sheet: Any, first: int, wide: Wide) -> list[float]:
        """Write the cells, and return the widths of the columns."""
        for number, cells in enumerate(wide.rows, first):
            for column, cell in enumerate(cells):
                if isinstance(cell, int):
                    sheet.write_number(number, column, cell, self.formats["year"])
                elif column < wide.labels:
                    sheet.write_string(number, column, cell, self.formats["text"])
                elif cell.status or not cell.value:
                    sheet.write_string(number, column, cell.status, self.formats["symbol"])
                else:
                    decimals = metadata.measure(wide.measures[column - wide.labels]).decimals
                    shape = self.nil_formats[decimals] if cell.nil else self.number_formats[decimals]
                    sheet.write_number(number, column, float(cell.value), shape)
        widths = []
        for column, header in enumerate(wide.header):
            longest = max((len(str(cells[column])) for cells in wide.rows), default=0) if column < wide.labels else 12
            widths.append(min(max(longest + 2, len(header) / 2 + 4, 10), _WIDEST))
            sheet.set_column(column, column, widths[-1])
        return widths

    def _source(self, measure: metadata.Measure) -> str:
        if measure.codes_of:
            return word(f"source.code-list.{measure.codes_of}", self.language)
        if measure.source:
            return word("source.invented", self.language) if self.edition.synthetic else measure.source
        return word("source.computed" if measure.is_function else "source.log", self.language)


def _lines(heads: Sequence[str], widths: Sequence[float]) -> int:
    """How many lines the heads of a table need, none of which breaks a word; bold letters are wider."""
    needed = 1
    for head, width in zip(heads, widths, strict=True):
        needed = max(needed, len(textwrap.wrap(head, max(int(width * 0.85), 6), break_on_hyphens=False)))
    return needed


def _with_language(workbook: bytes, locale: str) -> bytes:
    """The workbook with its language among its properties, which XlsxWriter has no option for; all times fixed."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as plain, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as target:
        for part in plain.infolist():
            content = plain.read(part)
            if part.filename == "docProps/core.xml":
                content = content.replace(
                    b"</cp:coreProperties>", f"<dc:language>{locale}</dc:language></cp:coreProperties>".encode()
                )
            target.writestr(zipfile.ZipInfo(part.filename, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return written.getvalue()
