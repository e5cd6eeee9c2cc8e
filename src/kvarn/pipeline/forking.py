"""Kernels forked from a warmed process: the quick way, on Linux alone.

A kernel started afresh spends two seconds on importing pandas and matplotlib. Here a server process (`kvarn.kernel.server`)
imports them once, and every kernel is a fork of it. macOS has fork as well, but its own libraries, which matplotlib and numpy
call, do not survive one; Windows has none. There kernels are spawned: see `kvarn.pipeline.kernels`.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import subprocess
import sys
import threading
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from kvarn.errors import EnvironmentFault
from kvarn.kernel.server import ANSWER
from kvarn.pipeline.kernel_environment import kernel_environment

__all__ = ["PROVISIONER", "ForkProvisioner", "server"]

PROVISIONER = "kvarn-fork"

# What `multiprocessing` says too when it does not know how a process ended.
_NOBODY_KNOWS = 255


class _Forked:
    """The face of `subprocess.Popen` that the provisioner needs, over a forked process."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int, told: int) -> None:
        self.pid = pid
        self._told: int | None = told
        self._code: int | None = None
        self._lock = threading.Lock()

    def poll(self) -> int | None:
        return self._ended(0)

    def wait(self) -> int | None:
        return self._ended(None)

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(9)

    def terminate(self) -> None:
        self.send_signal(15)

    def _ended(self, patience: float | None) -> int | None:
        with self._lock:
            if self._told is not None and _readable(self._told, patience):
                answer = os.read(self._told, ANSWER.size)
                self._code = ANSWER.unpack(answer)[0] if len(answer) == ANSWER.size else _NOBODY_KNOWS
                os.close(self._told)
                self._told = None
            return self._code


def _readable(descriptor: int, patience: float | None) -> bool:
    """Whether there is something to read, or the end. `select.select` would know no descriptor from 1,024 on."""
    asked = select.poll()
    asked.register(descriptor, select.POLLIN)
    return bool(asked.poll(None if patience is None else patience * 1000))


class _Server:
    """The process that kernels are forked from: one for this run, started when the first kernel is wanted."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._asked: socket.socket | None = None

    @property
    def pid(self) -> int | None:
        """Its number; None before the first kernel."""
        return self._process.pid if self._process is not None else None

    def fork(self, request: dict[str, Any]) -> _Forked:
        """A kernel. A server that has died (for want of memory, say) is started again."""
        message = json.dumps(request).encode()
        with self._lock:
            for _ in range(2):
                forked = self._try(message)
                if forked is not None:
                    return forked
                self._stop()
        raise EnvironmentFault(
            "The process that notebook kernels are forked from cannot be started.",
            where=sys.executable,
            remedy="Run kvarn doctor; or set KVARN_KERNELS to spawn, and every kernel is started by itself.",
        )

    def stop(self) -> None:
        """End it, and every kernel that still runs."""
        with self._lock:
            self._stop()

    def _try(self, message: bytes) -> _Forked | None:
        asked = self._asked or self._start()
        told, telling = os.pipe()
        try:
            socket.send_fds(asked, [message], [telling])
        except OSError:
            os.close(told)
            return None
        finally:
            os.close(telling)
        answer = os.read(told, ANSWER.size)
        if len(answer) == ANSWER.size:
            return _Forked(ANSWER.unpack(answer)[0], told)
        os.close(told)
        return None

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-m", "kvarn.kernel.server", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env=kernel_environment(),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        self._asked = ours
        return ours

    def _stop(self) -> None:
        if self._asked is not None:
            self._asked.close()
            self._asked = None
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
            self._process.kill()
            self._process.wait()
            self._process = None


server = _Server()


class ForkProvisioner(LocalProvisioner):
    """Launches a kernel by forking the warmed process; registered with Jupyter as ``kvarn-fork``."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork a kernel; `cmd` is not run."""
        assert self.parent is not None
        forked = server.fork(
            {
                "connection_file": self.parent.connection_file,
                "folder": kwargs.get("cwd") or os.getcwd(),
                "environment": kwargs["env"],
                "forbidden": self.parent.forbidden,
                "wall_file": self.parent.wall_file,
            }
        )
        self.process = forked  # type: ignore[assignment]
        self.pid = forked.pid
        self.pgid = forked.pid
        return self.connection_info
