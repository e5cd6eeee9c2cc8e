"""Before there is any kvarn: a Python is chosen, and what a machine lacks is named. And how JupyterLab is set up."""

import json
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from traitlets.config import Config

TOOLS = Path(__file__).parents[1] / "tools"
SH = shutil.which("sh") or "/bin/sh"


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A PATH with the plain tools and no Python: a folder to put Pythons into."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("sh", "env", "dirname", "cut", "sort", "head", "make"):
        (folder / name).symlink_to(shutil.which(name) or pytest.skip(f"{name} is not here"))
    return folder


def python(place: Path, version: tuple[int, int, int], *, venv: bool = True) -> Path:
    """A Python of another version: this one, which says of itself what it is told to."""
    place.parent.mkdir(parents=True, exist_ok=True)
    lacking = "" if venv else "sys.modules['ensurepip'] = None; "
    place.write_text(
        f"#!{SH}\n"
        f'if [ "$1" = -V ]; then echo "Python {".".join(map(str, version))}"; exit; fi\n'
        f'shift; code=$1; shift; exec {sys.executable} -c "import sys; {lacking}sys.version_info = {version}; '
        'exec(sys.argv.pop(1))" "$code" "$@"\n'
    )
    place.chmod(0o755)
    return place


def ask(tool: str, *arguments: str, path: Path, home: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(path), "HOME": str(home or path), "SYSTEM_BIN": str(path.parent / "system")}
    return subprocess.run([SH, str(TOOLS / tool), *arguments], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("version", [(3, 11, 2), (3, 12, 1), (3, 13, 0), (3, 14, 0)])
def test_the_first_python_that_suits_is_taken(machine: Path, version: tuple[int, int, int]) -> None:
    chosen = python(machine / "python3", version)
    python(machine / "python3.11", (3, 11, 9))
    assert ask("find-python", path=machine).stdout == f"{chosen}\n"


@pytest.mark.parametrize("version", [(3, 10, 13), (3, 11, 1), (3, 15, 0)])
def test_a_python_that_is_too_old_too_new_or_does_not_run_is_passed_over(machine: Path, version: tuple[int, int, int]) -> None:
    python(machine / "python3", version)
    python(machine / "python", (3, 12, 0), venv=False)
    (machine / "python3.13").write_text("#!/bin/sh\nexit 127\n")
    (machine / "python3.13").chmod(0o755)
    right = python(machine / "python3.12", (3, 12, 3))
    assert ask("find-python", path=machine).stdout == f"{right}\n"
    debian = python(machine.parent / "system" / "python3", (3, 11, 2))
    assert ask("find-python", path=machine).stdout == f"{debian}\n"


def test_the_oldest_is_found_among_the_versions_of_pyenv_too(machine: Path, tmp_path: Path) -> None:
    python(machine / "python3", (3, 13, 0))
    oldest = python(tmp_path / "home" / ".pyenv" / "versions" / "3.11.2" / "bin" / "python", (3, 11, 2))
    python(tmp_path / "home" / ".pyenv" / "versions" / "3.11.10" / "bin" / "python", (3, 11, 10))
    python(tmp_path / "home" / ".pyenv" / "versions" / "3.10.1" / "bin" / "python", (3, 10, 1))
    assert ask("find-python", "--oldest", path=machine, home=tmp_path / "home").stdout == f"{oldest}\n"
    debian = python(tmp_path / "system" / "python3", (3, 11, 2))
    assert ask("find-python", "--oldest", path=machine, home=tmp_path / "home").stdout == f"{debian}\n"


@pytest.mark.parametrize(
    ("version", "venv", "said", "remedy"),
    [
        ((3, 10, 13), True, "is 3.10.13; kvarn needs Python 3.11.2 or later", "apt-get install python3.11 python3.11-venv"),
        ((3, 11, 1), True, "is 3.11.1; kvarn needs Python 3.11.2 or later", "apt-get install python3.11 python3.11-venv"),
        ((3, 15, 0), True, "is 3.15.0; kvarn is locked for Python 3.11 to 3.14", "apt-get install python3.11 python3.11-venv"),
        ((3, 11, 2), False, "cannot make virtual environments", "apt-get install python3-venv"),
    ],
)
def test_what_debian_would_have_to_install_is_named(
    machine: Path, version: tuple[int, int, int], venv: bool, said: str, remedy: str
) -> None:
    done = ask("check-machine", str(python(machine / "own", version, venv=venv)), path=machine)
    assert done.returncode == 1
    assert said in done.stderr and remedy in done.stderr


def test_a_machine_without_make_or_python_is_told_both(machine: Path) -> None:
    (machine / "make").unlink()
    done = ask("check-machine", str(machine / "no-python"), path=machine)
    assert done.returncode == 1 and "apt-get install make python3 python3-venv" in done.stderr


def test_a_machine_that_has_everything_is_told_nothing(machine: Path) -> None:
    done = ask("check-machine", str(python(machine / "own", (3, 11, 2))), path=machine)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_jupyterlab_saves_no_outputs_and_sends_nothing_in_clear_text() -> None:
    config = Config()
    runpy.run_path(str(TOOLS / "jupyter_lab_config.py"), init_globals={"get_config": lambda: config})
    cell = {"cell_type": "code", "source": "1", "outputs": [{"text": "1912"}], "execution_count": 3}
    model = {"type": "notebook", "content": {"cells": [cell, {"cell_type": "markdown", "source": "x"}]}}
    config.ContentsManager.pre_save_hook(model=model, path="a.ipynb", contents_manager=None)
    assert cell == {"cell_type": "code", "source": "1", "outputs": [], "execution_count": None}
    config.ContentsManager.pre_save_hook(model={"type": "file", "content": "text"}, path="a.txt", contents_manager=None)
    assert config.KernelManager.transport == "ipc" or config.KernelManager.transport_encryption == "required"
    assert config.ServerApp.ip == "127.0.0.1"


def test_jupyterlab_is_asked_for_no_news_and_leaves_nothing(tmp_path: Path) -> None:
    """It runs with settings of its own, in a folder that goes with it."""
    (tmp_path / "tools").mkdir()
    shutil.copy(TOOLS / "lab", tmp_path / "tools")
    program = tmp_path / ".venv" / "bin" / "jupyter-lab"
    program.parent.mkdir(parents=True)
    of_news = "@jupyterlab/apputils-extension/notification.jupyterlab-settings"
    program.write_text(
        f'#!/bin/sh\necho "$JUPYTERLAB_SETTINGS_DIR"\ncat "$JUPYTERLAB_SETTINGS_DIR"/{of_news}\n', encoding="utf-8"
    )
    program.chmod(0o755)
    done = subprocess.run(["sh", tmp_path / "tools" / "lab"], capture_output=True, text=True, check=True)
    folder, settings = done.stdout.splitlines()
    assert json.loads(settings) == {"fetchNews": "false"} and not Path(folder).parent.exists()


@pytest.mark.skipif(shutil.which("make") is None, reason="this machine has no make")
@pytest.mark.parametrize(("given", "persons"), [([], "20000"), (["PERSONS=5000"], "5000")])
def test_the_size_of_the_demonstration_is_what_make_is_given(given: list[str], persons: str) -> None:
    project = Path(__file__).parents[1]
    done = subprocess.run(["make", "-n", "demo", *given], cwd=project, capture_output=True, text=True, check=True)
    assert f"kvarn demo restricted/demo/source --persons {persons} " in done.stdout
