"""Runs a command again and again, and lets another file operation of it fail each time. Run as a program: it forks for each run.

    python driving.py FOLDER PROJECT [--code ENOSPC] [--every 1] [--seed 0] [--lasting] [--time 20] -- publish params/small.yml

PROJECT is kept as it is, and copied for each attempt. A publication that was made before lies in it, so that something can be
lost. The command runs on from where the run before it has failed, with the next operation failing, until it comes to its end.
Prints a line for each thing that is wrong, and last how many operations were tried of how many.
"""

from __future__ import annotations

import argparse
import atexit
import contextlib
import errno
import gc
import hashlib
import importlib
import itertools
import json
import os
import pickle
import random
import re
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

sys.path.insert(0, str(Path(__file__).parent))

import failing
from failing import BEFORE, REMOVING, Faults, Operation

WARM = (
    *("matplotlib.figure", "nbconvert", "papermill", "pyarrow.parquet", "pytask", "typst", "xlsxwriter"),
    *(
        "kvarn.cli._collect",
        "kvarn.disseminate.rendering",
        "kvarn.pipeline",
        "kvarn.pipeline.checking",
        "kvarn.pipeline.ordering",
    ),
    *("kvarn.pipeline.publishing", "kvarn.pipeline.releasing", "kvarn.pipeline.steps"),
)
# Rows are kept in files named by the deliveries in them, as many as one run took; and pytask has a record of what is finished.
EITHER_WAY = re.compile(r"/rows/\w+/\d+/[\d-]+\.parquet$|^build/\w+/(\.pytask/)?[\w.]+\.journal$")
MARK = "KVARN_OF_TEST="
# Two seconds until a run ends itself, one for that, and what a busy machine takes.
PATIENCE = 4.0
FORBIDDEN = ("Traceback", "defect of kvarn", "Exception ignored", "Error:", "Errno", "None")


@dataclass
class Ended:
    """How a run ended."""

    status: int
    said: str
    errors: str
    failed: Operation | None
    took: float
    phases: list[str]
    operations: int


def warm() -> None:
    """What every run would import anew."""
    for name in WARM:
        importlib.import_module(name)


def run(command: Sequence[str], project: Path, temporary: Path, faults: Faults) -> Ended:
    """The command, in a process of its own, with these faults."""
    said, errors, told = (temporary.parent / name for name in ("said", "errors", "told"))
    told.unlink(missing_ok=True)
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        try:
            for number, file in ((1, said), (2, errors)):
                os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.chdir(project)
            os.environ["TMPDIR"] = os.environ[MARK[:-1]] = str(temporary)
            os.environ["COLUMNS"] = "500"
            tempfile.tempdir = None
            for name in ("SIGINT", "SIGTERM", "SIGHUP"):
                signal.signal(getattr(signal, name), signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL)
            _child(command, faults, told)
        except Exception:
            traceback.print_exc()
            os._exit(99)
    _, status = os.waitpid(child, 0)
    ended = time.time()
    found = [json.loads(line) for line in told.read_text().splitlines()] if told.exists() else []
    hit = next((one for one in found if "failed" in one), None)
    whole = next((one for one in found if "phases" in one), {"phases": [], "operations": 0})
    failed, took = (Operation(**hit["failed"]), ended - hit["at"]) if hit else (None, 0.0)
    code = os.waitstatus_to_exitcode(status)
    return Ended(code, said.read_text(), errors.read_text(), failed, took, **whole)


def _child(command: Sequence[str], faults: Faults, told: Path) -> None:
    """The command, which ends this process."""
    from kvarn.cli import main

    # What was there before the fork is none of the run's: it need not be gone through when the run has ended.
    gc.freeze()

    def tell(what: dict[str, object]) -> None:
        with told.open("a") as file:
            file.write(f"{json.dumps(what)}\n")

    faults.hit = lambda operation: tell({"failed": asdict(operation), "at": time.time()})
    _follow_steps(faults)
    failing.install(faults)
    status: object = 0
    try:
        main(list(command))
    except SystemExit as ended:
        status = ended.code or 0
    finally:
        faults.over = True
        phases = list(dict.fromkeys(operation.phase for operation in faults.seen))
        tell({"phases": phases, "operations": len(faults.seen)})
    _end(status if isinstance(status, int) else 1)


def _end(status: int) -> None:
    """End as Python does: wait for threads, let what was to run at the end run, and let go of what the run has left behind.

    All but taking apart the modules that were imported before the fork, which takes longer than most commands.
    """
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    gc.collect()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _follow_steps(faults: Faults) -> None:
    """Let the phase of an operation be the step that is at work, or the one that has ended."""
    from kvarn.pipeline.progress import Display

    now = [BEFORE]
    began, ended = Display.began, Display.ended

    def has_begun(self: Display, step: object) -> None:
        now[0] = str(step.name)  # type: ignore[attr-defined]
        began(self, step)  # type: ignore[arg-type]

    def has_ended(self: Display, step: object, seconds: float, error: BaseException | None) -> None:
        ended(self, step, seconds, error)  # type: ignore[arg-type]
        now[0] = f"after {step.name}"  # type: ignore[attr-defined]

    Display.began, Display.ended = has_begun, has_ended  # type: ignore[method-assign]
    faults.where = lambda: now[0]


