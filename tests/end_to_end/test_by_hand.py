"""Quarto in the project's root, by hand: what lies there for it, what it is refused, and that nothing of it is published."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from bs4 import BeautifulSoup

from kvarn.base.by_hand import BESIDE_DOCUMENTS, BY_HAND
from kvarn.disseminate.rendering import Job, Quarto, find_quarto
from kvarn.pipeline import Production, by_hand, open_edition, run_steps, status_of, steps_of
from kvarn.programme import use_project
from tests.commands import kvarn

REPOSITORY = Path(__file__).parents[2]
DOCUMENT = "reports/annual-report/{0}/annual-report.qmd"
LANGUAGES = ("sv", "en")
MARK = {"sv": "Arbetskopia, framställd för hand", "en": "Working copy, rendered by hand"}
# The figure of women in the place of that of all.
EDIT = (
    "deaths.total: {table: deaths-by-sex-age, measure: persons}",
    'deaths.total: {table: deaths-by-sex-age, measure: persons, where: {sex: "2"}}',
)
OLDER = {"sv": "är inte de senaste", "en": "are not the latest"}


@pytest.fixture
def project(deaths: Production, tmp_path: Path) -> Iterator[Path]:
    """A project in git in which an edition has been published, with the program where `_quarto.yml` looks for it."""
    root = shutil.copytree(deaths.root, tmp_path / "project")
    shutil.copy(REPOSITORY / ".gitignore", root)
    program = root / ".venv" / "bin" / "kvarn"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m kvarn "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    for words in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "As it is"]):
        subprocess.run(["git", "-c", "user.name=n", "-c", "user.email=n@example.org", *words], cwd=root, check=True)
    yield root
    use_project(None)


def changed_in_git(project: Path) -> str:
    done = subprocess.run(["git", "status", "--porcelain"], cwd=project, check=True, capture_output=True, text=True)
    return done.stdout


def laid(project: Path, language: str) -> dict[str, Any]:
    file = (project / DOCUMENT.format(language)).with_name("_metadata.yml")
    found: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return found


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def out_of_date(project: Path) -> set[str]:
    production = open_edition(project / "params" / "small.yml")
    return {one.step for one in status_of(steps_of(production), production.workspace.build) if not one.up_to_date}


def told(monkeypatch: pytest.MonkeyPatch, **said: str) -> None:
    """What Quarto tells the program that it runs before it renders."""
    for key, value in said.items():
        monkeypatch.setenv(f"QUARTO_PROJECT_{key}", value)


@pytest.fixture(autouse=True)
def _not_within_quarto(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in ("INPUT_FILES", "OUTPUT_DIR"):
        monkeypatch.delenv(f"QUARTO_PROJECT_{key}", raising=False)


def test_what_the_edition_last_made_shows_lies_beside_the_documents(project: Path) -> None:
    done = kvarn("quarto", folder=project)
    assert done.returncode == 0 and "the edition small" in done.stdout and not done.stderr
    for language in LANGUAGES:
        notebook = (project / DOCUMENT.format(language)).parent / "notebooks" / "deaths.ipynb"
        assert '"image/svg+xml"' in notebook.read_text(encoding="utf-8")
        found = laid(project, language)
        assert MARK[language] in found["notice"] and OLDER[language] not in found["notice"]
        figure = found["_quarto-vars"]["deaths"]["total"]
        page = (project / "publications" / "small" / language / "annual-report.html").read_text(encoding="utf-8")
        assert re.sub(r"\\", "", figure) in page
        # What the document says itself is said there and nowhere else.
        assert not {"title", "author", "date"} & set(found)


def test_what_is_laid_is_no_part_of_anything(project: Path) -> None:
    """Steps are up to date, the documents are right, git has nothing to tell, and no render by kvarn takes it along."""
    before = out_of_date(project)
    kvarn("quarto", folder=project)
    for language in LANGUAGES:
        # What Quarto leaves there when it is stopped.
        beside = (project / DOCUMENT.format(language)).parent
        for name in ("annual-report.html", "annual-report.pdf", "annual-report.typ", "annual-report.quarto_ipynb"):
            (beside / name).write_text("4711 persons", encoding="utf-8")
        (beside / "annual-report_files").mkdir()
        (beside / "annual-report_files" / "chart.svg").write_text("<svg/>", encoding="utf-8")
    assert changed_in_git(project) == ""
    # In a copy of a project the publication is another one.
    assert out_of_date(project) == before <= {"publication"}
    replace(project / DOCUMENT.format("en"), "# Deaths {#sec-deaths}", "# Deaths of the year {#sec-deaths}")
    production = open_edition(project / "params" / "small.yml")
    run_steps(steps_of(production), production.workspace.build)
    render = production.workspace.build / "render" / "en-annual-report-html"
    assert {path.name for path in render.rglob("*")}.isdisjoint({"_metadata.yml", "annual-report_files", "annual-report.pdf"})
    assert "4711" not in (production.workspace.publication / "en" / "annual-report.html").read_text(encoding="utf-8")


def test_what_else_lies_beside_a_document_is_refused_as_before(project: Path) -> None:
    """What is passed over is what comes from a render by hand, there where it comes to lie."""
    (project / "reports" / "annual-report" / "en" / "notes.txt").write_text("4711", encoding="utf-8")
    done = kvarn("status", "params/small.yml", folder=project)
    assert done.returncode == 1 and "notes.txt" in done.stderr


def test_a_second_time_writes_nothing(project: Path) -> None:
    """Quarto renders again what changes while it watches: it would never come to rest."""
    kvarn("quarto", folder=project)
    before = {path: path.stat().st_mtime_ns for path in (*(project / "reports").rglob("*"), *(project / BY_HAND).rglob("*"))}
    kvarn("quarto", folder=project)
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_an_edit_of_the_declared_figures_shows(project: Path) -> None:
    kvarn("quarto", folder=project)
    before = laid(project, "en")["_quarto-vars"]["deaths"]["total"]
    replace(project / "reports" / "figures.yml", *EDIT)
    done = kvarn("quarto", folder=project)
    assert done.returncode == 0, done.stderr
    assert laid(project, "en")["_quarto-vars"]["deaths"]["total"] != before


def test_only_what_is_to_be_rendered_is_laid(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told(monkeypatch, INPUT_FILES=DOCUMENT.format("en"), OUTPUT_DIR=str(project / BY_HAND))
    assert kvarn("quarto", folder=project).returncode == 0
    assert laid(project, "en") and not (project / DOCUMENT.format("sv")).with_name("_metadata.yml").exists()


@pytest.mark.parametrize("change", ["notebook", "programme", "delivery"])
def test_pages_of_an_edition_that_would_be_another_one_now_say_so(project: Path, change: str) -> None:
    if change == "notebook":
        replace(project / "notebooks" / "present" / "deaths.ipynb", "Drawn and tabulated", "Tabulated and drawn")
    elif change == "programme":
        replace(project / "programme" / "tables.yml", "Deaths by year, sex and age", "Deaths by year, age and sex")
    else:
        next((project / "restricted" / "source" / "deliveries").glob("*202306*")).unlink()
    done = kvarn("quarto", folder=project)
    assert done.returncode == 0 and "would be another one now" in done.stderr and "kvarn publish params/small.yml" in done.stderr
    for language in LANGUAGES:
        assert OLDER[language] in laid(project, language)["notice"]


def _never_made(project: Path) -> None:
    shutil.rmtree(project / "build")


def _protected_anew(project: Path) -> None:
    file = next((project / "build" / "small" / "protected").glob("deaths-by-cause.csv"))
    file.write_text(file.read_text(encoding="utf-8").replace("X", "1"), encoding="utf-8")


def _run_anew(project: Path) -> None:
    replace(project / "build" / "small" / "en" / "notebooks" / "deaths.ipynb", "svg", "svg ")


def _damaged(project: Path) -> None:
    (project / "build" / "small" / "last-made.json").write_text("{", encoding="utf-8")


def _a_trial_alone(project: Path) -> None:
    trials = project / "build" / "trials"
    trials.mkdir()
    shutil.move(project / "build" / "small", trials / "stricter")


def _of_another(project: Path) -> None:
    (project / "build" / "other").mkdir()
    shutil.move(project / "build" / "small" / "last-made.json", project / "build" / "other")


@pytest.mark.parametrize(
    ("do", "said"),
    [
        (_never_made, "No edition has been made"),
        (_a_trial_alone, "No edition has been made"),
        (_protected_anew, "made anew since it was published"),
        (_run_anew, "made anew since it was published"),
        (_of_another, "made anew since it was published"),
        (_damaged, "last-made.json"),
    ],
)
def test_figures_that_no_publication_has_been_made_of_are_not_shown(project: Path, do: Callable[[Path], None], said: str) -> None:
    do(project)
    done = kvarn("quarto", folder=project)
    assert done.returncode in (1, 2) and said in " ".join(done.stderr.split()) and "Traceback" not in done.stderr
    assert not list((project / "reports").rglob("_metadata.yml"))


def test_tables_that_are_protected_anew_meanwhile_are_not_left_lying(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_beside = by_hand.lay_beside

    def and_anew(job: Job) -> None:
        lay_beside(job)
        _protected_anew(project)

    monkeypatch.setattr(by_hand, "lay_beside", and_anew)
    done = kvarn("quarto", folder=project)
    assert done.returncode == 2 and "made anew since it was published" in " ".join(done.stderr.split())
    assert {path.suffix for path in (project / "reports" / "annual-report").rglob("*.*")} == {".qmd"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{{< var deaths.total >}}", "{{< var deaths.totl >}}", "deaths.totl"),
        ("#chart-deaths-by-year", "#chart-deaths-by-yaer", "chart-deaths-by-yaer"),
        ("notebooks/deaths.ipynb#chart", "notebooks/dead.ipynb#chart", "dead.ipynb"),
        ("::: {#fig-deaths}", "{{< include _lost.qmd >}}\n\n::: {#fig-deaths}", "_lost.qmd"),
        ("@tbl-causes", "@tbl-cuases", "tbl-cuases"),
    ],
)
def test_what_a_document_names_and_is_not_there_is_told_with_its_line(project: Path, old: str, new: str, said: str) -> None:
    file = project / DOCUMENT.format("en")
    text = file.read_text(encoding="utf-8")
    if old not in text:
        old, new = "# Deaths {#sec-deaths}", "# Deaths {#sec-deaths}\n\nSee @tbl-cuases."
    replace(file, old, new)
    line = next(n for n, one in enumerate(file.read_text(encoding="utf-8").splitlines(), 1) if said in one)
    done = kvarn("quarto", folder=project)
    assert done.returncode == 1 and said in done.stderr
    assert f"annual-report.qmd, line {line}" in " ".join(done.stderr.split()) or f"annual-report.qmd:{line}" in done.stderr


def test_a_document_that_the_edition_has_not_is_refused(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told(monkeypatch, INPUT_FILES="reports/annual-report/de/annual-report.qmd")
    done = kvarn("quarto", folder=project)
    assert done.returncode == 2 and "reports/annual-report/de/annual-report.qmd" in done.stderr


@pytest.mark.parametrize(
    "where", ["publications", "publications/small", "publications/new", "publications/../publications/x", "out"]
)
def test_nothing_is_rendered_into_the_publications(project: Path, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "out").symlink_to(project / "publications" / "small")
    told(monkeypatch, OUTPUT_DIR=str(project / where))
    done = kvarn("quarto", folder=project)
    assert done.returncode != 0 and "among the publications" in done.stderr


def test_what_quarto_reads_of_the_project_names_the_documents_and_nothing_else() -> None:
    """Whatever Quarto's release: the list of documents, the place of the pages, and the words that it looks for in .gitignore."""
    settings = yaml.safe_load((REPOSITORY / "_quarto.yml").read_text(encoding="utf-8"))
    (listed,) = settings["project"]["render"]
    # A pattern that begins with a stroke is one from the project's root on. Names that begin with _ are chapters to Quarto.
    taken = {path for path in REPOSITORY.glob(listed.removeprefix("/")) if not path.name.startswith("_")}
    assert listed.startswith("/")
    assert taken == {path for path in (REPOSITORY / "reports").rglob("*.qmd") if path.stem == path.parent.parent.name}
    assert settings["project"]["output-dir"] == BY_HAND and not BY_HAND.startswith("publications")
    assert settings["execute"] == {"enabled": False}
    paths = [path for path in _paths_in(settings["filters"]) + _paths_in(settings["format"]) if BY_HAND not in path]
    assert paths and all((REPOSITORY / path).is_file() for path in paths)
    ignored = (REPOSITORY / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {"/.quarto/", "**/*.quarto_ipynb"} <= set(ignored)
    assert all(any(line.rstrip("/").endswith(f"/{one}") for line in ignored) for one in BESIDE_DOCUMENTS)


def _paths_in(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [path for inner in value.values() for path in _paths_in(inner)]
    if isinstance(value, list):
        return [path for inner in value for path in _paths_in(inner)]
    return [value] if isinstance(value, str) and "/" in value else []


@pytest.fixture
def quarto() -> Quarto:
    found = find_quarto()
    if found is None or not found.usable:
        pytest.skip("no usable Quarto on this machine")
    return found


def words_of(page: str) -> str:
    """What a page says in its main part, which has no notice. By hand there are no other pages for it to lead to, and of each
    chart there is the wide drawing alone."""
    main = BeautifulSoup(page, "html.parser").find("main")
    assert main is not None
    for left_out in main.select(".elsewhere, svg"):
        left_out.decompose()
    return " ".join(main.get_text(" ").split())


@pytest.mark.quarto
def test_quarto_renders_the_reports_in_the_projects_root(project: Path, quarto: Quarto) -> None:
    before, settings = files(project / "publications"), (project / ".gitignore").read_bytes()
    done = subprocess.run([quarto.path, "render"], cwd=project, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    pages = {path.relative_to(project / BY_HAND).as_posix() for path in (project / BY_HAND).rglob("*.html")}
    assert pages == {DOCUMENT.format(language).replace(".qmd", ".html") for language in LANGUAGES}
    for language in LANGUAGES:
        by_hand = (project / BY_HAND / DOCUMENT.format(language)).with_suffix(".html")
        page = by_hand.read_text(encoding="utf-8")
        published = before[f"small/{language}/annual-report.html"].decode()
        assert words_of(page) == words_of(published)
        assert MARK[language] in page and MARK[language] not in published
        assert "Content-Security-Policy" in page and not re.search(r'(?:src|href)="https?:', page)
        assert by_hand.with_suffix(".pdf").read_bytes().startswith(b"%PDF")
    assert changed_in_git(project) == "" and (project / ".gitignore").read_bytes() == settings
    assert files(project / "publications") == before


@pytest.mark.quarto
def test_quarto_renders_nothing_where_kvarn_refuses(project: Path, quarto: Quarto) -> None:
    _protected_anew(project)
    done = subprocess.run([quarto.path, "render"], cwd=project, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode != 0 and "made anew since it was published" in done.stdout + done.stderr
    assert not list((project / BY_HAND).rglob("*.html")) and changed_in_git(project) == ""


@pytest.mark.quarto
def test_an_edit_shows_while_quarto_previews(project: Path, quarto: Quarto, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    document, said = DOCUMENT.format("sv"), tmp_path / "said.txt"
    words = [str(quarto.path), "preview", document, "--no-browser", "--port", str(port)]
    with (
        said.open("w", encoding="utf-8") as output,
        subprocess.Popen(words, cwd=project, stdout=output, stderr=output, start_new_session=True) as preview,
    ):
        try:
            _wait_for(lambda: "Watching files" in said.read_text(encoding="utf-8"), said)
            address = f"http://127.0.0.1:{port}/{document.replace('.qmd', '.html')}"
            assert MARK["sv"] in _got(address)
            replace(project / document, "# Avlidna", "# Alla avlidna")
            _wait_for(lambda: said.read_text(encoding="utf-8").count("Output created") > 1, said)
            assert "Alla avlidna" in _got(address)
        finally:
            os.killpg(preview.pid, 15)
    assert changed_in_git(project) == f" M {document}\n"


def _got(address: str) -> str:
    with urllib.request.urlopen(address, timeout=60) as answer:
        return str(answer.read().decode())


def _wait_for(happened: Callable[[], bool], said: Path, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, said.read_text(encoding="utf-8")
        time.sleep(0.2)
