"""`kvarn review`, `sign` and `release`: from what the assurer reads to what is uploaded, of the second edition of the register of
deaths."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from kvarn.base.page_policy import has_policy
from kvarn.pipeline import Production, open_edition, run_steps, steps_of
from kvarn.programme import use_project
from tests.commands import kvarn

ACCEPTED = """
accepted:
  - what: date-unlikely
    where: "publication.scheduled"
    at: "2024-02-01, published 2024-06-05"
    why: The deliveries came late.
    by: A. Andersson, 2024-05-14
    shown: false
release: {required: [analyst, assurer], embargo: true}
"""

# Each without its last month, in the order of their codes.
LACKING = ("0114", "0115", "0980")

CORRECTION = "{made: 2024-06-05, what: {sv: Antalet avlidna var för högt., en: The number of deaths was too high.}}"


@pytest.fixture(scope="module")
def second(deaths: Production, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    """An edition of the same year as one that is out, made from fewer deaths, with other words, documents and dates."""
    project = shutil.copytree(deaths.root, tmp_path_factory.mktemp("reviewing") / "project")
    first = open_edition(project / "params" / "small.yml")
    run_steps(steps_of(first), first.workspace.build)
    assert kvarn("release", "params/small.yml", "--yes", folder=project).returncode == 0
    for file in (project / "restricted" / "source" / "deliveries").glob("DEATH_0980_2023*.txt"):
        rows = file.read_text(encoding="utf-8").splitlines(keepends=True)
        file.write_text("".join(row for row in rows if not row.rstrip().endswith(";C")), encoding="utf-8")
    for municipality in LACKING:
        (project / "restricted" / "source" / "deliveries" / f"DEATH_{municipality}_202312.txt").unlink()
    parameters = (project / "params" / "small.yml").read_text(encoding="utf-8")
    parameters = parameters.replace("scheduled: 2024-06-04", "scheduled: 2024-02-01")
    parameters = parameters.replace("published: 2024-06-04", "published: 2024-06-05")
    corrected = f"publication:\n  corrections: [{CORRECTION}]\n"
    parameters = parameters.replace("publication:\n", corrected)
    (project / "params" / "second.yml").write_text(parameters + ACCEPTED, encoding="utf-8")
    document = project / "reports" / "annual-report" / "en" / "annual-report.qmd"
    words = document.read_text(encoding="utf-8")
    document.write_text(words.replace("Deaths by region and cause", "Deaths by cause and region"), encoding="utf-8")
    production = open_edition(project / "params" / "second.yml")
    run_steps(steps_of(production), production.workspace.build)
    yield production
    use_project(None)


@pytest.fixture(scope="module")
def review(second: Production) -> dict[str, Any]:
    done = kvarn("review", "params/second.yml", "--exit-code", folder=second.root)
    assert done.returncode == 0, done.stdout + done.stderr
    return read(second)


def read(second: Production) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((second.workspace.review / "review.json").read_text(encoding="utf-8"))
    return found


def figures(folder: Path) -> dict[tuple[str, ...], str]:
    """The published figures of a table, by everything that a cell is known by: a plain reading."""
    with (folder / "data" / "deaths-by-cause.csv").open(encoding="utf-8", newline="") as lines:
        return {
            (one["year"], one["region"], one["cause"], one["measure"]): one["value"]
            for one in csv.DictReader(lines)
            if one["value"]
        }


def test_it_is_about_exactly_the_candidate_and_each_check_has_a_result(second: Production, review: dict[str, Any]) -> None:
    record = second.workspace.publication / "ro-crate-metadata.json"
    assert review["record_sha256"] == hashlib.sha256(record.read_bytes()).hexdigest()
    assert len(review["examination"]) == 7 and all(one["passed"] for one in review["examination"])


def test_the_figures_that_changed_most_are_those_that_a_plain_reading_finds(second: Production, review: dict[str, Any]) -> None:
    before, now = figures(second.root / "publications" / "small"), figures(second.workspace.publication)
    of_year, year_before = review["compared_with"]
    assert (of_year["edition"], of_year["not_compared"], year_before["edition"]) == ("small", None, None)
    greatest = max(abs(int(now[key]) - int(before[key])) for key in before.keys() & now.keys())
    first = of_year["by_amount"][0]
    assert greatest > 40 and abs(int(first["difference"])) == greatest
    assert int(first["now"]) - int(first["before"]) == int(first["difference"])
    revised = sum(before[key] != now[key] for key in before.keys() & now.keys())
    assert next(one for one in of_year["tables"] if one["table"] == "deaths-by-cause")["revised"] == revised
    own = review["year_on_year"]["by_amount"][0]
    of_own = max(
        abs(int(value) - int(now["2022", *key[1:]]))
        for key, value in now.items()
        if key[0] == "2023" and ("2022", *key[1:]) in now
    )
    in_table = [one for one in review["year_on_year"]["by_amount"] if one["table"] == "deaths-by-cause"]
    assert abs(float(own["difference"])) >= of_own == abs(int(in_table[0]["difference"]))


def test_what_was_accepted_withheld_and_is_lacking_is_told(second: Production, review: dict[str, Any]) -> None:
    (accepted,) = review["findings"]["accepted"]
    assert (accepted["why"], accepted["by"]) == ("The deliveries came late.", "A. Andersson, 2024-05-14")
    report = json.loads(second.workspace.disclosure_report.read_text(encoding="utf-8"))
    assert review["disclosure"]["by_reason"]["primary"] == report["system"]["primary"] > 0
    assert review["disclosure"]["tables"]["deaths-by-cause"]["secondary"] == report["tables"]["deaths-by-cause"]["secondary"]
    assert review["disclosure"]["protected_together_with"] == ["the edition small, number 1 of the release history"]
    lacking = [{"file_type": "DEATH", "municipality": municipality, "months": "12"} for municipality in LACKING]
    assert review["coverage"]["months_lacking"] == lacking
    of_year = next(one for one in review["coverage"]["by_year"] if one["year"] == 2023)
    assert (of_year["files_due"], of_year["files_missing"]) == ("36", str(len(LACKING)))
    assert review["attack"]["files_out_before"] > 0
    record = json.loads((second.workspace.publication / "ro-crate-metadata.json").read_text(encoding="utf-8"))["@graph"]
    assert [one["value"] for one in record if one["@id"] == "#notebook-wall"] == [review["wall"]]


def test_what_is_new_is_told_by_what_was_kept_and_what_cannot_be_known_is_said(review: dict[str, Any]) -> None:
    parts = review["new"]["parts"]
    assert [one["name"] for one in parts["documents"]] == ["reports/annual-report/en/annual-report.qmd"]
    of_publication = {f"publication.{name}" for name in ("corrections", "published", "scheduled")}
    changed = {"accepted", *of_publication, "release.embargo", "release.required"}
    assert {one["name"] for one in parts["parameters"]} == changed
    assert "code" not in parts and "notebooks" not in parts
    assert not any("documents" in one for one in review["new"]["unknown"])


def test_what_was_corrected_stands_on_the_front_page_in_both_languages(second: Production) -> None:
    front = BeautifulSoup((second.workspace.publication / "index.html").read_text(encoding="utf-8"), "html.parser")
    for language, said in (("sv", "5 juni 2024: Antalet avlidna var för högt."), ("en", "5 June 2024: The number of deaths")):
        assert said in front.select_one(f"section#{language}").get_text().replace("\u00a0", " ")
    before = (second.root / "publications" / "small" / "index.html").read_text(encoding="utf-8")
    assert "Rättat efter" not in before and "Corrected after" not in before


def test_of_an_edition_whose_documents_were_not_kept_it_is_said_that_they_cannot_be_known(
    second: Production, review: dict[str, Any]
) -> None:
    kept = second.workspace.record
    content = kept.read_bytes()
    try:
        told = json.loads(content)
        del told["documents"]
        kept.write_text(json.dumps(told), encoding="utf-8")
        assert kvarn("review", "params/second.yml", folder=second.root).returncode == 0
        now = read(second)
        assert "documents" not in now["new"]["parts"] and any("documents" in one for one in now["new"]["unknown"])
    finally:
        kept.write_bytes(content)


def test_the_page_says_the_same_as_the_data_and_is_its_owners_alone(second: Production, review: dict[str, Any]) -> None:
    assert kvarn("review", "params/second.yml", folder=second.root).returncode == 0
    folder = second.workspace.review
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert sorted(before) == ["index.html", "review.json"] and json.loads(before["review.json"]) == review
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    page = before["index.html"].decode()
    soup = BeautifulSoup(page, "html.parser")
    assert has_policy(page) and not soup.select("script, img, link, iframe")
    assert all(link["href"].startswith("#") and soup.select(link["href"]) for link in soup.select("a[href]"))
    text = " ".join(soup.get_text(" ").split())
    first = review["compared_with"][0]["by_amount"][0]
    for said in (review["record_sha256"], first["cell"], first["difference"], "The deliveries came late.", review["wall"]):
        assert said in text
    assert len(soup.select(".passed")) == 7 and not soup.select(".failed")
    assert kvarn("review", "params/second.yml", folder=second.root).returncode == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_check_that_does_not_pass_stands_there_with_why(second: Production) -> None:
    page = second.workspace.publication / "en" / "annual-report.html"
    content = page.read_bytes()
    try:
        page.write_bytes(content + b" ")
        done = kvarn("review", "params/second.yml", "--exit-code", folder=second.root)
        assert done.returncode == 3 and "en/annual-report.html has been changed" in done.stdout
        (failed,) = [one for one in read(second)["examination"] if not one["passed"] and "record names" in one["asked"]]
        assert "en/annual-report.html has been changed" in failed["said"]
        assert 'class="failed"' in (second.workspace.review / "index.html").read_text(encoding="utf-8")
    finally:
        page.write_bytes(content)


def test_the_review_has_the_same_bytes_in_every_process(second: Production, review: dict[str, Any]) -> None:
    assert len(review["coverage"]["months_lacking"]) > 2
    made = set()
    for seed in ("1", "2", "3"):
        run = [sys.executable, "-m", "kvarn", "review", "params/second.yml"]
        subprocess.run(run, cwd=second.root, env=os.environ | {"PYTHONHASHSEED": seed}, check=True, capture_output=True)
        made.add(tuple((second.workspace.review / name).read_bytes() for name in ("review.json", "index.html")))
    assert len(made) == 1


def test_what_is_out_is_not_reviewed_again(second: Production) -> None:
    done = kvarn("review", "params/small.yml", folder=second.root)
    assert done.returncode == 1 and re.search("released already|is out as it was released", done.stderr)


def test_it_is_laid_out_for_narrow_screens_for_paper_and_for_the_dark() -> None:
    from kvarn.disseminate.templates import style

    css = style("page.css") + style("comparison.css") + style("review.css")
    assert "prefers-color-scheme: dark" in css and "@media print" in style("review.css") and "overflow-x: auto" in css


@pytest.mark.usefixtures("review")
def test_reviewed_and_signed_by_two_it_is_released_and_what_is_uploaded_lies_ready(second: Production) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        done = kvarn(*arguments, folder=second.root)
        return done.returncode, done.stdout + done.stderr

    release = ("release", "params/second.yml", "--yes")
    status, said = run(*release)
    assert status == 1 and "is not signed as analyst, nor as assurer" in said
    assert "Not signed yet as analyst, nor as assurer" in run("status", "params/second.yml")[1]
    (second.workspace.review / "index.html").write_bytes(b"<p>Everything is right.</p>")
    by = ("--as", "Anna Ask", "--role", "analyst", "--yes")
    status, said = run("sign", "params/second.yml", *by)
    assert status == 1 and "not the review of this candidate" in said
    assert run("review", "params/second.yml")[0] == 0
    assert run("sign", "params/second.yml", *by)[0] == 0
    status, said = run(*release)
    assert status == 1 and "is not signed as assurer" in said
    assert run("sign", "params/second.yml", "--as", "Bo Ek", "--role", "assurer", "--yes")[0] == 0
    assert "Signed: Anna Ask as analyst, Bo Ek as assurer." in run("status", "params/second.yml")[1]
    status, said = run(*release)
    assert status == 0, said
    assert "The clock says" in said and "Signed: Anna Ask as analyst, Bo Ek as assurer." in said
    bag = second.root / "publications" / "bundles" / "second"
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "manifest-sha256.txt"], cwd=bag, check=True)
    for path in second.workspace.publication.rglob("*"):
        copy = bag / "data" / path.relative_to(second.workspace.publication)
        assert stat.S_IMODE(copy.stat().st_mode) == stat.S_IMODE(path.stat().st_mode)
    kept = second.root / "restricted" / "releases" / "2" / "review.json"
    assert kept.read_bytes() == (second.workspace.review / "review.json").read_bytes()
    assert run("status", "params/second.yml")[0] == 0
    # With the log gone and what names its last line, every command that goes by it says so, of what is out too.
    for file in (second.workspace.signatures, second.workspace.signatures.with_suffix(".json")):
        file.unlink()
    for command in (("status", "params/second.yml"), release, ("status", "params/small.yml")):
        status, said = run(*command)
        assert status != 0 and "signature 2, the last one when second was released, is missing" in said, command
