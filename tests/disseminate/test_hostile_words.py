"""The words of an edition are text on the front page and in the workbook, too: no element and no formula comes of them."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from bs4 import BeautifulSoup

from kvarn.disseminate.open_data import write_open_data
from kvarn.disseminate.protected import ProtectedTables
from kvarn.disseminate.site import write_index
from kvarn.disseminate.spreadsheet import write_spreadsheet
from kvarn.edition import Edition

PROJECT = Path(__file__).parents[2]
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    '=HYPERLINK("http://x","y")',
    "+1+1",
    "-2",
    "@SUM(A1)",
    "{{ 7 * 7 }} {% raw %} &amp;",
)


def edition(said: str) -> Edition:
    values: dict[str, Any] = yaml.safe_load((PROJECT / "params" / "demo.yml").read_text(encoding="utf-8"))
    both = {"sv": said, "en": said}
    publication = values["publication"]
    publication |= {"series": both, "title": both, "publisher": both}
    publication["contact"]["name"] = said
    publication["previous"]["title"] = both
    return Edition.model_validate(values)


def front_page(folder: Path, tables: ProtectedTables, said: str) -> BeautifulSoup:
    write_open_data(tables, edition(said), folder / "data")
    return BeautifulSoup(write_index(folder, edition(said), tables).read_text(encoding="utf-8"), "html.parser")


@pytest.mark.parametrize("said", HOSTILE)
def test_the_front_page_says_what_was_said(few_tables: ProtectedTables, tmp_path: Path, said: str) -> None:
    page, plain = front_page(tmp_path / "a", few_tables, said), front_page(tmp_path / "b", few_tables, "Plain words")
    assert [(tag.name, sorted(tag.attrs)) for tag in page.find_all(True)] == [
        (tag.name, sorted(tag.attrs)) for tag in plain.find_all(True)
    ]
    assert page.get_text().count(said) == plain.get_text().count("Plain words") > 5


@pytest.mark.parametrize("said", HOSTILE)
def test_the_workbook_holds_text_and_no_formula(few_tables: ProtectedTables, tmp_path: Path, said: str) -> None:
    written = write_spreadsheet(few_tables, edition(said), "en", tmp_path / "tables.xlsx")
    with zipfile.ZipFile(written) as parts:
        assert not [name for name in parts.namelist() if re.search(rb"<f[ >/]", parts.read(name))]
    cells = [cell for sheet in openpyxl.load_workbook(written) for row in sheet.iter_rows() for cell in row]
    assert any(said in str(cell.value) for cell in cells)
