"""What a run shows where there is no terminal: each step, what it is at, and no minute of silence."""

from __future__ import annotations

import io
import time

import pytest
from rich.console import Console

from kvarn.base.stages import tell
from kvarn.pipeline import progress
from kvarn.pipeline.engine import Step
from kvarn.pipeline.progress import Display

STEP = Step("protect", "Analyse", [], [], lambda: None)


def test_stages_are_plain_lines_and_nothing_is_heard_afterwards() -> None:
    out = io.StringIO()
    with Display(Console(file=out, width=120), [STEP], "run") as display:
        display.began(STEP)
        tell("protection: 7 cells [3] secret")
        display.ended(STEP, 1.0, None)
    tell("too late")
    assert [line.strip() for line in out.getvalue().splitlines()] == [
        "protection: 7 cells [3] secret",
        "done      1.0 s  Analyse     protect",
    ]


def test_silence_is_broken_with_what_runs_and_what_it_is_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_SILENCE", 0.5)
    out = io.StringIO()
    with Display(Console(file=out, width=120), [STEP], "run") as display:
        display.began(STEP)
        tell("protection: work")
        until = time.monotonic() + 20
        while "still at" not in out.getvalue() and time.monotonic() < until:
            time.sleep(0.1)
    assert "still at protect: protection: work" in out.getvalue()
