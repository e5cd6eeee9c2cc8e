"""A command as it is given on the command line, run in this process: most of the time of a process is that of its start.

Whatever is about processes (signals, memory, what is imported, two runs at once) starts one.
"""

from __future__ import annotations

import contextlib
import contextvars
import io
from pathlib import Path
from subprocess import CompletedProcess

from kvarn.cli import main
from kvarn.programme import use_project

__all__ = ["kvarn"]


def kvarn(*arguments: str | Path, folder: Path | None = None) -> CompletedProcess[str]:
    """How ``kvarn`` ends in a folder, and what it says there; afterwards no project is chosen, as where a program begins."""
    said, errors, given = io.StringIO(), io.StringIO(), [str(word) for word in arguments]
    within = contextlib.nullcontext() if folder is None else contextlib.chdir(folder)
    status: object = None
    use_project(None)
    try:
        with within, contextlib.redirect_stdout(said), contextlib.redirect_stderr(errors):
            # Of what a test holds, such as a programme, a program knows nothing.
            contextvars.Context().run(main, given)
    except SystemExit as ended:
        status = ended.code
    finally:
        use_project(None)
    assert isinstance(status, int), status
    return CompletedProcess(given, status, said.getvalue(), errors.getvalue())
