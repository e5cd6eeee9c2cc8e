"""How long steps took is kept beside their record, and what a run has before it is told by that; a log says what it did."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from kvarn.errors import EnvironmentFault, InputError
from kvarn.pipeline.engine import Outcome, Step, plan_of, run_steps
from kvarn.pipeline.nodes import Folder, Setting, file
from kvarn.pipeline.progress import Display
from kvarn.pipeline.run_log import Listeners, RunLog
from kvarn.pipeline.times import Plan, Times, in_words, keep_times, times_of


def chain(folder: Path, *, setting: int = 1, wrong: str = "") -> list[Step]:
    """Three steps in a row, and one that stands alone."""

    def make(name: str) -> None:
        if name == wrong:
            raise InputError("It cannot be made.")
        (folder / name).write_text(f"{name} {setting}" if name == "first" else name, encoding="utf-8")

    def step(name: str, *needs: object) -> Step:
        return Step(name, "Analyse", list(needs), [file(folder / name)], lambda: make(name))  # type: ignore[arg-type]

    return [
        step("first", Setting(name="setting", value=setting)),
        step("second", file(folder / "first")),
        step("third", file(folder / "second")),
        step("alone", Setting(name="other", value=1)),
    ]


def test_the_plan_has_what_is_out_of_date_and_what_stands_on_it(tmp_path: Path) -> None:
    build = tmp_path / "build"
    assert plan_of(chain(tmp_path), build).steps == ("first", "second", "third", "alone")
    run_steps(chain(tmp_path), build)
    assert plan_of(chain(tmp_path), build).steps == ()
    assert plan_of(chain(tmp_path, setting=2), build).steps == ("first", "second", "third")
    (tmp_path / "alone").unlink()
    assert plan_of(chain(tmp_path), build).steps == ("alone",)


def test_a_folder_is_another_one_where_a_file_in_it_is_and_the_other_way_round(tmp_path: Path) -> None:
    made, build = tmp_path / "made", tmp_path / "build"
    made.mkdir()

    def steps(setting: int) -> list[Step]:
        def write(name: str) -> None:
            (made / name).write_text(f"{name} {setting}", encoding="utf-8")

        def first() -> None:
            write("a")

        return [
            Step("first", "Analyse", [Setting(name="setting", value=setting)], [file(made / "a")], first),
            Step("all", "Analyse", [Folder(path=made)], [file(tmp_path / "of all")], lambda: (tmp_path / "of all").touch()),
            Step("one", "Analyse", [file(made / "b")], [file(tmp_path / "of one")], lambda: (tmp_path / "of one").touch()),
        ]

    (made / "b").touch()
    (made / "a").touch()
    # Nothing says which of the two comes first.
    run_steps(steps(1), build)
    run_steps(steps(1), build)
    assert plan_of(steps(1), build).steps == ()
    assert plan_of(steps(2), build).steps == ("first", "all")
    whole = [Step("whole", "Analyse", [], [Folder(path=made)], lambda: None), *steps(1)[2:]]
    assert plan_of(whole, build).steps == ("whole", "one")


def test_times_are_those_of_the_last_time_and_of_steps_that_came_to_their_end(tmp_path: Path) -> None:
    build = tmp_path / "build"
    with pytest.raises(InputError):
        run_steps(chain(tmp_path, wrong="second"), build)
    assert {"first"} <= times_of(build).steps.keys() <= {"first", "alone"}
    run_steps(chain(tmp_path), build)
    assert times_of(build).steps.keys() == {"first", "second", "third", "alone"}
    keep_times(build, {"first": 60.0, "second": 20.0}, clock=40.0)
    assert times_of(build).of(("first", "second")) == 40.0
    assert times_of(build).of(("first", "new")) is None and times_of(build).of(()) is None
    assert (build / "times.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "written",
    ["", "[]", "{}", '{"steps": 1, "share": 1}', '{"steps": {"a": -1}, "share": 1}', '{"steps": {"a": 1}, "share": 1e999}'],
)
def test_times_that_cannot_be_read_are_none_and_are_written_again(tmp_path: Path, written: str) -> None:
    (tmp_path / "times.json").write_text(written, encoding="utf-8")
    assert times_of(tmp_path) == Times({})
    keep_times(tmp_path, {"a": 2.0}, clock=1.0)
    assert times_of(tmp_path) == Times({"a": 2.0}, 0.5)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.2, "under 1 s"), (1, "1 s"), (59.4, "59 s"), (60, "1 min"), (61, "2 min"), (3600, "1 h"), (4500, "1 h 15 min")],
)
def test_what_is_to_come_is_said_no_more_precisely_than_it_is_known(seconds: float, said: str) -> None:
    assert in_words(seconds) == said


def test_each_line_says_what_is_left(tmp_path: Path) -> None:
    out = io.StringIO()
    first, second, *_ = chain(tmp_path)
    with Display(Console(file=out, width=120), [first, second], "run") as display:
        display.planned(Plan(("first", "second"), Times({"first": 30.0, "second": 90.0})))
        for step in (first, second):
            display.began(step)
            display.ended(step, 1.0, None)
    said = [" ".join(line.split()) for line in out.getvalue().splitlines()]
    assert said == [
        "2 steps to run, 2 min by the last time.",
        "done 1.0 s Analyse first (1 left, 2 min)",
        "done 1.0 s Analyse second",
    ]


def test_the_log_has_a_line_for_each_step_whatever_became_of_it(tmp_path: Path) -> None:
    place, build = tmp_path / "run.jsonl", tmp_path / "build"
    log = RunLog(place)
    with pytest.raises(InputError):
        run_steps(chain(tmp_path, wrong="third"), build, listener=Listeners(log))
    log.close()
    log = RunLog(place)
    steps = chain(tmp_path)
    log.finished(steps, run_steps(steps, build, listener=log))
    log.close()
    lines = [json.loads(line) for line in place.read_text(encoding="utf-8").splitlines()]
    told = [(line["step"], line["result"]) for line in lines]
    assert ("third", "failed") in told and told.index(("third", "failed")) < told.index(("third", "done"))
    assert {("first", "done"), ("first", "up to date"), ("second", "up to date")} <= set(told)
    failed = next(line for line in lines if line["result"] == "failed")
    assert failed["error"] == "It cannot be made." and failed["start"] <= failed["end"] and failed["memory_mib"] > 0


@pytest.mark.parametrize("held", ["edition: demo\n", "[1]\n", '{"other": 1}\n', "\x00", "12\n"])
def test_nothing_is_added_to_another_file(tmp_path: Path, held: str) -> None:
    place = tmp_path / "params.yml"
    place.write_text(held, encoding="utf-8")
    with pytest.raises(InputError, match="something else than a log"):
        RunLog(place)
    assert place.read_text(encoding="utf-8") == held


def test_a_log_that_cannot_be_written_is_told_and_fails_no_step(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault):
        RunLog(tmp_path / "no-such-folder" / "log")
    log = RunLog(tmp_path / "log")
    log._written = open("/dev/full", "w", encoding="utf-8")  # noqa: SIM115
    steps = chain(tmp_path)
    assert [one.result for one in run_steps(steps, tmp_path / "build", listener=log)] == ["done"] * 4
    log.finished(steps, [Outcome("first", "up to date")])
    log.close()
    assert log.trouble is not None and "No space left" in str(log.trouble)
