"""A kernel with its keeper (`kvarn.kernel.keeper`), as the run sees them."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence

from kvarn.kernel.keeper import ANSWER

__all__ = ["NOBODY_KNOWS", "Kept", "readable", "received", "spawned"]

# What `multiprocessing` says too when it does not know how a process ended.
NOBODY_KNOWS = 255
"""How a kernel has ended whose keeper has not told it."""

# How long a keeper may take to end everything; and to begin, where the machine is busy.
_PATIENCE = 10.0
_PATIENCE_TO_BEGIN = 60.0


class Kept:
    """The face of `subprocess.Popen` that Jupyter needs, over a kernel that a keeper keeps.

    Parameters
    ----------
    asked
        The run's end of the socket to the keeper.
    keeper, pid
        The numbers of the keeper and of the kernel.
    started
        The keeper's process, where the run itself has started it.
    """

    stdin = stdout = stderr = None

    def __init__(self, asked: socket.socket, keeper: int, pid: int, started: subprocess.Popen[bytes] | None = None) -> None:
        self.keeper = keeper
        self.pid = pid
        self._asked: socket.socket | None = asked
        self._started = started
        self._code: int | None = None
        self._lock = threading.Lock()

    def poll(self) -> int | None:
        """How it has ended, with everything that it had started; None while it runs."""
        return self._ended(0)

    def wait(self) -> int | None:
        """The same, once it has ended."""
        while (code := self._ended(1.0)) is None:
            pass
        return code

    def send_signal(self, number: int) -> None:
        """Send the kernel a signal; one that is to end it goes to its keeper, which ends the rest as well."""
        if number in (signal.SIGKILL, signal.SIGTERM):
            self.kill()
        elif self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Let it be ended, and everything that it has started. This does not wait."""
        asked = self._asked
        if asked is not None:
            with contextlib.suppress(OSError):
                asked.shutdown(socket.SHUT_WR)

    terminate = kill

    def end(self) -> None:
        """End it, and come back when nothing of it is left. A keeper that has been stopped is ended with its kernel."""
        self.kill()
        until = time.monotonic() + _PATIENCE
        while self._ended(0.5) is None:
            if time.monotonic() > until:
                for number in (self.keeper, self.pid):
                    with contextlib.suppress(OSError):
                        os.kill(number, signal.SIGKILL)

    def _ended(self, patience: float) -> int | None:
        with self._lock:
            if self._asked is not None and readable(self._asked, patience):
                answer = received(self._asked)
                self._code = NOBODY_KNOWS if answer is None else answer
                self._asked.close()
                self._asked = None
                if self._started is not None:
                    self._started.wait()
            return self._code


def spawned(command: Sequence[str], folder: str, environment: Mapping[str, str]) -> Kept | None:
    """A kernel that is started afresh, with its keeper; None where it has ended before it had begun."""
    ours, theirs = socket.socketpair()
    with theirs:
        started = subprocess.Popen(
            [*command, f"--keeper={theirs.fileno()}"],
            pass_fds=[theirs.fileno()],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    begun = readable(ours, _PATIENCE_TO_BEGIN)
    keeper, pid = (received(ours), received(ours)) if begun else (None, None)
    if keeper is None or pid is None:
        ours.close()
        started.kill()
        started.wait()
        return None
    return Kept(ours, keeper, pid, started)


def readable(asked: socket.socket, patience: float | None) -> bool:
    """Whether there is something to read, or the end. `select.select` would know no descriptor from 1,024 on."""
    either = select.poll()
    either.register(asked, select.POLLIN)
    return bool(either.poll(None if patience is None else patience * 1000))


def received(asked: socket.socket) -> int | None:
    """The next number that a keeper tells; None where it has ended."""
    try:
        answer = asked.recv(ANSWER.size, socket.MSG_WAITALL)
    except OSError:
        return None
    return int(ANSWER.unpack(answer)[0]) if len(answer) == ANSWER.size else None
