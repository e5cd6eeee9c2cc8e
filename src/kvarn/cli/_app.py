"""The program, and what its commands share."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

import kvarn

if TYPE_CHECKING:
    from kvarn.pipeline import Production

__all__ = [
    "As",
    "Params",
    "Sets",
    "app",
    "confirm",
    "err",
    "opened",
    "out",
    "printable",
    "shown",
    "tell_of_modes",
    "tell_of_waiting",
]

# As an office comes to them in its year.
_IN_ORDER = (
    *("doctor", "key", "demo", "codelists", "population", "intake", "new", "status", "publish", "quarto"),
    *("compare", "verify", "explain", "review", "sign", "release", "correct", "revert", "serve", "order", "variables"),
    *("extract", "trace"),
)


class _InOrder(TyperGroup):
    """The commands in the order of the work."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Those that have no place in it come last."""
        place = {name: number for number, name in enumerate(_IN_ORDER)}
        return sorted(self.commands, key=lambda name: place.get(name, len(place)))


app = typer.Typer(
    name="kvarn",
    cls=_InOrder,
    help="From a year of register deliveries to the annual statistical report.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)
out = Console(soft_wrap=True)
err = Console(stderr=True, soft_wrap=True)

Params = Annotated[
    Path, typer.Argument(metavar="PARAMS", help="The edition's parameters, such as params/2023.yml.", show_default=False)
]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="With --as: override one parameter of the trial. May be repeated."),
]
As = Annotated[
    str | None,
    typer.Option(
        "--as", metavar="NAME", help="A trial of the edition, such as stricter: under restricted/trials, never released."
    ),
]


@app.callback(invoke_without_command=True)
def _kvarn(
    context: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    if version:
        out.print(f"kvarn {kvarn.__version__}", highlight=False)
        raise typer.Exit
    context.obj = {"debug": debug}


def confirm(question: str, *, what: str, where: str) -> None:
    """Ask whether it is meant; whoever says no ends the command.

    Parameters
    ----------
    what, where
        What would be confirmed, and the command or edition, for the error.

    Raises
    ------
    ReleaseError
        There is no terminal to ask on.
    """
    from kvarn.errors import ReleaseError

    if not sys.stdin.isatty():
        raise ReleaseError(
            f"Nobody is there to confirm {what}.",
            where=where,
            remedy="Run it on a terminal; or, in a script that is certain, say --yes.",
        )
    typer.confirm(printable(question), abort=True)


def opened(params: Path, set_: list[str] | None, as_: str | None) -> Production:
    """The edition, or a trial of it. What an edition is stands in its file, and nowhere else."""
    from kvarn.errors import EditionError
    from kvarn.pipeline import open_edition

    if set_ and as_ is None:
        raise EditionError(
            "An edition is what its file says; only a trial has other parameters.",
            file="--set",
            key=set_[0].partition("=")[0],
            remedy=f"Write it into {params}; or try it out under another name: add --as NAME (restricted/trials/NAME).",
        )
    production = open_edition(params, overrides=tuple(set_ or ()), name=as_)
    tell_of_modes(production.mended)
    return production


def tell_of_modes(mended: int) -> None:
    """How much of the restricted folder others could read until now. Not among what a command prints for others to read."""
    if mended:
        several = "1 file or folder" if mended == 1 else f"{mended:,} files and folders"
        said = f"warning: {several} in restricted/ could be read by others; now you alone can."
        err.print(said, highlight=False)


def tell_of_waiting(holder: str) -> None:
    """Say what other run has to end first."""
    err.print(f"Waiting for {printable(holder)} to end.", highlight=False, markup=False)


def shown(path: Path) -> str:
    """A path as the user would type it."""
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def printable(text: str) -> str:
    """Text from outside as a terminal can show it: nothing that moves the cursor or hides."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text.encode("utf-8", "replace").decode())
