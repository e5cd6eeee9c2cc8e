"""`kvarn publish`, `kvarn status`."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from kvarn.base.at_once import at_once
from kvarn.cli._app import As, Params, Sets, app, opened, out, printable, shown, tell_of_waiting
from kvarn.cli._codelists import tell_of_missing_lists

if TYPE_CHECKING:
    from kvarn.pipeline import Production
    from kvarn.pipeline.checking import Report
    from kvarn.pipeline.engine import Step
    from kvarn.pipeline.run_log import RunLog
    from kvarn.pipeline.sweeping import Variant
    from kvarn.pipeline.times import Plan

OUT_OF_DATE = 3
MOST_REASONS = 3


@app.command(
    epilog="Example: `kvarn publish params/2023.yml`; a trial: `kvarn publish params/2023.yml --set first_year=2021 --as shorter`"
)
def publish(
    params: Params,
    set_: Sets = None,
    as_: As = None,
    workers: Annotated[int, typer.Option(min=1, help="Light steps at once.")] = 2,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Run nothing: tell which steps would run, and how long each took the last time.")
    ] = False,
    log: Annotated[
        Path | None,
        typer.Option("--log", metavar="FILE", help="Add a line of JSON to this file for each step.", show_default=False),
    ] = None,
    sweep: Annotated[
        str | None,
        typer.Option(
            "--sweep",
            metavar="KEY=VALUE,VALUE…",
            help="Make a trial for each value of this parameter, and tell what each of them withholds and shows otherwise.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Make everything of the edition that is out of date, and nothing that is not.

    What it makes is a candidate until `kvarn release` enters it in the release history.
    """
    if sweep is None:
        _publish(params, set_, as_, workers, dry_run, log)
        return
    if as_ is not None or dry_run:
        raise typer.BadParameter("It names its trials itself, and makes them.", param_hint="--sweep")
    from kvarn.pipeline.sweeping import variants_of

    variants = variants_of(sweep, params)
    for one in variants:
        out.print(printable(f"{one.override}: the trial {one.name}"), highlight=False, markup=False)
        _publish(params, [*(set_ or ()), one.override], one.name, workers, dry_run, log)
    _tell_of_sweep(variants, sweep, params)


def _tell_of_sweep(variants: Sequence[Variant], sweep: str, params: Path) -> None:
    """What the trials withhold and show otherwise than the first, as a table of each table and value."""
    from kvarn.edition import TRIALS, project_root
    from kvarn.pipeline.comparison import find_publication
    from kvarn.pipeline.sweeping import side_by_side, write_side_by_side

    root = project_root(params)
    rows = side_by_side(variants, [find_publication(f"{TRIALS}/{one.name}", root) for one in variants])
    table = Table("Table", "Value", "Cells", "Withheld", "Other than the first", box=None, pad_edge=False)
    for row in rows:
        figures = (f"{number:,}" for number in (row.cells, row.withheld, row.other_than_first))
        table.add_row(row.table, Text(printable(row.value)), *figures)
    out.print(table)
    file = write_side_by_side(rows, sweep, root, params)
    out.print(f"Side by side: {shown(file)}", highlight=False, markup=False)


def _publish(params: Path, set_: list[str] | None, as_: str | None, workers: int, dry_run: bool, log: Path | None) -> None:
    from kvarn.pipeline import Display, missing_lists, run_steps, steps_of
    from kvarn.pipeline.checking import report, require_right_parameters
    from kvarn.pipeline.engine import plan_of
    from kvarn.pipeline.run_log import Listeners
    from kvarn.pipeline.sources import require_sources_in_order
    from kvarn.pipeline.telling import not_told

    production = opened(params, set_, as_)
    steps: list[Step] = []
    # What can be known before any work is told at once.
    at_once(
        lambda: require_right_parameters(production),
        lambda: require_sources_in_order(production),
        lambda: steps.extend(steps_of(production)),
    )
    tell_of_missing_lists(missing_lists(production), synthetic=production.edition.synthetic)
    if dry_run:
        _tell_of_plan(plan_of(steps, production.workspace.build), len(steps))
        return
    production.workspace.make_restricted()
    with contextlib.ExitStack() as ending, Display(out, steps, f"kvarn publish {params}") as display:
        written = _log_of(log, ending)
        listener = display if written is None else Listeners(display, written)
        outcomes = run_steps(steps, production.workspace.build, workers=workers, listener=listener, waiting=tell_of_waiting)
        if written is not None:
            written.finished(steps, outcomes)
    display.summary(outcomes)
    _tell_of(report(production, checked=True))
    for said in not_told(production):
        out.print(printable(said), highlight=False, markup=False)
    out.print(
        f"The {'trial' if production.workspace.trial else 'publication'}: {_place(production)}", highlight=False, markup=False
    )
    _tell_of_release(production)


