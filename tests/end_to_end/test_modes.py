"""Everything under `restricted/` is its owner's alone after every command, with a umask that forbids nothing."""

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

from kvarn.kernel import landlock, seccomp

pytestmark = [pytest.mark.end_to_end, pytest.mark.skipif(sys.platform == "win32", reason="has no modes")]

PROJECT = Path(__file__).parents[2]
SHORTER = {
    "first_year: 2017": "first_year: 2022",
    "languages: [sv, en]": "languages: [en]",
    "renderer: auto": "renderer: builtin",
}
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

    def with_cell(self, notebook: str, source: str) -> bytes:
        """Put a cell at the end of a compute notebook; what it was before."""
        path = self.root / "notebooks" / "compute" / notebook
        before = path.read_bytes()
        content = json.loads(before)
        cell = {"cell_type": "code", "id": "last", "metadata": {}, "outputs": [], "execution_count": None, "source": source}
        content["cells"].append(cell)
        path.write_text(json.dumps(content), encoding="utf-8")
        return before


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    root, temporary = tmp_path / "project", tmp_path / "temporary"
    before = os.umask(0)
    for name in ("notebooks", "reports", "params"):
        shutil.copytree(PROJECT / name, root / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints", "codelists"))
    shutil.copy(PROJECT / "_quarto.yml", root)
    temporary.mkdir()
    demo = root / "params" / "demo.yml"
    text = demo.read_text(encoding="utf-8")
    for old, new in SHORTER.items():
        assert old in text
        text = text.replace(old, new)
    demo.write_text(text, encoding="utf-8")
    (root / "params" / "orders" / "months.yml").write_text(ORDER, encoding="utf-8")
    extract = root / "params" / "extracts" / "example.yml"
    extract.write_text(extract.read_text(encoding="utf-8").replace("[2021, 2022, 2023]", "[2022, 2023]"), encoding="utf-8")
    yield Project(root, temporary)
    os.umask(before)


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
    source = Path("restricted/demo/source")
    project.kvarn("demo", source, "--persons", "600", "--procedures", "2", "--from", "2022", "--to", "2023")
    project.kvarn("key")
    deliveries = sorted((project.root / source / "deliveries" / "2023").rglob("KHSL1_*.txt"))
    project.kvarn("intake", *deliveries[:3], "--into", "restricted/register", "--synthetic", "--limit", "1")
    project.kvarn("population", source / "population.csv", "--into", "restricted/population")
    listed = project.root / "restricted" / "professions.csv"
    listed.touch(0o600)
    listed.write_text(PROFESSIONS, encoding="utf-8")
    project.kvarn("codelists", "import", listed, "--list", "profession", "--year", "2023")
    shutil.rmtree(project.root / "params" / "codelists")

    kill_while_computing(project)
    project.look("killed")
    before = project.with_cell("quality.ipynb", LEAVES_OPEN)
    project.kvarn("publish", "params/demo.yml", status=1, left_open=bool(landlock.abi() and seccomp.is_there()))
    assert list((project.root / "restricted").rglob("*.failed.ipynb"))
    (project.root / "notebooks" / "compute" / "quality.ipynb").write_bytes(before)

    project.kvarn("publish", "params/demo.yml")
    project.kvarn("publish", "params/demo.yml", "--as", "stricter", "--set", "disclosure.threshold=5")
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
