"""The whole way on a small demo, in both languages, with the built-in renderer."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import os
import re
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from bs4 import BeautifulSoup

from kvarn.collect import _collected, _fingerprints
from kvarn.disseminate.gate import _text
from kvarn.disseminate.rendering import find_quarto
from kvarn.errors import ReleaseError
from kvarn.pipeline import Production, open_edition, run_steps, status_of, steps_of
from kvarn.pipeline.notebooks import run_notebook
from kvarn.pipeline.releasing import release
from kvarn.programme import use_project
from tests.end_to_end.limits import limits_told

PROJECT = Path(__file__).parents[2]
Publish = Callable[..., Production]

pytestmark = pytest.mark.end_to_end

DOCUMENTS = ("annual-report", "methods-and-quality", "summary")
PRODUCTS = [*(f"{document}.{to}" for document in DOCUMENTS for to in ("html", "pdf")), "tables.xlsx"]
TABLES = [
    "persons-by-year-sex-age",
    "persons-by-municipality-sex-age",
    "persons-by-month",
    "procedures-by-group",
    "procedures-by-profession",
    "persons-with-procedure-by-kind",
    "rates-by-municipality",
]


def digest(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_every_product_is_there_in_both_languages(publication: Path) -> None:
    assert (publication / "index.html").is_file()
    assert (publication / "ro-crate-metadata.json").is_file()
    for language in ("sv", "en"):
        for product in PRODUCTS:
            assert (publication / language / product).stat().st_size > 1000
        assert len(list((publication / "notebooks" / language).glob("*.html"))) == 4
    for table in TABLES:
        assert (publication / "data" / f"{table}.csv").is_file()
        for name in (f"{table}.px", f"{table}.sdmx.csv", f"sv/{table}.json", f"en/{table}.json"):
            assert (publication / "database" / name).is_file()


def test_every_step_is_up_to_date_afterwards_and_a_second_run_does_nothing(
    production: Production, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = steps_of(production)
    assert [step for step in status_of(steps, production.workspace.build) if not step.up_to_date] == []
    before = digest(production.workspace.publication)
    looked: list[str] = []
    for name in ("find_sources", "open_ledger"):
        for module in (_fingerprints, _collected):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, counted(getattr(module, name), looked))
    assert {outcome.result for outcome in run_steps(steps_of(production), production.workspace.build)} == {"up to date"}
    assert digest(production.workspace.publication) == before
    # Tens of thousands of files, and a ledger of as many rows: looked at once, and never for each step that needs them.
    assert looked.count("find_sources") == 1 and looked.count("open_ledger") <= len(production.edition.years)


def counted(function: Callable[..., Any], into: list[str]) -> Callable[..., Any]:
    def call(*arguments: Any, **named: Any) -> Any:
        into.append(function.__name__)
        return function(*arguments, **named)

    return call


def test_both_languages_have_the_same_figures_and_tables(publication: Path) -> None:
    counts = {}
    for language, words in {"sv": ("Figur", "Tabell"), "en": ("Figure", "Table")}.items():
        html = (publication / language / "annual-report.html").read_text(encoding="utf-8")
        captions = re.findall(r"<(?:fig)?caption[^>]*>(.*?)</(?:fig)?caption>", html, re.DOTALL)
        said = [re.sub(r"<[^>]+>|\s", " ", caption).strip().replace("\u00a0", " ") for caption in captions]
        counts[language] = tuple(sum(text.startswith(f"{word} ") for text in said) for word in words)
    assert counts["sv"] == counts["en"]
    assert counts["sv"][0] >= 8 and counts["sv"][1] >= 8


def test_no_identity_number_is_anywhere_outside_restricted(production: Production, source: Path) -> None:
    delivered = next((source / "deliveries").rglob("KHSL1_0180_*.txt")).read_text(encoding="utf-8")
    numbers = {line.split(";")[1] for line in delivered.splitlines()}
    assert numbers
    for folder in (production.workspace.publication, production.workspace.build):
        for path in folder.rglob("*"):
            if path.is_file():
                held = path.read_bytes()
                assert not any(number.encode() in held for number in numbers), path.name


def test_microdata_are_readable_by_their_owner_alone(production: Production) -> None:
    restricted = production.root / "restricted"
    assert restricted.stat().st_mode & 0o077 == 0
    assert production.workspace.restricted.stat().st_mode & 0o077 == 0


def test_every_text_file_is_marked_synthetic_and_claims_nothing(publication: Path) -> None:
    for path in publication.rglob("*"):
        if path.suffix in {".html", ".json", ".csv", ".px", ".jsonld"}:
            text = path.read_text(encoding="utf-8")
            assert re.search("syntetisk|synthetic", text, re.IGNORECASE), path.name
            assert "Sveriges officiella statistik / " not in text


def test_pages_ask_no_other_host_for_anything(publication: Path) -> None:
    for path in publication.rglob("*.html"):
        html = path.read_text(encoding="utf-8")
        assert not re.search(r"""<(?:script|img|iframe|source)\b[^>]*\bsrc=["'](?:https?:)?//""", html), path.name
        assert not re.search(r"""<link\b[^>]*\bhref=["'](?:https?:)?//""", html), path.name
        assert "@import" not in html and not re.search(r"""url\(["']?(?:https?:)?//""", html), path.name


