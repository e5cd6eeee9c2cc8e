"""`kvarn compare`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kvarn.cli._app import app, err, out, printable, shown

DIFFERENT = 3


@app.command(epilog="Example: `kvarn compare 2022 2023`; a candidate: `kvarn compare publications/2023 build/2023/candidate`")
def compare(
    before: Annotated[
        str, typer.Argument(metavar="A", help="A publication: its folder, or the edition's name.", show_default=False)
    ],
    now: Annotated[str, typer.Argument(metavar="B", help="The one that it is compared with.", show_default=False)],
    into: Annotated[
        Path | None,
        typer.Option("--into", metavar="DIR", help="Write page and data here; under restricted/ where one is not released."),
    ] = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="End with 3 when they differ: for scripts.")] = False,
) -> None:
    """Tell in what two publications differ: cell by cell, texts, parameters, methods, notebooks, inputs and code.

    It reads nothing but the files of the two. Prints a summary; writes a page and CSV files.
    """
    from kvarn.edition import Workspace, project_root
    from kvarn.pipeline import comparison
    from kvarn.pipeline.versions import said_of_version

    root = project_root()
    both = [comparison.find_publication(named, root) for named in (before, now)]
    for one in both:
        for name, became in one.changed.items():
            said = f"warning: {shown(one.folder / name)} {became} since its record was written."
            err.print(printable(said), highlight=False, markup=False)
    found = comparison.compare(*both)
    folder = comparison.place_for(found, root, into)
    for line in comparison.summary(found):
        out.print(printable(line), highlight=False, markup=False)
    for one in both:
        for said in said_of_version(Workspace(root, "any"), one.edition):
            out.print(printable(f"{one.name}: {said}"), highlight=False, markup=False)
    page = comparison.write_comparison(found, folder)
    out.print(f"The comparison: {shown(page)}", highlight=False, markup=False)
    if exit_code and not found.same:
        raise typer.Exit(DIFFERENT)
