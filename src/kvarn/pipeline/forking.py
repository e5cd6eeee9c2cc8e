"""Kernels forked from a warmed process: the quick way, on Linux alone.

A kernel started afresh spends two seconds on importing pandas and matplotlib. Here a server process imports them once
(`multiprocessing`'s fork server), and every kernel is a fork of it. macOS has fork as well, but its own libraries, which
matplotlib and numpy call, do not survive one; Windows has none. There kernels are spawned: see `kvarn.pipeline.kernels`.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator
from multiprocessing.process import BaseProcess
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from kvarn.kernel.run import run_kernel

__all__ = ["PROVISIONER", "ForkProvisioner"]

PROVISIONER = "kvarn-fork"

_PRELOADED = ["kvarn.kernel.warm"]
_forkserver = multiprocessing.get_context("forkserver")


@contextlib.contextmanager
def _importable_main() -> Iterator[None]:
    """Keep the fork server from importing the program that was started: kernels have no use for it."""
    main = sys.modules["__main__"]
    file, spec = getattr(main, "__file__", None), getattr(main, "__spec__", None)
    try:
        if file is not None:
            del main.__file__
        main.__spec__ = None
        yield
    finally:
        if file is not None:
            main.__file__ = file
        main.__spec__ = spec


class _Forked:
    """The face of `subprocess.Popen` that the provisioner needs, over a forked process."""

    stdin = stdout = stderr = None

    def __init__(self, process: BaseProcess) -> None:
        self._process = process
        assert process.pid is not None
        self.pid = process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self) -> int | None:
        self._process.join()
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self._process.kill()

    def terminate(self) -> None:
        self._process.terminate()


class ForkProvisioner(LocalProvisioner):
    """Launches a kernel by forking the warmed process; registered with Jupyter as ``kvarn-fork``."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork a kernel; `cmd` is not run."""
        assert self.parent is not None
        multiprocessing.set_forkserver_preload(_PRELOADED)
        forked = _Forked(
            _started(self.parent.connection_file, kwargs.get("cwd") or os.getcwd(), _environment(kwargs), self.parent.forbidden)
        )
        self.process = forked  # type: ignore[assignment]
        self.pid = forked.pid
        self.pgid = forked.pid
        return self.connection_info


def _started(*arguments: Any) -> BaseProcess:
    """A forked kernel. A server that has died (for want of memory, say) is started again, which takes it a moment to notice."""
    for patience in (0.1, 0.5, None):
        process = _forkserver.Process(target=run_kernel, args=arguments, daemon=True)
        try:
            with _importable_main():
                process.start()
        except (EOFError, ConnectionError):
            if patience is None:
                raise
            time.sleep(patience)
        else:
            break
    return process


def _environment(kwargs: dict[str, Any]) -> dict[str, str]:
    """What differs from the server's environment."""
    wanted: dict[str, str] = kwargs.get("env") or {}
    return {name: value for name, value in wanted.items() if os.environ.get(name) != value}
