"""`kvarn verify`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kvarn.cli._app import app, out, printable

if TYPE_CHECKING:
    from kvarn.pipeline.engine import Step

DIFFERENT = 3


@app.command(epilog="Example: `kvarn verify publications/2023`; what it was made from alone: `kvarn verify 2023 --inputs`")
def verify(
    publication: Annotated[
        str, typer.Argument(metavar="PUBLICATION", help="Its folder, or the edition's name.", show_default=False)
    ],
    inputs: Annotated[bool, typer.Option("--inputs", help="Only compare checksums with the record: make nothing again.")] = False,
) -> None:
    """Make a publication again in a clean folder, and tell of each file whether it is identical, or where it is another.

    First it says what of all that it was made from is not as the record says. Exit status 3 when anything differs.
    """
    from kvarn.edition import project_root
    from kvarn.pipeline import Display, run_steps
    from kvarn.pipeline.comparison import find_publication
    from kvarn.pipeline.verification import compare_files, made_again, not_as_recorded, to_verify
    from kvarn.pipeline.versions import said_of_version

    root = project_root()
    published = find_publication(publication, root)
    production, kept = to_verify(published, root)
    for sentence in said_of_version(production.workspace):
        out.print(printable(sentence), highlight=False, markup=False)
    faults = not_as_recorded(published, production, kept)
    for fault in faults:
        out.print(printable(f"not as recorded: {fault}."), highlight=False, markup=False)
    if not faults:
        out.print("Everything that the record names is here as it was.", highlight=False)
    different = 0
    if not inputs:

        def run(steps: list[Step], build: Path) -> None:
            with Display(out, steps, f"kvarn verify {publication}") as display:
                run_steps(steps, build, listener=display)

        with made_again(production, kept, run) as again:
            verdicts = list(compare_files(published.folder, again))
        for one in verdicts:
            said = f"different: {one.name}: {one.where}" if one.where else f"identical: {one.name}"
            out.print(printable(said), highlight=False, markup=False)
        different = sum(bool(one.where) for one in verdicts)
        out.print(f"{len(verdicts) - different} of {len(verdicts)} files are identical.", highlight=False)
    if faults or different:
        raise typer.Exit(DIFFERENT)
