"""An office of its own kind, from the first command to the last: a umask that forbids nothing, charts and tables of its own,
limits that no other office has. What is secret stays its owner's alone, what it has drawn is published, and no limit is.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from kvarn.disseminate.pdf_texts import pdf_texts
from kvarn.edition import Disclosure, limits_in_words
from kvarn.kernel import landlock, seccomp
from tests.end_to_end.few_places import keep_few_places
from tests.end_to_end.few_tables import let_programme_have_few_tables
from tests.end_to_end.limits import limits_told, told_in
from tests.without_profiles import without_profiles

pytestmark = [pytest.mark.end_to_end, pytest.mark.skipif(sys.platform == "win32", reason="has no modes")]

needs_a_wall = pytest.mark.skipif(not (landlock.abi() and seccomp.is_there()), reason="this system keeps no wall")
PROJECT = Path(__file__).parents[2]
# Limits of which none stands in a table by chance as often as the defaults do.
LIMITS = """disclosure:
  threshold: 5
  contributors: 6
  width: 4
  quantile_persons: 17
  singletons: false
  withheld_at_most: 0.97"""
# Those that make protection slow, or that go by the largest contributors: looked for as well.
FURTHER = {
    "dominance": {"n": 1, "per_cent": 83},
    "p_per_cent": 37,
    "sensitive": {"procedure_group": {"threshold": 9, "contributors": 19}},
}
VALUES = {
    "threshold": "5|fem|five|4|fyra|four",
    "contributors": "6|sex|six",
    "width": "4|fyra|four",
    "quantile_persons": "17|sjutton|seventeen|16|sexton|sixteen",
    "dominance": r"83|83[.,]0|0[.,]83|åttiotre|eighty-three",
    "p_per_cent": r"37|37[.,]0|0[.,]37|trettiosju|thirty-seven",
    "withheld_at_most": r"0[.,]97|97|nittiosju|ninety-seven",
    "sensitive": "9|nio|nine|19|nitton|nineteen",
}
CHANGED = {
    "first_year: 2017": "first_year: 2022",
    "renderer: auto": "renderer: builtin",
    "disclosure:\n  threshold: 4\n  contributors: 4": LIMITS,
}
SOURCE = Path("restricted/demo/source")
SIZE = ("--persons", "3000", "--procedures", "3", "--from", "2022", "--to", "2023")
TOLD = "could be read by others"
# A notebook that lets everybody read what it writes, and then fails.
LEAVES_OPEN = """import os
from pathlib import Path
os.umask(0)
Path("restricted/demo/tables/left.txt").write_text("", encoding="utf-8")
1 / 0"""
ORDER = """edition: demo
title: {sv: "Personer efter månad {years}", en: "Persons by month {years}"}
measures: [persons]
by: [month]
years: [2023]
orderer: Somebody
purpose: To see the modes.
ordered: 2024-10-01
"""
OWN = {
    "title": "# Egna · Own\n\nCharts and tables of the office's own.",
    "parameters": 'edition: str = "demo"\nlanguage: str = "sv"\nreference_year: int = 2023\nfirst_year: int = 2017',
    "setup": """import matplotlib.pyplot as plt
import pandas as pd

from kvarn import metadata
from kvarn.disseminate.numbers import format_number
from kvarn.disseminate.protected import open_tables

tables = open_tables(edition)
by_month = tables["persons-by-month"]
cells = by_month.where(year=reference_year, measure="persons", sex="T")
cells = cells[(cells["month"] != "T") & (cells["status"] == "")]
month, persons = metadata.variable("month").label(language), metadata.measure("persons").label(language)
names = [metadata.variable("month").category(code, language) for code in cells["month"]]
frame = pd.DataFrame({month: names, persons: cells["value"].astype(int).tolist()}).set_index(month)""",
    "own-chart": """#| label: own-chart
