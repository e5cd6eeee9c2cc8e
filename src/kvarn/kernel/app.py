"""The kernel itself, the same for every user: no configuration, start-up file or history of anybody is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import ipykernel.kernelapp
import zmq
from ipykernel.iostream import IOPubThread
from tornado.ioloop import PeriodicCallback
from zmq.eventloop.zmqstream import ZMQStream

__all__ = ["Kernel"]


class _Quiet(IOPubThread):
    """The thread that passes on what is printed, without the TCP port by which ipykernel lets forked children print."""

    def _setup_pipe_in(self) -> None:
        self._pipe_flag = False


def _look_again(streams: Callable[[], Sequence[ZMQStream | None]]) -> None:
    """Let this thread's loop ask its sockets for messages four times a second.

    ZeroMQ tells of a message once. Where that is missed between two threads, both wait for ever: seen twice in some thousand
    notebooks.
    """

    def look() -> None:
        for stream in streams():
            if stream is not None and not stream.closed():
                stream.flush(zmq.POLLIN)

    PeriodicCallback(look, 250).start()


class Kernel(ipykernel.kernelapp.IPKernelApp):
    """An IPython kernel that takes nothing from the user's profile or the system's."""

    exec_PYTHONSTARTUP = False  # noqa: N815 - traitlets' name

    def init_iopub(self, context: Any) -> None:
        """As ipykernel does, with a thread that listens on no port."""
        ipykernel.kernelapp.IOPubThread = _Quiet  # type: ignore[attr-defined]
        super().init_iopub(context)  # type: ignore[no-untyped-call]

    def load_config_file(self, *_: Any, **__: Any) -> None:
        """Read no configuration."""

    def init_gui_pylab(self) -> None:
        """Let figures of matplotlib be shown as JupyterLab shows them, but drawn: what is written in a drawing can be read."""
        from matplotlib_inline.config import InlineBackend

        assert self.shell is not None
        InlineBackend.instance(parent=self.shell).figure_formats = {"svg"}
        self.shell.enable_matplotlib("inline")

    def start(self) -> None:
        """As ipykernel does; and what waits between its threads is looked for now and then (`_look_again`)."""
        assert self.shell_channel_thread is not None
        threads = self.shell_channel_thread.manager
        to_main = threads._shell_channel_to_main
        to_shell = (threads._main_to_shell_channel, threads.control_to_shell_channel)
        _look_again(lambda: [to_main.to_stream])
        self.shell_channel_thread.io_loop.add_callback(
            _look_again, lambda: [threads._shell_stream, *(pair.to_stream for pair in to_shell)]
        )
        super().start()  # type: ignore[no-untyped-call]

    def _run_startup_files(self) -> None:
        """Run no start-up file."""
