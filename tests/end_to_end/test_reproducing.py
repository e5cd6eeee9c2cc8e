"""Two publications are compared, one is made again, and a figure is explained: on the register of deaths, published once."""

from __future__ import annotations

import csv
import json
import os
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from kvarn.analyse._revisions import list_revisions
from kvarn.base.page_policy import has_policy
from kvarn.cli import main
from kvarn.pipeline import Production, open_edition, run_steps, steps_of
from kvarn.pipeline.comparison import compare, find_publication
from kvarn.pipeline.verification import compare_files as files_compared
from kvarn.programme import use_project


@pytest.fixture(scope="module")
def small(deaths: Production, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    project = shutil.copytree(deaths.root, tmp_path_factory.mktemp("reproducing") / "project")
    production = open_edition(project / "params" / "small.yml")
    run_steps(steps_of(production), production.workspace.build)
    yield production
    use_project(None)


@pytest.fixture(scope="module")
def other(small: Production) -> Path:
    """Another publication, which differs in one thing of each kind."""
    folder = small.root / "publications" / "other"
    shutil.copytree(small.workspace.publication, folder)
    data = folder / "data" / "deaths-by-cause.csv"
    lines = data.read_text(encoding="utf-8").splitlines()
    withheld = next(place for place, line in enumerate(lines) if line.split(",")[5] == "X")
    lines[withheld] = ",".join([*lines[withheld].split(",")[:4], "7", "", "true"])
    lines[1:3] = [lines[1].replace(",444,", ",454,"), lines[2].replace(",110,,", ",,X,")]
    data.write_text("\n".join([*lines[:-1], "2024,00,T,persons,1,,true"]) + "\n", encoding="utf-8")
    (folder / "data" / "deliveries-by-year.csv").unlink()
    described = folder / "data" / "deaths-by-cause.csv-metadata.json"
    definition = described.read_text(encoding="utf-8").replace("Each person counts once.", "Each counts.")
    described.write_text(definition, encoding="utf-8")
    page = folder / "en" / "annual-report.html"
    page.write_text(page.read_text(encoding="utf-8").replace("444 persons died in 2023.", "Many died."), encoding="utf-8")
    record = folder / "ro-crate-metadata.json"
    told = json.loads(record.read_text(encoding="utf-8"))
    for entity in told["@graph"]:
        if entity["@id"] in ("#parameter/renderer", "#software/pandas"):
            entity["value" if "value" in entity else "softwareVersion"] = "another"
        if entity["@id"] in ("#notebook/notebooks/compute/deaths.ipynb", "#input/programme/codelists/cause.csv"):
            entity["sha256"] = "0" * 64
    record.write_text(json.dumps(told), encoding="utf-8")
    return folder


def ended(*arguments: str) -> object:
    with pytest.raises(SystemExit) as caught:
        main([*arguments])
    return caught.value.code


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_what_became_of_each_cell_text_parameter_method_and_input_is_told(small: Production, other: Path) -> None:
    found = compare(*(find_publication(name, small.root) for name in ("small", str(other))))
    kinds = {(one.kind, one.year, one.before, one.now) for one in found.changes}
    withheld = next(one for one in found.changes if one.kind == "shown")
    assert {("revised", 2022, "444", "454"), ("withheld", 2022, "110", "X"), ("new", 2024, "", "1")} <= kinds
    assert (withheld.before, withheld.now) == ("X", "7")
    assert found.counts == {"revised": 1, "withheld": 1, "shown": 1, "symbol": 0, "new": 1, "gone": 1}
    assert [(one.table, one.kind) for one in found.tables if one.kind != "both"] == [("deliveries-by-year", "gone")]
    assert [(one.language, one.document, one.heading, one.before, one.now) for one in found.texts] == [
        ("en", "annual-report", "Deaths", "444 persons died in 2023.", "Many died.")
    ]
    assert [(one.part, one.name) for one in found.made_of if one.now] == [
        ("parameter", "renderer"),
        ("method", "measure persons: definition (en)"),
        ("notebook", "notebooks/compute/deaths.ipynb"),
        ("input", "programme/codelists/cause.csv"),
        ("library", "pandas"),
    ]
    assert {one.name for one in found.files} >= {"data/deliveries-by-year.csv", "en/annual-report.html"}


def test_it_agrees_with_the_revisions_of_the_appendix(small: Production, other: Path) -> None:
    found = compare(*(find_publication(str(one), small.root) for one in (small.workspace.publication, other)))
    of_both = [(o.table, o.year, o.measure, o.cell, o.before, o.now) for o in found.changes if o.kind not in ("new", "gone")]
    listed, _ = list_revisions(other / "data", small.workspace.publication / "data")
    assert of_both and of_both == [(o.table, o.year, o.measure, o.cell, o.before, o.now) for o in listed]


def test_page_and_data_of_what_is_not_released_are_its_owners_alone_and_have_the_same_bytes(
    small: Production, other: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(small.root)
    assert ended("compare", "small", "publications/other", "--exit-code") == 3
    said = capsys.readouterr().out
    assert "1 revised, 1 newly withheld, 1 no longer withheld" in said and "444 → 454 (+10, +2.3 %)" in said
    folder = next((small.root / "restricted" / "comparisons").iterdir())
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert sorted(before) == ["cells.csv", "comparison.html", "made-of.csv", "tables.csv", "texts.csv"]
    assert [row["difference"] for row in rows(folder / "cells.csv") if row["kind"] == "revised"] == ["10"]
    page = before["comparison.html"].decode()
    assert has_policy(page) and "stays under restricted/" in page and "Many died." in page
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert ended("compare", "small", "publications/other") == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize("into", ["publications/compared", "elsewhere", "reports/../publications"])
def test_what_is_not_released_is_compared_under_restricted_alone(
    small: Production, other: Path, into: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(small.root)
    assert ended("compare", "small", "publications/other", "--into", into) == 2
    assert "--into" in capsys.readouterr().err
    assert not (small.root / "elsewhere").exists() and not (small.root / "publications" / "compared").exists()


def test_a_publication_that_is_not_there_is_refused_with_what_was_meant(
    small: Production, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(small.root)
    assert ended("compare", "small", "smal") == 2
    assert "Did you mean 'small'?" in capsys.readouterr().err


def test_a_publication_is_the_same_as_itself_and_a_damaged_one_is_named(
    small: Production, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(small.root)
    assert ended("compare", "small", "publications/small", "--exit-code") == 0
    assert "the same, file for file" in capsys.readouterr().out
    damaged = tmp_path / "damaged"
    shutil.copytree(small.workspace.publication, damaged)
    data = damaged / "data" / "deaths-by-cause.csv"
    lines = data.read_text(encoding="utf-8").splitlines()
    data.write_text("\n".join([*lines[:3], lines[3].replace("persons,", "persons,many")]), encoding="utf-8")
    assert ended("compare", "small", str(damaged)) == 1
    said = capsys.readouterr().err
    assert "deaths-by-cause.csv, line 4" in said and "not a protected table" in said


def changed(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_publication_comes_out_again_byte_for_byte_and_nothing_of_that_is_left(
    small: Production, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(small.root)
    assert ended("verify", "publications/small") == 0
    said = capsys.readouterr().out
    assert "here as it was" in said and "different" not in said
    for name in ("data/deaths-by-cause.csv", "en/annual-report.pdf", "sv/tables.xlsx", "ro-crate-metadata.json"):
        assert f"identical: {name}" in said
    assert not list((small.root / "restricted" / "verifications").iterdir())


def test_what_a_killed_verification_has_left_is_removed_by_the_next_command(
    small: Production, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(small.root)
    above = small.root / "restricted" / "verifications"
    with subprocess.Popen([sys.executable, "-m", "kvarn", "verify", "publications/small"], stdout=subprocess.DEVNULL) as run:
        while run.poll() is None and not list(above.glob(".small.*.partial/restricted/*/register")):
            time.sleep(0.02)
        run.kill()
    assert list(above.iterdir())
    assert ended("status", "params/small.yml") == 0
    assert not list(above.iterdir())


CHANGES = {
    "programme/codelists/cause.csv": ("Tumours", "Tumors", "programme/codelists/cause.csv has been changed"),
    "notebooks/present/deaths.ipynb": ("a", "b", "notebooks/present/deaths.ipynb has been changed"),
    "params/small.yml": ("An invented agency", "Another", "params/small.yml has been changed"),
    "reports/allowed-digits.yml": ("#", "# ", "reports/allowed-digits.yml has been changed"),
    "restricted/source/population.csv": ("0114", "0114", "restricted/source/population.csv is not there"),
    "restricted/source/deliveries/DEATH_0114_202301.txt": (";C", ";F", "the delivery DEATH_0114_202301.txt has been changed"),
    "publications/small/en/annual-report.html": ("444", "445", "the published file en/annual-report.html has been changed"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_not_as_recorded_any_more_is_named(
    small: Production, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(small.root)
    file = small.root / name
    whole, times = file.read_bytes(), file.stat()
    old, new, told = CHANGES[name]
    try:
        changed(file, old, new)
        if old == new:
            file.unlink()
        assert ended("verify", "small", "--inputs") == 3
    finally:
        file.write_bytes(whole)
        file.chmod(0o600)
        os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    said = [line for line in capsys.readouterr().out.splitlines() if line.startswith("not as recorded")]
    assert said == [f"not as recorded: {told}."]
    assert ended("verify", "small", "--inputs") == 0


def test_where_a_file_is_another_is_told_by_cell_page_line_or_byte(small: Production, other: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    shutil.copytree(small.workspace.publication, again)
    shutil.copy(again / "sv" / "annual-report.pdf", again / "en" / "annual-report.pdf")
    shutil.copy(again / "sv" / "tables.xlsx", again / "en" / "tables.xlsx")
    changed(again / "en" / "annual-report.html", "444 persons died", "445 persons died")
    changed(again / "data" / "deaths-by-cause.csv", "2022,00,T,persons,444,", "2022,00,T,persons,445,")
    pdf = again / "sv" / "annual-report.pdf"
    pdf.write_bytes(pdf.read_bytes() + b"\n")
    (again / "index.html").unlink()
    (again / "more.html").touch()
    told = {one.name: one.where for one in files_compared(small.workspace.publication, again) if one.where}
    assert told["data/deaths-by-cause.csv"] == "cell 2022, 00, T, persons: 444 was published, and made again 445"
    assert told["en/annual-report.html"].startswith("line ") and "445 persons died" in told["en/annual-report.html"]
    assert told["en/annual-report.pdf"].startswith("page 1, line 1: ")
    assert told["en/tables.xlsx"].startswith("the sheet ") or told["en/tables.xlsx"].startswith("sheet ")
    assert told["sv/annual-report.pdf"].startswith("byte ")
    assert (told["index.html"], told["more.html"]) == ("it is not made again", "it is made now, and was not published")
    assert len(told) == 7


def test_a_publication_whose_making_is_not_known_cannot_be_verified(
    small: Production, other: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(small.root)
    assert ended("verify", "publications/other") == 2
    assert "not known here" in capsys.readouterr().err


def explained(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert ended("explain", "publications/small", *arguments) == 0
    return capsys.readouterr().out


def test_a_figure_is_explained_by_its_cell_its_notebook_and_its_sources(
    small: Production, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(small.root)
    said = explained(capsys, "deaths-by-sex-age", "year=2023", "sex=T", "age=T", "measure=persons_per_1000")
    shown = next(row for row in rows(small.workspace.publication / "data" / "deaths-by-sex-age.csv") if cell_of_all(row))
    for part in (f"value: {shown['value']}", "unit: number per 1,000 inhabitants", "sex: T", "Deaths divided by the population"):
        assert part in said
    for part in ("notebook: notebooks/compute/deaths.ipynb, SHA-256", "cell: sex-age", "rate(", "deliveries: 72 files"):
        assert part in said
    for name in ("programme/codelists/sex.csv", "programme/codelists/age.csv", "restricted/source/population.csv"):
        entity = next(one for one in inputs(small) if one["name"] == name)
        assert f"{name}, SHA-256 {entity['sha256']}" in said
    assert "cause.csv" not in said and "DEATH_" not in said
    # Of a cell all measures are explained, each beside its own figure.
    together = explained(capsys, "deaths-by-sex-age", "year=2023", "sex=T", "age=T")
    of_cell = [
        row
        for row in rows(small.workspace.publication / "data" / "deaths-by-sex-age.csv")
        if (row["year"], row["sex"], row["age"]) == ("2023", "T", "T")
    ]
    assert len(of_cell) > 1
    for row in of_cell:
        mine = together.split(f"The figure: {row['measure']}\n", 1)[1].split("\n\n", 1)[0]
        assert f"value: {row['value']}\n" in mine


@pytest.mark.parametrize("how", ["changed", "missing"])
def test_what_was_changed_since_it_was_made_is_not_explained_and_compared_with_a_warning(
    small: Production, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    monkeypatch.chdir(small.root)
    file = small.workspace.publication / "data" / "deaths-by-cause.csv"
    content = file.read_bytes()
    try:
        if how == "missing":
            file.unlink()
        else:
            file.write_bytes(content.replace(b"2022,00,T,persons,444,", b"2022,00,T,persons,445,"))
        cells = ("year=2022", "region=00", "cause=T", "measure=persons")
        assert ended("explain", "publications/small", "deaths-by-cause", *cells) == 1
        said = capsys.readouterr().err
        assert (
            f"{'is missing' if how == 'missing' else 'has been changed'}: it is not as the record" in said
            and str(file.name) in said
        )
        figure = next(iter(yaml.safe_load((small.root / "reports" / "figures.yml").read_text(encoding="utf-8"))["figures"]))
        assert ended("explain", "publications/small", "figure", figure) == 1
        capsys.readouterr()
        ended("compare", "publications/small", "publications/small")
        assert "warning: publications/small/data/deaths-by-cause.csv" in capsys.readouterr().err
    finally:
        file.write_bytes(content)


OCCUPIED = {
    "a record": ("restricted/small/record.json", "--html"),
    "the parameters": ("restricted/params.yml", "--html"),
    "a page of another kind": ("restricted/small/disclosure.html", "--html"),
    "tables": ("restricted/small/tables", "--into"),
}


@pytest.mark.parametrize("what", OCCUPIED)
def test_nothing_of_another_kind_is_written_over(
    small: Production, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    monkeypatch.chdir(small.root)
    place, option = OCCUPIED[what]
    there = small.root / place
    if not there.exists():
        there.write_text("<title>The officer's report</title>", encoding="utf-8")

    def content() -> object:
        return there.read_bytes() if there.is_file() else sorted(path.name for path in there.iterdir())

    before = content()
    command = ("explain", "small", "figure", "deaths.total") if option == "--html" else ("compare", "small", "small")
    assert ended(*command, option, place) == 2
    assert option in capsys.readouterr().err and content() == before


def test_what_is_kept_of_a_publication_and_cannot_be_read_is_no_defect(
    small: Production, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(small.root)
    kept = small.workspace.record
    content = kept.read_bytes()
    try:
        for wrong in (b"<html>", b"[]", b"{}", b'{"public_record": 1, "params": 2, "overrides": 3, "inputs": 4}'):
            kept.write_bytes(wrong)
            for command in (("verify", "small", "--inputs"), ("explain", "small", "figure", "deaths.total")):
                assert ended(*command) == 1
                assert "What is kept of how the publication was made cannot be read" in capsys.readouterr().err
    finally:
        kept.write_bytes(content)


@pytest.mark.parametrize("wrong", [7, None, {}, [], "x"])
def test_a_record_of_which_anything_is_something_else_is_no_defect(
    small: Production, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], wrong: object
) -> None:
    monkeypatch.chdir(small.root)
    shutil.copytree(small.workspace.publication, tmp_path / "copy")
    file = tmp_path / "copy" / "ro-crate-metadata.json"
    whole = json.loads(file.read_text(encoding="utf-8"))
    keys = sorted({key for one in whole["@graph"] for key in one} - {"@id"})
    for damaged in (keys, *([key] for key in keys)):
        graph = [{key: wrong if key in damaged else value for key, value in one.items()} for one in whole["@graph"]]
        file.write_text(json.dumps({**whole, "@graph": graph}), encoding="utf-8")
        for command in (("compare", "small", str(tmp_path / "copy")), ("explain", str(tmp_path / "copy"), "deaths-by-cause")):
            assert ended(*command) in (0, 1, 2)
            assert "defect" not in capsys.readouterr().err


def test_a_stopped_verification_does_not_say_that_anything_is_kept(small: Production) -> None:
    command = [sys.executable, "-m", "kvarn", "verify", "publications/small"]
    with subprocess.Popen(command, cwd=small.root, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as run:
        above = small.root / "restricted" / "verifications"
        while run.poll() is None and not list(above.glob(".small.*.partial/restricted/*/register")):
            time.sleep(0.02)
        run.terminate()
        said = run.communicate(timeout=60)[1]
    assert run.returncode == 143 and "Nothing of what was made is kept" in said


def test_a_publication_without_its_record_is_called_that(
    small: Production, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(small.root)
    shutil.copytree(small.workspace.publication, tmp_path / "copy")
    (tmp_path / "copy" / "ro-crate-metadata.json").unlink()
    for command in (("verify",), ("explain",), ("compare", "small")):
        more = ("deaths-by-cause",) if command == ("explain",) else ()
        assert ended(*command, str(tmp_path / "copy"), *more) == 2
        assert "The record of this publication" in capsys.readouterr().err


def cell_of_all(row: dict[str, str]) -> bool:
    return (row["year"], row["sex"], row["age"], row["measure"]) == ("2023", "T", "T", "persons_per_1000")


def inputs(small: Production) -> list[dict[str, str]]:
    graph = json.loads((small.workspace.publication / "ro-crate-metadata.json").read_text(encoding="utf-8"))["@graph"]
    return [one for one in graph if one["@id"].startswith("#input/")]


def test_of_a_withheld_figure_nothing_is_told_that_is_not_published(
    small: Production, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(small.root)
    table = small.workspace.publication / "data" / "deaths-by-cause.csv"
    withheld = next(row for row in rows(table) if row["status"] == "X")
    shutil.move(small.root / "restricted" / "small", small.root / "restricted" / "away")
    try:
        said = explained(capsys, "deaths-by-cause", *(f"{name}={withheld[name]}" for name in ("year", "region", "cause")))
    finally:
        shutil.move(small.root / "restricted" / "away", small.root / "restricted" / "small")
    assert "status: X" in said and "which means: Suppressed for reasons of confidentiality" in said and "value:" not in said


def test_a_figure_of_the_text_is_explained_by_its_name_and_on_a_page_under_restricted(
    small: Production, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(small.root)
    said = explained(capsys, "figure", "deaths.before", "--html", "restricted/explained/before.html")
    assert "codes: year=2022, sex=T, age=T, measure=persons" in said and "published: 444" in said
    file = small.root / "restricted" / "explained" / "before.html"
    page = file.read_text(encoding="utf-8")
    assert has_policy(page) and "deaths.before" in page and stat.S_IMODE(file.stat().st_mode) == 0o600
    for place in ("before.html", "publications/small/before.html"):
        assert ended("explain", "small", "figure", "deaths.before", "--html", place) == 2
        assert "--html" in capsys.readouterr().err and not (small.root / place).exists()


def test_a_notebook_that_is_another_by_now_is_not_said_to_have_computed_it(
    small: Production, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(small.root)
    notebook = small.root / "notebooks" / "compute" / "deaths.ipynb"
    whole = notebook.read_bytes()
    try:
        changed(notebook, "Computes", "Counts")
        said = explained(capsys, "deaths-by-cause", "year=2023", "region=00", "cause=T")
    finally:
        notebook.write_bytes(whole)
    assert "cell: not told" in said and "count_persons" not in said


WRONG = {
    ("deaths-by-caus",): "Did you mean 'deaths-by-cause'?",
    ("deaths-by-cause", "yer=2023"): "Did you mean 'year'?",
    ("deaths-by-cause", "region=0116"): "Did you mean '011",
    ("deaths-by-cause", "2023"): "Write variable=code",
    ("deaths-by-cause", "year=2023", "region=00"): "Give a code for cause=",
    ("deaths-by-cause", "year=2023", "year=2022"): "is given twice",
    ("figure", "deaths.totl"): "Did you mean 'deaths.total'?",
    ("figure",): "name of one figure",
}


@pytest.mark.parametrize("asked", WRONG, ids=" ".join)
def test_what_is_not_there_is_refused_with_what_was_meant(
    small: Production, asked: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(small.root)
    assert ended("explain", "small", *asked) == 2
    assert WRONG[asked] in " ".join(capsys.readouterr().err.split())


def test_a_released_edition_is_made_by_the_parameters_that_were_kept_and_tells_the_first_cell_that_a_delivery_changes(
    small: Production, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(small.root)
    assert ended("release", "params/small.yml", "--yes") == 0
    changed(small.root / "params" / "small.yml", "An invented agency", "Another agency")
    delivery = small.root / "restricted" / "source" / "deliveries" / "DEATH_0980_202312.txt"
    delivery.write_text("".join(delivery.read_text(encoding="utf-8").splitlines(keepends=True)[1:]), encoding="utf-8")
    assert ended("verify", "small") == 3
    said = capsys.readouterr().out
    assert "not as recorded: params/small.yml has been changed." in said
    assert "not as recorded: the delivery DEATH_0980_202312.txt has been changed." in said
    cell = "different: data/deaths-by-sex-age.csv: cell 2023, T, T, persons: 444 was published, and made again 443"
    assert cell in said and "Another agency" not in said
