"""At one edition one run is at work at a time; whoever comes second waits, says for whom, and finds everything whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from kvarn.base.locks import let_run_end, one_run, run_at_work
from kvarn.pipeline.engine import Step, run_steps
from kvarn.pipeline.nodes import file

WORK = """
import sys, time
from pathlib import Path
from kvarn.pipeline.engine import Step, run_steps
from kvarn.pipeline.nodes import file

top, name = Path(sys.argv[1]), sys.argv[2]

def steps():
    for number in range(4):
        made, before = top / f"{number}.txt", top / (f"{number - 1}.txt" if number else "source.txt")

        def act(made=made, before=before):
            made.unlink(missing_ok=True)
            with (top / "log").open("a") as log:
                log.write(f"{name} begins {made.stem}\\n")
            time.sleep(float(sys.argv[3]))
            made.write_text(before.read_text() + made.stem)
            with (top / "log").open("a") as log:
                log.write(f"{name} ends {made.stem}\\n")

        yield Step(f"step-{number}", "Process", [file(before)], [file(made)], act)

outcomes = run_steps(list(steps()), top / "build", waiting=lambda holder: print("waits for", holder, flush=True))
print(*[one.result for one in outcomes], sep=",")
"""


def start(top: Path, name: str, *, seconds: float = 0.15) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WORK, str(top), name, str(seconds)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("offset", [0.0, 0.2, 0.8])
def test_two_runs_at_once_do_each_step_once_and_one_after_the_other(tmp_path: Path, offset: float) -> None:
    (tmp_path / "source.txt").write_text("s")
    runs = [start(tmp_path, "one")]
    time.sleep(offset)
    runs += [start(tmp_path, "other"), start(tmp_path, "third")]
    said = []
    for run in runs:
        out, errors = run.communicate(timeout=100)
        assert run.returncode == 0, errors
        said.append(out)
    log = (tmp_path / "log").read_text().splitlines()
    # Each step is done once, by whoever came first, and none begins before the one before has ended.
    name = log[0].split()[0]
    assert log == [f"{name} {what} {number}" for number in range(4) for what in ("begins", "ends")]
    assert sorted(out.splitlines()[-1] for out in said) == sorted(
        ["done,done,done,done", *2 * ["up to date," * 3 + "up to date"]]
    )
    assert (tmp_path / "3.txt").read_text() == "s0123"


def test_whoever_waits_says_for_whom_and_a_killed_run_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "source.txt").write_text("s")
    # It is killed in the middle of its first step, however slowly the second one starts.
    first = start(tmp_path, "one", seconds=100)
    for _ in range(600):
        if (tmp_path / "log").exists():
            break
        time.sleep(0.05)
    second = start(tmp_path, "other")
    assert second.stdout is not None
    said = second.stdout.readline()
    assert "a run of the edition build" in said and f"process {first.pid} on " in said and " since 20" in said
    first.send_signal(signal.SIGKILL)
    first.communicate()
    out, errors = second.communicate(timeout=100)
    assert second.returncode == 0, errors
    assert "done" in out and (tmp_path / "3.txt").read_text() == "s0123"
    assert not (tmp_path / "build" / ".run.holder").exists()


def test_another_edition_waits_for_nobody(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    made = tmp_path / "b.txt"
    step = Step("make", "Process", [file(tmp_path / "a.txt")], [file(made)], lambda: made.write_text("b") and None)
    with one_run("the release of the edition 2023", tmp_path / "build" / "2023"):
        done = threading.Thread(target=run_steps, args=([step], tmp_path / "build" / "2024"))
        done.start()
        done.join(60)
    assert made.read_text() == "b"


def test_who_is_at_work_is_told_without_waiting_and_waited_for_where_it_matters(tmp_path: Path) -> None:
    build, waited = tmp_path / "build", list[str]()
    assert run_at_work(build) is None and not build.exists()
    at_work, end = threading.Event(), threading.Event()

    def work() -> None:
        with one_run("a run of the edition 2023", build):
            at_work.set()
            end.wait(60)

    run = threading.Thread(target=work)
    run.start()
    assert at_work.wait(60)
    said = run_at_work(build)
    assert said is not None and "a run of the edition 2023" in said and f"process {os.getpid()}" in said
    waiting = threading.Thread(target=let_run_end, args=(build, lambda holder: (waited.append(holder), end.set())))
    waiting.start()
    waiting.join(60)
    run.join(60)
    assert waited == [said] and not waiting.is_alive()
    assert run_at_work(build) is None
    let_run_end(build, lambda holder: pytest.fail(holder))


def test_a_run_that_fails_lets_go(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")

    def fail() -> None:
        raise OSError(28, os.strerror(28))

    step = Step("make", "Process", [file(tmp_path / "a.txt")], [file(tmp_path / "b.txt")], fail)
    for _ in range(2):
        with pytest.raises(Exception, match="No space left"):
            run_steps([step], tmp_path / "build")
    with one_run("another", tmp_path / "build", lambda holder: pytest.fail(holder)):
        pass
