"""Whatever can be known to be wrong with an edition before any work is told at once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from . import small


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small.make_project(tmp_path_factory.mktemp("told") / "project")


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "project"))


def changed(file: Path, before: str, after: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), encoding="utf-8")


def refused(project: Path) -> str:
    run = subprocess.run(
        [sys.executable, "-m", "kvarn", "publish", "params/small.yml"],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(small.PROJECT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode in {1, 2} and "Traceback" not in run.stderr and "defect" not in run.stderr, run.stderr
    assert "done" not in run.stdout and not (project / "restricted" / "small" / "register").exists()
    return run.stderr


def test_of_sources_documents_and_notebooks(project: Path) -> None:
    (project / "restricted/demo/source/population.csv").write_text("region,age,sex,2018\n0114,0,1,5\n", encoding="utf-8")
    changed(project / "reports/annual-report/en/annual-report.qmd", "# Persons", "It was 17 persons.\n\n# Persons")
    notebook = project / "notebooks" / "present" / "persons.ipynb"
    read = nbformat.read(notebook, as_version=4)
    read.cells[-1].source = read.cells[-1].source.replace(small.TABLE, "persons-by-mnth")
    nbformat.write(read, notebook)
    said = refused(project)
    for wrong in ("population.csv", "annual-report.qmd", "persons-by-mnth"):
        assert wrong in said, said
    assert said.count("where:") >= 3 and said.count("remedy:") >= 3


def test_of_parameters(project: Path) -> None:
    params = project / "params" / "small.yml"
    changed(params, "threshold: 4", "threshold: four")
    changed(params, "reference_year:", "refrence_year:")
    changed(params, "contributors: 4", "contributors: [4]")
    said = refused(project)
    for wrong in ("disclosure.threshold", "refrence_year", "disclosure.contributors"):
        assert wrong in said, said
    assert "is missing" not in said


def test_of_paths(project: Path) -> None:
    params = project / "params" / "small.yml"
    changed(params, "source/deliveries", "source/delivery")
    changed(params, "population.csv", "people.csv")
    said = refused(project)
    assert "data.deliveries" in said and "data.population" in said


OTHER_FILES = {
    "missing": ("programme/tables.yml", None, None, "A file of the statistical programme is missing."),
    "merged": ("programme/tables.yml", f"{small.TABLE}:", "<<: word\n", "What is merged (<<) is no section with keys."),
    "null": ("programme/programme.yml", "first_year:", "null:", "A key is empty, or null."),
    "kind": ("programme/findings.yml", "persons-jump:", "persons-jmp:", "The kind of finding 'persons-jump' is not there."),
    "language": ("reports/theme/words.yml", "\nsv:", "\nse:", "The key 'se' is no language."),
    "folder": ("reports/annual-report/de/annual-report.qmd", "", "# Persons\n", "The folder 'de' is no language"),
}


@pytest.mark.parametrize("case", OTHER_FILES)
def test_of_files_beside_the_edition(project: Path, case: str) -> None:
    name, before, after, what = OTHER_FILES[case]
    file = project / name
    if before is None:
        file.unlink()
    elif case == "folder":
        file.parent.mkdir()
        file.write_text(str(after), encoding="utf-8")
    elif case == "merged":
        file.write_text(f"{after}{file.read_text(encoding='utf-8')}", encoding="utf-8")
    else:
        changed(file, str(before), str(after))
    said = refused(project)
    assert what in said
    assert "Invalid value" not in said and "None" not in said
    assert said.count("where:") == said.count("remedy:") == 1
    assert name in said
