"""The titles of an imported code list are text in every product, whatever they look like."""

from __future__ import annotations

import csv
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import openpyxl
import pypandoc
import pytest
import yaml
from bs4 import BeautifulSoup

from kvarn import metadata
from kvarn.disseminate.database import write_database
from kvarn.disseminate.explorer import explorer_tables, faults_of_explorer, write_explorer
from kvarn.disseminate.labelled_data import guarded
from kvarn.disseminate.labelled_reading import read_labelled, unguarded
from kvarn.disseminate.notebook_pages import write_notebook_page
from kvarn.disseminate.open_data import write_open_data
from kvarn.disseminate.protected import ProtectedTable, ProtectedTables
from kvarn.disseminate.spreadsheet import write_spreadsheet
from kvarn.disseminate.text_tables import text_table
from kvarn.edition import Edition

PROJECT = Path(__file__).parents[2]
TABLE = "procedures-by-code"
HOSTILE = (
    "<script>alert(1)</script>",
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    '=HYPERLINK("http://x";"y")',
    "{{< var x >}} {{ 7 * 7 }}",
    "$x$ $$y$$ \\(z\\)",
    "a | b | c",
    "https://example.org/x [a](javascript:alert(1)) <https://x.y>",
    "&lt;b&gt; &amp; -- ... 'a'",
    "**a** _b_ `c` ~~d~~ ^e^ @x [^1]",
)


@pytest.fixture(scope="module")
def codes(protected_folder: Path) -> list[str]:
    with (protected_folder / f"{TABLE}.csv").open(encoding="utf-8", newline="") as lines:
        there = dict.fromkeys(row["procedure"] for row in csv.DictReader(lines) if row["procedure"] != "T")
    assert len(there) >= len(HOSTILE)
    return list(there)[: len(HOSTILE)]


@pytest.fixture
def hostile(tmp_path: Path, codes: list[str], protected_folder: Path) -> Iterator[ProtectedTables]:
    """The protected table of procedures, with titles of an imported list."""
    project = tmp_path / "project"
    (project / "notebooks").mkdir(parents=True)
    (project / "_quarto.yml").touch()
    source = project / "kva.csv"
    with source.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [("code", "sv", "en"), *((code, said, said) for code, said in zip(codes, HOSTILE, strict=True))]
        )
    metadata.import_codelist(source, name="procedure", year=2023, into=project / metadata.CODELISTS, short="for the test")
    metadata.use_project(project)
    folder = tmp_path / "protected"
    folder.mkdir()
    (folder / f"{TABLE}.csv").write_bytes((protected_folder / f"{TABLE}.csv").read_bytes())
    yield ProtectedTables(folder)
    metadata.use_project(None)


def edition() -> Edition:
    values: dict[str, Any] = yaml.safe_load((PROJECT / "params" / "demo.yml").read_text(encoding="utf-8"))
    return Edition.model_validate(values)


def test_the_workbook_has_them_as_strings(hostile: ProtectedTables, tmp_path: Path) -> None:
    written = write_spreadsheet(hostile, edition(), "sv", tmp_path / "tables.xlsx")
    with zipfile.ZipFile(written) as parts:
        assert not [name for name in parts.namelist() if re.search(rb"<f[ >/]", parts.read(name))]
    cells = [cell for sheet in openpyxl.load_workbook(written) for row in sheet.iter_rows() for cell in row]
    assert set(HOSTILE) <= {cell.value for cell in cells if cell.data_type == "s"}


def test_open_data_have_codes_and_figures_alone_and_the_titles_in_their_description(
    hostile: ProtectedTables, tmp_path: Path
) -> None:
    """So no cell of a CSV file can be taken for a formula by the program that opens it."""
    write_open_data(hostile, edition(), tmp_path / "data")
    write_database(hostile, edition(), tmp_path / "database")
    for path in (tmp_path / "data" / f"{TABLE}.csv", tmp_path / "database" / f"{TABLE}.sdmx.csv"):
        with path.open(encoding="utf-8", newline="") as lines:
            cells = {cell for row in csv.reader(lines) for cell in row}
        assert not cells & set(HOSTILE) and not [cell for cell in cells if cell[:1] in "=+-@\t\r" and cell]
    described = json.loads((tmp_path / "data" / f"{TABLE}.csv-metadata.json").read_text(encoding="utf-8"))
    assert set(HOSTILE) <= set(strings(described))


@pytest.mark.parametrize("language", ["sv", "en"])
def test_open_data_with_labels_have_them_as_text_and_are_read_back(
    hostile: ProtectedTables, tmp_path: Path, language: str
) -> None:
    write_open_data(hostile, edition(), tmp_path)
    path = tmp_path / language / f"{TABLE}.csv"
    with path.open(encoding="utf-8-sig", newline="") as lines:
        cells = {cell for row in csv.reader(lines) for cell in row}
    assert {f"'{said}" if said[0] in "=+-@" else said for said in HOSTILE} <= cells
    assert not [cell for cell in cells if cell and cell[0] in "=+-@\t\r"]
    table = hostile[TABLE]
    found = read_labelled(path, tuple(table.definition.variables), tuple(table.definition.measures), language)
    assert len(found) == len(table.frame)


