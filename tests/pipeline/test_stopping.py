"""However a run ends, at whatever work, it ends at once, and leaves no process and no temporary file."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kvarn.errors import NotebookError
from kvarn.pipeline.kernel_ways import SWITCH
from kvarn.pipeline.notebooks import run_notebook

Writer = Callable[..., Path]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

PROGRAM = Path(__file__).parent / "work_to_stop.py"
STATUS = {"SIGINT": 130, "SIGTERM": 143, "SIGHUP": 129}

# Processes that leave session, group, environment and parent; then a cell that swallows whatever interrupts it.
LEAVING = (
    "import subprocess, pathlib\n"
    "subprocess.run(['/bin/sh', '-c', 'env -i setsid sleep MARK & nohup setsid setsid sleep MARK & exec sleep 0'])\n"
)
SWALLOWING = LEAVING + (
    "pathlib.Path('begun').touch()\nwhile True:\n    try:\n        while True:\n            pass\n"
    "    except BaseException:\n        pass"
)


# No limit of speed: what swallows a signal goes on for ever, and other programs may have the processors.
PATIENCE = 60.0


def interruptible() -> None:
    """Hear every signal, though the tests run in the background of a shell, or under `nohup`, which ignore some."""
    for name in STATUS:
        signal.signal(getattr(signal, name), signal.SIG_DFL)


class Run:
    """The program at some work, with a temporary folder of its own."""

    def __init__(self, folder: Path, mark: str) -> None:
        self.folder, self.mark = folder, mark
        # Short enough for sockets: else kvarn takes another place.
        self.temporary = Path(tempfile.mkdtemp(prefix="stopping-", dir="/tmp"))
        (folder / "mark").write_text(mark)
        self.environment = {**os.environ, "TMPDIR": str(self.temporary), "KVARN_OF_TEST": mark}
        self.process: subprocess.Popen[str] | None = None

    def begin(self, *work: str) -> subprocess.Popen[str]:
        self.process = subprocess.Popen(
            [sys.executable, str(PROGRAM), work[0], str(self.folder), *work[1:]],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=interruptible,
        )
        until = time.monotonic() + 120
        while not (self.folder / "begun").exists():
            assert self.process.poll() is None and time.monotonic() < until, self.process.communicate()
            time.sleep(0.05)
        time.sleep(0.3)
        return self.process

    def left(self) -> list[str]:
        """The processes of the run that are still there; every one of them has the mark in its environment or its arguments."""
        found = []
        for place in Path("/proc").iterdir():
            if place.name.isdigit() and int(place.name) != os.getpid():
                try:
                    said = (place / "environ").read_bytes() + (place / "cmdline").read_bytes()
                except OSError:
                    continue
                if self.mark.encode() in said:
                    found.append((place / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        return found

    def left_after(self, seconds: float) -> list[str]:
        until = time.monotonic() + seconds
        while (left := self.left()) and time.monotonic() < until:
            time.sleep(0.05)
        return left


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    begun = Run(tmp_path, f"4711.{secrets.randbelow(10**9):09}")
    yield begun
    if begun.process is not None and begun.process.poll() is None:
        begun.process.kill()
    shutil.rmtree(begun.temporary)


def stopped(run: Run, *numbers: int) -> tuple[float, str]:
    """How long it took to end by these signals, and what was said."""
    assert run.process is not None
    began = time.monotonic()
    for number in numbers:
        run.process.send_signal(number)
        time.sleep(0.1)
    _, errors = run.process.communicate(timeout=30)
    return time.monotonic() - began, errors


@pytest.mark.parametrize(
    ("name", "way"),
    [("SIGINT", "fork"), ("SIGTERM", "fork"), ("SIGHUP", "fork"), ("SIGINT", "spawn"), ("SIGTERM", "spawn-tcp")],
)
def test_a_signal_ends_a_run_with_its_notebook_and_all_that_this_has_started(
    name: str, way: str, run: Run, write_notebook: Writer
) -> None:
    run.environment[SWITCH] = way
    write_notebook(SWALLOWING.replace("MARK", run.mark))
    process = run.begin("notebook")
    assert len(run.left()) >= 4
    took, errors = stopped(run, getattr(signal, name))
    assert process.returncode == STATUS[name]
    assert errors.count("Stopped.") == 1 and "Traceback" not in errors and "rror" not in errors
    assert took < PATIENCE
    assert run.left_after(2) == []
    assert list(run.temporary.iterdir()) == []


@pytest.mark.parametrize("way", ["fork", "spawn", "spawn-tcp"])
def test_a_run_that_is_killed_takes_everything_with_it_and_the_next_one_removes_its_files(
    way: str, run: Run, write_notebook: Writer
) -> None:
    run.environment[SWITCH] = way
    write_notebook(SWALLOWING.replace("MARK", run.mark))
    run.begin("notebook").kill()
    assert run.left_after(5) == []
    assert len(list(run.temporary.iterdir())) == 1
    subprocess.run([sys.executable, "-m", "kvarn", "--version"], env=run.environment, check=True, capture_output=True)
    assert list(run.temporary.iterdir()) == []


@pytest.mark.parametrize("by_itself", [True, False], ids=["by itself", "in a step"])
@pytest.mark.parametrize("work", ["duckdb", "highs", "program", "swallowing"])
def test_any_work_ends_when_the_run_is_stopped_and_a_second_signal_does_no_harm(work: str, by_itself: bool, run: Run) -> None:
    process = run.begin(work, *(["--by-itself"] if by_itself else []))
    took, errors = stopped(run, signal.SIGINT, signal.SIGINT, signal.SIGTERM)
    assert process.returncode == 130
    assert errors.count("Stopped.") == 1 and "Traceback" not in errors and "rror" not in errors, errors
    assert took < PATIENCE
    assert run.left_after(2) == []
    assert list(run.temporary.iterdir()) == []


def test_a_program_ends_with_the_run_that_is_killed(run: Run) -> None:
    run.begin("program").kill()
    assert run.left_after(5) == []


def test_a_signal_that_is_ignored_stays_ignored(run: Run) -> None:
    """`nohup kvarn publish …` goes on when the terminal is closed."""
    run.environment["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    ignoring = "import os, signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])"
    run.process = subprocess.Popen(
        [sys.executable, "-c", ignoring, sys.executable, str(PROGRAM), "swallowing", str(run.folder), "--by-itself"],
        env=run.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not (run.folder / "begun").exists():
        time.sleep(0.05)
    run.process.send_signal(signal.SIGHUP)
    time.sleep(2.5)
    assert run.process.poll() is None
    stopped(run, signal.SIGTERM)
    assert run.process.returncode == 143


def processes_with(mark: str) -> list[str]:
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            said = place.read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if mark in said and place.parent.name != str(os.getpid()):
            found.append(said)
    return found


ENDINGS = {
    "well": "1",
    "wrong": "1 / 0",
    "dead": "import os\nos._exit(3)",
    "killed": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
    "keeper killed": "import os, signal, time\nos.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(60)",
}
# One that is never the same process twice, and gone before it can be named.
RUNNING_AWAY = (
    "import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', "
    "'import os\\nwhile True:\\n    if os.fork():\\n        os._exit(0)', 'MARK'])\n"
)


@pytest.mark.parametrize(
    ("way", "ending"), [*(("fork", ending) for ending in ENDINGS), ("spawn", "well"), ("spawn", "dead"), ("spawn-tcp", "well")]
)
def test_what_a_notebook_has_started_ends_with_it_however_it_ends(
    way: str, ending: str, write_notebook: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SWITCH, way)
    mark = f"4711.{secrets.randbelow(10**9):09}"
    started = "import pathlib, subprocess\n" + LEAVING.replace("MARK", mark) + RUNNING_AWAY.replace("MARK", mark)
    notebook = write_notebook(started, ENDINGS[ending], name="started")
    try:
        run_notebook(notebook, tmp_path / "out.ipynb", {}, root=tmp_path)
        assert ending == "well"
    except NotebookError as wrong:
        assert ending != "well" and len(wrong.what) > 20
    if ending == "keeper killed":
        # Then the process that it was forked from ends them, and nobody waits for that.
        time.sleep(2)
    assert processes_with(mark) == []


def test_a_server_that_dies_or_is_stopped_is_started_again_and_its_kernels_go_on(
    write_notebook: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kvarn.pipeline.forking import server

    monkeypatch.setenv(SWITCH, "fork")
    quick = write_notebook("1", name="quick")
    slow = write_notebook("import time\nopen('begun', 'w').close()\ntime.sleep(4)\nprint('to the end')", name="slow")

    def run(notebook: Path) -> Path:
        run_notebook(notebook, tmp_path / "out" / notebook.name, {}, root=tmp_path)
        return tmp_path / "out" / notebook.name

    def number() -> int:
        assert server.pid is not None
        return server.pid

    run(quick)
    first = number()
    with ThreadPoolExecutor() as beside:
        going_on = beside.submit(run, slow)
        while not (tmp_path / "begun").exists():
            time.sleep(0.05)
        os.kill(first, signal.SIGKILL)
        run(quick)
        assert number() != first
        assert "to the end" in going_on.result().read_text()
        second = number()
        os.kill(second, signal.SIGSTOP)
        began = time.monotonic()
        run(quick)
        assert number() != second and time.monotonic() - began < 30
        # Between the request, which a stopped process does not read, and the answer.
        third = number()
        os.kill(third, signal.SIGSTOP)
        waiting = beside.submit(run, quick)
        time.sleep(0.1)
        os.kill(third, signal.SIGKILL)
        waiting.result(timeout=60)


def test_a_keeper_that_is_stopped_is_ended_with_its_kernel(
    write_notebook: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SWITCH, "fork")
    monkeypatch.setattr("kvarn.pipeline.kept._PATIENCE", 1.0)
    notebook = write_notebook("import os, signal\nos.kill(os.getppid(), signal.SIGSTOP)\nprint(os.getpid())")
    run_notebook(notebook, tmp_path / "out.ipynb", {}, root=tmp_path)
    kernel = re.findall(r'"(\d+)\\n"', (tmp_path / "out.ipynb").read_text())[0]
    time.sleep(0.5)
    assert not Path(f"/proc/{kernel}").exists() or "State:\tZ" in Path(f"/proc/{kernel}/status").read_text()
