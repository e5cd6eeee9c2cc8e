"""The commands of docs/next-year.md, run as they stand there, on a tiny demonstration."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from kvarn.pipeline import Production, open_edition, run_steps, steps_of
from tests.end_to_end.few_places import keep_few_places

pytestmark = pytest.mark.end_to_end
PROJECT = Path(__file__).parents[2]
SOURCE = Path("restricted/demo/source")


@pytest.fixture
def project(small: Production, tmp_path: Path) -> Path:
    """The demonstration, published: a short series in one language, of few places and tables."""
    return Path(shutil.copytree(small.root, tmp_path / "project"))


def commands() -> list[str]:
    (block,) = re.findall(r"```sh\n(.*?)```", (PROJECT / "docs" / "next-year.md").read_text(encoding="utf-8"), re.DOTALL)
    return [line for line in block.splitlines() if line]


def run(command: str, project: Path) -> subprocess.CompletedProcess[str]:
    """A line of the document, with this Python's kvarn and an editor that fills in what its user would."""
    tools = project / "tools"
    tools.mkdir(exist_ok=True)
    for name, script in {
        "kvarn": f'exec "{sys.executable}" -m kvarn "$@"',
        "fill": 'sed -i.bak -E "s/^( *(published|scheduled):)  # last time/\\1 2025-09-02  # last time/" "$1"',
    }.items():
        (tools / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        (tools / name).chmod(stat.S_IRWXU)
    environment = os.environ | {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}", "EDITOR": "fill"}
    done = subprocess.run(command, shell=True, cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done


def test_next_year_can_be_practised_as_the_document_says(project: Path) -> None:
    old = open_edition(project / "params" / "demo.yml")
    run_steps(steps_of(old), old.workspace.build)
    release, add, new, status, edit, publish = commands()
    assert "Released: demo" in run(release, project).stdout
    run(add, project)
    keep_few_places(project / SOURCE)
    assert "fill in line" in run(new, project).stdout
    said = run(status, project).stderr
    assert "2 keys are left empty" in said and "publication.published" in said and "publication.scheduled" in said
    run(edit, project)
    run(publish, project)
    page = (project / "publications" / "demo-2024" / "en" / "annual-report.html").read_text(encoding="utf-8")
    # Where a line of a page breaks says nothing.
    report = " ".join(page.split())
    assert "2022–2024" in report and "Persons and procedures in municipal health care 2023" in report
