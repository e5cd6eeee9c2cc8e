"""The commands: help with examples, exit statuses, and no traceback for a user's mistake."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kvarn.cli import app
from kvarn.cli._app import _IN_ORDER
from tests.commands import kvarn

COMMANDS = sorted(command.name or command.callback.__name__ for command in app.registered_commands if command.callback)


def started(*arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """A program of its own."""
    return subprocess.run([sys.executable, "-m", "kvarn", *arguments], capture_output=True, text=True, cwd=folder, check=False)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str) -> None:
    done = kvarn(command, "--help")
    assert done.returncode == 0
    assert f"kvarn {command}" in done.stdout.split("Example:")[1]


def test_the_documented_commands_are_the_commands() -> None:
    documented = (Path(__file__).parents[1] / "docs" / "commands.md").read_text(encoding="utf-8")
    for command in COMMANDS:
        assert f"`kvarn {command}" in documented


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["publish", "params/nothing.yml"], 2, "no such edition"),
        (["publish"], 2, "PARAMS"),
        (["publsh"], 2, "publsh"),
        (["status", "params/nothing.yml"], 2, "no such edition"),
        (["order", "params/orders/nothing.yml"], 2, "no such order"),
        (["demo", "somewhere", "--persons", "many"], 2, "--persons"),
        (["demo", "somewhere", "--fault", "nonsense"], 2, "NAME=RATE"),
        (["demo", "somewhere", "--from", "2023", "--to", "2019"], 1, "2019"),
        (["demo", "somewhere", "--persons", "299"], 1, "299 persons are too few"),
        (["demo", "somewhere", "--from", "2007"], 1, "2007"),
        (["demo", "somewhere", "--to", "2036"], 1, "2036"),
        (["demo", "somewhere", "--seed", "-1"], 1, "seed -1"),
        (["demo", "somewhere", "--add", "2024"], 1, "No synthetic register"),
        (["demo", "somewhere", "--add", "2024", "--persons", "500"], 2, "It goes alone"),
        (["new", "2024"], 2, "not inside a kvarn project"),
    ],
)
def test_a_mistake_is_told_without_a_traceback(tmp_path: Path, arguments: list[str], status: int, said: str) -> None:
    done = kvarn(*arguments, folder=tmp_path)
    assert done.returncode == status
    assert said in done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_program_says_what_a_call_of_the_same_command_says(tmp_path: Path) -> None:
    for arguments in (["publish", "params/nothing.yml"], ["demo", "somewhere", "--seed", "-1"], ["new", "2024"]):
        program, called = started(*arguments, folder=tmp_path), kvarn(*arguments, folder=tmp_path)
        assert (program.returncode, program.stdout, program.stderr) == (called.returncode, called.stdout, called.stderr)


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    for arguments in (["--debug", "publish", "nothing.yml"], ["publish", "nothing.yml", "--debug"]):
        done = started(*arguments, folder=tmp_path)
        assert done.returncode == 2
        assert "Traceback" in done.stderr


def test_the_version_is_printed() -> None:
    assert started("--version").stdout.startswith("kvarn 0")


def test_doctor_names_what_it_looked_at() -> None:
    done = started("doctor", folder=Path(__file__).parents[1])
    assert done.returncode == 0
    for what in ("Python", "Libraries", "Fonts", "Kernels", "Notebook wall", "Quarto", "Java", "Disk", "Locks", "restricted/"):
        assert what in done.stdout


@pytest.mark.parametrize("arguments", [["doctor"], ["codelists", "list"], ["status", "params/2023.yml"], ["demo", "register"]])
def test_a_folder_that_was_removed_is_told_without_a_traceback(tmp_path: Path, arguments: list[str]) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    script = f"import os; os.rmdir({str(folder)!r}); from kvarn.cli import main; main({arguments!r})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=folder, check=False)
    assert done.returncode == 1
    assert "is not there any more" in done.stderr and "remedy:" in done.stderr
    assert "Traceback" not in done.stderr and "defect" not in done.stderr


def test_a_folder_that_is_removed_while_a_command_works_is_told_without_a_traceback(tmp_path: Path) -> None:
    folder = tmp_path / "going"
    folder.mkdir()
    script = (
        "import shutil\nfrom kvarn import cli\nfrom kvarn.cli import _main\n"
        f"def app(*_, **__): shutil.rmtree({str(folder)!r}); open('params.yml')\n"
        "_main.app = app\ncli.main(['codelists', 'list'])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=folder, check=False)
    assert done.returncode == 1
    assert "is not there any more" in done.stderr and "Traceback" not in done.stderr


def test_help_and_the_page_of_commands_have_them_in_the_order_of_the_work() -> None:
    shown = re.findall(r"^│ ([a-z]+) ", CliRunner().invoke(app, ["--help"], env={"COLUMNS": "80"}).output, re.MULTILINE)
    page = re.findall(
        r"^\| `kvarn ([a-z]+)", (Path(__file__).parents[1] / "docs" / "commands.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert shown == list(dict.fromkeys(page)) == list(_IN_ORDER)


@pytest.mark.parametrize(
    ("words", "completed"),
    [("kvarn pub", ["publish"]), ("kvarn publish --dr", ["--dry-run"]), ("kvarn codelists im", ["import"])],
)
def test_a_shell_completes_commands_and_options(words: str, completed: list[str]) -> None:
    asked = {"_KVARN_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    done = subprocess.run(
        [Path(sys.executable).with_name("kvarn")], env=os.environ | asked, capture_output=True, text=True, check=False
    )
    assert (done.stdout.split(), done.stderr) == (completed, "")
