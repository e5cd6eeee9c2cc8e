"""One statement on what may be done with a publication, the same wherever it stands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from bs4 import BeautifulSoup

from kvarn.disseminate.database import write_catalogue, write_database
from kvarn.disseminate.licence import licence_statement
from kvarn.disseminate.open_data import write_open_data
from kvarn.disseminate.protected import ProtectedTables
from kvarn.disseminate.record import write_record
from kvarn.disseminate.site import write_index
from kvarn.disseminate.spreadsheet import write_spreadsheet
from kvarn.edition import Edition

PROJECT = Path(__file__).parents[2]
TABLE = "persons-by-month"
CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"


@pytest.fixture
def one_table(protected_folder: Path, tmp_path: Path) -> ProtectedTables:
    (tmp_path / "protected").mkdir()
    (tmp_path / "protected" / f"{TABLE}.csv").write_bytes((protected_folder / f"{TABLE}.csv").read_bytes())
    return ProtectedTables(tmp_path / "protected")


def of_language(said: Any, language: str) -> Any:
    return next(one["@value"] for one in said if one["@language"] == language)


@pytest.mark.parametrize("licence", [None, CC0])
def test_catalogue_crate_csvw_workbook_and_page_state_the_same(
    one_table: ProtectedTables, tmp_path: Path, licence: str | None
) -> None:
    values = yaml.safe_load((PROJECT / "params" / "demo.yml").read_text(encoding="utf-8"))
    values["publication"]["licence"] = licence
    edition, folder = Edition.model_validate(values), tmp_path / "out"
    write_open_data(one_table, edition, folder / "data")
    write_database(one_table, edition, folder / "database")
    write_catalogue(one_table, edition, folder)
    for language in ("sv", "en"):
        write_spreadsheet(one_table, edition, language, folder / language / "tables.xlsx")
    write_index(folder, edition, one_table)
    write_record(folder, edition, "demo", overrides=(), inputs=(), deliveries=None, steps=(), versions={}, code_version="1")

    graph = json.loads((folder / "database" / "catalogue.jsonld").read_text(encoding="utf-8"))["@graph"]
    distributions = [one for one in graph if one["@type"] == "dcat:Distribution"]
    crate = json.loads((folder / "ro-crate-metadata.json").read_text(encoding="utf-8"))["@graph"]
    root = next(one for one in crate if one["@id"] == "./")["license"]
    coded = json.loads((folder / "data" / f"{TABLE}.csv-metadata.json").read_text(encoding="utf-8"))
    page = BeautifulSoup((folder / "index.html").read_text(encoding="utf-8"), "html.parser")
    for language in ("sv", "en"):
        wanted = licence_statement(edition, language)
        labelled = json.loads((folder / "data" / language / f"{TABLE}.csv-metadata.json").read_text(encoding="utf-8"))
        cover = openpyxl.load_workbook(folder / language / "tables.xlsx").worksheets[0]
        assert wanted in [cell.value for row in cover.rows for cell in row]
        assert wanted in page.select_one(f"section[lang={language}]").get_text()
        extension = json.loads((folder / "database" / language / f"{TABLE}.json").read_text(encoding="utf-8"))["extension"]
        assert extension.get("license") == licence
        if licence is None:
            assert labelled["dc:rights"] == of_language(coded["dc:rights"], language) == wanted
            assert {of_language(one["dcterms:rights"]["rdfs:label"], language) for one in distributions} == {wanted}
            assert language == "sv" or root == wanted
        else:
            assert labelled["dc:license"] == coded["dc:license"] == root == {"@id": wanted}
            assert [one["dcterms:license"] for one in distributions] == [{"@id": wanted}] * len(distributions)
