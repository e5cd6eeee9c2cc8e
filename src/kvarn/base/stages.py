"""What a long piece of work is at, told to whoever shows it: on a terminal, or as plain lines.

The work does not know who listens, and nobody need: `tell` does nothing then. What is told is read by whoever sees the terminal,
and kept in logs: names of stages and numbers of cells, never a figure.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

__all__ = ["EVERY", "Counter", "hear", "silence", "tell"]

# So many seconds at least lie between two lines about the same stage.
EVERY = 10.0
_hearers: list[Callable[[str], None]] = []
_lock = threading.Lock()
_this_thread = threading.local()


@contextlib.contextmanager
def hear(hearer: Callable[[str], None]) -> Iterator[None]:
    """Let `hearer` have every stage that is told while the context lasts."""
    with _lock:
        _hearers.append(hearer)
    try:
        yield
    finally:
        with _lock:
            _hearers.remove(hearer)


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Tell nothing from this thread while the context lasts: what is tried out there is no work that anybody waits for."""
    before = getattr(_this_thread, "is_silent", False)
    _this_thread.is_silent = True
    try:
        yield
    finally:
        _this_thread.is_silent = before


def tell(stage: str) -> None:
    """Tell what the work is at."""
    if getattr(_this_thread, "is_silent", False):
        return
    for hearer in tuple(_hearers):
        hearer(stage)


class Counter:
    """Tells how much of a stage is done, now and then; of how much, where that is known."""

    def __init__(self, stage: str, of: int | None = None) -> None:
        self._stage, self._of, self._done = stage, of, 0
        self._last = time.monotonic()
        tell(stage if of is None else f"{stage}: {of:,}")

    def one(self) -> None:
        """One more is done."""
        self._done += 1
        if time.monotonic() - self._last >= EVERY:
            self._last = time.monotonic()
            tell(f"{self._stage}: {self._done:,}" + ("" if self._of is None else f" of {self._of:,}"))
