"""`python -I -m kvarn.kernel.server DESCRIPTOR`: the process that kernels are forked from, which has imported what they need.

It is asked over one socket that it was started with, and that no kernel keeps: nobody but the run can ask it for a kernel. A
request comes with a pipe, into which go the number of the forked process and, when that has ended, how.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import struct
import sys

from kvarn.kernel.run import run_kernel
from kvarn.kernel.wall import close_files

__all__ = ["ANSWER", "serve"]

ANSWER = struct.Struct("q")
"""A whole number: of a process, or how it ended, as `subprocess` gives it."""

_MOST_BYTES = 1 << 20


def serve(requests: socket.socket) -> None:
    """Fork a kernel for every request, until whoever asks has gone; then end those that still run."""
    import kvarn.kernel.warm  # noqa: F401

    ended, wake = os.pipe()
    for end in (ended, wake):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    kernels: dict[int, int] = {}
    either = select.poll()
    for descriptor in (requests.fileno(), ended):
        either.register(descriptor, select.POLLIN)
    while True:
        ready = {descriptor for descriptor, _ in either.poll()}
        if ended in ready:
            os.read(ended, 4096)
            _tell_of_ended(kernels)
        if requests.fileno() not in ready:
            continue
        message, pipes, _, _ = socket.recv_fds(requests, _MOST_BYTES, 1)
        if not message:
            break
        number = os.fork()
        if number == 0:
            requests.detach()
            _become(message)
        kernels[number] = pipes[0]
        _answer(pipes[0], number)
    for number in kernels:
        os.kill(number, signal.SIGKILL)


def _become(message: bytes) -> None:
    """What the forked process does; it keeps no pipe or socket of the server's, and never comes back."""
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        close_files()
        run_kernel(**json.loads(message))
    except SystemExit as end:
        os._exit(end.code if isinstance(end.code, int) else 0 if end.code is None else 1)
    except BaseException:
        os._exit(1)
    os._exit(0)


def _tell_of_ended(kernels: dict[int, int]) -> None:
    for number in list(kernels):
        found, status = os.waitpid(number, os.WNOHANG)
        if found:
            pipe = kernels.pop(number)
            _answer(pipe, os.waitstatus_to_exitcode(status))
            os.close(pipe)


def _answer(pipe: int, number: int) -> None:
    # Whoever asked may have gone.
    with contextlib.suppress(BrokenPipeError):
        os.write(pipe, ANSWER.pack(number))


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as asked:
        serve(asked)
