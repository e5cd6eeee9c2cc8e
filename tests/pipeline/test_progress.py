"""What a run shows where there is no terminal: each step, what it is at, and no minute of silence."""

from __future__ import annotations

import inspect
import io
import time

import pytest
from rich.console import Console

from kvarn.base import stages
from kvarn.base.stages import Counter, hear, tell
from kvarn.disseminate.gate import check_publication
from kvarn.pipeline import progress, publishing
from kvarn.pipeline.attack import attack_publication
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


def test_a_counter_says_what_has_been_done_now_and_then_and_of_how_much_where_that_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stages, "EVERY", 0.0)
    told: list[str] = []
    with hear(told.append):
        for counter in (Counter("files", 2), Counter("rows")):
            counter.one()
            counter.one()
    assert told == ["files: 2", "rows", "files: 1 of 2", "files: 2 of 2", "rows: 1", "rows: 2"]


def test_every_part_of_the_step_publication_that_takes_time_says_that_it_begins() -> None:
    """Read in the source: which parts there are, and that something is told before each."""
    step = inspect.getsource(publishing.publish)
    body = step[step.index("    try:") :]
    for part in ("_copy_products(", "_write_record(", "_put_in_place("):
        before = body[: body.index(part)]
        assert before.rindex("tell(") > before.rfind(")\n        check_"), part
    # These two say themselves what they are at.
    for says in (attack_publication, check_publication):
        text = inspect.getsource(inspect.getmodule(says))  # type: ignore[arg-type]
        assert 'Counter(f"publication: ' in text or 'Counter("publication: ' in text, says