class Attempt:
    """One project that a command is tried on."""

    def __init__(self, folder: Path, kept: Path, command: Sequence[str], published: Sequence[str]) -> None:
        self.folder, self.kept, self.command = folder, kept, command
        self.temporary = folder / "tmp"
        self.project = folder / "project"
        self.published = [self.project / name for name in published]
        self.found: list[str] = []
        self.tried = 0
        self.reading = self.shown = self.grows = False
        self.signal: int | None = None

    def fresh(self) -> None:
        shutil.rmtree(self.temporary, ignore_errors=True)
        self.temporary.mkdir()
        failing.restored(self.kept, self.project)

    def state(self) -> dict[str, str]:
        """What is published, by its bytes."""
        return {
            path.relative_to(self.project).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for place in self.published
            for path in ([place] if place.is_file() else sorted(place.rglob("*")))
            if path.is_file()
        }

    def paths(self) -> set[str]:
        return {path.relative_to(self.project).as_posix() for path in self.project.rglob("*") if "__pycache__" not in path.parts}

    def undisturbed(self) -> Ended:
        self.fresh()
        self.before, before = self.state(), self.paths()
        whole = run(self.command, self.project, self.temporary, self.faults())
        if whole.status:
            raise SystemExit(f"Undisturbed it fails: {whole.said}\n{whole.errors}")
        self.after, allowed = self.state(), self.paths() | before
        # What a second run keeps besides.
        run(self.command, self.project, self.temporary, self.faults())
        self.allowed = allowed | self.paths()
        self.order = whole.phases
        return whole

    def known_undisturbed(self, kept: Path) -> Ended:
        """As `undisturbed`, made once."""
        if not kept.exists():
            kept.write_bytes(pickle.dumps((self.undisturbed(), self.before, self.after, self.allowed, self.order)))
        whole, self.before, self.after, self.allowed, self.order = pickle.loads(kept.read_bytes())
        return cast("Ended", whole)

    def faults(self, **given: object) -> Faults:
        return Faults([self.project, self.temporary], reading=self.reading, signal=self.signal, **given)  # type: ignore[arg-type]

    def complain(self, at: Operation | None, what: str) -> None:
        place = f"{at.kind} {self.short(at.path)} in {at.phase} ({at.number})" if at else "without a fault"
        print(f"{place}: {what}", flush=True)

    def short(self, path: str) -> str:
        return path.replace(str(self.folder), "")

    def judge_stopped(self, ended: Ended) -> None:
        """Hold a run that was sent a signal to how it ends."""
        at, said = ended.failed, ended.errors
        if ended.status != 128 + int(self.signal or 0):
            # It may have come to its end already.
            self.complain(at, f"exit status {ended.status}: {said.strip()[-600:]}")
        elif said.count("Stopped.") != 1 or "Traceback" in said or "rror" in said:
            self.complain(at, f"says {said.strip()[-600:]}")
        if ended.took > PATIENCE:
            self.complain(at, f"takes {ended.took:.1f} s to end")
        self.judge_published(at)
        if left := [*self.processes(), *(path.name for path in self.temporary.iterdir())]:
            self.complain(at, f"leaves {left}")
        if left := sorted(path for path in self.paths() - self.allowed if not EITHER_WAY.search(path)):
            print(f"# {at and at.phase} {at and self.short(at.path)} leaves to the next run {left[:5]} ({len(left)})")

    def judge_published(self, at: Operation | None) -> None:
        """What was published stands whole, or what is published now."""
        state = self.state()
        gone = sorted(self.before.keys() - state.keys())
        if gone or (not self.grows and state not in (self.before, self.after)):
            both = {*state, *self.before}
            other = [name for name in both if state.get(name) not in (self.before.get(name), self.after.get(name))]
            self.complain(at, f"what was published does not stand: {other[:5]} {len(state)} of {len(self.before)}, {gone[:5]}")

    def processes(self) -> list[str]:
        """What still runs of what was begun here."""
        found = []
        for place in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if MARK.encode() + str(self.temporary).encode() in (place / "environ").read_bytes():
                    found.append((place / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        return found

    def judge(self, ended: Ended, *, whole: bool) -> None:
        """Hold a run that was disturbed to what it may leave and say."""
        at = ended.failed
        if self.signal is not None and at is not None:
            return self.judge_stopped(ended)
        text = ended.said + ended.errors
        if self.shown:
            print(f"   {at and (at.kind, self.short(at.path), at.phase)} {ended.status} {self.short(ended.errors.strip())}")
        for word in FORBIDDEN:
            if word in text:
                self.complain(at, f"says {word!r}: {text.strip()[-600:]}")
                break
        if ended.status == 0:
            pass
        elif ended.status not in {1, 2}:
            self.complain(at, f"exit status {ended.status}: {text.strip()[-600:]}")
        elif at is not None and "where:" not in ended.errors:
            self.complain(at, f"does not say where: {ended.errors.strip()[-600:]}")
        elif at is not None and "remedy:" not in ended.errors:
            self.complain(at, f"says no remedy: {ended.errors.strip()[-600:]}")
        self.judge_published(at)
        if whole and ended.status == 0 and self.state() != self.after:
            self.complain(at, "ends well, and what it has made is not what it makes")
        if at is not None and at.kind in REMOVING:
            # It stays until what lies there is made anew.
            self.allowed |= self.paths()
        else:
            left = sorted(path for path in self.paths() - self.allowed if not EITHER_WAY.search(path))
            # What Python tries a temporary folder with is Python's to remove.
            left += [f"tmp/{path.name}" for path in self.temporary.iterdir() if not re.fullmatch(r"[a-z0-9_]{8}", path.name)]
            if left:
                self.complain(at, f"leaves {left[:5]} ({len(left)})")

    def chained(self, code: int, every: int, lasting: bool, until: float, chance: random.Random, resume: bool) -> None:
        """Let the operations fail one after the other, in runs that go on where the one before has failed."""
        phase, number = self.order[0], 1 + chance.randrange(every)
        reached, stopped = self.folder / "reached.json", self.folder / "stopped"
        if resume and reached.exists():
            phase, number = json.loads(reached.read_text())
        else:
            self.fresh()
            failing.restored(self.project, stopped)
        while True:
            given = {"order": self.order, "phase": phase, "number": number, "code": code, "lasting": lasting}
            ended = run(self.command, self.project, self.temporary, self.faults(**given))
            self.judge(ended, whole=ended.failed is None)
            if ended.failed is None:
                reached.unlink()
                break
            self.tried += 1
            if ended.status:
                failing.restored(self.project, stopped)
            else:
                # It can do without, and has done all: the next fault is for one that has not.
                failing.restored(stopped, self.project)
            step = every if every == 1 else 1 + chance.randrange(2 * every - 1)
            phase, number = ended.failed.phase, ended.failed.number + step
            reached.write_text(json.dumps([phase, number]))
            if time.monotonic() > until:
                if resume:
                    return
                ended = run(self.command, self.project, self.temporary, self.faults())
                self.judge(ended, whole=True)
                break
        if ended.status:
            self.complain(None, f"does not come to its end: {ended.errors}")

    def apart(self, code: int, every: int, lasting: bool, until: float, chance: random.Random, whole: int) -> None:
        """Let each operation fail in a project of its own, and run the command again."""
        for number in itertools.count(1 + chance.randrange(every), every):
            # There may be more than before, where other runs have left something among temporary files: it ends when none failed.
            if number > 2 * whole or time.monotonic() > until:
                break
            self.fresh()
            given = {"order": self.order, "phase": self.order[0], "number": number, "code": code, "lasting": lasting}
            ended = run(self.command, self.project, self.temporary, self.faults(**given))
            if ended.failed is None:
                break
            self.tried += 1
            self.judge(ended, whole=False)
            again = run(self.command, self.project, self.temporary, self.faults())
            self.judge(again, whole=True)
            if again.status and self.state() != self.after:
                self.complain(ended.failed, f"does not come to its end afterwards: {again.errors}")


def _be_careless() -> None:
    from kvarn.edition import _next

    def written(path: Path, content: bytes, **_: object) -> None:
        path.write_bytes(content)

    _next.replace_file = written  # type: ignore[assignment]


def main(arguments: list[str]) -> None:
    split = arguments.index("--")
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("project", type=Path)
    parser.add_argument("--code", default="ENOSPC")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--lasting", action="store_true")
    parser.add_argument("--reading", action="store_true")
    parser.add_argument("--show", action="store_true", help="Print what is said each time.")
    parser.add_argument("--signal", help="Send this instead of letting an operation fail: SIGINT, SIGTERM, SIGHUP.")
    parser.add_argument("--resume", action="store_true", help="Go on where the time was up.")
    parser.add_argument("--careless", action="store_true", help="Write files where they stand, which must be noticed.")
    parser.add_argument("--grows", action="store_true", help="What is published comes file by file.")
    parser.add_argument("--apart", action="store_true")
    parser.add_argument("--time", type=float, default=1e9)
    parser.add_argument("--holds", action="append", default=[], help="What is published, in the project.")
    asked = parser.parse_args(arguments[:split])
    warm()
    if asked.careless:
        _be_careless()
    until = time.monotonic() + asked.time
    attempt = Attempt(asked.folder, asked.project, arguments[split + 1 :], asked.holds or ["publications"])
    attempt.grows = asked.grows
    attempt.reading, attempt.shown = asked.reading, asked.show
    attempt.signal = getattr(signal, asked.signal) if asked.signal else None
    whole = attempt.known_undisturbed(asked.folder / "undisturbed.pickle") if asked.resume else attempt.undisturbed()
    code, chance = getattr(errno, asked.code), random.Random(asked.seed)
    if asked.apart:
        attempt.apart(code, asked.every, asked.lasting, until, chance, whole.operations)
    else:
        attempt.chained(code, asked.every, asked.lasting, until, chance, asked.resume)
    print(f"tried {attempt.tried} of {whole.operations}")


if __name__ == "__main__":
    main(sys.argv[1:])
