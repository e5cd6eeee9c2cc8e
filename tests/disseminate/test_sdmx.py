"""SDMX: the structure and the data are read by pysdmx and sdmx1, and the gate refuses a structure that says something else."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sdmx
import yaml
from pysdmx.io import get_datasets, read_sdmx

from kvarn import metadata
from kvarn.disseminate.database import STRUCTURE, write_database, write_jsonstat, write_sdmx, write_structure
from kvarn.disseminate.database.read import read_sdmx as read_back
from kvarn.disseminate.database.read import sdmx_category
from kvarn.disseminate.database.sdmx import sdmx_code
from kvarn.disseminate.database.sdmx_examine import faults_of_structure
from kvarn.disseminate.protected import ProtectedTables
from kvarn.disseminate.table_notes import table_notes
from kvarn.edition import Edition

PROJECT = Path(__file__).parents[2]
TABLE = "persons-by-month"


def demo(**changes: Any) -> Edition:
    values = yaml.safe_load((PROJECT / "params" / "demo.yml").read_text(encoding="utf-8"))
    return Edition.model_validate(values | changes)


@pytest.fixture(scope="module")
def database(few_tables: ProtectedTables, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sdmx")
    write_database(few_tables, demo(), folder)
    return folder


def flow(name: str) -> str:
    return name.upper().replace("-", "_")


def published(database: Path, name: str) -> dict[tuple[str, ...], Any]:
    """The cells of a table by the codes of SDMX, with nothing where there is no number."""
    variables = tuple(metadata.table(name).variables)
    found = {}
    for (*codes, measure), (value, _) in read_back(database / f"{name}.sdmx.csv", variables).items():
        by_name = dict(zip(variables, codes, strict=True))
        year, month = by_name.pop("year"), by_name.pop("month", "T")
        period = ("A", year) if month == "T" else ("M", f"{year}-{month}")
        others = [sdmx_code(one, code) for one, code in by_name.items()]
        found[(period[0], *others, measure, period[1])] = None if value is None else float(value)
    return found


def test_pysdmx_finds_the_structure_valid_and_reads_every_table_by_it(database: Path, few_tables: ProtectedTables) -> None:
    read = read_sdmx(database / STRUCTURE, validate=True)
    assert [one.id for one in read.get_dataflows()] == [flow(name) for name in few_tables.names()]
    for name in few_tables.names():
        (data,) = get_datasets(database / f"{name}.sdmx.csv", database / STRUCTURE)
        dimensions = [one.id for one in data.structure.components.dimensions]
        rows = zip(*(data.data[column].tolist() for column in (*dimensions, "OBS_VALUE")), strict=True)
        found = {tuple(map(str, codes)): value for *codes, value in rows}
        assert {key: None if value is None or math.isnan(value) else value for key, value in found.items()} == published(
            database, name
        )


def test_sdmx1_reads_every_table_by_the_structure(database: Path, few_tables: ProtectedTables) -> None:
    structures = sdmx.read_sdmx(database / STRUCTURE)
    for name in few_tables.names():
        message = sdmx.read_sdmx(database / f"{name}.sdmx.csv", structure=structures.dataflow[flow(name)])
        found = sdmx.to_pandas(message.data[0])
        frame = dict(zip(map(tuple, found.index), found.tolist(), strict=True))
        wanted = published(database, name)
        assert frame.keys() == wanted.keys()
        assert all(frame[key] == value or (value is None and math.isnan(frame[key])) for key, value in wanted.items())


def test_every_code_has_its_name_in_both_languages_and_its_place(database: Path, few_tables: ProtectedTables) -> None:
    structures = sdmx.read_sdmx(database / STRUCTURE)
    regions = structures.codelist["CL_REF_AREA"]
    assert regions["SE_0114"].name.localizations == {"sv": "Upplands Väsby", "en": "Upplands Väsby"}
    assert regions["SE_0114"].parent.id == "SE_01" and regions["SE_01"].parent.id == "SE"
    withheld = structures.codelist["CL_OBS_STATUS"]["Q"]
    assert withheld.name.localizations == {one: metadata.codelist("symbol").label("X", one) for one in ("sv", "en")}
    assert {code.id for code in structures.codelist["CL_OBS_STATUS"]} == {"A", "P", "Q", "O", "M"}
    measure = structures.codelist["CL_MEASURE"]["persons"]
    assert measure.description.localizations["en"] == metadata.measure("persons").definition["en"]
    assert measure.annotations[0].text.localizations["sv"] == metadata.measure("persons").unit["sv"]
    described = structures.dataflow[flow(TABLE)]
    for language in ("sv", "en"):
        notes = table_notes(few_tables[TABLE], demo(), language)
        assert notes and all(note in described.description.localizations[language] for note in notes)


@pytest.mark.parametrize(
    ("variable", "code", "written"),
    [
        ("region", "00", "SE"),
        ("region", "0114", "SE_0114"),
        ("age", "90+", "Y_GE90"),
        ("age", "17", "Y17"),
        ("age", "0-4", "Y0T4"),
        ("group", "01", "_01"),
        ("group", "5+", "5$002B"),
        ("group", "T", "_T"),
        ("sex", "2", "F"),
    ],
)
def test_a_code_comes_back_as_it_was(variable: str, code: str, written: str) -> None:
    assert sdmx_code(variable, code) == written
    column = "REF_AREA" if variable == "region" else variable.upper()
    assert sdmx_category(variable, {column: written}) == code


@pytest.fixture
def small(few_tables: ProtectedTables, tmp_path: Path) -> Path:
    """The files of one table."""
    folder = tmp_path / "protected"
    folder.mkdir()
    shutil.copy(few_tables.folder / f"{TABLE}.csv", folder)
    tables = ProtectedTables(folder)
    write_structure(tables, demo(), tmp_path / STRUCTURE)
    write_sdmx(tables[TABLE], demo(), tmp_path / f"{TABLE}.sdmx.csv")
    for language in ("sv", "en"):
        write_jsonstat(tables[TABLE], demo(), language, tmp_path / language / f"{TABLE}.json")
    return tmp_path


def faults(folder: Path) -> Iterator[str]:
    described = {TABLE: {one: (folder / one / f"{TABLE}.json").read_text(encoding="utf-8") for one in ("sv", "en")}}
    return faults_of_structure(folder / STRUCTURE, demo(), {TABLE: folder / f"{TABLE}.sdmx.csv"}, described)


def test_the_structure_that_was_written_has_no_fault(small: Path) -> None:
    assert list(faults(small)) == []


def test_categories_of_one_name_have_it_in_the_structure(small: Path) -> None:
    """In JSON-stat their codes stand behind it."""
    for language in ("sv", "en"):
        file = small / language / f"{TABLE}.json"
        told = json.loads(file.read_text(encoding="utf-8"))
        for name in set(told["id"]) - {"year", "month"}:
            labels = told["dimension"][name]["category"]["label"]
            labels |= {code: f"{label} ({code})" for code, label in labels.items()}
        file.write_text(json.dumps(told), encoding="utf-8")
    assert list(faults(small)) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (">Kvinnor<", ">Män<", "another name of a code"),
        (">Women<", ">7 women<", "a text that no other file has: 7 women"),
        ('id="F"', 'id="X"', "no name of a code"),
        ('position="2" id="SEX"', 'position="2" id="AGE"', "other columns"),
        ('id="PERSONS_BY_MONTH"', 'id="OTHER"', "other tables"),
        ("</mes:Structure>", "", "no XML"),
        ("<com:Description ", "<com:Description>There are 3.</com:Description><com:Description ", "There are 3."),
        ("<mes:Structures>", "<mes:Structures><!-- 7 women -->", "beside its elements"),
        ("<mes:Structures>", "<mes:Structures>7 women", "no other file has: 7 women"),
        ("</mes:Header>", "</mes:Header>7 women", "where none belongs"),
        ('<str:Code id="_T"', '<str:Code uri="7 women" id="_T"', "where none belongs"),
        (">KVARN_2023<", ">7_WOMEN<", "another name or day"),
        ('<Ref id="CL_SEX"', '<Ref id="CL_MEASURE"', "another list than its own"),
        ('<str:Code id="_T"', '<str:Code id="Z"/><str:Code id="_T"', "a code in CL_SEX that no table has"),
        (">Fri att publicera<", ">Får inte publiceras<", "other codes of CONF_STATUS, or other names"),
        ("com:Description", "com:Nothing", "no notice of synthetic data"),
        ('id="CL_SEX"', 'id="CL_SEXES"', "no name of a code"),
    ],
)
def test_a_structure_that_says_something_else_is_refused(small: Path, old: str, new: str, told: str) -> None:
    file = small / STRUCTURE
    written = file.read_text(encoding="utf-8")
    assert old in written
    file.write_text(written.replace(old, new), encoding="utf-8")
    assert told in " ".join(faults(small))
