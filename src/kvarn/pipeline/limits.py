"""The limits of a notebook: whoever reaches one is stopped, and told which."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from kvarn.edition import NotebookLimits
from kvarn.errors import NotebookError

__all__ = ["Watch"]

_LOOK_EVERY = 0.2
_GIB, _MIB = 1 << 30, 1 << 20
# Pages of files that a process has mapped can be had again from the disk: Parquet that is read so is no use of memory.
_OF_A_PROCESS = ("RssAnon:", "RssShmem:", "VmSwap:")
# Where a container has less memory than the machine.
_OF_A_CONTAINER = Path("/sys/fs/cgroup/memory.max")


class Watch:
    """Watches one notebook while it runs, and stops it at the first limit that it reaches. Use it as a context manager.

    Parameters
    ----------
    process
        The number of the process below which everything of the notebook runs; None as long as there is none.
    stop
        Ends all of it, from another thread; it does not wait.
    """

    def __init__(self, limits: NotebookLimits, process: Callable[[], int | None], stop: Callable[[], object]) -> None:
        self.limits = limits
        self.reached: NotebookError | None = None
        self._process, self._stop = process, stop
        self._memory = limits.memory_gib * _GIB if limits.memory_gib else 0.75 * _memory_of_this_machine()
        self._said = 0
        self._cell: str | None = None
        self._cell_began: float | None = None
        self._began = time.monotonic()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, name="kvarn-limits", daemon=True)

    def __enter__(self) -> Self:
        self._began = time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._ended.set()
        self._thread.join()

    @property
    def has_begun(self) -> bool:
        """Whether a cell runs, or has run."""
        return self._cell is not None

    def next_notebook(self) -> None:
        """Note that another notebook begins in the same kernel: it has limits of its own."""
        self._said, self._began, self._cell_began = 0, time.monotonic(), None

    def cell_begins(self, *, cell: Any, cell_index: int) -> None:
        """Note which cell runs; nbclient calls it."""
        self._cell, self._cell_began = str(cell.get("id") or cell_index), time.monotonic()

    def cell_has_run(self, **_: Any) -> None:
        """Note that it has run; nbclient calls it."""
        self._cell_began = None

    def hear(self, size: int) -> None:
        """Note that the kernel has said so many bytes."""
        self._said += size
        limit = self.limits.output_mib
        if self._said > limit * _MIB:
            self._reach(
                f"The notebook has printed and shown more than {limit:g} MiB",
                "output_mib",
                f"{limit:g}",
                "Print and show less: a table's first rows, and no progress of loops",
            )

    def _look(self) -> None:
        while self.reached is None and not self._ended.wait(_LOOK_EVERY):
            now, began = time.monotonic(), self._cell_began
            if began is not None and now - began > self.limits.cell_seconds:
                limit = f"{self.limits.cell_seconds:g}"
                self._reach(
                    f"The cell had not ended after {limit} seconds",
                    "cell_seconds",
                    limit,
                    "See that no loop of it goes on for ever",
                )
            elif now - self._began > self.limits.seconds:
                limit = f"{self.limits.seconds:g}"
                self._reach(
                    f"The notebook had not ended after {limit} seconds in all",
                    "seconds",
                    limit,
                    "See that no loop of it goes on for ever, or divide the notebook",
                )
            elif (process := self._process()) is not None and _memory_used(process) > self._memory:
                limit = f"{self._memory / _GIB:.3g}"
                said = limit if self.limits.memory_gib else f"{limit}, three quarters of this machine's"
                self._reach(
                    f"The notebook used more than {limit} GiB of memory",
                    "memory_gib",
                    said,
                    "Count fewer years or classifications at once in the cell, and let DuckDB count rather than pandas",
                )

    def _reach(self, what: str, key: str, limit: str, remedy: str) -> None:
        if self.reached is None:
            self.reached = NotebookError(
                f"{what}, and was stopped. The limit is notebook_limits.{key}: {limit}.",
                notebook="",
                cell=self._cell,
                remedy=f"{remedy}; or raise notebook_limits.{key} in the edition's parameters. Then run again.",
            )
            self._stop()


def _memory_of_this_machine() -> float:
    if not hasattr(os, "sysconf"):
        return float("inf")
    least = float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    try:
        return min(least, float(_OF_A_CONTAINER.read_text(encoding="ascii")))
    except (OSError, ValueError):
        return least


def _memory_used(process: int) -> int:
    """The bytes that the processes below this one use; 0 where the system does not say."""
    if sys.platform != "linux":
        return 0
    used, waiting = 0, _started_by(process)
    while waiting:
        one = waiting.pop()
        used += _memory_of(one)
        waiting += _started_by(one)
    return used


def _memory_of(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return 0
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith(_OF_A_PROCESS))


def _started_by(process: int) -> list[int]:
    """The processes that any thread of this one has started."""
    found: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{process}/task"):
            listed = Path(f"/proc/{process}/task/{thread}/children").read_text(encoding="ascii")
            found += [int(one) for one in listed.split()]
    except OSError:
        # It has ended meanwhile.
        pass
    return found
