"""What a machine may lack is told, and is no defect: threads, room for temporary files, signs of a terminal, paths of text."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kvarn.disseminate.rendering import builtin
from kvarn.errors import EnvironmentFault, RenderingError

from .commands import kvarn
from .small_programme import make_small_project

PROJECT = Path(__file__).parents[1]
COMMANDS = (["codelists", "list"], ["status", "params/2023.yml"], ["intake", "--history", "--into", "restricted/none"])


def started(code: str, folder: Path = PROJECT, **given: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=folder, check=False, **given)


def told(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode in {1, 2}, done
    assert "Traceback" not in done.stderr and "defect" not in done.stderr, done.stderr
    assert "where:" in done.stderr and "remedy:" in done.stderr
    assert all(word in done.stderr for word in words), done.stderr


@pytest.mark.parametrize("arguments", COMMANDS)
def test_a_thread_that_cannot_be_begun_is_told(arguments: list[str]) -> None:
    done = started(
        "import threading\n"
        'def start(self): raise RuntimeError("can\'t start new thread")\n'
        f"from kvarn.cli import main\nthreading.Thread.start = start\nmain({arguments!r})"
    )
    told(done, "No further thread can be begun", "ulimit -u")


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() == 0, reason="a limit that root does not have")
def test_so_is_a_limit_that_leaves_none() -> None:
    limits = (1, 1)
    done = started(
        f"import resource\nfrom kvarn.cli import main\nresource.setrlimit(resource.RLIMIT_NPROC, {limits})\nmain(['doctor'])"
    )
    told(done, "No further thread can be begun")


@pytest.mark.parametrize("arguments", COMMANDS)
def test_no_room_for_temporary_files_is_told_with_where_it_was_sought(arguments: list[str], tmp_path: Path) -> None:
    done = started(
        f"from kvarn.cli import main; main({arguments!r})",
        env={**os.environ, "TMPDIR": str(tmp_path)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)),
    )
    told(done, "temporary files", str(tmp_path), "/tmp", "TMPDIR")


@pytest.mark.parametrize("encoding", ["ascii", "iso8859-1", "cp1252"])
@pytest.mark.parametrize("strict", ["", ":strict"])
def test_what_a_terminal_has_no_sign_for_stops_nothing(encoding: str, strict: str) -> None:
    done = started(
        "from kvarn.cli import _app, _main\n"
        "_main.app = lambda *_, **__: _app.out.print('KVÅ – Ł …') or _app.err.print('KVÅ – Ł …')\n"
        "_main.main(['doctor'])",
        env={**os.environ, "PYTHONIOENCODING": encoding + strict},
        encoding=encoding,
    )
    assert done.returncode == 0 and "\\u0141" in done.stdout and "\\u0141" in done.stderr, done


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are text elsewhere")
def test_a_project_in_a_folder_whose_name_is_no_text_is_told(tmp_path: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/pr\xe5jekt"))
    for name in ("notebooks", "params"):
        (folder / name).mkdir(parents=True)
    (folder / "_quarto.yml").touch()
    (folder / "params" / "demo.yml").write_bytes((PROJECT / "params" / "demo.yml").read_bytes())
    for command in ("publish", "status"):
        done = kvarn(command, "params/demo.yml", folder=folder)
        told(done, "not text in UTF-8", "pr\\xe5jekt", "Rename that folder")


@pytest.mark.parametrize(
    "said", ["pandoc: annual-report.typ: withFile: resource exhausted (No space left on device)", "error: Read-only file system"]
)
@pytest.mark.parametrize("program", ["_pandoc", "_pdf"])
def test_what_the_system_refuses_a_renderer_is_no_fault_of_the_document(
    said: str, program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "metadata.json").write_text('{"shift-heading-level-by": 0}')
    monkeypatch.setattr(builtin, "run_program", lambda *_, **__: SimpleNamespace(returncode=1, stderr=said, stdout=""))
    job: Any = SimpleNamespace(folder=tmp_path, document="annual-report", name="annual-report (en, pdf)")
    if program == "_pdf":
        import datetime

        job.published = datetime.date(2024, 9, 3)
        monkeypatch.setattr(builtin, "_pandoc", lambda *_: None)
    given = (job,) if program == "_pdf" else (job, tmp_path / "out.typ")
    with pytest.raises(EnvironmentFault) as fault:
        getattr(builtin, program)("text", *given)
    assert fault.value.where == str(tmp_path) and "run the same command again" in str(fault.value.remedy)
    monkeypatch.setattr(builtin, "run_program", lambda *_, **__: SimpleNamespace(returncode=1, stderr="a fault", stdout=""))
    with pytest.raises(RenderingError):
        getattr(builtin, program)("text", *given)


@pytest.mark.parametrize(
    ("command", "status", "answer"),
    [
        (["status"], 3, "0 of 27 steps are up to date."),
        (["publish", "--dry-run"], 0, "27 of 27 steps would run."),
        (["release", "--yes"], 1, "There is no publication of the edition small."),
        (["review"], 1, "There is no publication of the edition small."),
        (["variables"], 1, "The register has no "),
        (["trace", "--year", "2023", "--pseudonym", "a"], 1, "Nothing has been collected for 2023."),
        (["sign", "--as", "A. A.", "--role", "assurer", "--yes"], 1, "There is no publication of the edition small."),
    ],
)
def test_whoever_only_asks_about_an_edition_leaves_nothing_of_it(
    command: list[str], status: int, answer: str, tmp_path: Path
) -> None:
    project = make_small_project(tmp_path / "project")
    before = everything(project)
    run = [sys.executable, "-m", "kvarn", command[0], "params/small.yml", *command[1:]]
    done = subprocess.run(run, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == status and answer in done.stdout + done.stderr
    assert "defect" not in done.stderr and "Traceback" not in done.stderr
    assert everything(project) == before


def everything(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))
