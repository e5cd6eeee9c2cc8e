"""Kernels forked from a warmed process: the quick way, on Linux alone.

A kernel started afresh spends two seconds on importing pandas and matplotlib. Here a server process (`kvarn.kernel.server`)
imports them once, and every kernel is a fork of it. macOS has fork as well, but its own libraries, which matplotlib and numpy
call, do not survive one; Windows has none. There kernels are spawned: see `kvarn.pipeline.kernels`.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from kvarn.errors import EnvironmentFault
from kvarn.pipeline.kept import Kept, readable, received, spawned
from kvarn.pipeline.kernel_environment import kernel_environment

__all__ = ["PROVISIONER", "ForkProvisioner", "server"]

PROVISIONER = "kvarn-fork"

_ATTEMPTS = 3
# Importing pandas and matplotlib takes two seconds, and a minute where the disk is slow and the machine busy.
_PATIENCE = 120.0
_LOOK_EVERY = 0.5


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

    def fork(self, request: dict[str, Any]) -> Kept:
        """A kernel. A server that has died (for want of memory, say), or that somebody has stopped, is started again."""
        message = json.dumps(request).encode()
        with self._lock:
            for _ in range(_ATTEMPTS):
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
        """End it; the kernels that it has forked go on."""
        with self._lock:
            self._stop()

    def _try(self, message: bytes) -> Kept | None:
        asked = self._asked or self._start()
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                # A server that is stopped reads nothing: what waits for it must not make the run wait.
                socket.send_fds(asked, [message], [theirs.fileno()], socket.MSG_DONTWAIT)
            except OSError:
                ours.close()
                return None
        if self._answers(ours):
            keeper, kernel = received(ours), received(ours)
            if keeper is not None and kernel is not None:
                return Kept(ours, keeper, kernel)
        ours.close()
        return None

    def _answers(self, asked: socket.socket) -> bool:
        """Whether there is an answer, or the server's end; not where it takes too long, or has been stopped."""
        assert self._process is not None
        until = time.monotonic() + _PATIENCE
        while not readable(asked, _LOOK_EVERY):
            if time.monotonic() > until or _is_stopped(self._process.pid):
                return readable(asked, 0)
        return True

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
                start_new_session=True,
            )
        self._asked = ours
        return ours

    def _stop(self) -> None:
        if self._asked is not None:
            self._asked.close()
            self._asked = None
        if self._process is not None:
            # It holds nothing that needs saving, and what it has forked has a keeper each.
            self._process.kill()
            self._process.wait()
            self._process = None


server = _Server()


def _is_stopped(process: int) -> bool:
    """Whether somebody has stopped a process, so that it does nothing until it is told to go on."""
    try:
        about = Path(f"/proc/{process}/stat").read_bytes()
    except OSError:
        return False
    return about.rpartition(b")")[2].split()[0] in (b"T", b"t")


class ForkProvisioner(LocalProvisioner):
    """Launches a kernel with its keeper, forked or spawned; registered with Jupyter as ``kvarn-fork``."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork a kernel, where that is the way; else run `cmd`."""
        assert self.parent is not None
        folder, environment = kwargs.get("cwd") or os.getcwd(), kwargs["env"]
        kept: Kept | None
        if self.parent.forked:
            kept = server.fork(
                {
                    "connection_file": self.parent.connection_file,
                    "folder": folder,
                    "environment": environment,
                    "forbidden": self.parent.forbidden,
                    "wall_file": self.parent.wall_file,
                }
            )
        else:
            kept = spawned(cmd, folder, environment)
        if kept is None:
            raise EnvironmentFault(
                "A process for a notebook's kernel cannot be started.", where=sys.executable, remedy="Run kvarn doctor."
            )
        self.process = kept  # type: ignore[assignment]
        self.pid = kept.pid
        # Whatever ends the kernel goes through its keeper, which ends its processes with it.
        self.pgid = None
        return self.connection_info
