"""A kernel for one notebook, spoken to over sockets that nobody else can read.

There are two ways to have one, and they give the same bytes: *forked* from a warmed process (`kvarn.pipeline.forking`), ready in
half a second, on Linux; and *spawned*, started afresh in two seconds, everywhere. The sockets are files in a folder of mode 0700:
a plain TCP kernel would send microdata in clear text over the loopback interface. Where a system has no such sockets the kernel
is spoken to over TCP, encrypted (CurveZMQ), with a key that only this run has.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

from kvarn.base.stopping import asked_to_stop, ended_by_stop, require_going_on
from kvarn.base.temporary import own_folder
from kvarn.kernel.wall import FAULT, Wall
from kvarn.pipeline.kept import Kept
from kvarn.pipeline.kernel_environment import font_folder, kernel_environment
from kvarn.pipeline.kernel_ways import kernel_way

__all__ = ["fresh_kernel"]

_WALL = "wall.json"
_MOST_WORDS = 1000


class _Manager(AsyncKernelManager):
    """A kernel manager whose kernels are always ours, whatever kernels are installed on the machine."""

    forbidden: str | None = None
    wall_file: str | None = None
    forked = False
    launched: Any = None
    spoken_by: AsyncKernelClient | None = None
    heard: Callable[[int], object] = staticmethod(lambda size: None)

    def client(self, **kwargs: Any) -> AsyncKernelClient:  # type: ignore[override]
        """Who speaks with the kernel: kept, since whoever was handed a manager leaves its client open."""
        client = super().client(**kwargs)
        client.iopub_channel_class = _heard_by(lambda size: self.heard(size))
        self.spoken_by = client
        return client

    async def _async_launch_kernel(self, kernel_cmd: list[str], **kw: Any) -> None:
        kw["env"] = kernel_environment(self.private)
        await super()._async_launch_kernel(kernel_cmd, **kw)
        # The provisioner forgets its process when that has ended, and with it how.
        self.launched = getattr(self.provisioner, "process", None)
        if asked_to_stop():
            self.end_now()

    def end_now(self) -> None:
        """Let the kernel be ended, from whichever thread. This does not wait."""
        if self.launched is not None:
            self.launched.kill()

    def keeper(self) -> int | None:
        """The number of the process that keeps the kernel; None where there is none yet."""
        return self.launched.keeper if isinstance(self.launched, Kept) else None

    @property
    def private(self) -> Path:
        """The kernel's own folder: its sockets, and whatever it writes for a while."""
        return Path(self.connection_file).parent

    @property
    def wall_fault(self) -> str | None:
        """Why the kernel's wall could not be raised; None where it was, or there is to be none."""
        return _told_in(self.private / FAULT) if self.wall_file else None

    @property
    def ended(self) -> int | None:
        """How the kernel ended, as its process tells: negative for a signal; None while it runs, and when it never began."""
        code: int | None = self.launched.poll() if self.launched is not None else None
        return code

    @property
    def kernel_spec(self) -> KernelSpec:
        metadata: dict[str, object] = {"supported_encryption": ["curve"]}
        # Windows has neither forks nor sockets that a keeper could be given.
        if sys.platform != "win32":
            from kvarn.pipeline.forking import PROVISIONER

            metadata["kernel_provisioner"] = {"provisioner_name": PROVISIONER}
        guard = [f"--forbidden={self.forbidden}"] if self.forbidden else []
        guard += [f"--wall={self.wall_file}"] if self.wall_file else []
        return KernelSpec(
            argv=[sys.executable, "-I", "-m", "kvarn.kernel", "{connection_file}", *guard],
            display_name="kvarn",
            language="python",
            metadata=metadata,
        )


@contextlib.contextmanager
def fresh_kernel(*, forbidden: Path | None = None, wall: Wall | None = None) -> Iterator[_Manager]:
    """A manager for one kernel, whose sockets and key lie in a private folder that is removed afterwards.

    Parameters
    ----------
    forbidden
        A folder under which the kernel may open nothing, said in plain words.
    wall
        What lies within the kernel's wall, besides its private folder, which it may write to; None: it has none.
    """
    way = kernel_way()
    require_going_on()
    private = Path(tempfile.mkdtemp(prefix="k", dir=own_folder()))
    connection = str(private / "kernel.json")
    if way.ipc:
        manager = _Manager(transport="ipc", connection_file=connection)
    else:
        manager = _Manager(transport="tcp", transport_encryption="required", connection_file=connection)
    manager.forked = way.forked
    manager.forbidden = str(forbidden) if forbidden else None
    fonts = font_folder(forked=way.forked)
    try:
        if wall is not None:
            within = replace(wall, reads=(*wall.reads, str(fonts)), writes=(*wall.writes, str(private)), tcp=not way.ipc)
            within.write(private / _WALL)
            manager.wall_file = str(private / _WALL)
        with ended_by_stop(manager.end_now):
            yield manager
    finally:
        _stop(manager)
        shutil.rmtree(private, ignore_errors=True)


def _heard_by(heard: Callable[[int], object]) -> type[AsyncZMQSocketChannel]:
    """A channel over which a kernel passes on what a notebook prints and shows, that tells how much it was."""

    class Heard(AsyncZMQSocketChannel):
        async def _recv(self, **kwargs: Any) -> dict[str, Any]:  # type: ignore[override]
            parts = await self.socket.recv_multipart(**kwargs)
            heard(sum(map(len, parts)))
            _, message = self.session.feed_identities(parts)
            said: dict[str, Any] = self.session.deserialize(message)
            return said

    return Heard


def _told_in(file: Path) -> str | None:
    """The words in a file of a kernel's folder. A link that a notebook has put there would lead to what it cannot read."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as told:
        regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
        return told.read(_MOST_WORDS).decode("utf-8", "replace") if regular else None


def _stop(manager: _Manager) -> None:
    """End the kernel at once: it holds nothing that needs saving."""
    process = getattr(manager.provisioner, "process", None) if manager.provisioner else None
    if isinstance(process, Kept):
        process.end()
    elif process is not None and process.poll() is None:
        process.kill()
        process.wait()
    # Threads and descriptors that would stay until the run has ended: twenty of them for each notebook.
    if manager.spoken_by is not None:
        manager.spoken_by.stop_channels()
    manager.context.destroy(linger=0)