def test_no_limit_of_disclosure_control_stands_in_any_of_it(production: Production, publication: Path) -> None:
    """Of limits that no text has by chance; an office that has others publishes fewer tables, in test_office."""
    rules = production.edition.disclosure
    assert (rules.threshold, rules.contributors, rules.quantile_persons) == (4, 4, 20)
    values = {"threshold": "4|fyra|four", "quantile_persons": "20|tjugo|twenty|19|nitton|nineteen"}
    assert limits_told(publication, values) == []


@pytest.fixture
def of_deaths(deaths: Production, tmp_path: Path) -> Iterator[Path]:
    """A project of the test's own, of another register than that of the tests beside it."""
    yield Path(shutil.copytree(deaths.root, tmp_path / "project"))
    use_project(None)


def test_a_stricter_rule_runs_from_protection_on_and_hides_more(deaths: Production, of_deaths: Path) -> None:
    root = of_deaths
    overrides = ("disclosure.threshold=5", "languages=[sv]")
    stricter = open_edition(root / "params" / "small.yml", overrides=overrides, name="stricter")
    run_steps(steps_of(stricter), stricter.workspace.build)

    def hidden(folder: Path) -> int:
        return sum(path.read_text().count(",X,") for path in (folder / "data").glob("*.csv"))

    assert hidden(stricter.workspace.publication) > hidden(deaths.workspace.publication)
    record = json.loads((stricter.workspace.publication / "ro-crate-metadata.json").read_text())
    recorded = {entity["@id"]: entity.get("value") for entity in record["@graph"]}
    assert recorded["#override/languages"] == "[sv]"
    # A limit is not public, neither as a parameter nor as an override: it is kept restricted.
    assert {name for name in recorded if "disclosure." in name} == {
        "#parameter/disclosure.method",
        "#parameter/disclosure.public",
    }
    kept = json.loads(stricter.workspace.record.read_text(encoding="utf-8"))
    assert "disclosure.threshold=5" in kept["overrides"] and kept["params"] == "params/small.yml"
    parameters = hashlib.sha256((root / "params" / "small.yml").read_bytes()).hexdigest()
    assert [file["sha256"] for file in kept["inputs"] if file["name"] == "params/small.yml"] == [parameters]
    assert parameters not in (stricter.workspace.publication / "ro-crate-metadata.json").read_text()
    work = stricter.workspace
    assert work.publication == root / "restricted" / "trials" / "stricter" / "publication"
    assert not (root / "publications" / "stricter").exists()
    for above in (work.publication.parent, work.publication.parent.parent, work.restricted):
        assert above.stat().st_mode & 0o077 == 0, above
    with pytest.raises(ReleaseError, match="A trial is never released"):
        release(stricter)
    # Every format that has room for words says what it is; in SDMX-CSV every figure is provisional.
    for path in sorted(work.publication.rglob("*")):
        name = path.relative_to(work.publication).as_posix()
        if path.is_dir() or (path.suffix == ".csv" and not name.endswith(".sdmx.csv")):
            continue
        if name.endswith(".sdmx.csv"):
            with path.open(encoding="utf-8", newline="") as rows:
                statuses = {row["OBS_STATUS"] for row in csv.DictReader(rows)}
            assert "P" in statuses and "A" not in statuses, name
        else:
            assert "rovkörning" in _text(path) or "Trial" in _text(path) or "a trial" in _text(path), name


