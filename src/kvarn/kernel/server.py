"""`python -I -m kvarn.kernel.server DESCRIPTOR`: the process that kernels are forked from, which has imported what they need.

It is asked over one socket that it was started with, and that no kernel keeps: nobody but the run can ask it for a kernel. A
request comes with a socket, which the new kernel's keeper (`kvarn.kernel.keeper`) answers over. A kernel goes on when this
process ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import sys

from kvarn.kernel.keeper import adopt_orphans, children, keep, reaped
from kvarn.kernel.run import run_kernel
from kvarn.kernel.wall import close_files

__all__ = ["serve"]

_MOST_BYTES = 1 << 20


def serve(requests: socket.socket) -> None:
    """Fork a keeper with its kernel for every request, until whoever asks has gone."""
    import kvarn.kernel.warm  # noqa: F401

    # What a keeper leaves behind that has been killed comes here.
    adopt_orphans()
    ended, wake = os.pipe()
    for end in (ended, wake):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    keepers: set[int] = set()
    either = select.poll()
    for descriptor in (requests.fileno(), ended):
        either.register(descriptor, select.POLLIN)
    while True:
        ready = {descriptor for descriptor, _ in either.poll()}
        if ended in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(ended, 4096)
            keepers -= reaped().keys()
            for left in set(children()) - keepers:
                os.kill(left, signal.SIGKILL)
        if requests.fileno() not in ready:
            continue
        message, sockets, _, _ = socket.recv_fds(requests, _MOST_BYTES, 1)
        if not message:
            break
        number = os.fork()
        if number == 0:
            requests.detach()
            _become(message, sockets[0])
        keepers.add(number)
        os.close(sockets[0])


def _become(message: bytes, run: int) -> None:
    """What the forked process does; it keeps no pipe or socket of the server's, and never comes back."""
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        close_files(but=(run,))
        os.setsid()
        keep(run, lambda: run_kernel(**json.loads(message)))
    finally:
        os._exit(1)


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as asked:
        serve(asked)
