"""A register of deaths, declared in files alone: it goes the whole way, from its deliveries to what is out."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

import kvarn
from kvarn.base.notebook_files import source_form
from kvarn.cli import main
from kvarn.collect import take_in
from kvarn.edition import Quality
from kvarn.pipeline import Production, open_edition, run_steps, steps_of
from kvarn.pipeline.engine import status_of
from kvarn.pipeline.terms import terms_of
from kvarn.process import trace
from kvarn.programme import programme_held, use_project
from tests.small_programme import CAUSES, FIRST_YEAR, LAST_YEAR, MUNICIPALITIES

EXTRACT = """project: causes
recipient: A university
purpose: To try it
decision: 1/2024
decided: 2024-06-10
valid_until: 2099-12-31
edition: small
years: [2023]
variables: {persons: [sex], person_months: [municipality, cause]}
"""
ORDER = """edition: small
title: {sv: "Avlidna efter kön och dödsorsak, {years}", en: "Deaths by sex and cause, {years}"}
measures: [persons]
by: [sex, cause]
years: [2023]
"""
TABLES = ("deaths-by-sex-age", "deaths-by-cause", "deliveries-by-year", "deliveries-by-municipality")


@pytest.fixture(scope="module")
def small(deaths: Production, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    project = shutil.copytree(deaths.root, tmp_path_factory.mktemp("small") / "project")
    production = open_edition(project / "params" / "small.yml")
    run_steps(steps_of(production), production.workspace.build)
    yield production
    use_project(None)


def test_a_project_that_is_copied_or_moved_is_up_to_date(deaths: Production, tmp_path: Path) -> None:
    project = shutil.copytree(deaths.root, tmp_path / "project")
    production = open_edition(project / "params" / "small.yml")
    found = status_of(steps_of(production), production.workspace.build)
    assert [one for one in found if not one.up_to_date] == []
    use_project(None)


def deaths(production: Production) -> Counter[tuple[str, str, str]]:
    """A plain reading of the deliveries: how many died, by year, region and cause."""
    found: Counter[tuple[str, str, str]] = Counter()
    for file in (production.root / "restricted" / "source" / "deliveries").iterdir():
        for line in file.read_text(encoding="utf-8").splitlines():
            municipality, _, year, _, cause = line.split(";")
            for region in ("00", municipality[:2], municipality):
                found.update({(year, region, cause): 1, (year, region, "T"): 1})
    return found


def published(production: Production, table: str) -> list[dict[str, str]]:
    with (production.workspace.publication / "data" / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_what_somebody_concludes_who_knows_the_program_is_measured_and_the_officer_told(small: Production) -> None:
    """The benchmark has a row for each of what a key can decide, and the report what guessing comes to."""
    script = Path(__file__).parents[2] / "benchmarks" / "knowing.py"
    command = [sys.executable, script, small.root / "params" / "small.yml", "--keyed", "0,0,2", "1,0.5,2"]
    command += ["--keys", "2"]
    done = subprocess.run([*map(str, command)], cwd=small.root, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    heads, _, *rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in done.stdout.splitlines()]
    assert [row[:4] for row in rows] == [["0.02", "0.0", "0.0", "2.0"], ["0.02", "1.0", "0.5", "2.0"]]
    suppressed = heads.index("cells suppressed")
    withheld = sum(row["status"] == "X" for table in TABLES for row in published(small, table))
    assert int(rows[0][suppressed]) == withheld > 0 < int(rows[0][heads.index("places")])
    report = json.loads(small.workspace.disclosure_report.read_text(encoding="utf-8"))
    assert "in words" in report["what_who_knows_the_program_concludes"]


def test_every_product_is_there_in_both_languages(small: Production) -> None:
    there = {path.relative_to(small.workspace.publication).as_posix() for path in small.workspace.publication.rglob("*.*")}
    for table in TABLES:
        assert {f"data/{table}.csv", f"database/{table}.px", f"database/{table}.sdmx.csv"} <= there
    assert "database/structure.sdmx.xml" in there
    for language in ("sv", "en"):
        assert {f"database/{language}/{name}.json" for name in (*TABLES, "tables.collection")} <= there
        assert {f"{language}/annual-report.html", f"{language}/annual-report.pdf", f"{language}/tables.xlsx"} <= there
    report = (small.workspace.publication / "en" / "annual-report.html").read_text(encoding="utf-8")
    total = next(
        row["value"]
        for row in published(small, "deaths-by-sex-age")
        if (row["year"], row["sex"], row["age"]) == ("2023", "T", "T")
    )
    assert f"{total} persons died in 2023." in report and "<svg" in report and "Tumours" in report


def test_its_figures_are_those_of_its_deliveries(small: Production) -> None:
    counted = deaths(small)
    table = pd.read_parquet(small.workspace.tables / "deaths-by-cause.parquet")
    figures = {(str(row.year), row.region, row.cause): int(row.value) for row in table.itertuples()}
    regions = {"00", *(code[:2] for code in MUNICIPALITIES), *MUNICIPALITIES}
    years = [str(year) for year in range(FIRST_YEAR, LAST_YEAR + 1)]
    assert figures == {(y, r, c): counted[y, r, c] for y in years for r in regions for c in ("T", *CAUSES)}
    for row in published(small, "deaths-by-cause"):
        if not row["status"]:
            assert int(row["value"]) == counted[row["year"], row["region"], row["cause"]]


def test_its_secrets_are_withheld_and_what_would_tell_them(small: Production) -> None:
    counted = deaths(small)
    withheld = {(r["year"], r["region"], r["cause"]) for r in published(small, "deaths-by-cause") if r["status"] == "X"}
    threshold = small.edition.disclosure.threshold
    secret = {key for key, number in counted.items() if 0 < number < threshold}
    assert secret and secret < withheld


def test_it_says_what_it_declares_of_itself(small: Production) -> None:
    px = (small.workspace.publication / "database" / "deaths-by-cause.px").read_text(encoding="utf-8")
    assert 'SUBJECT-CODE="BE";' in px and 'SUBJECT-AREA="Befolkning";' in px
    catalogue = (small.workspace.publication / "database" / "catalogue.jsonld").read_text(encoding="utf-8")
    assert "data-theme/SOCI" in catalogue
    explorer = (small.workspace.publication / "database" / "en" / "index.html").read_text(encoding="utf-8")
    assert "Population" in explorer


def test_its_codes_are_judged_by_its_own_list(small: Production, tmp_path: Path) -> None:
    source = small.root / "restricted" / "source" / "deliveries" / "DEATH_0114_202301.txt"
    lines = source.read_text(encoding="utf-8").splitlines()
    wrong = [f"{lines[0][:-1]}Q", f"{lines[1][:-1]}c", *lines[2:]]
    delivery = tmp_path / source.name
    delivery.write_text("\n".join(wrong) + "\n", encoding="utf-8")
    with programme_held(small.programme):
        terms = terms_of(small.root, quality=Quality(rejected_rows=0.5), synthetic=True)
        outcome = take_in([delivery], tmp_path / "register", terms=terms, receipts=tmp_path / "receipts")
    assert (outcome.rows("received"), outcome.rows("accepted")) == (len(lines), len(lines) - 2)
    receipt = json.loads((tmp_path / "receipts" / f"{source.name}.json").read_text(encoding="utf-8"))
    assert {"row-cause-form", "row-cause-unknown"} <= {fault["rule"] for fault in receipt["faults"]}


def test_a_death_is_traced_to_its_delivery(small: Production) -> None:
    work = small.workspace
    found = trace(work.register, work.collected, table="person_months", year=2023, delivery="DEATH_0980_202312.txt", line=3)
    written = (small.root / "restricted/source/deliveries/DEATH_0980_202312.txt").read_text(encoding="utf-8").splitlines()[2]
    assert found[["line", "municipality", "cause"]].values.tolist() == [[3, "0980", written.split(";")[-1]]]


def test_no_line_of_the_package_is_for_it() -> None:
    package = Path(kvarn.__file__).parent
    for file in package.rglob("*"):
        if file.is_file() and file.suffix in (".py", ".pyi", ".yml", ".json", ".j2", ".js"):
            text = file.read_text(encoding="utf-8")
            assert not re.search(r"\bDEATH\b|deaths-by", text), file


def done(*arguments: str) -> None:
    """A command that ends well."""
    with pytest.raises(SystemExit) as ended:
        main([*arguments])
    assert ended.value.code == 0


def test_its_codes_are_given_as_codes_to_a_research_project(small: Production, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(small.root)
    (small.root / "params" / "extracts").mkdir()
    (small.root / "params" / "extracts" / "causes.yml").write_text(EXTRACT, encoding="utf-8")
    done("extract", "params/extracts/causes.yml")
    with (small.root / "restricted/extracts/causes/small/person_months.csv").open(encoding="utf-8", newline="") as lines:
        given = Counter((row["project_person"], row["municipality"], row["cause"]) for row in csv.DictReader(lines))
    counted, of = deaths(small), Counter((place, cause) for _, place, cause in given)
    assert of == {(place, cause): counted["2023", place, cause] for place in MUNICIPALITIES for cause in CAUSES}


def test_it_is_released_and_tables_of_it_are_made_to_order(
    small: Production, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(small.root)
    done("release", "params/small.yml", "--yes")
    assert "number 1 of the release history" in capsys.readouterr().out
    (small.root / "params" / "orders").mkdir()
    (small.root / "params" / "orders" / "sexes.yml").write_text(ORDER, encoding="utf-8")
    done("order", "params/orders/sexes.yml")
    with (small.root / "publications/orders/sexes/data/sexes.csv").open(encoding="utf-8", newline="") as lines:
        both = {row["cause"]: int(row["value"]) for row in csv.DictReader(lines) if row["sex"] == "T" and not row["status"]}
    counted = deaths(small)
    assert both and both == {cause: counted["2023", "00", cause] for cause in both}


# Each of them takes longer to be read in than everything that a run with nothing to do has to look at.
READ_WHEN_NEEDED = {
    *("duckdb", "highspy", "jinja2", "jupyter_client", "lxml", "matplotlib", "nbconvert", "numpy", "openpyxl", "pandas"),
    *("papermill", "pyarrow", "pypdfium2", "pytask", "scipy", "sqlalchemy", "xlsxwriter", "zmq"),
}


@pytest.mark.parametrize("command", ["publish", "status"])
def test_a_run_with_nothing_to_do_reads_no_library_that_it_does_not_need(small: Production, command: str) -> None:
    run = "import sys; from kvarn.cli import main\ntry: main(sys.argv[1:])\nfinally: print('MODULES', *sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", run, command, "params/small.yml"], cwd=small.root, capture_output=True, text=True, check=True
    )
    said, _, modules = done.stdout.partition("MODULES")
    assert "0 steps run" in said or "steps are up to date" in said
    assert not READ_WHEN_NEEDED & set(modules.split())


def test_what_a_run_has_left_in_notebooks_changes_nothing(small: Production) -> None:
    """Nothing is out of date, and no checksum of what is public could tell what a cell has shown."""
    notebooks = [*small.notebooks("compute"), *small.notebooks("present")]
    before = {notebook: notebook.read_bytes() for notebook in notebooks}
    try:
        for notebook in notebooks:
            held = json.loads(before[notebook])
            for cell in held["cells"]:
                if cell["cell_type"] == "code":
                    cell |= {"execution_count": 1, "outputs": [{"output_type": "stream", "name": "stdout", "text": "1 death"}]}
            notebook.write_text(json.dumps(held), encoding="utf-8")
        run = [sys.executable, "-m", "kvarn", "publish", "params/small.yml", "--dry-run"]
        told = subprocess.run(run, cwd=small.root, capture_output=True, text=True, check=True).stdout
        assert "0 of 27 steps would run." in told
        record = (small.workspace.publication / "ro-crate-metadata.json").read_text(encoding="utf-8")
        files = [
            path for kind in ("notebooks", "programme", "reports") for path in (small.root / kind).rglob("*") if path.is_file()
        ]
        told = [path for path in files if hashlib.sha256(path.read_bytes()).hexdigest() in record]
        assert told and not set(told) & set(notebooks)
        assert all(hashlib.sha256(source_form(notebook)).hexdigest() in record for notebook in notebooks)
    finally:
        for notebook, written in before.items():
            notebook.write_bytes(written)


def test_what_would_run_is_told_with_its_time_and_a_log_has_each_step(small: Production, tmp_path: Path) -> None:
    project = shutil.copytree(small.root, tmp_path / "project", symlinks=True)

    def kvarn(*arguments: str) -> str:
        run = [sys.executable, "-m", "kvarn", "publish", "params/small.yml", *arguments]
        return subprocess.run(run, cwd=project, capture_output=True, text=True, check=True).stdout

    for language, sentence in {"sv": "Ännu en mening.", "en": "One more sentence."}.items():
        document = project / "reports" / "annual-report" / language / "annual-report.qmd"
        document.write_text(f"{document.read_text(encoding='utf-8')}\n{sentence}\n", encoding="utf-8")
    before = {path: path.read_bytes() for path in (project / "publications").rglob("*") if path.is_file()}
    told = kvarn("--dry-run")
    assert {path: path.read_bytes() for path in before} == before
    would = re.findall(r"^((?:render|figures|publication)\S*) +[0-9.]+ s *$", told, re.MULTILINE)
    assert {"render-en-annual-report-html", "publication"} <= set(would) and "intake" not in told
    kvarn("--log", "run.jsonl")
    lines = [json.loads(line) for line in (project / "run.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {line["step"] for line in lines if line["result"] == "done"} <= set(would)
    assert "render-en-annual-report-html" in {line["step"] for line in lines if line["result"] == "done"}
    assert {line["step"] for line in lines} == {step.name for step in steps_of(small)}
    assert "0 of 27 steps would run." in kvarn("--dry-run")


def test_trials_of_a_sweep_stand_side_by_side(deaths: Production, tmp_path: Path) -> None:
    project = shutil.copytree(deaths.root, tmp_path / "project", symlinks=True)
    # What is out stays shown, whatever a trial's rules are.
    assert not (project / "restricted" / "releases").exists()
    run = [sys.executable, "-m", "kvarn", "publish", "params/small.yml", "--sweep", "disclosure.threshold=4,12"]
    said = subprocess.run(run, cwd=project, capture_output=True, text=True, check=True).stdout
    file = project / "restricted" / "trials" / "small-disclosure-threshold-sweep.csv"
    assert "Side by side: restricted/trials/small-disclosure-threshold-sweep.csv" in said and file.stat().st_mode & 0o777 == 0o600
    with file.open(encoding="utf-8", newline="") as lines:
        rows = {(row["table"], row["value"]): row for row in csv.DictReader(lines)}
    assert set(rows) == {(table, value) for table in TABLES for value in ("4", "12")}
    for table in TABLES:
        milder, stricter = (rows[table, value] for value in ("4", "12"))
        assert milder["cells"] == stricter["cells"] and milder["other_than_first"] == "0"
        for value, row in (("4", milder), ("12", stricter)):
            trial = project / "restricted" / "trials" / f"small-disclosure-threshold-{value}"
            data = trial / "publication" / "data" / f"{table}.csv"
            with data.open(encoding="utf-8", newline="") as lines:
                assert sum(cell["status"] == "X" for cell in csv.DictReader(lines)) == int(row["withheld"])
    by_cause = [rows["deaths-by-cause", value] for value in ("4", "12")]
    assert int(by_cause[0]["withheld"]) < int(by_cause[1]["withheld"]) and int(by_cause[1]["other_than_first"]) > 0
    assert not (project / "publications" / "small-disclosure-threshold-12").exists()
