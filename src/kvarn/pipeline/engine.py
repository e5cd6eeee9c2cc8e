"""Running steps: pytask decides what is out of date and runs it; this module says it in the user's words.

pytask is imported where it is used: where nothing is out of date, which its own record tells, it is not started.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Protocol

from kvarn.base.at_once import at_once
from kvarn.base.exchange import put_back, require_replaceable
from kvarn.base.locks import one_run
from kvarn.base.modes import private
from kvarn.base.stopping import ended_by_stop, require_going_on
from kvarn.base.system_faults import refused, remedy_for
from kvarn.base.temporary import own_folder
from kvarn.errors import EnvironmentFault, Interrupted, KvarnError
from kvarn.metadata import lists_held
from kvarn.pipeline.libraries import versions_of
from kvarn.pipeline.nodes import Code, Computed, File, Folder, Setting, Stamp, hashes_kept, is_new, left_over, stamp
from kvarn.pipeline.pytask_session import build
from kvarn.pipeline.reasons import BEFORE, Reasons, keep_parts
from kvarn.pipeline.times import Plan, keep_times, times_of
from kvarn.pipeline.unchanged import STATE_OF_TASK, nothing_to_do, to_be_run
from kvarn.programme import as_held_here, current_project

if TYPE_CHECKING:
    from pytask import PNode, PTask

__all__ = ["Box", "Listener", "Outcome", "Silent", "Step", "StepStatus", "all_up_to_date", "plan_of", "run_steps", "status_of"]

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

    def planned(self, plan: Plan) -> None:
        """Hear what there is to do, before the first step begins."""

    def began(self, step: Step) -> None:
        """Hear that a step begins."""

    def ended(self, step: Step, seconds: float, error: BaseException | None) -> None:
        """Hear that a step has ended, and how."""


class Silent:
    """A listener that keeps quiet."""

    def planned(self, plan: Plan) -> None:
        """Say nothing."""

    def began(self, step: Step) -> None:
        """Say nothing."""

    def ended(self, step: Step, seconds: float, error: BaseException | None) -> None:
        """Say nothing."""


def run_steps(
    steps: Sequence[Step],
    folder: Path,
    *,
    workers: int = 2,
    listener: Listener | None = None,
    waiting: Callable[[str], None] | None = None,
) -> list[Outcome]:
    """Run every step that is out of date. One run at a time is at work in a folder; another waits until it has ended.

    Parameters
    ----------
    folder
        Where pytask keeps its lock file: the edition's build folder.
    workers
        How many light steps run at once.
    waiting
        Called once when another run has to end first: with who that is, and since when.

    Raises
    ------
    KvarnError
        What the first failing step raised, with what others that failed meanwhile raised as its notes. Steps that were
        finished stay finished.
    """
    with one_run(f"a run of the edition {folder.name}", folder, waiting), hashes_kept(folder):
        folders = [node.path for step in steps for node in step.makes if isinstance(node, Folder)]
        for folder_made in folders:
            put_back(folder_made)
        if nothing_to_do(steps, folder, _needs):
            return [Outcome(step.name, "up to date") for step in steps]
        computed = [node.place for step in steps for node in step.makes if isinstance(node, Computed) and node.place]
        at_once(*(partial(require_replaceable, folder_made) for folder_made in [*folders, *computed]))
        listener = listener or Silent()
        listener.planned(plan_of(steps, folder))
        return _run(steps, folder, workers, listener)


def plan_of(steps: Sequence[Step], folder: Path) -> Plan:
    """What a run of these steps has before it, and how long that took the last time."""
    return Plan(to_be_run(steps, folder, _needs), times_of(folder))


def _run(steps: Sequence[Step], folder: Path, workers: int, listener: Listener) -> list[Outcome]:
    from pytask import ExitCode, TaskOutcome

    stop = threading.Event()
    heard: dict[str, float] = {}
    raised: dict[str, BaseException] = {}
    began = time.monotonic()
    tasks = [_task(step, listener, heard, stop, raised) for step in steps]
    try:
        with private(), ended_by_stop(stop.set), _stopping(stop):
            keep_parts([*(node for step in steps for node in step.needs), *map(_libraries, steps)], folder)
            session, heard_of = build(tasks, folder, n_workers=workers, parallel_backend="threads")
    except KeyboardInterrupt:
        raise Interrupted("Stopped.", remedy="Finished steps are kept: run the same command again to go on.") from None
    except EnvironmentFault as fault:
        # That the record of the steps cannot be kept may have the reason for which they have failed.
        require_going_on()
        raise _together({**raised, "record": fault}) from None
    finally:
        done = {name: seconds for name, seconds in heard.items() if name not in raised}
        keep_times(folder, done, clock=time.monotonic() - began)
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
    if heard_of:
        raise refused(heard_of[0], where=str(folder)) or heard_of[0]
    if session.exit_code != ExitCode.OK or len(outcomes) < len(steps):
        raise Interrupted("Stopped.", remedy="Finished steps are kept: run the same command again to go on.")
    return outcomes


def status_of(steps: Sequence[Step], folder: Path) -> list[StepStatus]:
    """For each step, whether it is up to date, or what has changed. Nothing is run."""
    if nothing_to_do(steps, folder, _needs):
        return [StepStatus(step.name, True) for step in steps]
    return _explained(steps, folder)


def all_up_to_date(steps: Sequence[Step], folder: Path) -> bool:
    """Whether each of the steps stands as it was recorded; where that cannot be told, it does not."""
    return nothing_to_do(steps, folder, _needs)


def _explained(steps: Sequence[Step], folder: Path) -> list[StepStatus]:
    from pytask import TaskOutcome

    tasks = [_task(step, Silent(), {}, threading.Event(), {}) for step in steps]
    with contextlib.ExitStack() as asking:
        # Whoever only asks about an edition leaves nothing of it.
        asked = folder
        if not folder.is_dir():
            asked = Path(asking.enter_context(tempfile.TemporaryDirectory(dir=own_folder())))
            asking.enter_context(_no_folder_made(steps))
        session, _ = build(tasks, asked, explain=True)
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


@contextlib.contextmanager
def _no_folder_made(steps: Sequence[Step]) -> Iterator[None]:
    """Remove the empty folders that pytask makes for products, also of steps that it does not run."""
    products = [node.path for step in steps for node in step.makes if isinstance(node, File | Folder)]
    missing = {above for path in products for above in path.parents if not above.exists()}
    try:
        yield
    finally:
        for above in sorted(missing, key=lambda path: len(path.parts), reverse=True):
            with contextlib.suppress(OSError):
                above.rmdir()


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

    needs = {f"needs_{number}": node for number, node in enumerate(_needs(step))}
    makes = {f"makes_{number}": node for number, node in enumerate(step.makes)}
    task: PTask = _step_task()(name=step.name, function=act, depends_on=needs, produces=makes)
    return task


@functools.cache
def _step_task() -> type[Any]:
    from pytask import TaskWithoutPath

    class StepTask(TaskWithoutPath):
        """A step as pytask sees it. Its code is a dependency like any other (`Code`), so the task itself never changes."""

        def state(self) -> str | None:
            return STATE_OF_TASK

    return StepTask


def _needs(step: Step) -> list[PNode]:
    return [*step.needs, _libraries(step)]


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
    import pytask

    if isinstance(error, KvarnError):
        return error
    if isinstance(error, pytask.NodeNotFoundError):
        # "'step' requires missing node 'path'. …": it is the user's to give, or has been removed since it was made.
        missing = str(error).partition("missing node ")[2].partition("\n")[0].removesuffix(".").strip("'\"")
        what = "Something that the step needs is not there."
        return EnvironmentFault(what, where=f"step {step}, {missing}", remedy=remedy_for(FileNotFoundError(errno.ENOENT, "")))
    # Of a file that is written to the system does not say which it is, nor on which disk.
    where = f"a file of the project, or a temporary one in {tempfile.gettempdir()}"
    fault = refused(error, where=where, project=current_project())
    if fault is not None:
        fault.where = f"step {step}" + (f", {fault.where}" if fault.where else "")
        fault.args = (fault.what, fault.where, fault.remedy)
    return fault or error
