"""Whichever file operation of a command fails, it says so in its own words, loses nothing, and leaves nothing behind.

A sample of the operations here; every single one in the long proofs (`python tests/faults/driving.py` tells more).
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from . import small

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

DRIVING = Path(__file__).with_name("driving.py")
PUBLISH = ("publish", "params/small.yml", "--workers", "1")
INTAKE = ("intake", "restricted/demo/source/deliveries", "--into", "restricted/register", "--receipts", "receipts")
CODES = ("codelists", "import", "list.csv", "--short", "for the test", "--year", "2020")
# What each command makes, which is there whole or not at all.
COMMANDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "new": (("new", "2020"), ("params/2020.yml",)),
    "codelists": (CODES, ("params/codelists/procedure-2020.csv",)),
    "population": (("population", "population-2019.csv"), ("params/population",)),
    # Receipts come one by one.
    "intake": (INTAKE, ("receipts", "--grows")),
}

Driven = Callable[..., tuple[list[str], int, int]]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small project, with what the commands take, and something that has been published."""
    folder = small.make_project(tmp_path_factory.mktemp("faults") / "project")
    (folder / "list.csv").write_text("kod;titel\nDA001;Ett\nDA002;Två\n", encoding="utf-8")
    shutil.copy(folder / "restricted/demo/source/population.csv", folder / "population-2019.csv")
    shutil.copy(folder / "params" / "small.yml", folder / "params" / "2019.yml")
    (folder / "publications" / "small" / "en").mkdir(parents=True)
    for name in ("index.html", "en/annual-report.html"):
        (folder / "publications" / "small" / name).write_text("what was published before\n")
    return folder


@pytest.fixture
def driven(project: Path, tmp_path: Path) -> Driven:
    def drive(command: tuple[str, ...], *options: str, holds: tuple[str, ...] = ("publications",)) -> tuple[list[str], int, int]:
        held = (word for place in holds for word in ([place] if place.startswith("--") else ["--holds", place]))
        arguments = [*options, *held, "--", *command]
        run = subprocess.run(
            [sys.executable, str(DRIVING), str(tmp_path), str(project), *arguments], capture_output=True, text=True, check=False
        )
        assert run.returncode == 0, run.stdout + run.stderr
        *found, last = [line for line in run.stdout.splitlines() if not line.startswith("#")]
        numbers = re.fullmatch(r"tried (\d+) of (\d+)", last)
        assert numbers, run.stdout
        return found, int(numbers[1]), int(numbers[2])

    return drive


@pytest.mark.parametrize("name", COMMANDS)
def test_a_few_operations_of_a_command(name: str, driven: Driven) -> None:
    command, holds = COMMANDS[name]
    # A new edition is one file: each of its few operations is tried. Their number depends on what lies among temporary files.
    every = {"new": 1, "intake": 60}.get(name, 6)
    found, tried, of = driven(command, "--apart", "--every", str(every), holds=holds)
    assert found == [] and tried >= max(2, of // every - 1) and of >= (8 if name == "new" else 11)


@pytest.mark.long
def test_a_few_operations_of_a_publication(driven: Driven) -> None:
    found, tried, of = driven(PUBLISH, "--every", "200")
    assert found == [] and tried >= 5 and of > 1000


def test_a_run_that_is_stopped_here_and_there(driven: Driven) -> None:
    found, tried, _ = driven(COMMANDS["intake"][0], "--every", "120", "--signal", "SIGTERM", holds=COMMANDS["intake"][1])
    assert found == [] and tried >= 2


def test_writing_where_a_file_stands_would_be_noticed(driven: Driven) -> None:
    command, holds = COMMANDS["new"]
    found, *_ = driven(command, "--apart", "--careless", holds=holds)
    assert any("params/2020.yml" in line for line in found)


@pytest.mark.long
@pytest.mark.parametrize("code", ["ENOSPC", "EACCES", "EIO"])
@pytest.mark.parametrize("name", COMMANDS)
def test_every_operation_of_a_command(name: str, code: str, driven: Driven) -> None:
    command, holds = COMMANDS[name]
    found, tried, of = driven(command, "--apart", "--code", code, holds=holds)
    assert found == [] and tried > of // 2


@pytest.mark.long
@pytest.mark.parametrize("options", [("--code", "EIO", "--reading"), ("--lasting",)], ids=["reading", "a disk that stays full"])
@pytest.mark.parametrize("name", COMMANDS)
def test_every_operation_of_a_command_in_other_ways(name: str, options: tuple[str, ...], driven: Driven) -> None:
    command, holds = COMMANDS[name]
    found, tried, _ = driven(command, "--apart", *options, holds=holds)
    assert found == [] and tried > 5


@pytest.mark.long
@pytest.mark.parametrize(
    "options",
    [
        ("--code", "ENOSPC"),
        ("--code", "EACCES"),
        ("--code", "EIO"),
        ("--lasting",),
        ("--code", "EIO", "--reading", "--every", "3"),
    ],
    ids=" ".join,
)
def test_every_operation_of_a_publication(options: tuple[str, ...], driven: Driven) -> None:
    found, tried, _ = driven(PUBLISH, *options)
    assert found == [] and tried > 500


@pytest.mark.long
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_publication_that_is_stopped_at_many_operations(name: str, driven: Driven) -> None:
    found, tried, _ = driven(PUBLISH, "--every", "15", "--signal", name)
    assert found == [] and tried > 50