def test_every_page_has_a_policy_before_all_that_it_governs_and_the_explorer_alone_has_scripts(publication: Path) -> None:
    pages = sorted(publication.rglob("*.html"))
    assert len(pages) == 17
    for path in pages:
        soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        assert soup.head is not None
        scripts = [script.string or "" for script in soup.find_all("script")]
        assert bool(scripts) == path.is_relative_to(publication / "database"), path.name
        assert not any(script.get("src") for script in soup.find_all("script")), path.name
        first, second = soup.head.find_all(True)[:2]
        assert first.get("charset") == "utf-8" and second.get("http-equiv") == "Content-Security-Policy", path.name
        policy = second["content"]
        assert policy.startswith("default-src 'none'") and "unsafe-inline" not in policy
        styles = [style.string or "" for style in soup.find_all("style")]
        styles += [tag["style"] for tag in soup.find_all(style=True)]
        for style in [*styles, *scripts]:
            assert base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() in policy, path.name


def test_everything_restricted_is_its_owners_alone(production: Production) -> None:
    for above, folders, files in os.walk(production.root / "restricted"):
        for name in (".", *folders, *files):
            path = Path(above, name)
            if not path.is_symlink():
                assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_the_population_is_an_input_of_the_record(production: Production, publication: Path) -> None:
    record = json.loads((publication / "ro-crate-metadata.json").read_text(encoding="utf-8"))
    name = production.edition.data.population[0].as_posix()
    recorded = next(entity for entity in record["@graph"] if entity["@id"] == f"#input/{name}")
    assert recorded["sha256"] == hashlib.sha256((production.root / name).read_bytes()).hexdigest()


def test_a_changed_contact_does_not_touch_the_register(production: Production) -> None:
    changed = open_edition(production.params, overrides=(*production.overrides, "publication.contact.name=Another"))
    late = {step.step for step in status_of(steps_of(changed), production.workspace.build) if not step.up_to_date}
    assert late
    assert not {
        step
        for step in late
        if step.startswith(("collect", "register", "persons", "population", "compute", "protect", "present"))
    }


@pytest.mark.parametrize(
    "notebook", sorted((PROJECT / "notebooks").rglob("*.ipynb")), ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_notebooks_in_git_carry_no_outputs_and_have_parameters(notebook: Path) -> None:
    if ".ipynb_checkpoints" in notebook.parts:
        pytest.skip("JupyterLab's own copy")
    read = nbformat.read(notebook, as_version=4)
    nbformat.validate(read)
    code = [cell for cell in read.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert sum("parameters" in cell.metadata.get("tags", []) for cell in code) == 1


@pytest.mark.parametrize("kind", ["compute", "present"])
def test_every_notebook_runs_as_it_stands(production: Production, tmp_path: Path, kind: str) -> None:
    """But for the years, which are those of the demonstration."""
    notebooks = production.notebooks(kind)
    assert len(notebooks) == 4
    years = {"first_year": production.edition.first_year, "reference_year": production.edition.reference_year}
    for notebook in notebooks:
        source = "".join(cell["source"] for cell in nbformat.read(notebook, as_version=4).cells)
        # As `make report` publishes the demonstration.
        assert source.count("reference_year: int = 2023") == source.count("first_year: int = 2017") == 1
        run_notebook(notebook, tmp_path / notebook.name, years, root=production.root)
        cells = nbformat.read(tmp_path / notebook.name, as_version=4).cells
        assert any(cell.get("outputs") for cell in cells)


@pytest.mark.quarto
def test_quarto_gives_the_same_text_figures_and_tables(production: Production, publish: Publish) -> None:
    quarto = find_quarto()
    if quarto is None or not quarto.usable:
        pytest.skip("no Quarto was found")
    trial = publish(production.root, "renderer=quarto", name="with-quarto")
    with_quarto = trial.workspace.publication
    for language in ("sv", "en"):
        # What is made beside the edition is a trial, and says so where the edition says that it is final.
        of_edition, of_trial = (
            json.loads((one.workspace.build / language / "figures.json").read_text(encoding="utf-8"))["stage"]["comparison"]
            for one in (production, trial)
        )
        for document in DOCUMENTS:
            texts = []
            for folder in (production.workspace.publication, with_quarto):
                html = (folder / language / f"{document}.html").read_text(encoding="utf-8")
                main = BeautifulSoup(html, "html.parser").find("main")
                assert main is not None
                texts.append(" ".join(main.get_text(" ").split()).replace(of_trial, of_edition))
            assert texts[0] == texts[1], f"{document} ({language})"
