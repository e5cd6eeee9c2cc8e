"""The kernel itself, the same for every user: no configuration, start-up file or history of anybody is read."""

from __future__ import annotations

from typing import Any

import ipykernel.kernelapp
from ipykernel.iostream import IOPubThread

__all__ = ["Kernel"]


class _Quiet(IOPubThread):
    """The thread that passes on what is printed, without the TCP port by which ipykernel lets forked children print."""

    def _setup_pipe_in(self) -> None:
        self._pipe_flag = False


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

    def _run_startup_files(self) -> None:
        """Run no start-up file."""
