"""The program, and what its commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

import kvarn

__all__ = ["As", "Params", "Sets", "app", "err", "out", "printable", "shown"]

app = typer.Typer(
    name="kvarn",
    help="From a year of register deliveries to the annual statistical report.",
    no_args_is_help=True,
    add_completion=False,
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
    typer.Option("--set", metavar="KEY=VALUE", help="Override one parameter; recorded in the publication. May be repeated."),
]
As = Annotated[
    str | None, typer.Option("--as", metavar="NAME", help="The name of the edition instead of the file's, such as 2023-stricter.")
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


def shown(path: Path) -> str:
    """A path as the user would type it."""
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def printable(text: str) -> str:
    """Text from outside as a terminal can show it: nothing that moves the cursor or hides."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text.encode("utf-8", "replace").decode())
