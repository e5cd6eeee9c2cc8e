"""What a run shows: a live display on a terminal, plain lines elsewhere."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from kvarn.base.stages import hear
from kvarn.pipeline.engine import Outcome, Step
from kvarn.pipeline.times import Plan, Times, in_words

__all__ = ["Display"]

# Without a terminal a line comes after so many seconds of silence.
_SILENCE = 30.0


class Display:
    """Listens to the steps of a run. Use it as a context manager around `run_steps`."""

    def __init__(self, console: Console, steps: Sequence[Step], title: str) -> None:
        self.console = console
        self.live = console.is_terminal
        self._lock = threading.Lock()
        self._running: list[str] = []
        self._said = ""
        self._last = time.monotonic()
        self._ended = threading.Event()
        self._hearing = contextlib.ExitStack()
        self._rows: dict[str, TaskID] = {}
        self._began = time.monotonic()
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not self.live,
        )
        self._title = title
        self._left: set[str] = set()
        self._times = Times({})
        self._all = self._progress.add_task(title, total=len(steps))

    def __enter__(self) -> Self:
        self._progress.start()
        self._hearing.enter_context(hear(self.at))
        if not self.live:
            threading.Thread(target=self._break_silence, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._ended.set()
        self._hearing.close()
        self._progress.stop()

    def planned(self, plan: Plan) -> None:
        """Say how many steps there are to run, and how long they took the last time."""
        with self._lock:
            self._left, self._times = set(plan.steps), plan.times
            self._progress.update(self._all, total=len(plan.steps))
            seconds = self._times.of(self._left)
            by = "" if seconds is None else f", {in_words(seconds)} by the last time"
            number = len(plan.steps)
            self._line(f"{number} {'step' if number == 1 else 'steps'} to run{by}.")

    def began(self, step: Step) -> None:
        """Show that a step runs."""
        with self._lock:
            self._running.append(step.name)
            self._said = ""
            if self.live:
                self._rows[step.name] = self._progress.add_task(f"  [dim]{step.phase}[/dim] {step.name}", total=None)

    def ended(self, step: Step, seconds: float, error: BaseException | None) -> None:
        """Show how long it took, or that it failed."""
        with self._lock:
            if step.name in self._running:
                self._running.remove(step.name)
            self._said = ""
            row = self._rows.pop(step.name, None)
            if row is not None:
                self._progress.remove_task(row)
            self._progress.advance(self._all)
            mark = "[green]done[/green]  " if error is None else "[red]failed[/red]"
            self._left.discard(step.name)
            self._line(f"{mark} {seconds:6.1f} s  {step.phase:<11} {step.name}{self._to_come()}")

    def _to_come(self) -> str:
        """How much is left, where steps have been planned: what turns out to be the same need not be run."""
        if not self._left:
            return ""
        seconds = self._times.of(self._left)
        by = "" if seconds is None else f", {in_words(seconds)}"
        return f"  [dim]({len(self._left)} left{by})[/dim]"

    def at(self, stage: str) -> None:
        """Show what a step is at."""
        with self._lock:
            self._said = stage
            if self.live:
                self._progress.update(self._all, description=f"{self._title}  [dim]{escape(stage)}[/dim]")
            else:
                self._line(f"        {escape(stage)}")

    def _line(self, text: str) -> None:
        self._last = time.monotonic()
        self.console.print(text, highlight=False)

    def _break_silence(self) -> None:
        """Where there is no terminal, say now and then that the work goes on."""
        while not self._ended.wait(1.0):
            with self._lock:
                if self._running and time.monotonic() - self._last >= _SILENCE:
                    at = f": {escape(self._said)}" if self._said else ""
                    self._line(f"        still at {', '.join(self._running)}{at}, {time.monotonic() - self._began:.0f} s in all")

    def summary(self, outcomes: Sequence[Outcome]) -> None:
        """One line at the end: what ran, what did not have to."""
        done = sum(outcome.result == "done" for outcome in outcomes)
        kept = sum(outcome.result == "up to date" for outcome in outcomes)
        seconds = time.monotonic() - self._began
        self.console.print(f"{done} steps run, {kept} up to date, {seconds:.1f} s in all.", highlight=False)
