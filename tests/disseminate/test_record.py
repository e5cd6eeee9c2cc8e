"""The record: every file with its checksum, and each table with the notebook that made it."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from rocrate.rocrate import ROCrate

from kvarn.disseminate.record import write_record
from kvarn.disseminate.recorded import DELIVERIES, RecordedFile, RecordedStep, delivery_set
from kvarn.edition import Edition
from kvarn.process import derived_key, key_for

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
    edition, name = options.pop("edition", demo()), options.pop("name", "demo")
    path = write_record(publication, edition, name, **options)
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
    entities = record(publication, overrides=["quality.rejected_rows=0.1"])
    assert entities["#parameter/quality.rejected_rows"]["value"] == 0.05
    assert entities["#override/quality.rejected_rows"]["value"] == "0.1"
    assert entities["#kvarn"]["softwareRequirements"] == [{"@id": "#software/duckdb"}, {"@id": "#software/pandas"}]


def test_limits_of_what_looks_wrong_are_recorded_with_those_of_the_rules_alone(publication: Path) -> None:
    given = ["checks.persons_times=3"]
    kept = record(publication, overrides=given)
    assert not [name for name in kept if "checks" in name]
    told = record(publication, edition=demo(disclosure={"public": "limits"}), overrides=given)
    assert told["#parameter/checks.persons_times"]["value"] == 2.0
    assert told["#override/checks.persons_times"]["value"] == "3"


def test_deliveries_are_recorded_by_checksum_and_count_alone(publication: Path) -> None:
    entities = record(publication)
    written = (publication / "ro-crate-metadata.json").read_text(encoding="utf-8")
    assert "secret-number" not in written and "KHSL1_0114" not in written
    assert entities["#deliveries"]["collectionSize"] == 1


LIMITS: dict[str, Any] = {
    "threshold": 617,
    "contributors": 619,
    "quantile_persons": 629,
    "width": 623,
    "singletons": False,
    "municipalities": True,
    "dominance": {"n": 2, "per_cent": 61.25},
    "p_per_cent": 62.25,
    "amount_width_per_cent": 63.25,
    "taken_for_sums": 0.6275,
    "withheld_at_most": 0.6375,
    "sensitive": {"procedure_group": {"codes": ["medicines"], "threshold": 631, "contributors": 641}},
    "cell_key": {"greatest": 61, "variance": 65.25},
}
OVERRIDES = [
    "disclosure.threshold=653",
    " disclosure.width = 659",
    "disclosure={threshold: 661}",
    "disclosure.cell_key={greatest: 673}",
    "accepted=[{at: 677 to 683}]",
    "stage=final",
]
# No year, day or count of the demo's parameters looks like one.
UNUSUAL = re.compile(r"6[1-9]\d|6\d\.25|0\.6375|singletons|disclosure.municipalities|sensitive|variance|withheld_at_most")


def told_of_rules(written: str) -> list[str]:
    """What a record tells of limits; checksums and sizes of files apart."""
    graph = json.loads(written)["@graph"]
    return UNUSUAL.findall(json.dumps([{k: v for k, v in one.items() if k not in ("sha256", "contentSize")} for one in graph]))


def test_of_the_rules_the_record_tells_the_method_and_no_limit_nor_an_override_of_one(publication: Path) -> None:
    entities = record(publication, edition=demo(disclosure=LIMITS), overrides=OVERRIDES)
    told = {name for name in entities if name.startswith(("#parameter/disclosure", "#override"))}
    assert told == {"#parameter/disclosure.method", "#parameter/disclosure.public", "#override/stage"}
    assert not told_of_rules((publication / "ro-crate-metadata.json").read_text(encoding="utf-8"))


def test_with_limits_public_the_record_tells_those_that_the_method_goes_by(publication: Path) -> None:
    entities = record(publication, edition=demo(disclosure=LIMITS | {"public": "limits"}), overrides=OVERRIDES)
    assert entities["#parameter/disclosure.threshold"]["value"] == 617
    assert entities["#parameter/disclosure.sensitive.procedure_group.threshold"]["value"] == 631
    assert entities["#override/disclosure.threshold"]["value"] == "653"
    assert not [name for name in entities if "cell_key" in name.partition("/")[2] and name.startswith("#parameter")]
    assert not [name for name in entities if name.startswith("#override/accepted")]
    by_chance = {"method": "cell-key", "public": "limits", "cell_key": {"greatest": 61, "variance": 65.25}, "threshold": 17}
    entities = record(publication, edition=demo(disclosure=by_chance), overrides=[])
    assert entities["#parameter/disclosure.cell_key.greatest"]["value"] == 61
    assert "#parameter/disclosure.width" not in entities


def guesses() -> Iterator[bytes]:
    """What a parameters file could hold, for somebody who knows all of it but the threshold, and a delivery of one row."""
    for threshold in range(1, 51):
        yield f"disclosure:\n  threshold: {threshold}\n".encode()
    for day in range(1, 32):
        yield f"KHSL1;0114;19121212-1212;2023;{day:02}\n".encode()


def confirmed(publication: Path, keys: Sequence[bytes]) -> list[bytes]:
    """The guesses that a publication confirms: by a checksum of them, as such, of their list, or under a known key."""
    written = b"\n".join(path.read_bytes() for path in sorted(publication.rglob("*")) if path.is_file()).lower()
    found = []
    for guess in guesses():
        plain = [hashlib.new(name, guess).hexdigest() for name in ("md5", "sha1", "sha256", "sha512", "blake2b", "blake2s")]
        listed = [hashlib.sha256(f"{one}  {name}\n".encode()).hexdigest() for one in plain for name in ("KHSL1_0114_202301.txt",)]
        names = ("params/demo.yml", "deliveries")
        keyed = [
            hmac.new(key, message, hashlib.sha256).hexdigest()
            for key in keys
            for one in (*plain, *listed)
            for message in (guess, one.encode(), *("\0".join(("demo", name, one)).encode() for name in names))
        ]
        # Sixteen digits are enough to confirm anything.
        if any(one[:16].encode() in written for one in (*plain, *listed, *keyed)):
            found.append(guess)
    return found


@pytest.mark.parametrize("key", [None, key_for("a purpose", b"s" * 32)])
def test_whoever_guesses_a_file_that_is_not_public_cannot_confirm_it_by_the_record(
    publication: Path, tmp_path: Path, key: bytes | None
) -> None:
    deliveries = tmp_path / "one"
    deliveries.mkdir()
    for guess in guesses():
        (tmp_path / "demo.yml").write_bytes(guess)
        (deliveries / "KHSL1_0114_202301.txt").write_bytes(guess)
        params = RecordedFile.of(tmp_path / "demo.yml", "params/demo.yml")
        entities = record(publication, inputs=[params], deliveries=delivery_set(deliveries.iterdir()), key=key)
        known = [derived_key("kvarn demo"), key_for("kvarn: checksums in the record of a publication", derived_key("kvarn demo"))]
        assert not confirmed(publication, known)
        for name in ("#input/params/demo.yml", "#deliveries"):
            assert not {"sha256", "contentSize"} & entities[name].keys()
            assert ("identifier" in entities[name]) == (key is not None)


def test_the_attack_on_checksums_finds_a_plain_one(publication: Path, tmp_path: Path) -> None:
    (tmp_path / "demo.yml").write_bytes(next(guesses()))
    record(publication, inputs=[RecordedFile.of(tmp_path / "demo.yml", "params/demo.yml", public=True)])
    assert confirmed(publication, []) == [next(guesses())]


def test_the_keeper_of_the_key_can_check_a_file_and_nobody_sees_whether_it_changed_between_editions(publication: Path) -> None:
    params, key = RecordedFile("params/demo.yml", "b" * 64, 5), b"k" * 32
    told = record(publication, inputs=[params], key=key)["#input/params/demo.yml"]["identifier"]
    code = hmac.new(key, "\0".join(("demo", "params/demo.yml", "b" * 64)).encode(), hashlib.sha256).hexdigest()
    assert told == f"hmac-sha256:{code}"
    assert record(publication, inputs=[params], key=key, name="other")["#input/params/demo.yml"]["identifier"] != told


def test_a_key_for_another_purpose_tells_nothing_of_the_key_that_it_was_made_from() -> None:
    key = bytes(range(32))
    made = {key_for(purpose, key) for purpose in ("a", "b")}
    assert len(made) == 2 and key not in made and all(len(one) == 32 for one in made)
    # RFC 5869 of one block: the extracted key, then the purpose and the number of the block.
    extracted = hmac.new(b"kvarn", key, "sha256").digest()
    assert key_for("a", key) == hmac.new(extracted, b"a\x01", "sha256").digest()


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
