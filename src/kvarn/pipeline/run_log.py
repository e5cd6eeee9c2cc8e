"""What a run did, for programs that watch it: a line of JSON for each step, as soon as the step has ended."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import resource
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

from kvarn.base.system_faults import refused
from kvarn.errors import EnvironmentFault, InputError, KvarnError
from kvarn.pipeline.engine import Listener, Outcome, Step
from kvarn.pipeline.times import Plan

__all__ = ["Listeners", "RunLog"]

_MIB = 1024


class RunLog:
    """Adds a line to a file for each step: ``step``, ``phase``, ``start``, ``end`` (UTC), ``seconds``, ``result`` (``done``,
    ``failed``, ``up to date``), ``memory_mib`` (the most that kvarn's own process has had so far; kernels have theirs) and, of a
    step that failed, ``error``. Where a step need not run there are ``step``, ``phase`` and ``result`` alone.

    Raises
    ------
    InputError
        The file holds something else.
    EnvironmentFault
        It cannot be written.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._lock = threading.Lock()
        self._began: dict[str, dt.datetime] = {}
        # Why a line could not be written: no run fails for that.
        self.trouble: EnvironmentFault | None = None
        try:
            _require_log(file)
            self._written: TextIO = file.open("a", encoding="utf-8")
        except OSError as error:
            raise refused(error, where=str(file)) or error from None

    def close(self) -> None:
        """No line comes after."""
        with contextlib.suppress(OSError):
            self._written.close()

    def planned(self, plan: Plan) -> None:
        """Nothing has been done yet."""

    def began(self, step: Step) -> None:
        """Take the time."""
        self._began[step.name] = _now()

    def ended(self, step: Step, seconds: float, error: BaseException | None) -> None:
        """Write the line of a step that has run."""
        ended = _now()
        line = {
            "step": step.name,
            "phase": step.phase,
            "start": self._began.get(step.name, ended).isoformat(timespec="seconds"),
            "end": ended.isoformat(timespec="seconds"),
            "seconds": round(seconds, 3),
            "result": "done" if error is None else "failed",
            "memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // _MIB,
        }
        if error is not None:
            line["error"] = error.what if isinstance(error, KvarnError) else type(error).__name__
        self._write(line)

    def finished(self, steps: Sequence[Step], outcomes: Sequence[Outcome]) -> None:
        """Write the lines of the steps that were up to date."""
        phases = {step.name: step.phase for step in steps}
        for outcome in outcomes:
            if outcome.result == "up to date":
                self._write({"step": outcome.step, "phase": phases[outcome.step], "result": outcome.result})

    def _write(self, line: dict[str, Any]) -> None:
        try:
            with self._lock:
                self._written.write(json.dumps(line, ensure_ascii=False) + "\n")
                self._written.flush()
        except OSError as error:
            self.trouble = refused(error, where=str(self.file))


class Listeners:
    """Lets several listeners hear of a run."""

    def __init__(self, *listeners: Listener) -> None:
        self._listeners = listeners

    def planned(self, plan: Plan) -> None:
        """Tell each of them."""
        for listener in self._listeners:
            listener.planned(plan)

    def began(self, step: Step) -> None:
        """Tell each of them."""
        for listener in self._listeners:
            listener.began(step)

    def ended(self, step: Step, seconds: float, error: BaseException | None) -> None:
        """Tell each of them."""
        for listener in self._listeners:
            listener.ended(step, seconds, error)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _require_log(file: Path) -> None:
    """Add to nothing but a log of runs."""
    if not file.exists():
        return
    with contextlib.suppress(ValueError, TypeError):
        with file.open(encoding="utf-8") as lines:
            first = lines.readline(10_000)
        if not first or "step" in dict(json.loads(first)):
            return
    raise InputError("The file holds something else than a log of runs.", file=file, remedy="Name a file that is not there yet.")
