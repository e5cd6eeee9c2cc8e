"""A process becomes an IPython kernel."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from kvarn.kernel.wall import FAULT, Wall, WallFault, close_sockets, raise_wall

__all__ = ["become_kernel", "forbid", "run_kernel"]

# What can read microdata: no present notebook may import it.
ROOMS = ("kvarn.collect", "kvarn.process", "kvarn.analyse", "kvarn.evaluate", "kvarn.pipeline", "duckdb")

# No history is kept, and what is printed past the kernel is not caught.
_SETTINGS = ("--HistoryManager.hist_file=:memory:", "--IPKernelApp.capture_fd_output=False")


def run_kernel(
    connection_file: str, folder: str, environment: dict[str, str], forbidden: str | None, wall_file: str | None
) -> None:
    """What a forked process does: leave what it has from its parent behind, and become a kernel."""
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    become_kernel(connection_file, forbidden, wall_file)


def become_kernel(connection_file: str, forbidden: str | None, wall_file: str | None = None) -> None:
    """Become an IPython kernel on these sockets, with the libraries loaded that every notebook needs.

    Whatever is printed past the kernel goes nowhere: it could be microdata.

    Parameters
    ----------
    forbidden
        A folder under which nothing may be opened, said in plain words: the guard against mistakes.
    wall_file
        The wall, where the system keeps one.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    quiet = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(quiet, stream)
    wall = Wall.read(wall_file) if wall_file else None
    try:
        if wall is not None:
            raise_wall(wall, connection_file)
        _warm_up()
        if forbidden:
            forbid(forbidden)
        from kvarn.kernel.app import Kernel

        kernel = Kernel.instance()
        kernel.initialize(["-f", connection_file, *_SETTINGS])  # type: ignore[no-untyped-call]
        if wall is not None:
            close_sockets(wall)
    except WallFault as fault:
        Path(connection_file).with_name(FAULT).write_text(str(fault), encoding="utf-8")
        # Nothing that has begun may go on.
        os._exit(1)
    kernel.start()


def _warm_up() -> None:
    """Import what every notebook needs; a forked process has done so before. Settings that lie in the project are not read."""
    here = os.getcwd()
    os.chdir("/")
    import kvarn.kernel.warm  # noqa: F401

    os.chdir(here)


def forbid(folder: str) -> None:
    """Let this process open nothing under a folder: a present notebook is told in plain words what it may not read.

    This is for mistakes. What keeps the folder from a notebook that means it is `kvarn.kernel.wall`.
    """
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
