"""Ctrl-C at any moment leaves nothing half-written, and the next run goes on, in another folder to the same bytes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kvarn.pipeline import Production
from tests.small_programme import make_small_project

pytestmark = pytest.mark.end_to_end

# While deliveries are taken in, while a compute notebook runs, while a document is rendered.
MOMENTS = (
    "restricted/small/intake",
    "restricted/small/notebooks/.*.running.ipynb",
    "build/small/render/*",
)


def started(project: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "kvarn", "publish", "params/small.yml"],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # Though the tests run in the background of a shell, which ignores Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def at(project: Path, place: str, run: subprocess.Popen[str]) -> None:
    """Wait until a run is at work there: how long it takes to begin says how busy the machine is."""
    for _ in range(20_000):
        if any(project.glob(place)):
            return
        assert run.poll() is None, run.communicate()
        time.sleep(0.01)
    raise AssertionError("the run has not come so far")


def test_interrupted_runs_in_another_folder_are_resumed_and_end_in_the_same_bytes(deaths: Production, tmp_path: Path) -> None:
    project = make_small_project(tmp_path / "elsewhere" / "deeper")
    for place in MOMENTS:
        assert not any(project.glob(place))
        run = started(project)
        at(project, place, run)
        os.killpg(run.pid, signal.SIGINT)
        said, errors = run.communicate(timeout=60)
        assert run.returncode == 130, said + errors
        assert "Traceback" not in errors
        assert not (project / "publications" / "small").exists()
    run = started(project)
    said, errors = run.communicate(timeout=400)
    assert run.returncode == 0, said + errors
    published, expected = project / "publications" / "small", deaths.workspace.publication
    files = sorted(path.relative_to(published) for path in published.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(expected) for path in expected.rglob("*") if path.is_file())
    for name in files:
        assert (published / name).read_bytes() == (expected / name).read_bytes(), name
