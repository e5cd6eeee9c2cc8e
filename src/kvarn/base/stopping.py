"""Ctrl-C, SIGTERM and SIGHUP: whatever a run is at, it ends within three seconds, says so, and leaves nothing half-written.

The system's handler writes into a pipe, and a thread of its own reads it: so a signal is heard, too, while the main thread is in
a library that is not written in Python (DuckDB, HiGHS), where Python's own handlers wait. That thread ends what the run has
started (`ended_by_stop`); the main thread is interrupted once. What has not come to an end by itself then is ended: files are
written beside and renamed, so that a run can end at any moment.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from kvarn.base.temporary import remove_own_folder
from kvarn.errors import Interrupted

__all__ = ["asked_to_stop", "ended_by_stop", "exit_status", "listening", "require_going_on"]

_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
_PATIENCE = 2.0
_REMEDY = "Finished steps are kept: run the same command again to go on."

_asked: list[int] = []
_interrupted = threading.Event()
_ends: list[Callable[[], object]] = []
_registering = threading.Lock()


def asked_to_stop() -> bool:
    """Whether a signal has come that ends the run."""
    return bool(_asked)


def exit_status() -> int:
    """The exit status of a run that was stopped: 128 and the number of the signal; that of Ctrl-C where there was none."""
    return 128 + (_asked[0] if _asked else signal.SIGINT)


def require_going_on() -> None:
    """Begin nothing any more when the run has been stopped.

    Raises
    ------
    Interrupted
        It has been.
    """
    if asked_to_stop():
        raise Interrupted("Stopped.", remedy=_REMEDY)


@contextlib.contextmanager
def ended_by_stop(end: Callable[[], object]) -> Iterator[None]:
    """Call `end`, from another thread, when the run is stopped while the block runs: it ends what the block waits for."""
    with _registering:
        _ends.append(end)
        late = asked_to_stop()
    try:
        if late:
            end()
        yield
    finally:
        with _registering:
            _ends.remove(end)


@contextlib.contextmanager
def listening(farewell: Callable[[], object]) -> Iterator[None]:
    """Hear of signals while the block runs, in the main thread. A signal that is ignored (`nohup`) is left alone.

    Parameters
    ----------
    farewell
        Called before the process is ended that has not come to an end by itself.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _asked.clear()
    _interrupted.clear()
    heard, told = os.pipe()
    os.set_blocking(told, False)
    before = {number: signal.getsignal(number) for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN}
    thread = threading.Thread(target=_hear, args=(heard, farewell), name="kvarn-stopping", daemon=True)
    thread.start()
    woken = signal.set_wakeup_fd(told, warn_on_full_buffer=False)
    for number in before:
        signal.signal(number, _interrupt_once)
    try:
        yield
    finally:
        # A run that has been stopped has nothing left to do but to end, and the thread sees to it, whatever it is still at.
        for number, handler in before.items():
            signal.signal(number, signal.SIG_IGN if asked_to_stop() else handler)
        signal.set_wakeup_fd(woken)
        if not asked_to_stop():
            os.close(told)
            thread.join()


def _interrupt_once(number: int, _: FrameType | None) -> None:
    """Interrupt the main thread. A second signal would interrupt its tidying up."""
    if not _interrupted.is_set():
        _interrupted.set()
        _note(number)
        raise KeyboardInterrupt


def _note(number: int) -> None:
    if not _asked:
        _asked.append(number)
        # What is torn apart while it ends has nothing to say any more.
        logging.disable()
        sys.unraisablehook = _say_nothing
        threading.excepthook = _say_nothing


def _say_nothing(_: Any) -> None:
    """In place of a traceback."""


def _hear(heard: int, farewell: Callable[[], object]) -> None:
    with os.fdopen(heard, "rb", buffering=0) as pipe:
        while numbers := pipe.read(64):
            ending = next((number for number in numbers if number in _SIGNALS), None)
            if ending is not None:
                _end(ending, farewell)


def _end(number: int, farewell: Callable[[], object]) -> None:
    until = time.monotonic() + _PATIENCE
    _note(number)
    with _registering:
        ends = list(_ends)
    for end in ends:
        with contextlib.suppress(Exception):
            end()
    time.sleep(max(0.0, until - time.monotonic()))
    farewell()
    remove_own_folder()
    os._exit(exit_status())
