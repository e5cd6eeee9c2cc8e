"""`kvarn intake`: deliveries through the door."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from kvarn.cli._app import app, err, out, printable, shown
from kvarn.cli._codelists import tell_of_missing_lists
from kvarn.identity_numbers import without_identity_numbers

if TYPE_CHECKING:
    from kvarn.collect import Entry, Outcome, Terms

REJECTED = 1
MOST_NAMED = 20


@app.command(
    epilog="Example: `kvarn intake deliveries/2023-03 --into restricted/register --receipts receipts/2023-03`. "
    "How delivery files must look is described in docs/deliveries.md."
)
def intake(
    into: Annotated[
        Path,
        typer.Option(
            metavar="REGISTER",
            file_okay=False,
            help="The register that the deliveries are taken into: a folder under restricted/.",
        ),
    ],
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATHS", help="Delivery files, folders and zip archives.", show_default=False),
    ] = None,
    receipts: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where the receipts go; by default REGISTER/receipts.", file_okay=False)
    ] = None,
    limit: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            help="A file with a larger share of bad rows than this is rejected whole; by default as the register's edition says.",
        ),
    ] = None,
    arrived: Annotated[
        dt.datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The day on which the files arrived, where no arrivals.csv beside them tells."),
    ] = None,
    deaths: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Known dates of death: CSV, identity_number,died.")
    ] = None,
    reserve_numbers: Annotated[
        bool, typer.Option("--reserve-numbers", help="Take in local reserve numbers: counted, not followed.")
    ] = False,
    synthetic: Annotated[bool, typer.Option("--synthetic", help="The data are synthetic, and receipts say so.")] = False,
    history: Annotated[
        bool, typer.Option("--history", help="Show what has been taken in, and what is in force; take nothing in.")
    ] = False,
    as_of: Annotated[
        dt.datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="With --history: as it was on that day.")
    ] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="Threads of the engine; all cores by default.")] = None,
) -> None:
    """Validate deliveries, take in what is right, and write each municipality its receipts.

    Judged by the code lists of the project that REGISTER lies in, and by the limits (quality) of the edition that takes its
    deliveries from there. Exit status 0 when every file was accepted, 1 when one was rejected or could not be looked at, 2 when
    the command was given wrongly.
    """
    if history:
        _show_history(into, as_of.date() if as_of else None)
        return
    if not paths:
        raise typer.BadParameter("Give the deliveries to take in, or --history.", param_hint="PATHS")
    if as_of:
        raise typer.BadParameter("It goes with --history.", param_hint="--as-of")
    # A link that leads nowhere is there, and is named as passed over.
    if nowhere := [path for path in paths if not os.path.lexists(path)]:
        raise typer.BadParameter(f"There is nothing at this path: {printable(str(nowhere[0]))}", param_hint="PATHS")
    from kvarn.base.secret_places import refuse_public_place
    from kvarn.collect import (
        delivery_log,
        keep_mark,
        of_a_synthetic_register,
        take_in,
        waiting_files,
        warning_of_modes,
        write_overview,
    )
    from kvarn.pipeline.checking import care_at_the_door
    from kvarn.pipeline.terms import not_imported
    from kvarn.programme import current_programme

    is_said = synthetic
    synthetic = synthetic or any(of_a_synthetic_register(path) for path in paths)
    terms = _terms(into, limit, reserve_numbers=reserve_numbers, deaths=deaths, synthetic=synthetic)
    if arrived is not None and arrived.date() > dt.date.today():
        raise typer.BadParameter(f"{arrived.date()} is to come, by this machine's clock.", param_hint="--arrived")
    # Before anything is written there: the mark of synthetic data is the first.
    refuse_public_place(into, "microdata")
    keep_mark(paths, into, synthetic=is_said)
    warning = warning_of_modes(into)
    if warning:
        err.print(printable(warning), highlight=False, markup=False)
    folder = receipts or into / "receipts"
    with _Watching() as watching:
        outcome = take_in(
            paths,
            into,
            terms=terms,
            receipts=folder,
            arrived=arrived.date() if arrived else None,
            threads=threads,
            told=watching.told,
            waiting=watching.waiting,
        )
    years = {int(year) for year in delivery_log(into)["year"].dropna()}
    write_overview(into, folder, as_of=dt.date.today(), synthetic=synthetic, not_imported=not_imported(terms, years))
    _summarise(outcome, folder, into, terms)
    missing = not_imported(
        terms, {entry.year for entry in outcome.entries if entry.year and entry.type == current_programme().about.events}
    )
    tell_of_missing_lists(missing, synthetic=synthetic, waiting=sum(waiting_files(into, missing).values()))
    for said in care_at_the_door(into, sorted({entry.year for entry in outcome.entries if entry.year is not None})):
        out.print(said, highlight=False, markup=False)
    if outcome.rejected or any(found.of_concern for found in outcome.passed_over):
        raise typer.Exit(REJECTED)


def _terms(into: Path, limit: float | None, *, reserve_numbers: bool, deaths: Path | None, synthetic: bool) -> Terms:
    """On which terms the register takes deliveries in; said, because a verdict depends on them."""
    from kvarn import metadata
    from kvarn.pipeline.terms import limits_of, project_of, terms_of
    from kvarn.programme import current_programme

    root = project_of(into)
    metadata.use_project(root)
    limits = limits_of(into, root)
    quality = limits.quality.model_copy(
        update={"reserve_numbers": reserve_numbers or limits.quality.reserve_numbers}
        | ({} if limit is None else {"rejected_rows": limit})
    )
    place = "the project in this folder" if root == Path.cwd() else shown(root) if root is not None else ""
    programme = current_programme()
    lists = f"the code lists of {place}" if root is not None else f"{shown(programme.folder)} (the register lies in no project)"
    given = "--limit" if limit is not None else shown(limits.edition) if limits.edition is not None else "by default"
    said = f"Judged by {lists}; at the most {quality.rejected_rows:g} of a file's rows may be bad ({given})."
    out.print(printable(said), highlight=False, markup=False)
    return terms_of(
        root or Path.cwd(),
        quality=quality,
        deaths=deaths and deaths.absolute(),
        synthetic=synthetic,
    )


class _Watching:
    """Shows how far an intake has come: on a terminal a line that changes, elsewhere a plain line now and then."""

    _EVERY = 1000

    def __init__(self) -> None:
        self.files = self.rows = 0
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        self._progress = Progress(*columns, console=out, transient=True) if out.is_terminal else None
        self._task = self._progress.add_task("Reading…") if self._progress else None

    def __enter__(self) -> _Watching:
        if self._progress:
            self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._progress:
            self._progress.stop()

    def told(self, entry: Entry) -> None:
        """Count a delivery that has been recorded."""
        self.files += 1
        self.rows += entry.received
        said = f"{self.files} files, {self.rows} rows"
        if self._progress and self._task is not None:
            self._progress.update(self._task, description=said)
        elif self.files % self._EVERY == 0:
            out.print(said, highlight=False)

    def waiting(self) -> None:
        """Say that somebody else is at work."""
        err.print("Another intake is at work on this register: waiting for it to end.", highlight=False)


def _summarise(outcome: Outcome, receipts: Path, store: Path, terms: Terms) -> None:
    from kvarn.collect import why_rejected

    rejected = outcome.rejected
    for entry, reasons in why_rejected(store, rejected[:MOST_NAMED], terms.share_limit):
        out.print(f"rejected: {printable(without_identity_numbers(entry.name))}", highlight=False, markup=False)
        for reason in reasons:
            out.print(f"  {printable(reason)}", highlight=False, markup=False)
    if len(rejected) > MOST_NAMED:
        out.print(f"… and {len(rejected) - MOST_NAMED} more", highlight=False)
    if rejected:
        out.print(
            "How a file must look: docs/deliveries.md. What a municipality should do stands in its receipt.", highlight=False
        )
    files = len(outcome.entries)
    before = f" ({outcome.known} of them taken in before)" if outcome.known else ""
    several = "1 file" if files == 1 else f"{files} files"
    out.print(f"{several}{before}: {files - len(rejected)} accepted, {len(rejected)} rejected.", highlight=False)
    counted = [outcome.rows(what) for what in ("received", "accepted", "rejected")]
    rows = "1 row" if counted[0] == 1 else f"{counted[0]} rows"
    out.print(f"{rows} received = {counted[1]} accepted + {counted[2]} rejected.", highlight=False)
    _tell_of_corrections(outcome, terms)
    _tell_of_passed_over(outcome)
    out.print(f"Receipts and overview: {shown(receipts / 'overview.html')}", highlight=False, markup=False)


def _tell_of_corrections(outcome: Outcome, terms: Terms) -> None:
    """What became of the rows of replaced deliveries, and which deliveries hold far fewer rows than those before them."""
    from kvarn.collect import in_few_words, why_remarked

    if outcome.replaced:
        out.print(in_few_words(outcome.replaced.values()), highlight=False)
    remarked = [entry for entry in outcome.entries if entry.number in outcome.fewer]
    for entry in remarked[:MOST_NAMED]:
        out.print(f"remark: {printable(without_identity_numbers(entry.name))}", highlight=False, markup=False)
        for said in why_remarked(entry, outcome, terms.fewer_rows):
            out.print(f"  {printable(said)}", highlight=False, markup=False)
    if len(remarked) > MOST_NAMED:
        out.print(f"… and {len(remarked) - MOST_NAMED} more", highlight=False)
    if remarked:
        out.print("They are accepted. If rows are missing, ask the municipality for the whole file.", highlight=False)


def _tell_of_passed_over(outcome: Outcome) -> None:
    """What was found and is no delivery file, each with the reason."""
    found = sorted(outcome.passed_over, key=lambda one: (not one.of_concern, one))
    for one in found[:MOST_NAMED]:
        out.print(f"passed over: {printable(str(one))}", highlight=False, markup=False)
    if len(found) > MOST_NAMED:
        out.print(f"… and {len(found) - MOST_NAMED} more (passed-over.csv beside the receipts)", highlight=False)


def _show_history(store: Path, as_of: dt.date | None) -> None:
    from kvarn.collect import delivery_log

    log = delivery_log(store, as_of=as_of)
    columns: Sequence[str] = ("number", "name", "arrived", "verdict", "received", "accepted", "rejected", "in_force")
    typer.echo("\t".join(columns))
    for row in log.itertuples(index=False):
        told = {name: getattr(row, name) for name in columns} | {"arrived": row.came, "in_force": "yes" if row.in_force else "no"}
        typer.echo("\t".join(printable(str(told[name])) for name in columns))