@pytest.mark.parametrize(("title", "written"), [("=1", "'=1"), ("'=1", "''=1"), ("'a'", "'a'"), ("a=1", "a=1")])
def test_a_guarded_title_is_read_back_as_it_was(title: str, written: str) -> None:
    assert guarded(title) == written
    assert unguarded(written) == title


def test_json_stat_and_px_have_them_as_labels(hostile: ProtectedTables, tmp_path: Path, codes: list[str]) -> None:
    write_database(hostile, edition(), tmp_path)
    dataset = json.loads((tmp_path / "sv" / f"{TABLE}.json").read_text(encoding="utf-8"))
    labels = dataset["dimension"]["procedure"]["category"]["label"]
    for code, said in zip(codes, HOSTILE, strict=True):
        assert said in labels[code]
    px = (tmp_path / f"{TABLE}.px").read_text(encoding="utf-8")
    head = px[: px.index("DATA=")]
    # Outside of quotation marks there are keywords, numbers and marks alone: no text has left its own.
    assert set(re.sub(r'"[^"\n]*"', "", head)) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ-abcdefghijklmnopqrstuvwxyz0123456789()[],;=\n ")
    for said in HOSTILE:
        assert said.replace('"', "'") in re.sub(r'"\n"', "", head), said


def test_the_explorer_has_them_as_labels_and_no_element_of_theirs(
    hostile: ProtectedTables, tmp_path: Path, codes: list[str]
) -> None:
    (path, *_) = write_explorer(hostile, edition(), tmp_path)
    page = path.read_text(encoding="utf-8")
    write_database(hostile, edition(), tmp_path)
    described = {TABLE: (tmp_path / "sv" / f"{TABLE}.json").read_text(encoding="utf-8")}
    assert list(faults_of_explorer(page, edition(), "sv", described)) == []
    variable = next(one for one in explorer_tables(page)[TABLE]["variables"] if one["name"] == "procedure")
    labels = dict(zip(variable["codes"], variable["labels"], strict=True))
    for code, said in zip(codes, HOSTILE, strict=True):
        assert said in labels[code]
    assert "<script>alert" not in page and page.count("</script>") == page.count("<script")


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for one in value.values():
            yield from strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from strings(one)
    elif isinstance(value, str):
        yield value


def titles_in(page: str) -> tuple[list[str], BeautifulSoup]:
    soup = BeautifulSoup(page, "html.parser")
    tables = [table for table in soup.find_all("table") if table.find("td")]
    return [cell.get_text() for table in tables for cell in table.find_all(["td", "th"])], soup


def table_of(tables: ProtectedTables, codes: list[str]) -> Any:
    table: ProtectedTable = tables[TABLE]
    where = {"measure": table.definition.measures[0], "procedure": codes}
    return text_table(table, language="sv", rows="procedure", columns="year", where=where)


def test_a_notebook_page_shows_them(hostile: ProtectedTables, tmp_path: Path, codes: list[str]) -> None:
    notebook = nbformat.v4.new_notebook()
    shown = nbformat.v4.new_output("display_data", {"text/markdown": table_of(hostile, codes).markdown})
    notebook.cells = [nbformat.v4.new_markdown_cell("# Titel"), nbformat.v4.new_code_cell("x", outputs=[shown])]
    nbformat.write(notebook, tmp_path / "procedures.ipynb")
    page = write_notebook_page(tmp_path / "procedures.ipynb", tmp_path / "procedures.html", language="sv", notice=None)
    cells, soup = titles_in(page.read_text(encoding="utf-8"))
    assert set(HOSTILE) <= {" ".join(cell.split()) for cell in cells}
    assert not [
        tag.name for table in soup.find_all("table") for tag in table.find_all(["a", "script", "b", "em", "strong", "code"])
    ]


def test_a_document_shows_them_in_its_tables(hostile: ProtectedTables, tmp_path: Path, codes: list[str]) -> None:
    """As pandoc reads them, with all that its Markdown knows."""
    (tmp_path / "table.md").write_text(table_of(hostile, codes).markdown, encoding="utf-8")
    page = pypandoc.convert_file(str(tmp_path / "table.md"), "html", format="markdown+autolink_bare_uris+emoji+mark")
    cells, soup = titles_in(page)
    assert set(HOSTILE) <= {" ".join(cell.split()) for cell in cells}
    assert not soup.find_all(["a", "script", "em", "strong", "code", "span", "mark"])
