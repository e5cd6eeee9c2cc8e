"""The program's entrance: errors become messages and exit statuses."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Any, NoReturn

import typer

from kvarn.base.no_pipes import refuse_pipes
from kvarn.base.own_limits import require_room
from kvarn.base.stopping import asked_to_stop, exit_status, listening
from kvarn.base.system_faults import refused
from kvarn.base.temporary import temporary_files_within
from kvarn.cli._app import app, err, printable
from kvarn.cli._modes import all_private
from kvarn.errors import EnvironmentFault, KvarnError
from kvarn.programme import find_project

__all__ = ["main"]

# What is kept of a run that is stopped: a verification begins from nothing each time, and who serves makes nothing.
_FINISHED = "Finished steps are kept: run the same command again to go on."
_KEPT = {"verify": "Nothing of what was made is kept.", "serve": ""}
_NO_BREAK_SPACE = "\u00a0"
# Typer carries its own copy of click, and shows this class of it only by its descendants.
_UsageProblem: type[Any] = typer.BadParameter.mro()[2]


def main(arguments: list[str] | None = None) -> NoReturn:
    """The program: every mistake of the user's becomes a message and an exit status, never a traceback."""
    given = sys.argv[1:] if arguments is None else arguments
    debug = "--debug" in given
    if debug:
        given = ["--debug", *(word for word in given if word != "--debug")]
    try:
        # Before there is a thread that there may be no room for.
        require_room()
        _require_folder()
    except KvarnError as error:
        sys.exit(_explained(error))
    refuse_pipes()
    _let_everything_be_printed()
    farewell = _Farewell(next((kept for command, kept in _KEPT.items() if command in given[:2]), _FINISHED))
    with contextlib.ExitStack() as heard:
        try:
            heard.enter_context(listening(farewell))
            with temporary_files_within(), all_private(given):
                result = app(given, standalone_mode=False)
            status = result if isinstance(result, int) else 0
            if asked_to_stop():
                raise KeyboardInterrupt
        except BaseException as error:
            if debug and isinstance(error, Exception) and not isinstance(error, _UsageProblem | typer.Abort):
                traceback.print_exc()
            # Whatever a run that is being stopped says of that.
            if asked_to_stop() or isinstance(error, KeyboardInterrupt):
                farewell()
                status = exit_status()
            elif isinstance(error, typer.Abort):
                # A question was answered with no.
                status = exit_status()
            else:
                status = _explained(error)
    if arguments is None and not asked_to_stop():
        # Python has nothing left to do but to end; a signal ends it at once.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.exit(status)


class _Farewell:
    """What is said, once, when a run is stopped; the terminal may have gone, or another thread be writing to it."""

    def __init__(self, kept: str) -> None:
        self._said = False
        self._words = f"kvarn: Stopped. {kept}".rstrip() + "\n"

    def __call__(self) -> None:
        if not self._said:
            self._said = True
            # A display of progress hides the cursor.
            cursor = "\x1b[?25h" if err.is_terminal else ""
            with contextlib.suppress(OSError):
                os.write(2, f"{cursor}{self._words}".encode())


def _let_everything_be_printed() -> None:
    """What a terminal's own encoding has no sign for is printed by its number, and stops nothing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _require_folder() -> None:
    try:
        os.getcwd()
    except OSError:
        raise _folder_gone() from None


def _folder_gone() -> EnvironmentFault:
    return EnvironmentFault(
        "The folder in which the command was given is not there any more.",
        where="the current folder",
        remedy="Go to the project's folder where it lies now (cd), and run the same command again.",
    )


def _explained(error: BaseException) -> int:
    """Say what went wrong, with everything else that went wrong beside it; the exit status."""
    notes = [str(note) for note in getattr(error, "__notes__", ())]
    if isinstance(error, KvarnError):
        _say("\n".join([str(error), *notes]))
        return error.exit_status
    if isinstance(error, _UsageProblem):
        error.show()
        return 2
    if isinstance(error, BrokenPipeError):
        return 1
    try:
        here = Path.cwd()
        fault = refused(error, where=f"a file of {here}", project=find_project(here) or here)
    except OSError:
        # Somebody has removed it meanwhile: whatever went wrong, that is why.
        fault = _folder_gone()
    if fault is not None:
        _say("\n".join([str(fault), *notes]))
        return fault.exit_status
    if isinstance(error, Exception):
        remedy = "  remedy: run again with --debug and report what it prints."
        _say("\n".join([f"This is a defect of kvarn: {type(error).__name__}: {error}\n{remedy}", *notes]))
        return 1
    raise error


def _say(text: str) -> None:
    """An error on the terminal. Names of files and values in it are from outside: they colour nothing and move no cursor."""
    err.print("[red]kvarn:[/red] ", end="")
    lines = [_NO_BREAK_SPACE.join(map(printable, line.split(_NO_BREAK_SPACE))) for line in text.split("\n")]
    err.print("\n".join(lines), markup=False, highlight=False)
