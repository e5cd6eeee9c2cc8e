"""Ctrl-C at any moment leaves nothing half-written, and the next run goes on, in another folder to the same bytes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kvarn.pipeline import Production

pytestmark = pytest.mark.end_to_end

Make = Callable[[Path, Path], Path]


def started(project: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "kvarn", "publish", "params/demo.yml"],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # Though the tests run in the background of a shell, which ignores Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def begun(project: Path) -> None:
    """Wait until a run is at work: how long Python takes to begin says how busy the machine is."""
    for _ in range(600):
        if (project / "restricted" / "demo" / "intake").exists():
            return
        time.sleep(0.1)
    raise AssertionError("the run did not begin")


def test_interrupted_runs_in_another_folder_are_resumed_and_end_in_the_same_bytes(
    production: Production, source: Path, tmp_path: Path, make_project: Make
) -> None:
    project = make_project(tmp_path / "elsewhere" / "deeper", source)
    params = project / "params" / "demo.yml"
    params.write_text(production.params.read_text(encoding="utf-8"), encoding="utf-8")
    for seconds in (3.0, 8.0):
        run = started(project)
        time.sleep(seconds)
        os.killpg(run.pid, signal.SIGINT)
        said, errors = run.communicate(timeout=60)
        if run.returncode == 0:
            break
        assert run.returncode == 130, said + errors
        assert "Traceback" not in errors
        assert not (project / "publications" / "demo").exists()
    run = started(project)
    said, errors = run.communicate(timeout=400)
    assert run.returncode == 0, said + errors
    published, expected = project / "publications" / "demo", production.workspace.publication
    files = sorted(path.relative_to(published) for path in published.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(expected) for path in expected.rglob("*") if path.is_file())
    for name in files:
        assert (published / name).read_bytes() == (expected / name).read_bytes(), name
