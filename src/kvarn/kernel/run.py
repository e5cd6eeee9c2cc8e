"""A process becomes an IPython kernel."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

__all__ = ["become_kernel", "forbid", "run_kernel"]

# What can read microdata: no present notebook may import it.
ROOMS = ("kvarn.collect", "kvarn.process", "kvarn.analyse", "kvarn.evaluate", "kvarn.pipeline", "duckdb")


def run_kernel(connection_file: str, folder: str, environment: dict[str, str], forbidden: str | None) -> None:
    """What a forked process does: leave what it has from its parent behind, and become a kernel."""
    os.environ.update(environment)
    os.chdir(folder)
    os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    become_kernel(connection_file, forbidden)


def become_kernel(connection_file: str, forbidden: str | None) -> None:
    """Become an IPython kernel on these sockets, with the libraries loaded that every notebook needs.

    Whatever is printed past the kernel goes nowhere: it could be microdata.
    """
    quiet = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(quiet, stream)
    import kvarn.kernel.warm  # noqa: F401 - a forked process has done so before

    if forbidden:
        forbid(forbidden)
    from ipykernel.kernelapp import IPKernelApp

    IPKernelApp.launch_instance(argv=["-f", connection_file, "--HistoryManager.hist_file=:memory:"])


def forbid(folder: str) -> None:
    """Let this process open nothing under a folder: a present notebook never reads microdata, not even by mistake."""
    inside = os.path.join(os.path.realpath(folder), "")

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(arguments[0], str | bytes):
            if os.path.realpath(os.fsdecode(arguments[0])).startswith(inside):
                raise PermissionError("A present notebook may not read restricted files: use open_tables().")
        elif event == "import" and arguments[0] in ROOMS:
            raise PermissionError(f"A present notebook may not import {arguments[0]}: use kvarn.disseminate.")

    for name in [name for name in sys.modules if name in ROOMS or name.startswith(tuple(f"{room}." for room in ROOMS))]:
        del sys.modules[name]
    sys.addaudithook(refuse)
