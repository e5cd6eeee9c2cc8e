"""Notebook kernels forked from a warmed process, spoken to over IPC sockets.

A kernel started afresh spends two seconds on importing pandas and matplotlib. Here a server process imports them once
(`multiprocessing`'s fork server), and every kernel is a fork of it. The sockets are files in a folder of mode 0700: a TCP
kernel would send microdata in clear text over the loopback interface.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from kvarn.kernel.run import run_kernel

__all__ = ["ForkProvisioner", "forked_kernel", "warm_up"]

PROVISIONER = "kvarn-fork"

_PRELOADED = ["kvarn.kernel.warm"]
_forkserver = multiprocessing.get_context("forkserver")


def warm_up() -> None:
    """Start the server that kernels are forked from, so that it imports while other steps run."""
    multiprocessing.set_forkserver_preload(_PRELOADED)
    with _importable_main():
        multiprocessing.forkserver.ensure_running()  # type: ignore[attr-defined]


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

    folder: str = "."
    forbidden: str | None = None

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork a kernel; `cmd` is not run."""
        assert self.parent is not None
        process = _started(
            self.parent.connection_file, kwargs.get("cwd") or os.getcwd(), _environment(kwargs), self.parent.forbidden
        )
        forked = _Forked(process)
        self.parent.launched = forked
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


class _Manager(AsyncKernelManager):
    """A kernel manager whose kernels are always forked, whatever kernels are installed on the machine."""

    forbidden: str | None = None
    launched: _Forked | None = None

    @property
    def ended(self) -> int | None:
        """How the kernel ended, as its process tells: negative for a signal; None while it runs, and when it never began."""
        return self.launched.poll() if self.launched else None

    @property
    def kernel_spec(self) -> KernelSpec:
        return KernelSpec(
            argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            display_name="kvarn",
            language="python",
            metadata={"kernel_provisioner": {"provisioner_name": PROVISIONER}},
        )


@contextlib.contextmanager
def forked_kernel(*, forbidden: Path | None = None) -> Iterator[_Manager]:
    """A manager for one kernel over IPC sockets in a private folder, which is removed afterwards.

    Parameters
    ----------
    forbidden
        A folder under which the kernel may open nothing.
    """
    multiprocessing.set_forkserver_preload(_PRELOADED)
    sockets = Path(tempfile.mkdtemp(prefix="kvarn-"))
    manager = _Manager(transport="ipc", connection_file=str(sockets / "kernel.json"))
    manager.forbidden = str(forbidden) if forbidden else None
    try:
        yield manager
    finally:
        _stop(manager)
        shutil.rmtree(sockets, ignore_errors=True)


def _stop(manager: AsyncKernelManager) -> None:
    """End the kernel at once: it holds nothing that needs saving."""
    process = getattr(manager.provisioner, "process", None) if manager.provisioner else None
    if process is not None and process.poll() is None:
        process.kill()
        process.wait()
