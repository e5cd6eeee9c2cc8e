"""Every format holds the chosen cells; a whole table as PX is the published file."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
from bs4 import BeautifulSoup
from jsonstat_validator import validate_jsonstat

from kvarn.disseminate.database.read import read_px
from kvarn.serve.database import Database
from kvarn.serve.formats import FORMATS
from kvarn.serve.published import read_table
from kvarn.serve.released import ReleasedEdition

Ask = Callable[..., Any]
DATA = "tables/rates-by-municipality-2023/data"
PART = "valueCodes[region]=0117,0180,01&valueCodes[age]=65%2B&valueCodes[year]=2023&valueCodes[measure]=persons,persons_per_1000"


def part(ask: Ask) -> dict[str, list[float | str]]:
    """The cells of the part by region, from JSON-stat."""
    found = ask(DATA, PART)
    regions = list(found["dimension"]["region"]["category"]["index"])
    cells = [found["status"].get(str(place)) if value is None else value for place, value in enumerate(found["value"])]
    assert found["id"] == ["year", "region", "age", "measure"]
    return {region: cells[2 * place : 2 * place + 2] for place, region in enumerate(regions)}


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_whole_table_as_px_is_the_published_file(database: Database, language: str, tmp_path: Path) -> None:
    for table in database.tables.values():
        names = [one.name for one in table.variables]
        query = "&".join(f"valueCodes[{name}]=*" for name in names)
        answer = database.answer("GET", f"tables/{table.id}/data", f"{query}&outputFormat=px&lang={language}")
        published = table.edition.read(f"database/{table.table}.px")
        if language == "sv":
            assert answer.content() == published
        else:
            (tmp_path / "published.px").write_bytes(published)
            (tmp_path / "english.px").write_bytes(answer.content())
            assert 'LANGUAGE="en";' in answer.content().decode()
            read = [read_px(tmp_path / name, tuple(names[:-1])) for name in ("published.px", "english.px")]
            assert read[0] == read[1]


def test_a_part_as_px_has_its_cells_and_its_words(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "part.px").write_bytes(ask(DATA, f"{PART}&outputFormat=px&lang=en"))
    found = read_px(tmp_path / "part.px", ("year", "region", "age"))
    for region, (persons, rate) in part(ask).items():
        for measure, cell in (("persons", persons), ("persons_per_1000", rate)):
            value, symbol = found[("2023", region, "65+", measure)]
            assert symbol == cell if isinstance(cell, str) else value == Decimal(str(cell))
    text = (tmp_path / "part.px").read_text(encoding="utf-8")
    assert "Stockholm county" in text and "Österåker" in text and "Danderyd" not in text


def test_nil_stays_apart_from_what_rounds_to_zero(database: Database) -> None:
    nil = sum(int(table.nil.sum()) for table in database.tables.values())
    zero = sum(int((table.values == 0).sum()) for table in database.tables.values())
    assert 0 < nil <= zero


def test_csv_has_a_column_for_each_category_of_the_heading(ask: Ask) -> None:
    [head, *rows] = csv.reader(io.StringIO(ask(DATA, f"{PART}&outputFormat=csv&lang=en&outputFormatParams=UseCodes").decode()))
    assert head == ["Region", "Age", "Synthetic data", "2023 persons", "2023 persons_per_1000"]
    assert {row[0]: [one if one == "X" else float(one) for one in row[3:]] for row in rows} == part(ask)
    assert all(row[2] == "yes" for row in rows)


def test_csv_has_the_options_of_the_interface(ask: Ask) -> None:
    options = "UseCodesAndTexts,IncludeTitle,SeparatorSemicolon"
    text = ask(DATA, f"{PART}&outputFormat=csv&lang=sv&outputFormatParams={options}").decode()
    [title, empty, head, *rows] = csv.reader(io.StringIO(text), delimiter=";")
    assert len(title) == 1 and not empty and head[0] == "Region"
    assert [row[0] for row in rows] == ["01 Stockholms län", "0117 Österåker", "0180 Stockholm"]
    assert head[3].startswith("2023 persons ") and "2023 2023" not in text, "a code that is its own text stands once"


def test_the_workbook_has_numbers_as_numbers_and_says_that_it_is_synthetic(ask: Ask) -> None:
    written = ask(DATA, f"{PART}&outputFormat=xlsx&lang=sv")
    assert written == ask(DATA, f"{PART}&outputFormat=xlsx&lang=sv")
    rows = list(openpyxl.load_workbook(io.BytesIO(written)).active.iter_rows(values_only=True))
    assert str(rows[1][0]).startswith("Syntetiska data")
    names = {"01": "Stockholms län", "0117": "Österåker", "0180": "Stockholm"}
    found = {row[0]: list(row[2:4]) for row in rows if row[0] in names.values()}
    assert found == {names[region]: cells for region, cells in part(ask).items()}


def test_the_page_has_heads_for_its_cells_and_runs_nothing(ask: Ask) -> None:
    page = BeautifulSoup(ask(DATA, f"{PART}&outputFormat=html&lang=sv"), "html.parser")
    assert page.find("meta", {"http-equiv": "Content-Security-Policy"}) and not page.find_all("script")
    rows = [[one.get_text() for one in row.find_all(["th", "td"])] for row in page.select("tbody tr")]
    assert {row[0]: row[2:] for row in rows}["Österåker"] == ["X", "X"]
    wide = [sum(int(one.get("colspan", 1)) for one in row.find_all(["th", "td"])) for row in page.select("tr")]
    assert len(set(wide)) == 1


def test_parquet_has_a_row_a_cell(ask: Ask) -> None:
    table = pq.read_table(io.BytesIO(ask(DATA, f"{PART}&outputFormat=parquet&lang=sv")))
    rows = table.to_pylist()
    assert len(rows) == 6 and {row["region_label"] for row in rows} == {"Stockholms län", "Österåker", "Stockholm"}
    for row in rows:
        cell = part(ask)[row["region"]][row["measure"] == "persons_per_1000"]
        assert (row["value"], row["status"]) == (None, cell) if isinstance(cell, str) else math.isclose(row["value"], cell)
    assert all(row["synthetic"] for row in rows)
    assert json.loads(table.schema.metadata[b"notes"])[0].startswith("Syntetiska data")


def test_what_is_served_of_a_whole_table_is_what_its_file_says(database: Database, shared_publications: Path, ask: Ask) -> None:
    """The files have the shape of the interface: only what an edition is called, and what a licence is, differs."""
    table = database.table("persons-by-month-2023")
    assert table is not None
    for language in ("sv", "en"):
        file = shared_publications / "2023" / "database" / language / "persons-by-month.json"
        published = json.loads(file.read_text(encoding="utf-8"))
        everything = "&".join(f"valueCodes[{one.name}]=*" for one in table.variables)
        served = ask("tables/persons-by-month-2023/data", f"{everything}&lang={language}")
        assert served["extension"].pop("edition") == "2023" and served["extension"]["px"].pop("tableid") == table.id
        assert published["extension"]["px"].pop("tableid") == table.table
        published["extension"].pop("license", None)
        assert published["dimension"]["measure"]["extension"].pop("refperiod").keys() == {"persons"}
        for dimension in served["dimension"].values():
            dimension["extension"].pop("codelists", None)
            dimension["extension"].pop("codeLists", None)
        served.pop("link", None)
        assert published == served


def test_an_edition_of_before_has_one_file_of_both_languages(database: Database) -> None:
    table = database.table("persons-by-month-2023")
    assert table is not None
    again = read_table(OneFile(table.edition), "persons-by-month")  # type: ignore[arg-type]
    for name in ("variables", "labels", "sources", "notes", "updated", "stage", "contact", "symbol_list"):
        assert getattr(again, name) == getattr(table, name), name
    assert again.values.tolist() == table.values.tolist()


class OneFile:
    """An edition whose JSON-stat is written as it once was: the main language, and the texts of the other beside it."""

    def __init__(self, edition: ReleasedEdition) -> None:
        self.edition, self.name = edition, edition.name

    def names(self, folder: str) -> list[str]:
        return ["database/persons-by-month.json", "database/persons-by-month.px"] if folder == "database" else []

    def checksum(self, name: str) -> str:
        return "0" * 64

    def read(self, name: str) -> bytes:
        if name.endswith(".px"):
            return self.edition.read(name)
        datasets = {one: json.loads(self.edition.read(f"database/{one}/persons-by-month.json")) for one in ("sv", "en")}
        for dataset in datasets.values():
            for dimension in dataset["dimension"].values():
                units = dimension["category"].get("unit", {})
                for code, unit in units.items():
                    units[code] = {"label": unit["base"], "decimals": unit["decimals"]}
        main = datasets["sv"]
        contact = main["extension"]["contact"][0]
        main["updated"] = main["updated"].partition("T")[0]
        main["extension"]["contact"] = {"name": contact["name"], "email": contact["mail"]}
        if "phone" in contact:
            main["extension"]["contact"]["telephone"] = contact["phone"]
        main["extension"]["en"] = datasets["en"]
        return json.dumps(main).encode()


def test_json_stat_is_valid(ask: Ask) -> None:
    for query in ("", PART, "lang=en&valueCodes[year]=*&valueCodes[measure]=*"):
        assert validate_jsonstat(ask(DATA, query)) is True


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_says_that_the_data_are_synthetic(ask: Ask, name: str) -> None:
    found = ask(DATA, f"{PART}&outputFormat={name}&lang=en")
    if name == "json-stat2":
        assert found["note"][0].startswith("Synthetic data") and found["extension"]["noteMandatory"]["0"]
    elif name in ("xlsx", "parquet"):
        assert found  # tried by their own tests
    else:
        assert "Synthetic data" in found.decode()


@pytest.mark.parametrize("name", FORMATS)
def test_a_table_in_one_row_or_one_column_is_written(ask: Ask, name: str) -> None:
    for placing in ("heading=region,age,year,measure", "stub=region,age,year,measure", "stub=measure&heading=year,age,region"):
        assert ask(DATA, f"{PART}&outputFormat={name}&{placing}")


def test_a_table_that_is_wider_than_a_sheet_is_refused(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kvarn.serve.formats.workbook._MOST_COLUMNS", 3)
    assert "choose fewer categories" in ask(DATA, f"{PART}&outputFormat=xlsx", status=400)["detail"]


def test_what_a_spreadsheet_program_would_take_for_a_formula_is_guarded(database: Database) -> None:
    from kvarn.serve.formats import csv_file

    assert csv_file._quoted('=1+"x"') == '"\'=1+""x"""'
