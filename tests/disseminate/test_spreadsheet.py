"""The workbook read back by openpyxl, which shares no code with its writer."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
import textwrap
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml

from kvarn import metadata
from kvarn.disseminate import spreadsheet
from kvarn.disseminate.protected import ProtectedTables
from kvarn.disseminate.spreadsheet import write_spreadsheet
from kvarn.edition import Edition

PROJECT = Path(__file__).parents[2]
OFFICE = shutil.which("soffice") or shutil.which("libreoffice")


def demo(**changes: Any) -> Edition:
    values = yaml.safe_load((PROJECT / "params" / "demo.yml").read_text(encoding="utf-8"))
    return Edition.model_validate(values | changes)


@pytest.fixture(scope="module")
def swedish(tables: ProtectedTables, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_spreadsheet(tables, demo(), "sv", tmp_path_factory.mktemp("sv") / "tables.xlsx")


@pytest.fixture(scope="module")
def book(swedish: Path) -> openpyxl.Workbook:
    """The same workbook, read back once."""
    return openpyxl.load_workbook(swedish)


def body(book: openpyxl.Workbook, title: str) -> list[dict[str, Any]]:
    """The rows of the sheet whose title ends with `title`, by their header."""
    for sheet in book:
        if str(sheet["A1"].value).endswith(title):
            (table,) = sheet.tables.values()
            header, *rows = [[cell.value for cell in row] for row in sheet[table.ref]]
            return [dict(zip(header, row, strict=True)) for row in rows]
    raise AssertionError(f"no sheet {title}")


def published(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_every_table_has_a_sheet_and_the_front_sheets_come_first(book: openpyxl.Workbook, tables: ProtectedTables) -> None:
    names = book.sheetnames
    assert names[:4] == ["Omslag", "Innehåll", "Definitioner", "Symboler"]
    assert len(names) == 4 + len(tables.names())
    assert all(len(name) <= 31 for name in names)


@pytest.mark.parametrize("language", ["sv", "en"])
def test_invented_inhabitants_are_nobody_elses_statistics(few_tables: ProtectedTables, tmp_path: Path, language: str) -> None:
    def sources(edition: Edition) -> set[str]:
        path = write_spreadsheet(few_tables, edition, language, tmp_path / "tables.xlsx")
        sheet = openpyxl.load_workbook(path).worksheets[2]
        (table,) = sheet.tables.values()
        return {str(row[-1].value) for row in sheet[table.ref]}

    assert not any("Statistics Sweden" in source for source in sources(demo()))
    assert any("Statistics Sweden" in source for source in sources(demo(synthetic=False)))


@pytest.mark.parametrize(("language", "source"), [("sv", "Kodlistan över kommuner"), ("en", "The code list of municipalities")])
@pytest.mark.parametrize("synthetic", [True, False])
def test_how_many_municipalities_there_are_is_of_the_code_list_and_not_invented(
    few_tables: ProtectedTables, tmp_path: Path, language: str, source: str, synthetic: bool
) -> None:
    path = write_spreadsheet(few_tables, demo(synthetic=synthetic), language, tmp_path / "tables.xlsx")
    sheet = openpyxl.load_workbook(path).worksheets[2]
    (table,) = sheet.tables.values()
    sources = {str(row[0].value): str(row[-1].value) for row in sheet[table.ref]}
    assert sources[metadata.measure("municipalities").label(language)] == source


def test_numbers_equal_the_protected_table_and_suppressed_cells_are_the_text_x(
    book: openpyxl.Workbook, tables: ProtectedTables, protected_folder: Path
) -> None:
    table = tables["persons-by-municipality-sex-age"]
    sex, age = metadata.codelist("sex"), metadata.codelist("age")
    found = {(row["Regionkod"], row["Kön"], row["Ålder"]): row["Personer"] for row in body(book, table.title("sv"))}
    wanted = {
        (row["region"], sex.label(row["sex"], "sv"), age.label(row["age"], "sv")): row
        for row in published(protected_folder, table.definition.name)
        if row["measure"] == "persons"
    }
    assert found.keys() == wanted.keys()
    assert "X" in found.values()
    for key, row in wanted.items():
        assert found[key] == (int(row["value"]) if row["value"] else row["status"])


def test_rates_keep_their_decimals_and_shares_tell_their_unit(book: openpyxl.Workbook, tables: ProtectedTables) -> None:
    rows = body(book, tables["persons-with-procedure-by-kind"].title("sv"))
    share = tables["persons-with-procedure-by-kind"].cell(year=2023, sex="T", kind="T", measure="share_of_persons")
    (row,) = [r for r in rows if (r["År"], r["Kön"], r["Slag av åtgärd"]) == (2023, "Totalt", "Någon åtgärd")]
    assert Decimal(str(row["Andel av personerna (procent)"])) == Decimal(str(share.value))


def test_a_sheet_has_no_merged_cells_a_frozen_header_and_stands_on_a1(book: openpyxl.Workbook) -> None:
    for sheet in book:
        assert not sheet.merged_cells.ranges
        assert sheet.sheet_view.selection[0].activeCell in (None, "A1")
        for table in sheet.tables.values():
            cells = [[cell.value for cell in row] for row in sheet[table.ref]]
            assert all(value not in (None, "") for row in cells for value in row), sheet.title
            first = sheet[table.ref][0][0].row
            assert sheet.freeze_panes in (None, f"A{first + 1}")


def test_every_sheet_of_a_synthetic_edition_says_so_and_no_sheet_of_another(
    book: openpyxl.Workbook, tables: ProtectedTables, tmp_path: Path
) -> None:
    notice = metadata.text("synthetic.notice", "sv")
    assert all(sheet["A2"].value == notice for sheet in book)
    real = write_spreadsheet(tables, demo(synthetic=False), "sv", tmp_path / "tables.xlsx")
    words = [
        str(c) for sheet in openpyxl.load_workbook(real, read_only=True) for row in sheet.iter_rows(values_only=True) for c in row
    ]
    assert not any("yntetisk" in said for said in words)


def test_title_and_language_are_among_the_properties(few_tables: ProtectedTables, tmp_path: Path) -> None:
    english = write_spreadsheet(few_tables, demo(), "en", tmp_path / "tables.xlsx")
    properties = openpyxl.load_workbook(english).properties
    assert properties.title == "Persons and procedures in municipal health care 2023"
    assert properties.language == "en-GB"


def test_links_of_the_contents_lead_to_sheets_that_exist(book: openpyxl.Workbook) -> None:
    links = [cell.hyperlink.location for row in book["Innehåll"] for cell in row if cell.hyperlink]
    assert {link.split("'")[1] for link in links} == set(book.sheetnames) - {"Omslag", "Innehåll"}


def test_a_sheet_by_region_leads_to_the_sheet_of_what_was_delivered(book: openpyxl.Workbook) -> None:
    sheets = {metadata.table(name).sheet["sv"] for name in ("months-by-region", "procedures-by-region", "rates-by-municipality")}
    found = set()
    for sheet in book:
        links = {cell.hyperlink.location for row in sheet.iter_rows(max_row=20) for cell in row if cell.hyperlink}
        if any(link and "Leveranser region" in link for link in links) and sheet.title != "Innehåll":
            found.add(sheet.title.split(" ", 1)[1])
    assert sheets < found
    (delivered,) = [name for name in book.sheetnames if name.endswith(" Leveranser region")]
    assert delivered.split(" ", 1)[1] not in found


def test_the_same_tables_give_the_same_bytes(swedish: Path, tables: ProtectedTables, tmp_path: Path) -> None:
    again = write_spreadsheet(tables, demo(), "sv", tmp_path / "tables.xlsx")
    assert again.read_bytes() == swedish.read_bytes()
    with zipfile.ZipFile(again) as parts:
        assert {part.date_time[0] for part in parts.infolist()} == {1980}
    assert [path.name for path in tmp_path.iterdir()] == ["tables.xlsx"]


@pytest.mark.libreoffice
@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_it_and_keeps_the_numbers(swedish: Path, tables: ProtectedTables, tmp_path: Path) -> None:
    assert OFFICE is not None
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [
        OFFICE,
        "--headless",
        profile,
        "--convert-to",
        "xlsx:Calc MS Excel 2007 XML",
        "--outdir",
        str(tmp_path),
        str(swedish),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    title = tables["persons-by-month"].title("sv")
    sheets = openpyxl.load_workbook(tmp_path / "tables.xlsx")
    (sheet,) = [one for one in sheets if str(one["A1"].value).endswith(title)]
    numbers = [row[3].value for row in sheet.iter_rows() if isinstance(row[0].value, int)]
    assert numbers == [int(value) for value in tables["persons-by-month"].frame["value"]]


def test_a_workbook_without_any_symbol_says_so(
    few_tables: ProtectedTables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As that of an order may be in which nothing is suppressed."""
    monkeypatch.setattr(spreadsheet, "symbols_in", lambda *_: {})
    path = write_spreadsheet(few_tables, demo(), "en", tmp_path / "tables.xlsx")
    sheet = openpyxl.load_workbook(path).worksheets[3]
    assert not sheet.tables and "No symbols" in " ".join(str(row[0].value) for row in sheet.iter_rows())


def test_heads_of_columns_are_shown_whole(book: openpyxl.Workbook) -> None:
    high = 0
    for sheet in book.worksheets:
        for table in sheet.tables.values():
            row = int(re.sub(r"[A-Z]+", "", table.ref.partition(":")[0]))
            for cell in sheet[row]:
                width = sheet.column_dimensions[cell.column_letter].width
                lines = len(textwrap.wrap(str(cell.value or ""), max(int(width), 1), break_on_hyphens=False))
                assert cell.value is None or cell.alignment.wrap_text
                assert sheet.row_dimensions[row].height >= 13 * lines, (sheet.title, cell.value)
                high = max(high, lines)
    assert high == 2
