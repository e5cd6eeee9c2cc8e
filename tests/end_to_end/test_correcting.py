"""`kvarn correct` and `kvarn revert`: an edition of the register of deaths is corrected, and the correction is taken back."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from bs4 import BeautifulSoup

from kvarn.analyse.disclosure.memory.releases import checksums
from kvarn.base.page_policy import has_policy
from kvarn.disseminate.pdf_reading import opened_pdf, page_texts
from kvarn.pipeline import Production, open_edition, run_steps, steps_of
from kvarn.pipeline.comparison import compare, find_publication
from kvarn.programme import use_project
from tests.commands import kvarn

WHAT = {"sv": "I filerna fanns avlidna som inte hörde dit.", "en": "The files held deaths that did not belong there"}
NOTICE = {
    "sv": "Rättad den 20 juni 2024. I filerna fanns avlidna som inte hörde dit. Felet fanns i det som publicerades från och med "
    "den 4 juni 2024.",
    "en": "Corrected on 20 June 2024. The files held deaths that did not belong there. The error was in what was published from "
    "4 June 2024 on.",
}
TABLES = {
    "sv": "Tabeller med ändrade uppgifter: Avlidna efter år, region och dödsorsak; Avlidna efter år, kön och ålder.",
    "en": "Tables with changed figures: Deaths by year, region and cause; Deaths by year, sex and age.",
}
TAKEN_BACK = ("--why-sv", "Rättelsen byggde på fel filer.", "--why-en", "The correction was made from the wrong files.")


def filled_in(params: Path, tables: str) -> None:
    """What `kvarn correct` has left empty."""
    text = params.read_text(encoding="utf-8")
    for key, value in {"published": "2024-06-20", "scheduled": "2024-06-20"}.items():
        text = text.replace(f"  {key}:  # last time: 2024-06-04", f"  {key}: {value}")
    for language, words in WHAT.items():
        text = text.replace(f"    {language}:\n", f"    {language}: {words}\n")
    params.write_text(text.replace("  tables:\n", f"  tables: {tables}\n"), encoding="utf-8")


@pytest.fixture(scope="module")
def corrected(deaths: Production, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    """An edition that is out, and one beside it that corrects it and is released too."""
    project = shutil.copytree(deaths.root, tmp_path_factory.mktemp("correcting") / "project")
    first = open_edition(project / "params" / "small.yml")
    run_steps(steps_of(first), first.workspace.build)
    assert kvarn("release", "params/small.yml", "--yes", folder=project).returncode == 0
    for file in (project / "restricted" / "source" / "deliveries").glob("DEATH_0980_2023*.txt"):
        rows = file.read_text(encoding="utf-8").splitlines(keepends=True)
        file.write_text("".join(row for row in rows if not row.rstrip().endswith(";C")), encoding="utf-8")
    done = kvarn("correct", "params/small.yml", folder=project)
    assert done.returncode == 0 and "fill in line" in done.stdout, done.stderr
    params = project / "params" / "small-corrected.yml"
    filled_in(params, "[deaths-by-sex-age, deliveries-by-year]")
    refused = kvarn("publish", params, folder=project)
    assert refused.returncode == 1, refused.stdout
    (project / "refused.txt").write_text(refused.stderr, encoding="utf-8")
    text = params.read_text(encoding="utf-8")
    params.write_text(
        text.replace("[deaths-by-sex-age, deliveries-by-year]", "[deaths-by-cause, deaths-by-sex-age]"), encoding="utf-8"
    )
    done = kvarn("publish", params, folder=project)
    assert done.returncode == 0, done.stderr
    done = kvarn("review", params, "--exit-code", folder=project)
    assert done.returncode == 0, done.stdout + done.stderr
    (project / "at-once.txt").write_text(kvarn("correct", "params/small.yml", folder=project).stderr, encoding="utf-8")
    done = kvarn("release", params, "--yes", folder=project)
    assert done.returncode == 0 and "publications/bundles/small " in done.stdout, done.stderr
    yield open_edition(params)
    use_project(None)


def bundle(corrected: Production) -> Path:
    return corrected.root / "publications" / "bundles" / "small" / "data"


def read(page: Path) -> str:
    return " ".join(BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").get_text(" ").split())


def differing(before: Path, now: Path) -> dict[str, int]:
    """How many lines of each table are others: a plain reading."""
    found = {}
    for file in sorted((now / "data").glob("*.csv")):
        old, new = ((folder / "data" / file.name).read_text(encoding="utf-8").splitlines() for folder in (before, now))
        found[file.stem] = sum(one != other for one, other in zip(old, new, strict=True))
    return {name: count for name, count in found.items() if count}


def test_a_notice_that_leaves_a_table_out_or_names_another_is_refused(corrected: Production) -> None:
    said = (corrected.root / "refused.txt").read_text(encoding="utf-8")
    cells = differing(corrected.root / "publications" / "small", corrected.workspace.publication)
    assert cells["deaths-by-cause"] > 1 and cells.keys() == {"deaths-by-cause", "deaths-by-sex-age"}
    assert f"it leaves out deaths-by-cause ({cells['deaths-by-cause']} cells); it names deliveries-by-year" in said
    assert "small-corrected.yml, correction.tables" in said and "tables: [deaths-by-cause, deaths-by-sex-age]" in said


def test_a_correction_that_has_been_begun_is_finished_before_another(corrected: Production) -> None:
    said = (corrected.root / "at-once.txt").read_text(encoding="utf-8")
    assert "has been begun, and is not released: small-corrected.yml" in said


def test_whoever_signs_reads_the_notice_and_that_it_corrects_what_is_in_front(corrected: Production) -> None:
    review = json.loads((corrected.workspace.review / "review.json").read_text(encoding="utf-8"))
    assert review["correction"]["en"] == f"{NOTICE['en']} {TABLES['en']}"
    assert any(one["asked"].startswith("It corrects what is in front") and one["passed"] for one in review["examination"])
    assert NOTICE["sv"] in read(corrected.workspace.review / "index.html")


def test_the_notice_stands_at_the_front_of_every_product(corrected: Production) -> None:
    out = corrected.workspace.publication
    front = read(out / "index.html")
    for language in ("sv", "en"):
        whole = f"{NOTICE[language]} {TABLES[language]}"
        assert NOTICE[language] in front
        assert whole in read(out / language / "annual-report.html")
        with opened_pdf(out / language / "annual-report.pdf") as document:
            assert "".join(whole.split()) in "".join(page_texts(document)[0].split())
        cover = openpyxl.load_workbook(out / language / "tables.xlsx").worksheets[0]
        assert whole in {cell.value for row in cover.iter_rows() for cell in row}
    record = json.loads((out / "ro-crate-metadata.json").read_text(encoding="utf-8"))
    root = next(one for one in record["@graph"] if one["@id"] == "./")
    assert root["correction"] == f"{NOTICE['en']} {TABLES['en']}" and root["creativeWorkStatus"] == "Corrected figures"
    catalogue = json.loads((out / "database" / "catalogue.jsonld").read_text(encoding="utf-8"))["@graph"]
    assert any(NOTICE["sv"] in json.dumps(one.get("adms:versionNotes"), ensure_ascii=False) for one in catalogue)
    for count in differing(corrected.root / "publications" / "small", out).values():
        assert f"Changed figures: {count}." in front


def test_what_is_uploaded_has_the_correction_in_front_and_the_first_version_as_it_was(corrected: Production) -> None:
    data, project = bundle(corrected), corrected.root / "publications"
    first = data / "versions" / "1" / "publication"
    assert checksums(first) == checksums(project / "small")
    assert {name: digest for name, digest in checksums(data).items() if not name.startswith("versions/")} == checksums(
        project / "small-corrected"
    )
    said = read(data / "versions" / "1" / "index.html")
    assert f"{NOTICE['en']} {TABLES['en']}" in said and "Version 1 is no longer the current one" in said
    for line in (data.parent / "manifest-sha256.txt").read_text(encoding="utf-8").splitlines():
        digest, name = line.split("  ", 1)
        assert hashlib.sha256((data.parent / name).read_bytes()).hexdigest() == digest


def test_it_was_protected_together_with_what_it_corrects_and_attacked_beside_it(corrected: Production) -> None:
    told = json.loads(corrected.workspace.history.read_text(encoding="utf-8"))["out"]
    assert [one["edition"] for one in told] == ["small"]
    assert json.loads((corrected.workspace.restricted / "attack.json").read_text(encoding="utf-8"))["files_out_before"] > 0


def test_the_log_of_corrections_has_every_cell_that_changed(corrected: Production) -> None:
    data = bundle(corrected)
    with (data / "versions" / "2" / "changes.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    cells = differing(corrected.root / "publications" / "small", corrected.workspace.publication)
    assert {name: sum(row["table"] == name for row in rows) for name in cells} == cells
    told: dict[str, Any] = json.loads((data / "versions" / "corrections.json").read_text(encoding="utf-8"))
    assert told["front"] == 2 and [one["edition"] for one in told["versions"]] == ["small", "small-corrected"]
    assert {one["table"]: one["cells"] for one in told["versions"][1]["tables"]} == cells
    assert told["versions"][1]["since"] == "2024-06-04" and told["events"] == [
        {"kind": "correction", "version": 2, "made": "2024-06-20"}
    ]


def test_whatever_is_made_for_the_versions_says_that_the_data_are_synthetic(corrected: Production) -> None:
    """Pages, the log and each row of the cells that were changed, as every product does."""
    data = bundle(corrected)
    every = sorted(path for path in (data / "versions").rglob("*") if path.is_file())
    made = [path for path in every if "publication" not in path.relative_to(data).parts]
    assert {path.suffix for path in made} == {".html", ".json", ".csv"}
    for path in made:
        written = path.read_text(encoding="utf-8")
        if path.name in ("changes-sv.csv", "changes-en.csv"):
            language = path.stem.rpartition("-")[2]
            marked = {"sv": ("Syntetiska data", "ja"), "en": ("Synthetic data", "yes")}[language]
            assert {row[marked[0]] for row in csv.DictReader(written.splitlines())} == {marked[1]}, path
        elif path.suffix == ".csv":
            assert {row["synthetic"] for row in csv.DictReader(written.splitlines())} == {"true"}, path
        elif path.suffix == ".json":
            assert json.loads(written)["synthetic"] is True, path
        else:
            assert "Syntetiska data" in read(path) and "Synthetic data" in read(path), path


def test_what_is_uploaded_is_the_publication_to_whoever_verifies_or_compares_it(corrected: Production) -> None:
    """The other versions that lie beside it are no part of it."""
    uploaded = find_publication(str(bundle(corrected)), corrected.root)
    here = find_publication(str(corrected.workspace.publication), corrected.root)
    assert (uploaded.changed, uploaded.released) == ({}, True)
    assert compare(uploaded, here).same
    before = find_publication(str(bundle(corrected) / "versions" / "1" / "publication"), corrected.root)
    assert before.changed == {} and not compare(before, uploaded).same


def test_links_between_versions_lead_somewhere_and_pages_fetch_nothing(corrected: Production) -> None:
    data = bundle(corrected)
    for page in (data / "index.html", data / "versions" / "index.html", data / "versions" / "1" / "index.html"):
        text = page.read_text(encoding="utf-8")
        assert has_policy(text), page
        for link in BeautifulSoup(text, "html.parser").find_all("a", href=True):
            address = str(link["href"]).partition("#")[0]
            assert not address or ":" in address or (page.parent / address).is_file(), (page, address)


def test_it_comes_out_again_as_it_was_and_the_version_that_it_corrected_is_whole(corrected: Production) -> None:
    again = kvarn("publish", "params/small-corrected.yml", folder=corrected.root)
    assert again.returncode == 0 and "what lies there is what is out" in again.stdout, again.stderr
    assert "It is version 2 of 2 of the publication small, and in front." in again.stdout
    first = bundle(corrected) / "versions" / "1" / "publication"
    verified = kvarn("verify", first, "--inputs", folder=corrected.root)
    assert "in front is version 2, the edition small-corrected" in verified.stdout
    # The deliveries are others since, and nothing else.
    assert {line for line in verified.stdout.splitlines() if "params/" in line or "published" in line} == set()
    explained = kvarn("explain", first, "deaths-by-cause", "year=2023", "region=0980", "cause=T", folder=corrected.root)
    assert explained.returncode == 0 and "It is version 1 of 2" in explained.stdout, explained.stderr


def test_versions_are_told_as_the_documents_say(corrected: Production) -> None:
    told = kvarn("compare", "small", "small-corrected", folder=corrected.root).stdout.splitlines()
    page = (Path(__file__).parents[2] / "docs" / "reproducibility.md").read_text(encoding="utf-8")
    lines = [line.strip().replace("2023", "small") for line in page.splitlines() if ": It is version" in line]
    assert len(lines) == 2 and set(lines) <= set(told)


def test_an_earlier_version_is_put_back_and_nothing_is_lost(corrected: Production, tmp_path: Path) -> None:
    project = shutil.copytree(corrected.root, tmp_path / "project")
    released = checksums(project / "publications" / "small-corrected")
    done = kvarn("revert", "params/small-corrected.yml", "--as", "A. Andersson", "--yes", *TAKEN_BACK, folder=project)
    assert done.returncode == 0, done.stderr
    data = project / "publications" / "bundles" / "small" / "data"
    front, own = (
        {name: digest for name, digest in checksums(folder).items() if not name.startswith("versions/")}
        for folder in (data, project / "publications" / "small")
    )
    assert {name for name in own if front[name] != own[name]} == {"index.html"} and front.keys() == own.keys()
    assert "The correction was made from the wrong files." in read(data / "index.html") and has_policy(
        (data / "index.html").read_text(encoding="utf-8")
    )
    assert checksums(data / "versions" / "1" / "publication") == own
    assert checksums(data / "versions" / "2" / "publication") == released
    assert "Rättelsen byggde på fel filer." in read(data / "versions" / "2" / "index.html")
    told = json.loads((data / "versions" / "corrections.json").read_text(encoding="utf-8"))
    assert told["front"] == 1 and [one["kind"] for one in told["events"]] == ["correction", "put back"]
    status = kvarn("release", "--history", folder=project).stdout
    assert "Number 3: small was put back in front" in status
    refused = kvarn("revert", "params/small.yml", "--to", "1", "--as", "B", "--yes", *TAKEN_BACK, folder=project)
    assert refused.returncode == 1 and "is in front already" in refused.stderr
    # What is missing beside the history is made again.
    shutil.rmtree(data.parent)
    again = kvarn("revert", "params/small.yml", "--to", "1", "--as", "B", "--yes", *TAKEN_BACK, folder=project)
    assert again.returncode == 0 and "nothing has been entered" in again.stdout
    assert "put back" in (data / "versions" / "corrections.json").read_text(encoding="utf-8")
    # The next correction corrects what is in front, and has a name of its own.
    done = kvarn("correct", "params/small.yml", folder=project)
    assert done.returncode == 0, done.stderr
    assert "corrects: small\n" in (project / "params" / "small-corrected-2.yml").read_text(encoding="utf-8")


def test_a_version_that_is_missing_or_another_stops(corrected: Production, tmp_path: Path) -> None:
    project = shutil.copytree(corrected.root, tmp_path / "project")
    (project / "publications" / "small" / "index.html").write_text("another", encoding="utf-8")
    shutil.rmtree(project / "publications" / "bundles")
    refused = kvarn("revert", "params/small.yml", "--as", "B", "--yes", *TAKEN_BACK, folder=project)
    assert refused.returncode == 1 and "Version 1 of the publication small" in refused.stderr
    assert not (project / "restricted" / "releases" / "3").exists()
    # The bundle has it too.
    shutil.copytree(corrected.root / "publications" / "bundles", project / "publications" / "bundles")
    done = kvarn("revert", "params/small.yml", "--as", "B", "--yes", *TAKEN_BACK, folder=project)
    assert done.returncode == 0, done.stderr
    assert read(project / "publications" / "bundles" / "small" / "data" / "versions" / "1" / "publication" / "index.html")
