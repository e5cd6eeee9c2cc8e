"""Running another program so that it ends with the run, and with everything that it has started."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from kvarn.base.stopping import ended_by_stop, require_going_on

__all__ = ["run_program"]


def run_program(
    command: Sequence[str],
    *,
    folder: Path,
    text: str | None = None,
    environment: Mapping[str, str] | None = None,
    timeout: float | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a program, in a folder, and hear what it says; a keeper (`kvarn.kernel.keeper`) ends it where the run does not go on.

    Parameters
    ----------
    command
        The program, by its whole path, and its arguments.
    text
        What it reads.

    Raises
    ------
    Interrupted
        The run has been stopped.
    subprocess.TimeoutExpired
        It has not ended in time.
    """
    require_going_on()
    with contextlib.ExitStack() as stack:
        if sys.platform == "win32":
            kept, descriptors = list(command), []
        else:
            ours, theirs = map(stack.enter_context, socket.socketpair())
            descriptors = [theirs.fileno()]
            kept = [sys.executable, "-I", "-m", "kvarn.kernel.keeper", str(descriptors[0]), *command]
        process = stack.enter_context(
            subprocess.Popen(
                kept,
                pass_fds=descriptors,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL if text is None else subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                start_new_session=True,
            )
        )

        def end() -> None:
            if sys.platform == "win32":
                process.kill()
            else:
                with contextlib.suppress(OSError):
                    ours.shutdown(socket.SHUT_WR)

        if sys.platform != "win32":
            theirs.close()
        with ended_by_stop(end):
            try:
                said, errors = process.communicate(text, timeout)
            except BaseException:
                end()
                raise
        require_going_on()
        return subprocess.CompletedProcess(command, process.returncode, said, errors)
