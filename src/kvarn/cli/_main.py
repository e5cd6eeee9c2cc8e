"""The program's entrance: errors become messages and exit statuses."""

from __future__ import annotations

import sys
import traceback
from typing import Any, NoReturn

import typer

from kvarn.cli._app import app, err, printable
from kvarn.cli._modes import all_private
from kvarn.errors import Interrupted, KvarnError

__all__ = ["main"]

_NO_BREAK_SPACE = "\u00a0"
# Typer carries its own copy of click, and shows this class of it only by its descendants.
_UsageProblem: type[Any] = typer.BadParameter.mro()[2]


def main(arguments: list[str] | None = None) -> NoReturn:
    """The program: every mistake of the user's becomes a message and an exit status, never a traceback."""
    arguments = sys.argv[1:] if arguments is None else arguments
    debug = "--debug" in arguments
    if debug:
        arguments = ["--debug", *(word for word in arguments if word != "--debug")]
    try:
        with all_private(arguments):
            result = app(arguments, standalone_mode=False)
    except KvarnError as error:
        if debug:
            traceback.print_exc()
        _say("\n".join([str(error), *getattr(error, "__notes__", ())]))
        sys.exit(error.exit_status)
    except typer.Abort:
        sys.exit(Interrupted.exit_status)
    except _UsageProblem as error:
        error.show()
        sys.exit(2)
    except KeyboardInterrupt:
        err.print("[red]kvarn:[/red] Stopped. Finished steps are kept: run the same command again to go on.")
        sys.exit(Interrupted.exit_status)
    except BrokenPipeError:
        sys.exit(1)
    except OSError as error:
        if debug:
            traceback.print_exc()
        where = f"\n  where:  {error.filename}" if error.filename else ""
        _say(f"{error.strerror or error}{where}")
        sys.exit(1)
    except Exception as error:
        if debug:
            traceback.print_exc()
        remedy = "  remedy: run again with --debug and report what it prints."
        _say(f"This is a defect of kvarn: {type(error).__name__}: {error}\n{remedy}")
        sys.exit(1)
    sys.exit(result if isinstance(result, int) else 0)


def _say(text: str) -> None:
    """An error on the terminal. Names of files and values in it are from outside: they colour nothing and move no cursor."""
    err.print("[red]kvarn:[/red] ", end="")
    lines = [_NO_BREAK_SPACE.join(map(printable, line.split(_NO_BREAK_SPACE))) for line in text.split("\n")]
    err.print("\n".join(lines), markup=False, highlight=False)
