"""`kvarn publish`, `kvarn status`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from kvarn.cli._app import As, Params, Sets, app, out, printable, shown
from kvarn.cli._codelists import tell_of_missing_lists

if TYPE_CHECKING:
    from kvarn.pipeline.checking import Report

OUT_OF_DATE = 3


@app.command(epilog="Example: `kvarn publish params/2023.yml --set disclosure.threshold=10 --as 2023-stricter`")
def publish(
    params: Params,
    set_: Sets = None,
    as_: As = None,
    workers: Annotated[int, typer.Option(min=1, help="Light steps at once.")] = 2,
) -> None:
    """Make everything of the edition that is out of date, and nothing that is not."""
    from kvarn.pipeline import Display, missing_lists, open_edition, run_steps, steps_of
    from kvarn.pipeline.checking import report, require_right_parameters

    production = open_edition(params, overrides=tuple(set_ or ()), name=as_)
    _tell_of_modes(production.mended)
    require_right_parameters(production)
    tell_of_missing_lists(missing_lists(production), synthetic=production.edition.synthetic)
    steps = steps_of(production)
    with Display(out, steps, f"kvarn publish {params}") as display:
        outcomes = run_steps(steps, production.workspace.build, workers=workers, listener=display)
    display.summary(outcomes)
    _tell_of(report(production, checked=True))
    publication = production.workspace.publication
    out.print(f"The publication: {shown(publication / 'index.html')}", highlight=False)


@app.command(epilog="Example: `kvarn status params/2023.yml`")
def status(params: Params, set_: Sets = None, as_: As = None) -> None:
    """Tell of each step whether it is up to date, or why not. Exit status 3 when something is out of date."""
    from kvarn.pipeline import missing_lists, open_edition, status_of, steps_of
    from kvarn.pipeline.checking import report

    production = open_edition(params, overrides=tuple(set_ or ()), name=as_)
    table = Table("Step", "Status", "Why", box=None, pad_edge=False)
    _tell_of_modes(production.mended)
    found = status_of(steps_of(production), production.workspace.build)
    for step in found:
        table.add_row(
            step.step,
            "[green]up to date[/green]" if step.up_to_date else "[yellow]out of date[/yellow]",
            ", ".join(step.reasons[:3]),
        )
    out.print(table)
    tell_of_missing_lists(missing_lists(production), synthetic=production.edition.synthetic)
    late = sum(not step.up_to_date for step in found)
    out.print(f"{len(found) - late} of {len(found)} steps are up to date.", highlight=False)
    _tell_of(report(production, checked=any(step.step == "check" and step.up_to_date for step in found)))
    if late:
        raise typer.Exit(OUT_OF_DATE)


def _tell_of_modes(mended: int) -> None:
    """How much of the restricted folder others could read until now."""
    if mended:
        said = f"warning: {mended:,} files and folders in restricted/ could be read by others; now you alone can."
        out.print(said, highlight=False)


def _tell_of(known: Report) -> None:
    """What awaits acceptance, ready to paste; what has been accepted; and what there is to tell besides."""
    judged = known.judged
    for acceptance in judged.unmatched:
        said = f"accepted, and not found any more: {acceptance.what} at {acceptance.where} ({acceptance.at}). Take it out."
        out.print(f"warning: {printable(said)}", highlight=False, markup=False)
    for finding, _ in judged.accepted:
        out.print(f"accepted: {finding.what} at {finding.where}.", highlight=False, markup=False)
    for said in (*(finding.said for finding in judged.told), *known.lines):
        out.print(said, highlight=False, markup=False)
    if judged.awaiting:
        out.print(str(known.error), highlight=False, markup=False)