#| shows: persons-by-month
#| fig-alt: "{{< var alt.persons_by_month >}}"
#| echo: false
figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
axes.barh(names, cells["value"])
axes.set_title(EXTRA)
plt.show()""",
    "own-frame": "#| label: own-frame\n#| echo: false\nframe",
    "own-styled": """#| label: own-styled
#| echo: false
frame.style.format(lambda value: format_number(value, language=language)).bar().set_caption(persons)""",
}
EMBEDDED = "\n::: {#%s}\n{{< embed notebooks/own.ipynb#%s >}}\n\n%s\n:::\n"
CAPTIONS = {
    "sv": {"fig-own-chart": "Egen figur.", "tbl-own-frame": "Egen tabell.", "tbl-own-styled": "Egen formad tabell."},
    "en": {"fig-own-chart": "Own chart.", "tbl-own-frame": "Own table.", "tbl-own-styled": "Own styled table."},
}
PROFESSIONS = "Kod;Benämning\nXS918;Sjuksköterska\n"


class Project:
    """A project as it is cloned, and what its commands leave behind."""

    def __init__(self, root: Path, temporary: Path) -> None:
        self.root, self.temporary = root, temporary
        self.environment = os.environ | {"TMPDIR": str(temporary)}

    def start(self, *arguments: str | Path) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "kvarn", *map(str, arguments)]
        return subprocess.Popen(
            command,
            cwd=self.root,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def kvarn(self, *arguments: str | Path, status: int = 0, left_open: bool = False) -> str:
        """Run a command, and look at everything that is there afterwards. What it printed."""
        run = self.start(*arguments)
        said, errors = run.communicate(timeout=500)
        assert run.returncode == status, f"{arguments}\n{said}{errors}"
        # What nobody has left open has not been mended: every writer has the right modes by itself.
        assert (TOLD in errors) == left_open, f"{arguments}\n{errors}"
        self.look(*arguments)
        return said + errors

    def deliver(self) -> None:
        """A register of few places."""
        self.kvarn("demo", SOURCE, *SIZE)
        keep_few_places(self.root / SOURCE)

    def look(self, *after: object) -> None:
        """Hold every file and folder that may hold microdata to its modes."""
        secret = [self.root / "restricted", *self.temporary.iterdir()]
        for top in filter(Path.exists, secret):
            # Others come no further than a folder that is its owner's; in `restricted/` each thing is so by itself.
            inside = [top, *top.rglob("*")] if top.name == "restricted" else [top]
            for path in inside:
                found = path.lstat().st_mode
                if not stat.S_ISLNK(found):
                    assert stat.S_IMODE(found) & 0o777 == (0o700 if stat.S_ISDIR(found) else 0o600), (path, after)
        if (self.root / "build").exists():
            assert stat.S_IMODE((self.root / "build").stat().st_mode) == 0o700, after

    def open_all(self) -> None:
        """Let everybody read, as where deliveries have been copied from a share."""
        for above, _, names in os.walk(self.root / "restricted"):
            os.chmod(above, 0o755)
            for name in names:
                os.chmod(os.path.join(above, name), 0o644)

    def write_own(self, title: str) -> None:
        """Put the office's own notebook among the others; its chart has this title, an expression."""
        cells = []
        for name, source in OWN.items():
            code = {"outputs": [], "execution_count": None} if name != "title" else {}
            kind, tags = "code" if code else "markdown", {"tags": ["parameters"]} if name == "parameters" else {}
            cells.append({"cell_type": kind, "id": name, "metadata": tags, "source": source.replace("EXTRA", title), **code})
        notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        (self.root / "notebooks" / "present" / "own.ipynb").write_text(json.dumps(notebook), encoding="utf-8")

    def embed_own(self) -> None:
        for language, captions in CAPTIONS.items():
            chapter = self.root / "reports" / "annual-report" / language / "_persons.qmd"
            shown = "".join(EMBEDDED % (name, name[4:], caption) for name, caption in captions.items())
            chapter.write_text(chapter.read_text(encoding="utf-8") + shown, encoding="utf-8")

    def with_cell(self, notebook: str, source: str) -> bytes:
        """Put a cell at the end of a compute notebook; what it was before."""
        path = self.root / "notebooks" / "compute" / notebook
        before = path.read_bytes()
        content = json.loads(before)
        cell = {"cell_type": "code", "id": "last", "metadata": {}, "outputs": [], "execution_count": None, "source": source}
        content["cells"].append(cell)
        path.write_text(json.dumps(content), encoding="utf-8")
        return before


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    place = tmp_path_factory.mktemp("office")
    root, temporary = place / "project", place / "temporary"
    before = os.umask(0)
    for name in ("notebooks", "reports", "params"):
        shutil.copytree(PROJECT / name, root / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints", "codelists"))
    shutil.copytree(PROJECT / "programme", root / "programme")
    shutil.copy(PROJECT / "_quarto.yml", root)
    temporary.mkdir()
    demo = root / "params" / "demo.yml"
    text = without_profiles(demo.read_text(encoding="utf-8"))
    for old, new in CHANGED.items():
        assert old in text
        text = text.replace(old, new)
    demo.write_text(text, encoding="utf-8")
    (root / "params" / "orders" / "months.yml").write_text(ORDER, encoding="utf-8")
    extract = root / "params" / "extracts" / "example.yml"
    extract.write_text(extract.read_text(encoding="utf-8").replace("[2021, 2022, 2023]", "[2022, 2023]"), encoding="utf-8")
    let_programme_have_few_tables(root)
    office = Project(root, temporary)
    office.write_own("persons")
    office.embed_own()
    yield office
    os.umask(before)


def publication(project: Project) -> Path:
    """What the office publishes; made here where a test runs by itself."""
    folder = project.root / "publications" / "demo"
    if not folder.exists():
        project.deliver()
        project.kvarn("publish", "params/demo.yml")
    return folder


def kill_while_computing(project: Project) -> None:
    """SIGKILL a run, and the kernels that it has started, while a compute notebook is at work."""
    run = project.start("publish", "params/demo.yml")
    notebooks = project.root / "restricted" / "demo" / "notebooks"
    for _ in range(1200):
        if run.poll() is not None or list(notebooks.glob(".*.running.ipynb")):
            break
        time.sleep(0.1)
    assert run.poll() is None, run.communicate()
    time.sleep(1)
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()
    assert list(notebooks.glob(".*.running.ipynb"))


def test_after_every_command_what_is_secret_is_its_owners_alone(project: Project) -> None:
    source = SOURCE
    project.deliver()
    project.kvarn("key")
    deliveries = sorted((project.root / source / "deliveries" / "2023").rglob("KHSL1_*.txt"))
    project.kvarn("intake", *deliveries[:3], "--into", "restricted/register", "--synthetic", "--limit", "1")
    project.kvarn("population", source / "population.csv", "--into", "restricted/population")
    listed = project.root / "restricted" / "professions.csv"
    listed.touch(0o600)
    listed.write_text(PROFESSIONS, encoding="utf-8")
    project.kvarn("codelists", "import", listed, "--list", "profession", "--year", "2023", "--short", "for the test")
    shutil.rmtree(project.root / "params" / "codelists")

    kill_while_computing(project)
    project.look("killed")
    before = project.with_cell("quality.ipynb", LEAVES_OPEN)
    project.kvarn("publish", "params/demo.yml", status=1, left_open=bool(landlock.abi() and seccomp.is_there()))
    assert list((project.root / "restricted").rglob("*.failed.ipynb"))
    (project.root / "notebooks" / "compute" / "quality.ipynb").write_bytes(before)

    project.kvarn("publish", "params/demo.yml")
    project.kvarn("publish", "params/demo.yml", "--as", "shorter", "--set", "languages=[sv]", "--set", "first_year=2023")
    project.kvarn("variables", "params/demo.yml")
    (name,) = {path.name for path in deliveries[:1]}
    project.kvarn("trace", "params/demo.yml", "--year", "2023", "--delivery", name)
    project.kvarn("extract", "params/extracts/example.yml")
    project.kvarn("release", "params/demo.yml", "--yes")
    project.kvarn("order", "params/orders/months.yml")
    project.kvarn("release", "--history")

    assert stat.S_IMODE((project.root / "publications" / "demo" / "index.html").stat().st_mode) == 0o666, "what may leave"
    project.open_all()
    (project.root / "restricted" / "pseudonym.key").chmod(0o600)
    project.kvarn("doctor", left_open=True)
    project.kvarn("status", "params/demo.yml")


def test_no_limit_of_the_office_stands_in_what_it_publishes(project: Project) -> None:
    publication(project)
    assert limits_told(project.root / "publications", VALUES) == []
    record = (project.root / "publications" / "demo" / "ro-crate-metadata.json").read_text(encoding="utf-8")
    assert "quantile_persons" not in record and "disclosure.method" in record


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_search_finds_each_limit_where_the_office_tells_it(language: str) -> None:
    rules = Disclosure.model_validate({**yaml.safe_load(LIMITS)["disclosure"], **FURTHER, "public": "limits"})
    said = limits_in_words(rules, language)
    for name, value in VALUES.items():
        if name != "withheld_at_most":
            assert list(told_in(said, {name: value})), name
    raw = json.dumps(rules.model_dump(mode="json"), indent=1)
    for name in ("threshold", "contributors", "width", "quantile_persons", "p_per_cent", "withheld_at_most"):
        assert list(told_in(raw, {name: VALUES[name]})), name


@needs_a_wall
@pytest.mark.parametrize("language", ["sv", "en"])
def test_charts_and_tables_of_the_office_stand_in_every_product(project: Project, language: str) -> None:
    folder = publication(project)
    report = folder / language / "annual-report.html"
    captions = CAPTIONS[language]
    page = report.read_text(encoding="utf-8")
    for name, caption in captions.items():
        assert f'id="{name}"' in page and caption in page
    printed = pdf_texts(report.with_suffix(".pdf"))
    for caption in captions.values():
        assert any(text.kind == "Caption" and caption in text.text for text in printed), caption
    build = project.root / "build" / "demo" / language / "notebooks" / "own.ipynb"
    outputs = [
        one for cell in json.loads(build.read_text(encoding="utf-8"))["cells"] for one in cell.get("outputs", []) if "data" in one
    ]
    kinds = [sorted({"text/markdown", "image/svg+xml", "text/html"} & set(one["data"])) for one in outputs]
    assert kinds == [["image/svg+xml"], ["text/markdown"], ["text/markdown"]]
    figure = "".join(outputs[2]["data"]["text/markdown"]).splitlines()[4].split("|")[2].strip()
    own = (folder / "notebooks" / language / "own.html").read_text(encoding="utf-8")
    for place in (page, own):
        assert place.count(f">{figure}</td>") >= 1 and "#d65f5f" not in place, "the bar of the styled table"
    assert any(text.kind == "TD" and text.text.strip() == figure for text in printed)


@needs_a_wall
def test_a_chart_of_the_office_with_a_number_that_is_not_published_is_caught(project: Project) -> None:
    folder = publication(project)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    project.write_own('str(cells["value"].sum() * reference_year)')
    said = project.kvarn("publish", "params/demo.yml", status=1)
    project.write_own("persons")
    assert (
        "A chart that shows persons-by-month has a number in it that nothing published in them accounts for, of the categories"
        in said
    )
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_table_of_the_office_with_another_figure_is_caught(project: Project) -> None:
    publication(project)
    own = project.root / "notebooks" / "present" / "own.ipynb"
    before = own.read_text(encoding="utf-8")
    own.write_text(before.replace("frame.style", "(frame + reference_year).style"), encoding="utf-8")
    said = project.kvarn("publish", "params/demo.yml", status=1)
    own.write_text(before, encoding="utf-8")
    assert "A table shows another figure than is published." in said
