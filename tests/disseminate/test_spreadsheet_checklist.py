"""The UK Government Analysis Function's checklist for releasing statistics in spreadsheets, as far as a machine can check it.

The workbook is read back by openpyxl; every value of every table is held against the published CSV.
"""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from kvarn import metadata
from kvarn.disseminate.protected import ProtectedTables
from kvarn.disseminate.spreadsheet import write_spreadsheet
from kvarn.edition import Edition

PROJECT = Path(__file__).parents[2]
OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
SYMBOLS = {"X", "..", "."}
# What the number 0 is shown as where it is one.
NIL = "–"
CODE_HEADINGS = {"Regionkod", "Region code", "Åtgärdskod (KVÅ)", "Procedure code (KVÅ)"}
LOOKS_LIKE_A_NUMBER = re.compile(r"[-+]?[\d  ]+([.,]\d+)?")


@pytest.fixture(scope="module", params=["sv", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def path(tables: ProtectedTables, language: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    edition = Edition.model_validate(yaml.safe_load((PROJECT / "params" / "demo.yml").read_text(encoding="utf-8")))
    return write_spreadsheet(tables, edition, language, tmp_path_factory.mktemp(language) / "tables.xlsx")


@pytest.fixture(scope="module")
def workbook(path: Path) -> Workbook:
    return openpyxl.load_workbook(path)


def rows(sheet: Worksheet) -> list[list[Any]]:
    """The one table of a sheet, header first."""
    (table,) = sheet.tables.values()
    return [[cell.value for cell in row] for row in sheet[table.ref]]


def _above(sheet: Worksheet) -> str:
    """What stands above the table of a sheet."""
    return " ".join(str(sheet.cell(row, 1).value) for row in range(1, sheet.max_row - len(rows(sheet)) + 1))


def statistical(workbook: Workbook) -> Iterator[Worksheet]:
    yield from workbook.worksheets[4:]


def test_the_first_sheets_are_cover_contents_definitions_and_symbols_and_then_one_table_a_sheet(
    workbook: Workbook, tables: ProtectedTables
) -> None:
    assert [len(sheet.tables) for sheet in workbook] == [0, *([1] * (3 + len(tables.names())))]
    names = [name for sheet in workbook for name in sheet.tables]
    assert len({name.lower() for name in names}) == len(names)
    assert not any(re.fullmatch(r"Tabl?e?l?l?\d*", name, re.IGNORECASE) for name in names), "a name tells what is in the table"


def test_sheets_have_unique_short_names_and_none_is_hidden(workbook: Workbook) -> None:
    assert len({name.lower() for name in workbook.sheetnames}) == len(workbook.sheetnames)
    for sheet in workbook:
        assert len(sheet.title) <= 31
        assert not re.fullmatch(r"(Sheet|Blad)\d+", sheet.title)
        assert sheet.sheet_state == "visible"
        assert not any(held.hidden for held in (*sheet.row_dimensions.values(), *sheet.column_dimensions.values()))


def test_every_sheet_begins_with_its_title_in_a1_and_has_no_gap_above_its_table(workbook: Workbook) -> None:
    for sheet in workbook:
        assert sheet["A1"].value and sheet["A1"].font.b
        last = sheet.max_row if not sheet.tables else next(iter(sheet.tables.values())).ref.split(":")[0][1:]
        assert all(sheet.cell(row, 1).value for row in range(1, int(last))), sheet.title
    assert workbook.active is not None and workbook.active.title == workbook.sheetnames[0]
    assert workbook.worksheets[0].sheet_view.selection[0].activeCell in (None, "A1")


def test_no_cell_is_merged_and_nothing_stands_beside_or_below_a_table(workbook: Workbook) -> None:
    for sheet in workbook:
        assert not sheet.merged_cells.ranges
        for table in sheet.tables.values():
            low = sheet[table.ref][-1][-1]
            assert (sheet.max_row, sheet.max_column) == (low.row, low.column), sheet.title
            first = sheet[table.ref][0][0]
            assert first.column == 1
            beside = [sheet.cell(row, column).value for row in range(1, first.row) for column in range(2, sheet.max_column + 1)]
            assert not any(beside), "what stands above a table stands in its first column"


def test_a_table_has_one_row_of_headings_and_no_empty_cell_row_or_column(workbook: Workbook) -> None:
    for sheet in workbook.worksheets[1:]:
        header, *body = rows(sheet)
        assert len(set(header)) == len(header)
        assert all(isinstance(title, str) and title.strip() == title and "\n" not in title for title in header)
        assert body
        assert all(cell not in (None, "") and (not isinstance(cell, str) or cell.strip()) for row in body for cell in row)
        (table,) = sheet.tables.values()
        assert table.headerRowCount in (None, 1) and not table.totalsRowCount
        assert [column.name for column in table.tableColumns] == header


def test_numbers_are_numbers_and_what_is_not_one_is_a_symbol_that_is_explained(workbook: Workbook, language: str) -> None:
    explained = {row[0] for row in rows(workbook.worksheets[3])[1:]}
    # A rate that is less than half of its last decimal is explained where one is shown.
    zero = metadata.text("symbol.zero", language)
    assert explained - {zero} == SYMBOLS | {NIL} and any(f"{zero} = " in _above(sheet) for sheet in statistical(workbook))
    for sheet in statistical(workbook):
        header, *body = rows(sheet)
        above = _above(sheet)
        (table,) = sheet.tables.values()
        for row in sheet[table.ref][1:]:
            for title, shown in zip(header, row, strict=True):
                cell = shown.value
                if isinstance(cell, str) and title not in CODE_HEADINGS:
                    assert not LOOKS_LIKE_A_NUMBER.fullmatch(cell), (sheet.title, title, cell)
                if cell in SYMBOLS or (cell == 0 and title not in CODE_HEADINGS):
                    # Nil has a format of its own; what is less than half is shown as the number.
                    sign = cell if cell != 0 else NIL if NIL in shown.number_format else zero
                    assert f"{sign} = " in above, (sheet.title, cell)
        assert all(not (isinstance(cell, str) and cell.startswith("=")) for row in body for cell in row), "no formulas"


def test_headings_stay_in_sight_and_text_is_wrapped_where_it_is_long(workbook: Workbook) -> None:
    for sheet in statistical(workbook):
        (table,) = sheet.tables.values()
        head = sheet[table.ref][0]
        many = len(list(sheet[table.ref])) - 1 > 50
        # Heads stay, and rows can be filtered, where there are more than a window shows.
        assert sheet.freeze_panes == (f"A{head[0].row + 1}" if many else None)
        assert (table.autoFilter is not None) == many
        assert not sheet.oddFooter.left.text and not sheet.oddHeader.left.text
        assert all(cell.alignment.wrap_text for cell in head)
    definitions = workbook.worksheets[2]
    assert all(cell.alignment.wrap_text for row in definitions[next(iter(definitions.tables.values())).ref][1:] for cell in row)


def test_text_is_large_enough_and_nothing_is_told_by_pictures_comments_or_colour(workbook: Workbook) -> None:
    for sheet in workbook:
        assert not sheet._images and not sheet._charts  # type: ignore[attr-defined]
        assert not sheet.conditional_formatting
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.comment is None
                assert cell.value is None or cell.font.sz >= 10
        if sheet.tables:
            body = next(iter(sheet.tables.values())).ref
            assert {cell.fill.fgColor.rgb for row in sheet[body][1:] for cell in row} == {"00000000"}


def test_links_say_where_they_lead_and_lead_there(workbook: Workbook) -> None:
    contents = workbook.worksheets[1]
    links = [cell for row in contents.iter_rows() for cell in row if cell.hyperlink]
    assert [cell.value for cell in links] == workbook.sheetnames[2:]
    assert [cell.hyperlink.location for cell in links] == [f"'{cell.value}'!A1" for cell in links]
    for sheet in statistical(workbook):
        back, *others = [cell for row in sheet.iter_rows(max_col=1, max_row=20) for cell in row if cell.hyperlink]
        assert back.hyperlink.location == f"'{contents.title}'!A1"
        assert not any(str(cell.value).startswith("http") for cell in (back, *others))
        # From a table by region to what has been delivered.
        to = [cell.hyperlink.location for cell in others]
        assert len(to) <= 1 and all(one in {f"'{name}'!A1" for name in workbook.sheetnames[2:]} for one in to)


def test_the_document_has_a_title_an_author_and_a_language(workbook: Workbook, language: str) -> None:
    properties = workbook.properties
    assert properties.title and properties.creator
    assert str(properties.language).startswith(f"{language}-")


def _label(variable: str, code: str, shared: set[str], language: str) -> str:
    said = metadata.variable(variable).category(code, language)
    return f"{said} ({code})" if said in shared else said


def test_every_value_of_every_table_equals_the_csv(
    workbook: Workbook, tables: ProtectedTables, protected_folder: Path, language: str
) -> None:
    for name, sheet in zip(tables.names(), statistical(workbook), strict=True):
        definition = metadata.table(name)
        header, *body = rows(sheet)
        measures = definition.measures
        assert len(header) - len(measures) in (len(definition.variables), len(definition.variables) + 1)
        names = {metadata.variable(held).label(language): held for held in definition.variables}
        found: dict[tuple[str, ...], Any] = {}
        for row in body:
            labels = {names[title]: str(cell) for title, cell in zip(header, row, strict=True) if title in names}
            for measure, cell in zip(measures, row[-len(measures) :], strict=True):
                found[(*(labels[held] for held in definition.variables), measure)] = cell
        with (protected_folder / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
            wanted = list(csv.DictReader(lines))
        shared = {held: _shared(held, {row[held] for row in wanted}, language) for held in definition.variables if held != "year"}
        assert len(found) == len(wanted)
        for row in wanted:
            labels = [row[h] if h == "year" else _label(h, row[h], shared[h], language) for h in definition.variables]
            cell = found[(*labels, row["measure"])]
            if row["status"]:
                assert cell == row["status"], (name, labels)
            else:
                assert Decimal(str(cell)) == Decimal(row["value"]), (name, labels)


def _shared(variable: str, codes: set[str], language: str) -> set[str]:
    """Labels that two codes have in common."""
    said = [metadata.variable(variable).category(code, language) for code in codes]
    return {label for label in said if said.count(label) > 1}


@pytest.mark.libreoffice
@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_it_with_every_number_in_its_place(path: Path, workbook: Workbook, tmp_path: Path) -> None:
    assert OFFICE is not None
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [OFFICE, "--headless", profile, "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    opened = openpyxl.load_workbook(tmp_path / "tables.xlsx")
    assert opened.sheetnames == workbook.sheetnames
    for sheet in workbook.worksheets[1:]:
        (table,) = sheet.tables.values()
        again = [[cell.value for cell in row] for row in opened[sheet.title][table.ref]]
        assert again == rows(sheet), sheet.title
