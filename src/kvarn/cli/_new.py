"""`kvarn new`: next year's parameters."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kvarn.cli._app import app, out, shown


@app.command(epilog="Example: `kvarn new 2024`; for practice: `kvarn new 2024 --from params/demo.yml --name demo-2024`")
def new(
    year: Annotated[int, typer.Argument(metavar="YEAR", help="The reference year of the new edition.", show_default=False)],
    old: Annotated[
        Path | None,
        typer.Option("--from", metavar="PARAMS", help="The edition of the year before; by default the newest params/YEAR.yml."),
    ] = None,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="The name of the new edition; by default its year.", show_default=False)
    ] = None,
) -> None:
    """Make next year's parameters from this year's, and leave empty what must be new. Overwrites nothing."""
    from kvarn.edition import next_edition

    made = next_edition(year, old=old, name=name)
    out.print(f"The parameters: {shown(made.path)}", highlight=False, markup=False)
    for key, line in made.empty:
        out.print(f"  fill in line {line}: {key}", highlight=False, markup=False)
    out.print(f"Then: kvarn status {shown(made.path)}", highlight=False, markup=False)