@app.command(epilog="Example: `kvarn status params/2023.yml`")
def status(params: Params, set_: Sets = None, as_: As = None) -> None:
    """Tell of each step whether it is up to date, or why not, and whether the edition is released. Exit status 3 when something
    has to be made: not of an edition that was entered as it had been published before, and stands as it was entered."""
    from kvarn.base.locks import run_at_work
    from kvarn.pipeline import missing_lists, status_of, steps_of
    from kvarn.pipeline.checking import report
    from kvarn.pipeline.history import in_words
    from kvarn.pipeline.standing import standing

    production = opened(params, set_, as_)
    table = Table("Step", "Status", "Why", box=None, pad_edge=False)
    work = production.workspace
    found = in_words(status_of(steps_of(production), work.build), work, production.edition)
    for step in found:
        table.add_row(
            step.step,
            "[green]up to date[/green]" if step.up_to_date else "[yellow]out of date[/yellow]",
            # What a parameter was may look like markup.
            Text(printable("; ".join(_first(step.reasons)))),
        )
    out.print(table)
    tell_of_missing_lists(missing_lists(production), synthetic=production.edition.synthetic)
    late = sum(not step.up_to_date for step in found)
    out.print(f"{len(found) - late} of {len(found)} steps are up to date.", highlight=False)
    if (holder := run_at_work(work.build)) is not None:
        out.print(
            printable(f"Now at work: {holder}. What it has not finished counts as out of date."), highlight=False, markup=False
        )
    _tell_of(report(production, checked=any(step.step == "check" and step.up_to_date for step in found)))
    _tell_of_release(production)
    if late and not production.workspace.trial and standing(production).as_entered:
        out.print("It stands as it was entered: nothing has to be made again.", highlight=False)
    elif late:
        raise typer.Exit(OUT_OF_DATE)


def _tell_of_plan(plan: Plan, number: int) -> None:
    """Which steps would run, each with how long it took the last time; some of them may turn out to be what they were."""
    from kvarn.pipeline.times import in_words

    if plan.steps:
        table = Table("Would run", "Last time", box=None, pad_edge=False)
        for name in plan.steps:
            seconds = plan.times.steps.get(name)
            table.add_row(name, "not run yet" if seconds is None else f"{seconds:.1f} s")
        out.print(table)
    together = plan.times.of(plan.steps)
    by = "" if together is None else f" That took {in_words(together)} the last time."
    out.print(f"{len(plan.steps)} of {number} steps would run.{by}", highlight=False)


def _log_of(file: Path | None, ending: contextlib.ExitStack) -> RunLog | None:
    """The log of the run, closed in the end; what could not be written of it is told then."""
    from kvarn.pipeline.run_log import RunLog

    if file is None:
        return None
    log = RunLog(file)

    def close() -> None:
        log.close()
        if log.trouble is not None:
            out.print(printable(f"warning: the log of the run is not whole: {log.trouble}"), highlight=False, markup=False)

    ending.callback(close)
    return log


def _first(reasons: Sequence[str]) -> list[str]:
    """As many reasons as a line takes, and how many more there are."""
    more = len(reasons) - MOST_REASONS
    return [*reasons[:MOST_REASONS], *([f"and {more} more"] if more > 0 else [])]


def _place(production: Production) -> str:
    from kvarn.pipeline.standing import candidate_of

    return shown(candidate_of(production.workspace) / "index.html")


def _tell_of_release(production: Production) -> None:
    """Whether the edition is out; and which others lie among the publications and are not protected together with it."""
    from kvarn.pipeline.known_out import said_of_list
    from kvarn.pipeline.signatures import signatures
    from kvarn.pipeline.signed import said_of_signatures
    from kvarn.pipeline.standing import standing
    from kvarn.pipeline.unreleased import unreleased
    from kvarn.pipeline.versions import said_of_version

    _tell_of_theme(production)
    if production.workspace.trial:
        out.print("A trial: it stays under restricted/, and is never released.", highlight=False, markup=False)
        return
    own = standing(production)
    # Once it is released its signatures stand in the history; the log is to be whole all the same.
    signatures(production.workspace)
    signed = said_of_signatures(production) if own.own is None else ()
    for sentence in (
        own.said,
        *said_of_version(production.workspace),
        *signed,
        *unreleased(production.workspace, production.edition).said,
        *said_of_list(production.workspace),
    ):
        out.print(printable(sentence), highlight=False, markup=False)


def _tell_of_theme(production: Production) -> None:
    """What of the theme nobody is known to have read: a real edition is refused for it, and this one is synthetic."""
    from kvarn.pipeline.reviewed_theme import unreviewed_in_theme

    for one in unreviewed_in_theme(production.reports / "theme"):
        said = f"warning: reports/theme/{one.name} is not kvarn's, and nobody is known to have read it as it is;"
        needed = f"a real edition needs in reports/theme/reviewed.yml: {one.entry}"
        out.print(printable(f"{said} {needed}"), highlight=False, markup=False)


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
