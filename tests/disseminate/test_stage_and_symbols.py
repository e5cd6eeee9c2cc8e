"""Whether figures are preliminary, and nil or less than half of the unit, stands in every product, as its format has it."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
import yaml
from bs4 import BeautifulSoup

from kvarn import metadata
from kvarn.disseminate.cube import Cube
from kvarn.disseminate.database import write_catalogue, write_database
from kvarn.disseminate.database.read import parquet_texts, read_jsonstat, read_px, read_sdmx
from kvarn.disseminate.numbers import format_cell, format_date
from kvarn.disseminate.open_data import write_open_data
from kvarn.disseminate.order_products import write_order
from kvarn.disseminate.protected import ProtectedTables
from kvarn.disseminate.record import write_record
from kvarn.disseminate.site import write_index
from kvarn.disseminate.spreadsheet import write_spreadsheet
from kvarn.disseminate.stage import correction_notice, stage_name, stage_notice
from kvarn.disseminate.symbols import symbols_in
from kvarn.disseminate.text_tables import text_table
from kvarn.edition import Edition

PROJECT = Path(__file__).parents[2]
TABLE = "persons-by-year-sex-age"
NOTICES = {"sv": "preliminära och kan komma att ändras", "en": "preliminary and may be revised"}
# Nil; less than half of the unit (1 of 100,000 is 0.01 per 1,000); a figure; a suppressed one; all by age, both sexes, 2023.
ROWS = """\
year,sex,age,measure,value,status,synthetic
2023,T,0-17,persons,0,,true
2023,T,0-17,population,1000,,true
2023,T,0-17,persons_per_1000,0.0,,true
2023,T,18-64,persons,1,,true
2023,T,18-64,population,100000,,true
2023,T,18-64,persons_per_1000,0.0,,true
2023,T,65-69,persons,5,,true
2023,T,65-69,population,1000,,true
2023,T,65-69,persons_per_1000,5.0,,true
2023,T,70-74,persons,,X,true
2023,T,70-74,population,1000,,true
2023,T,70-74,persons_per_1000,,X,true
"""


def edition(**changed: Any) -> Edition:
    values = yaml.safe_load((PROJECT / "params" / "demo.yml").read_text(encoding="utf-8"))
    values["publication"] |= changed.pop("publication", {})
    return Edition.model_validate(values | changed)


PRELIMINARY = {"stage": "preliminary", "publication": {"final": dt.date(2024, 12, 3)}}


@pytest.fixture
def tables_of_four(tmp_path: Path) -> ProtectedTables:
    folder = tmp_path / "protected"
    folder.mkdir()
    (folder / f"{TABLE}.csv").write_text(ROWS, encoding="utf-8")
    return ProtectedTables(folder)


def published(tables: ProtectedTables, of: Edition, folder: Path) -> dict[str, str]:
    """Every product but the documents, as text, by its name."""
    write_open_data(tables, of, folder / "data")
    write_database(tables, of, folder / "database")
    for language in of.languages:
        write_spreadsheet(tables, of, language, folder / language / "tables.xlsx")
    write_catalogue(tables, of, folder)
    write_index(folder, of, tables)
    write_record(
        folder, of, "demo", overrides=(), inputs=(), deliveries=None, steps=(), versions={"kvarn": "1"}, code_version="1"
    )
    order = folder / "order"
    with metadata.tables_beside():
        write_order(tables.folder, TABLE, of, order)
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".xlsx":
            cover = openpyxl.load_workbook(path).worksheets[0]
            found[path.relative_to(folder).as_posix()] = " ".join(str(cell.value) for row in cover.rows for cell in row)
        elif path.suffix == ".parquet":
            found[path.relative_to(folder).as_posix()] = " ".join(parquet_texts(path)[0].values())
        elif path.is_file():
            found[path.relative_to(folder).as_posix()] = path.read_text(encoding="utf-8")
    return found


def of_sdmx(written: str, column: str) -> set[str]:
    """What stands in a column of an SDMX-CSV file."""
    return {row[column] for row in csv.DictReader(io.StringIO(written))}


def texts(value: Any) -> list[str]:
    """Every text of a JSON document."""
    if isinstance(value, str):
        return [value]
    held = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for one in held for text in texts(one)]


def languages_of(name: str) -> list[str]:
    """The language of the folder that a product lies in; where there is none, both, but in the record."""
    own = [part for part in name.split("/") if part in ("sv", "en")]
    return own or (["en"] if name == "ro-crate-metadata.json" else ["sv", "en"])


def test_the_stage_stands_in_every_product(tables_of_four: ProtectedTables, tmp_path: Path) -> None:
    preliminary = published(tables_of_four, edition(**PRELIMINARY), tmp_path / "preliminary")
    final = published(tables_of_four, edition(), tmp_path / "final")
    assert preliminary.keys() == final.keys(), "file names stay"
    for name in preliminary:
        if name.endswith(f"/data/{TABLE}.csv") or name == f"data/{TABLE}.csv":
            assert preliminary[name] == final[name], "the table itself is its bytes; its description has the stage"
        elif name.endswith(f"{TABLE}.csv"):
            (language,) = languages_of(name)
            for of, stage in ((preliminary, "preliminary"), (final, "final")):
                assert all(f",{metadata.text(f'stage.{stage}', language)}," in row for row in of[name].splitlines()[1:])
        elif name.endswith(".sdmx.csv"):
            statuses = of_sdmx(preliminary[name], "OBS_STATUS")
            assert statuses == {"P", "Q"} and of_sdmx(final[name], "OBS_STATUS") == {"A", "Q"}
            assert [of_sdmx(one[name], "STAGE") for one in (preliminary, final)] == [{"PRELIMINARY"}, {"FINAL"}]
        else:
            languages = languages_of(name)
            text = " ".join(re.sub(r'"\n"', "", preliminary[name]).split())
            for language in languages:
                assert NOTICES[language] in text, f"{name}: {language}"
                assert {"sv": "3 december 2024", "en": "3 December 2024"}[language] in text, name
                assert NOTICES[language] not in final[name]
                assert metadata.text("stage.preliminary", language) in text, name
                if name != "ro-crate-metadata.json":
                    assert metadata.text("stage.final", language) in " ".join(final[name].split()), name
    assert json.loads(preliminary[f"database/en/{TABLE}.json"])["extension"]["stage"] == "preliminary"
    root = next(entity for entity in json.loads(final["ro-crate-metadata.json"])["@graph"] if entity["@id"] == "./")
    assert root["creativeWorkStatus"] == "Final figures"


CORRECTED: dict[str, Any] = {
    "stage": "corrected",
    "correction": {
        "corrects": "demo",
        "since": dt.date(2024, 9, 3),
        "what": {"sv": "Filer saknades.", "en": "Files were missing"},
        "tables": [TABLE],
    },
}


def test_that_an_edition_is_corrected_stands_in_every_product(tables_of_four: ProtectedTables, tmp_path: Path) -> None:
    of = edition(**CORRECTED)
    made = {language: format_date(of.publication.published, language) for language in ("sv", "en")}
    short = {"sv": f"Rättad den {made['sv']}.", "en": f"Corrected on {made['en']}."}
    stage = {"sv": "Rättade uppgifter", "en": "Corrected figures"}
    products = published(tables_of_four, of, tmp_path)
    for name, text in products.items():
        if name.endswith((f"{TABLE}.csv", ".sdmx.csv")):
            continue
        text = " ".join(re.sub(r'"\n"', "", text).split())
        for language in languages_of(name):
            assert stage[language] in text, f"{name}: {language}"
            assert short[language] in text or name == "index.html", f"{name}: {language}"
    whole = f"{short['en']} Files were missing. The error was in what was published from 3 September 2024 on."
    assert f"{whole} Tables with changed figures: Persons" in products["en/tables.xlsx"]
    assert correction_notice(of, "en").startswith(f"{whole} Tables with changed figures: Persons")
    assert correction_notice(edition(), "en") == ""
    assert of_sdmx(products[f"database/{TABLE}.sdmx.csv"], "OBS_STATUS") == {"A", "Q"}
    assert of_sdmx(products[f"database/{TABLE}.sdmx.csv"], "STAGE") == {"CORRECTED"}
    # What was wrong stands where somebody reads it who has one table alone: in every description of one.
    for name, language in ((f"data/en/{TABLE}.csv-metadata.json", "en"), (f"data/{TABLE}.csv-metadata.json", "sv")):
        assert correction_notice(of, language) in texts(json.loads(products[name]))
    assert {correction_notice(of, language) for language in ("sv", "en")} <= set(
        ElementTree.fromstring(products["database/structure.sdmx.xml"].encode()).itertext()
    )
    for language, said in stage.items():
        extension = json.loads(products[f"database/{language}/{TABLE}.json"])["extension"]
        assert (extension["stage"], extension["correction"]) == ("corrected", correction_notice(of, language))
        assert all(f",{said}," in row for row in products[f"data/{language}/{TABLE}.csv"].splitlines()[1:])


def test_the_front_page_says_what_changed_where_it_is_shown_and_what_was_corrected_before(
    tables_of_four: ProtectedTables, tmp_path: Path
) -> None:
    earlier = [
        {"made": "2024-09-10", "what": {"sv": "En rubrik.", "en": "A heading."}, "edition": "one", "put_back": False},
        {"made": "2024-09-11", "what": {"sv": "Den var rätt.", "en": "It was right."}, "edition": "demo", "put_back": True},
    ]
    kinds = {TABLE: {"kind": "both", "cells": 1234}, "rates-by-municipality": {"kind": "gone", "cells": 0}}
    shown = {"en": {TABLE: "Shown in Annual statistical report (figure 3)."}}
    page = write_index(
        tmp_path, edition(**CORRECTED), tables_of_four, corrected={"tables": kinds, "earlier": earlier}, shown=shown
    )
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    said = " ".join(soup.select("section.correction")[1].get_text(" ").replace("\xa0", " ").split())
    assert "Files were missing. The error was" in said and "Tables with changed figures" not in said
    assert "Changed figures: 1,234. Shown in Annual statistical report (figure 3)." in said
    assert "The table is no longer there." in said
    assert "Earlier corrections 10 September 2024: A heading." in said
    assert "On 11 September 2024 an earlier version was put back. It was right." in said


def test_corrected_figures_that_are_preliminary_say_both(tables_of_four: ProtectedTables) -> None:
    of = edition(**CORRECTED | {"correction": {**CORRECTED["correction"], "preliminary": True}})
    assert stage_name(of, "sv") == "Rättade preliminära uppgifter"
    assert NOTICES["en"] in stage_notice(of, "en") and "Corrected on" in stage_notice(of, "en")


def test_nil_and_less_than_half_of_the_unit_are_two_things_where_people_read(
    tables_of_four: ProtectedTables, tmp_path: Path
) -> None:
    table = tables_of_four[TABLE]
    cells = {age: [table.cell(year=2023, sex="T", age=age, measure=m) for m in ("persons", "persons_per_1000")] for age in AGES}
    assert [[format_cell(cell, "sv") for cell in row] for row in cells.values()] == [
        ["–", "–"],
        ["1", "0,0"],
        ["5", "5,0"],
        ["X", "X"],
    ]
    shown = text_table(table, language="en", rows="age", where={"year": 2023, "measure": ["persons", "persons_per_1000"]})
    assert [line[1:] for line in shown.lines if line[1] in "–1"] == [("–", "–"), ("1", "0.0")]
    assert shown.symbols == ("X", "–")
    meanings = symbols_in([table], edition(), "en")
    assert list(meanings) == ["–", "0", "X"]
    assert "Nil" in meanings["–"] and "half" in meanings["0"]
    by_chance = symbols_in([table], edition(disclosure={"method": "cell-key"}), "en")
    assert "small number" in by_chance["–"], "a figure changed by chance to zero is not known to be nil"


AGES = ("0-17", "18-64", "65-69", "70-74")


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_workbook_keeps_numbers_and_shows_nil_as_its_symbol(
    tables_of_four: ProtectedTables, tmp_path: Path, language: str
) -> None:
    book = openpyxl.load_workbook(write_spreadsheet(tables_of_four, edition(), language, tmp_path / "tables.xlsx"))
    sheet = book.worksheets[-1]
    rows = [row for row in sheet.iter_rows() if row[0].value == 2023]
    nil, less, some, withheld = ((row[3], row[5]) for row in rows)
    assert [cell.value for cell in nil] == [0, 0] and all(cell.number_format.endswith(';"–"') for cell in nil)
    assert [cell.value for cell in less] == [1, 0] and "–" not in less[1].number_format.replace("-", "")
    assert [cell.value for cell in some] == [5, 5] and [cell.value for cell in withheld] == ["X", "X"]
    symbols = [row[0].value for row in book.worksheets[3].iter_rows()]
    assert {"–", metadata.text("symbol.zero", language), "X"} <= set(symbols) and not {"..", "."} & set(symbols)


def test_px_has_its_own_sign_for_nil_and_the_open_data_and_json_keep_the_number(
    tables_of_four: ProtectedTables, tmp_path: Path
) -> None:
    write_open_data(tables_of_four, edition(), tmp_path / "data")
    write_database(tables_of_four, edition(), tmp_path / "database")
    px = (tmp_path / "database" / f"{TABLE}.px").read_text(encoding="utf-8")
    assert 'DATASYMBOLNIL="–";' in px and 'DATASYMBOLNIL[en]="–";' in px
    assert px.partition("\nDATA=")[2].split()[:3] == ['"-"', "1000", '"-"']
    assert px.partition("\nDATA=")[2].split()[3:6] == ["1", "100000", "0.0"]
    assert "–: Inget finns att redovisa" in " ".join(re.sub(r'"\n"', "", px).split())
    assert (tmp_path / "data" / f"{TABLE}.csv").read_text(encoding="utf-8") == ROWS
    variables = tuple(metadata.table(TABLE).variables)
    read = [
        reader(tmp_path / "database" / f"{TABLE}{ending}", variables)
        for reader, ending in ((read_px, ".px"), (read_sdmx, ".sdmx.csv"))
    ]
    read += [read_jsonstat(tmp_path / "database" / one / f"{TABLE}.json", variables) for one in ("sv", "en")]
    for cells in read:
        assert cells[("2023", "T", "0-17", "persons")] == (0, "")
        assert cells[("2023", "T", "18-64", "persons_per_1000")] == (0, "")


def test_an_order_names_the_symbols_that_it_has(tables_of_four: ProtectedTables, tmp_path: Path) -> None:
    write_order(tables_of_four.folder, TABLE, edition(), tmp_path / "order")
    page = BeautifulSoup((tmp_path / "order" / "index.html").read_text(encoding="utf-8"), "html.parser")
    listed = [item.get_text() for item in page.select("ul.plain li")]
    assert [item.split(" = ")[0] for item in listed] == ["–", "0 eller 0,0", "X", "–", "0 or 0.0", "X"]


def test_a_rate_is_nil_only_with_its_count(tables_of_four: ProtectedTables) -> None:
    cube = Cube(tables_of_four[TABLE])
    nil = {key[2:] for key, cell in cube.cells.items() if cell.nil}
    assert nil == {("0-17", "persons"), ("0-17", "persons_per_1000")}


def test_a_trial_says_so_in_every_product_whatever_its_stage(tables_of_four: ProtectedTables, tmp_path: Path) -> None:
    for number, of in enumerate((edition(), edition(**PRELIMINARY))):
        for name, text in published(tables_of_four, of.as_trial(), tmp_path / str(number)).items():
            if name.endswith(f"{TABLE}.csv"):
                continue
            if name.endswith(".sdmx.csv"):
                assert of_sdmx(text, "OBS_STATUS") == {"P", "Q"} and of_sdmx(text, "STAGE") == {"TRIAL"}
                continue
            for language in languages_of(name):
                assert {"sv": "en provkörning och ingen utgåva", "en": "a trial and no edition"}[language] in " ".join(
                    re.sub(r'"\n"', "", text).split()
                ), f"{name}: {language}"
    assert not edition().trial and edition().as_trial().model_dump() == edition().model_dump()
