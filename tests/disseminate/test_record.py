"""The record: every file with its checksum, and each table with the notebook that made it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from rocrate.rocrate import ROCrate

from kvarn.disseminate.record import DELIVERIES, RecordedFile, RecordedStep, delivery_set, write_record
from kvarn.edition import Edition

PROJECT = Path(__file__).parents[2]
NOTEBOOK = RecordedFile("notebooks/compute/persons.ipynb", "a" * 64, 10)


def demo(**changes: Any) -> Edition:
    values = yaml.safe_load((PROJECT / "params" / "demo.yml").read_text(encoding="utf-8"))
    return Edition.model_validate(values | changes)


@pytest.fixture
def publication(tmp_path: Path) -> Path:
    folder = tmp_path / "publication"
    (folder / "data").mkdir(parents=True)
    (folder / "sv").mkdir()
    (folder / "data" / "persons-by-month.csv").write_text("year,value\n", encoding="utf-8")
    (folder / "sv" / "annual-report.pdf").write_bytes(b"%PDF-")
    return folder


def record(publication: Path, **options: Any) -> dict[str, Any]:
    deliveries = publication.parent / "deliveries"
    deliveries.mkdir(exist_ok=True)
    (deliveries / "KHSL1_0114_202301.txt").write_text("0114;secret-number;2023;01\n", encoding="utf-8")
    options = {
        "overrides": ["disclosure.threshold=10"],
        "inputs": [RecordedFile("params/demo.yml", "b" * 64, 5)],
        "deliveries": delivery_set(deliveries.iterdir()),
        "steps": [RecordedStep("persons", ("data/persons-by-month.csv",), NOTEBOOK, (DELIVERIES, "params/demo.yml"))],
        "versions": {"duckdb": "1.4.0", "pandas": "3.0.0"},
        "code_version": "0.1.0",
    } | options
    path = write_record(publication, demo(), "demo", **options)
    return {entity["@id"]: entity for entity in json.loads(path.read_text(encoding="utf-8"))["@graph"]}


def test_every_file_of_the_publication_has_its_checksum_and_size(publication: Path) -> None:
    entities = record(publication)
    listed = {part["@id"] for part in entities["./"]["hasPart"]}
    assert listed == {"data/persons-by-month.csv", "sv/annual-report.pdf"}
    for name in listed:
        content = (publication / name).read_bytes()
        assert entities[name]["sha256"] == hashlib.sha256(content).hexdigest()
        assert entities[name]["contentSize"] == str(len(content))
    assert entities["sv/annual-report.pdf"]["encodingFormat"] == "application/pdf"


def test_a_table_leads_to_the_notebook_that_made_it_and_to_what_it_was_made_from(publication: Path) -> None:
    entities = record(publication)
    (action,) = [entity for entity in entities.values() if entity["@type"] == "CreateAction"]
    assert action["result"] == [{"@id": "data/persons-by-month.csv"}]
    assert entities[action["instrument"]["@id"]]["name"] == "notebooks/compute/persons.ipynb"
    assert [entities[used["@id"]]["name"] for used in action["object"]] == [
        "Deliveries of the municipalities",
        "params/demo.yml",
    ]


def test_parameters_and_overrides_are_recorded(publication: Path) -> None:
    entities = record(publication)
    assert entities["#parameter/disclosure.contributors"]["value"] == 4
    assert entities["#override/disclosure.threshold"]["value"] == "10"
    assert entities["#kvarn"]["softwareRequirements"] == [{"@id": "#software/duckdb"}, {"@id": "#software/pandas"}]


def test_deliveries_are_recorded_by_checksum_and_count_alone(publication: Path) -> None:
    entities = record(publication)
    written = (publication / "ro-crate-metadata.json").read_text(encoding="utf-8")
    assert "secret-number" not in written and "KHSL1_0114" not in written
    assert entities["#deliveries"]["collectionSize"] == 1


def test_the_checksum_of_deliveries_does_not_depend_on_their_order_but_on_their_contents(tmp_path: Path) -> None:
    first, second = tmp_path / "a.txt", tmp_path / "b.txt"
    first.write_text("1", encoding="utf-8")
    second.write_text("2", encoding="utf-8")
    before = delivery_set([first, second])
    assert before == delivery_set([second, first]) and before.files == 2 and before.size == 2
    second.write_text("3", encoding="utf-8")
    assert delivery_set([first, second]).sha256 != before.sha256


def test_every_reference_leads_to_an_entity(publication: Path) -> None:
    entities = record(publication)

    def references(value: Any) -> list[str]:
        if isinstance(value, list):
            return [found for part in value for found in references(part)]
        if isinstance(value, dict):
            return [value["@id"]] if set(value) == {"@id"} else [f for part in value.values() for f in references(part)]
        return []

    wanted = {found for entity in entities.values() for found in references(entity)}
    assert {name for name in wanted if not name.startswith("http")} <= entities.keys()


def test_the_rocrate_library_reads_it(publication: Path) -> None:
    record(publication)
    crate = ROCrate(str(publication))
    assert crate.root_dataset["datePublished"] == "2024-09-03"
    assert {part.id for part in crate.root_dataset["hasPart"]} == {"data/persons-by-month.csv", "sv/annual-report.pdf"}


def test_a_synthetic_edition_says_so_and_writing_again_gives_the_same_bytes(publication: Path) -> None:
    assert "Synthetic data." in record(publication)["./"]["description"]
    first = (publication / "ro-crate-metadata.json").read_bytes()
    record(publication)
    assert (publication / "ro-crate-metadata.json").read_bytes() == first
