"""Every sheet has its heading row and its Excel table, whatever the table's id; and nothing is left out in silence."""

from __future__ import annotations

import io
import re
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
import yaml

from kvarn import metadata
from kvarn.disseminate.protected import ProtectedTables
from kvarn.disseminate.sheets import StrictSheet, is_sheet_name, table_name
from kvarn.disseminate.spreadsheet import write_spreadsheet
from kvarn.edition import Edition
from kvarn.errors import RenderingError

PROJECT = Path(__file__).parents[2]
STRANGE = (
    "65-plus-by-month",
    "a1",
    "AB-12",
    "xfd1048576",
    "r1c1",
    "rc",
    "r",
    "c",
    "c-1",
    "contents",
    "Contents",
    "å-ö",
    "-x",
    "x y/z",
)


@pytest.mark.parametrize("table", [*STRANGE, "x" * 300, "9" * 300, "²", "x²", "", "persons-by-month"])
def test_xlsxwriter_and_excel_take_every_name(table: str) -> None:
    name = table_name(table)
    # What Excel's own documentation of names asks for.
    assert re.fullmatch(r"[^\W\d_][\w.]*", name) and len(name) <= 255
    assert not re.fullmatch(r"(?i)[a-z]{1,3}\d+|r\d*(c\d*)?|c\d*", name)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sheet = xlsxwriter.Workbook(io.BytesIO(), {"in_memory": True}).add_worksheet()
        assert sheet.add_table(0, 0, 1, 1, {"name": name}) == 0


def test_names_of_the_programme_stay_what_they_are() -> None:
    assert table_name("persons-by-month") == "persons_by_month"
    assert table_name("65-plus-by-month") == "T_65_plus_by_month"


def test_no_two_tables_of_a_workbook_have_one_name() -> None:
    names: list[str] = []
    for table in ("a-b", "a_b", "A B", "x" * 300, "x" * 301, "contents", "contents"):
        names.append(table_name(table, names))
    assert len({name.casefold() for name in names}) == len(names)
    assert all(len(name) <= 255 for name in names)


def test_every_table_has_its_headings_whatever_its_id(protected_tables: Path, tmp_path: Path) -> None:
    plain = metadata.table("persons-by-month")
    ids = [name for name in STRANGE if re.fullmatch(r"[\wåö-]+", name)] + ["n" * 200]
    for name in ids:
        shutil.copy(protected_tables / "persons-by-month.csv", protected_tables / f"{name}.csv")
    values = yaml.safe_load((PROJECT / "params" / "demo.yml").read_text(encoding="utf-8"))
    with metadata.tables_beside(*(plain.model_copy(update={"name": name, "beside": True}) for name in ids)):
        tables = ProtectedTables(protected_tables)
        written = write_spreadsheet(tables, Edition.model_validate(values), "en", tmp_path / "tables.xlsx")
        assert set(ids) <= set(tables.names())
    sheets = openpyxl.load_workbook(written).worksheets
    names = [table.name for sheet in sheets for table in sheet.tables.values()]
    assert len(names) == len(sheets) - 1 and len({name.casefold() for name in names}) == len(names)
    assert "T_65_plus_by_month" in names
    for sheet in sheets[1:]:
        (table,) = sheet.tables.values()
        header = sheet[table.ref][0]
        assert [cell.value for cell in header] == [column.name for column in table.tableColumns]
        assert all(cell.value for cell in header)


@pytest.mark.parametrize(
    "write",
    [
        lambda sheet: sheet.add_table(0, 0, 1, 1, {"name": "65_plus"}),
        lambda sheet: sheet.add_table(0, 0, 1, 1, {"name": "a1"}),
        lambda sheet: sheet.add_table(0, 0, 1, 1, {"columns": [{"header": "Same"}, {"header": "same"}]}),
        lambda sheet: sheet.add_table(0, 0, 0, 1, {}),
        lambda sheet: sheet.write_string(0, 0, "x" * 40_000),
        lambda sheet: sheet.write_number(0, 20_000, 1),
        lambda sheet: sheet.set_footer("x" * 300),
        lambda sheet: sheet.ignore_errors({"no_such_error": "A1"}),
    ],
)
def test_what_xlsxwriter_would_leave_out_with_a_warning_is_an_error(write: Callable[[Any], object]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sheet = xlsxwriter.Workbook(io.BytesIO(), {"in_memory": True}).add_worksheet("A sheet", StrictSheet)
        with pytest.raises(RenderingError, match="leave something out") as caught:
            write(sheet)
    assert "A sheet" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "right"), [("1 By month", True), ("", False), ("x" * 32, False), ("a/b", False), ("a:b", False), ("'a", False)]
)
def test_names_of_sheets_that_excel_does_not_take_are_known(name: str, right: bool) -> None:
    assert is_sheet_name(name) == right
