"""Open data: the same bytes, and a description that a CSVW reader accepts."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from csvw import CSVW

from kvarn import metadata
from kvarn.disseminate.labelled_reading import read_labelled
from kvarn.disseminate.open_data import write_open_data
from kvarn.disseminate.protected import ProtectedTables
from kvarn.edition import Edition
from kvarn.errors import InputError

PROJECT = Path(__file__).parents[2]
LANGUAGES = ("sv", "en")
HEADERS = {
    "sv": "\ufeffÅr,Region,Regionkod,Ålder,Mått,Enhet,Värde,Symbol,Uppgifternas status,Syntetiska data",
    "en": "\ufeffYear,Region,Region code,Age,Measure,Unit,Value,Symbol,Status of the figures,Synthetic data",
}


def demo(**changes: Any) -> Edition:
    values = yaml.safe_load((PROJECT / "params" / "demo.yml").read_text(encoding="utf-8"))
    return Edition.model_validate(values | changes)


@pytest.fixture(scope="module")
def data(tables: ProtectedTables, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    write_open_data(tables, demo(), folder)
    return folder


def description(data: Path, name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((data / f"{name}.csv-metadata.json").read_text(encoding="utf-8"))
    return read


def test_the_tables_are_published_byte_for_byte(data: Path, tables: ProtectedTables) -> None:
    for name in tables.names():
        assert (data / f"{name}.csv").read_bytes() == (tables.folder / f"{name}.csv").read_bytes()
    assert len(list(data.glob("*.*"))) == 3 * len(tables.names())


@pytest.mark.parametrize("name", ["persons-by-year-sex-age", "rates-by-municipality", "procedures-by-code", "deliveries-by-year"])
def test_a_csvw_reader_finds_the_table_valid(data: Path, name: str) -> None:
    read = CSVW(str(data / f"{name}.csv"), md_url=str(data / f"{name}.csv-metadata.json"), validate=True)
    assert read.is_valid, [str(warning.message) for warning in read.warnings]


def test_a_csvw_reader_refuses_a_code_that_is_not_on_the_list(data: Path, tmp_path: Path) -> None:
    for path in data.glob("persons-by-month*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    table = tmp_path / "persons-by-month.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("2017,T,T,", "2017,T,3,", 1), encoding="utf-8")
    read = CSVW(str(table), md_url=f"{table}-metadata.json", validate=True)
    assert not read.is_valid


def test_columns_are_named_as_in_the_file_and_titled_in_both_languages(data: Path) -> None:
    columns = description(data, "rates-by-municipality")["tableSchema"]["columns"]
    header = (data / "rates-by-municipality.csv").read_text(encoding="utf-8").split("\n", 1)[0].split(",")
    assert [column["name"] for column in columns] == header
    assert columns[1]["titles"] == {"und": "region", "sv": "Region", "en": "Region"}
    concepts = {concept["skos:notation"]: concept["skos:prefLabel"] for concept in columns[1]["skos:member"]}
    assert {"@value": "Sweden", "@language": "en"} in concepts["00"]
    assert {"@value": "Norrtälje", "@language": "sv"} in concepts["0188"]


def test_a_synthetic_table_says_so_and_does_not_name_the_register_as_its_source(
    data: Path, tables: ProtectedTables, tmp_path: Path
) -> None:
    said = json.dumps(description(data, "persons-by-month"), ensure_ascii=False)
    assert "Syntetiska data." in said and "Synthetic data." in said
    write_open_data(tables, demo(synthetic=False), tmp_path)
    assert "Synthetic data." not in json.dumps(description(tmp_path, "persons-by-month"))


def test_a_licence_is_named_only_when_the_edition_has_one(data: Path, tables: ProtectedTables, tmp_path: Path) -> None:
    assert "dc:license" not in description(data, "persons-by-month")
    values = demo().model_dump(mode="python")
    values["publication"]["licence"] = "https://creativecommons.org/publicdomain/zero/1.0/"
    write_open_data(tables, Edition.model_validate(values), tmp_path)
    assert description(tmp_path, "persons-by-month")["dc:license"] == {"@id": values["publication"]["licence"]}


def test_writing_again_gives_the_same_bytes_and_leaves_nothing_beside(
    data: Path, tables: ProtectedTables, tmp_path: Path
) -> None:
    for path in write_open_data(tables, demo(), tmp_path):
        assert path.read_bytes() == (data / path.relative_to(tmp_path)).read_bytes()
    assert sorted(path.name for path in tmp_path.rglob("*")) == sorted(path.name for path in data.rglob("*"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_table_is_there_with_labels_and_has_the_cells_of_the_one_with_codes(
    data: Path, tables: ProtectedTables, language: str
) -> None:
    for name in tables.names():
        definition = tables[name].definition
        variables = tuple(definition.variables)
        with (data / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        wanted = {
            (*(row[one] for one in variables), row["measure"]): (Decimal(row["value"]) if row["value"] else None, row["status"])
            for row in rows
        }
        found = read_labelled(data / language / f"{name}.csv", variables, tuple(definition.measures), language)
        assert list(found.items()) == list(wanted.items())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_csvw_reader_finds_the_labelled_tables_valid_and_in_their_language(
    data: Path, tables: ProtectedTables, language: str
) -> None:
    for name in ("persons-by-month", "rates-by-municipality", "deliveries-by-year"):
        file = data / language / f"{name}.csv"
        read = CSVW(str(file), md_url=f"{file}-metadata.json", validate=True)
        assert read.is_valid, [str(warning.message) for warning in read.warnings]
        described = json.loads(Path(f"{file}-metadata.json").read_text(encoding="utf-8"))
        assert described["dc:title"] == tables[name].title(language)
    header = (data / language / "rates-by-municipality.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header == HEADERS[language]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda text: text.replace("Norrtälje", "Norrtäljo", 1),
        lambda text: text + text.splitlines()[-1] + "\n",
        lambda text: re.sub(r",(\d+),,", r",\1x,,", text, count=1),
        lambda text: text.replace("Value", "Values", 1),
        lambda text: text.replace(",yes\n", "\n", 1),
    ],
)
def test_a_labelled_file_that_says_something_else_is_not_read(data: Path, tmp_path: Path, wrong: Callable[[str], str]) -> None:
    written = (data / "en" / "rates-by-municipality.csv").read_text(encoding="utf-8")
    other = tmp_path / "rates-by-municipality.csv"
    other.write_text(wrong(written), "utf-8")
    definition = metadata.table("rates-by-municipality")
    with pytest.raises(InputError):
        read_labelled(other, tuple(definition.variables), tuple(definition.measures), "en")
