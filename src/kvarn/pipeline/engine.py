"""Running steps: pytask decides what is out of date; this module says it in the user's words."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import Any, Protocol

import pytask
from pytask import ExitCode, PNode, PTask, TaskOutcome, TaskWithoutPath

from kvarn.base.exchange import put_back
from kvarn.base.modes import private
from kvarn.base.stopping import ended_by_stop, require_going_on
from kvarn.errors import EnvironmentFault, Interrupted, KvarnError
from kvarn.metadata import lists_held
from kvarn.pipeline.libraries import versions_of
from kvarn.pipeline.nodes import Code, Folder, Setting, Stamp, is_new, left_over, stamp
from kvarn.pipeline.reasons import BEFORE, Reasons, keep_parts
from kvarn.programme import as_held_here

__all__ = ["Box", "Listener", "Outcome", "Silent", "Step", "StepStatus", "run_steps", "status_of"]

# Steps that go through the microdata one at a time: each has all cores and most of the memory to itself.
_microdata = threading.Lock()


class Box(StrEnum):
    """In what a step runs: what it can open, and what it can write."""

    KVARN = "kvarn's own process"
    COMPUTE = "a kernel that reads the register and writes tables; what it prints is restricted"
    PRESENT = "a kernel that reads protected tables and opens nothing restricted"
    RENDERER = "another program in a folder of its own"


@dataclass(frozen=True)
class Step:
    """One step of the way: what it needs, what it makes, and how.

    Attributes
    ----------
    name
        Unique in the edition, such as ``present-sv-persons``.
    phase
        The GSBPM phase, for the progress display.
    microdata
        Whether it goes through microdata; such steps run one at a time.
    box
        In what it runs.
    libraries
        The distributions that it stands on besides those that its code imports: fonts, and what notebooks import.
    """

    name: str
    phase: str
    needs: Sequence[PNode]
    makes: Sequence[PNode]
    action: Callable[[], None]
    microdata: bool = False
    box: Box = Box.KVARN
    libraries: Sequence[str] = ()

    @property
    def all_libraries(self) -> tuple[str, ...]:
        """Every distribution that it stands on, sorted: a new version of one makes anew what the step makes."""
        imported = [name for node in self.needs if isinstance(node, Code) for name in node.libraries]
        return tuple(sorted({*imported, *self.libraries}))


@dataclass(frozen=True)
class Outcome:
    """How a step ended: ``done``, ``up to date``, ``failed`` or ``waiting`` (for one that failed)."""

    step: str
    result: str
    seconds: float = 0.0


@dataclass(frozen=True)
class StepStatus:
    """Whether a step is up to date, or why not."""

    step: str
    up_to_date: bool
    reasons: tuple[str, ...] = ()


class Listener(Protocol):
    """Is told of every step as it begins and ends, from whichever thread runs it."""

    def began(self, step: Step) -> None:
        """Hear that a step begins."""

    def ended(self, step: Step, seconds: float, error: BaseException | None) -> None:
        """Hear that a step has ended, and how."""


class Silent:
    """A listener that keeps quiet."""

    def began(self, step: Step) -> None:
        """Say nothing."""

    def ended(self, step: Step, seconds: float, error: BaseException | None) -> None:
        """Say nothing."""


class _StepTask(TaskWithoutPath):
    """A step as pytask sees it. Its code is a dependency like any other (`Code`), so the task itself never changes."""

    def state(self) -> str | None:
        return "1"


def run_steps(steps: Sequence[Step], folder: Path, *, workers: int = 2, listener: Listener | None = None) -> list[Outcome]:
    """Run every step that is out of date.

    Parameters
    ----------
    folder
        Where pytask keeps its lock file: the edition's build folder.
    workers
        How many light steps run at once.

    Raises
    ------
    KvarnError
        What the first failing step raised, with what others that failed meanwhile raised as its notes. Steps that were
        finished stay finished.
    """
    stop = threading.Event()
    heard: dict[str, float] = {}
    raised: dict[str, BaseException] = {}
    tasks = [_task(step, listener or Silent(), heard, stop, raised) for step in steps]
    for folder_made in (node.path for step in steps for node in step.makes if isinstance(node, Folder)):
        put_back(folder_made)
    try:
        with private(), ended_by_stop(stop.set), _stopping(stop):
            folder.mkdir(parents=True, exist_ok=True)
            keep_parts([*(node for step in steps for node in step.needs), *map(_libraries, steps)], folder)
            session = _build(tasks, folder, n_workers=workers, parallel_backend="threads")
    except KeyboardInterrupt:
        raise Interrupted("Stopped.", remedy="Finished steps are kept: run the same command again to go on.") from None
    require_going_on()
    outcomes = []
    failed: dict[str, BaseException] = {}
    for report in session.execution_reports:
        error = report.exc_info[1] if report.exc_info else None
        if report.outcome == TaskOutcome.FAIL:
            failed[report.task.name] = error or RuntimeError(f"The step {report.task.name} failed without saying why.")
            continue
        result = "up to date" if report.outcome == TaskOutcome.SKIP_UNCHANGED else "done"
        outcomes.append(Outcome(report.task.name, result, heard.get(report.task.name, 0.0)))
    if failed:
        raise _together({**failed, **raised})
    if session.exit_code != ExitCode.OK or len(outcomes) < len(steps):
        raise Interrupted("Stopped.", remedy="Finished steps are kept: run the same command again to go on.")
    return outcomes


def status_of(steps: Sequence[Step], folder: Path) -> list[StepStatus]:
    """For each step, whether it is up to date, or what has changed. Nothing is run."""
    session = _build([_task(step, Silent(), {}, threading.Event(), {}) for step in steps], folder, explain=True)
    found = {}
    made_by = {node.name: step.name for step in steps for node in step.makes}
    nodes = [node for step in steps for node in (*step.needs, *step.makes)]
    words = Reasons([*nodes, *map(_libraries, steps)], made_by, folder)
    for report in session.execution_reports:
        explanation = report.task.attributes.get("explanation")
        reasons = words.of(explanation.reasons if explanation else (), report.task.name)
        if report.outcome == TaskOutcome.SKIP_UNCHANGED:
            found[report.task.name] = StepStatus(report.task.name, True)
        else:
            error = report.exc_info[1] if report.exc_info else None
            if not reasons and report.outcome == TaskOutcome.FAIL and isinstance(error, Exception):
                reasons = (words.missing(error, report.task.name),)
            found[report.task.name] = StepStatus(report.task.name, False, reasons or (BEFORE,))
    missing = StepStatus("", False, (BEFORE,))
    return [found.get(step.name, StepStatus(step.name, missing.up_to_date, missing.reasons)) for step in steps]


_DEFECT = "This is a defect of kvarn:"


def _task(
    step: Step, listener: Listener, heard: dict[str, float], stop: threading.Event, errors: dict[str, BaseException]
) -> PTask:
    action = as_held_here(step.action)

    def act(**_: Any) -> None:
        with _turn(step):
            if stop.is_set():
                raise Interrupted("Stopped.")
            began = time.monotonic()
            listener.began(step)
            error: BaseException | None = None
            before = [stamp(node) for node in step.makes]
            try:
                with lists_held():
                    action()
                _must_be_new(step, before)
            except BaseException as raised:
                error = errors[step.name] = raised
                raise
            finally:
                heard[step.name] = time.monotonic() - began
                listener.ended(step, heard[step.name], error)

    needs = {f"needs_{number}": node for number, node in enumerate([*step.needs, _libraries(step)])}
    makes = {f"makes_{number}": node for number, node in enumerate(step.makes)}
    return _StepTask(name=step.name, function=act, depends_on=needs, produces=makes)


def _libraries(step: Step) -> Setting:
    versions = versions_of(step.all_libraries)
    return Setting(name="libraries", value=versions, called="a library's version", each="the library {}")


def _must_be_new(step: Step, before: Sequence[Stamp | None]) -> None:
    """What lay there from an earlier run never passes for a product of this one.

    A user's notebook that does not save a table gets an error of its own step; here it is a defect.
    """
    for node, was in zip(step.makes, before, strict=True):
        now = stamp(node)
        old = left_over(was, now)
        if isinstance(node, Folder) and old and len(old) < len(node.files()):
            raise EnvironmentFault(
                "The file was there before, and has not been written by this run.",
                where=old[0],
                remedy="Move it out of the folder, which is for what the program writes, and run again.",
            )
        if not is_new(was, now):
            raise RuntimeError(f"The step {step.name} has ended without making {node.name}.")


@contextmanager
def _stopping(stop: threading.Event) -> Iterator[None]:
    """Let an interrupt stop the steps that wait for their turn, and not only what gives them out."""
    # The program hears of it by itself (`kvarn.base.stopping`).
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGINT) != signal.default_int_handler:
        yield
        return

    def interrupted(number: int, frame: FrameType | None) -> None:
        stop.set()
        signal.default_int_handler(number, frame)

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _turn(step: Step) -> Iterator[None]:
    if step.microdata:
        with _microdata:
            yield
    else:
        yield


def _build(tasks: Iterable[PTask], folder: Path, **options: Any) -> pytask.Session:
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "pytask.toml"
    written = "[tool.pytask.ini_options]\n"
    try:
        if not settings.is_file() or settings.read_text() != written:
            settings.write_text(written)
        with _quiet():
            session = pytask.build(
                tasks=list(tasks),
                config=settings,
                capture="no",
                verbose=0,
                stop_after_first_failure=True,
                show_traceback=False,
                **options,
            )
    except OSError as error:
        raise EnvironmentFault(
            f"The build folder cannot be used: {error.strerror}.", where=str(error.filename or folder)
        ) from None
    if session.exit_code in {ExitCode.CONFIGURATION_FAILED, ExitCode.COLLECTION_FAILED, ExitCode.DAG_FAILED}:
        reports = getattr(session, "collection_reports", [])
        causes = [report.exc_info[1] for report in reports if getattr(report, "exc_info", None)]
        report = getattr(session, "dag_report", None)
        if report is not None and report.exc_info:
            causes.append(report.exc_info[1])
        raise RuntimeError(f"The steps do not fit together: {causes[0] if causes else session.exit_code.name}") from None
    return session


@contextmanager
def _quiet() -> Iterator[None]:
    before = pytask.console.quiet
    pytask.console.quiet = True
    try:
        yield
    finally:
        pytask.console.quiet = before


def _together(failed: Mapping[str, BaseException]) -> BaseException:
    """What every step stopped with, as one: steps run side by side, and the failure of none hides that of another.

    The first that is a user's to put right leads, and the others are its notes; what another's failure has stopped is none.
    """
    found = {name: _in_our_words(error, name) for name, error in failed.items()}
    own = {name: error for name, error in found.items() if not isinstance(error, Interrupted)} or found
    leading = next((name for name, error in own.items() if isinstance(error, KvarnError)), next(iter(own)))
    told = {str(own[leading])}
    for name, error in own.items():
        said = str(error) if isinstance(error, KvarnError) else f"{_DEFECT} {type(error).__name__}: {error}"
        if name != leading and said not in told:
            told.add(said)
            own[leading].add_note(f"The step {name} failed too. {said}")
    return own[leading]


def _in_our_words(error: BaseException, step: str) -> BaseException:
    if isinstance(error, KvarnError):
        return error
    if isinstance(error, pytask.NodeNotFoundError):
        return RuntimeError(f"The step {step}: {error}")
    if isinstance(error, OSError) and error.strerror:
        return EnvironmentFault(
            f"{error.strerror}.",
            where=f"step {step}" + (f", {error.filename}" if error.filename else ""),
            remedy="Check the disk and the permissions (kvarn doctor), and run again: finished steps are kept.",
        )
    return error
