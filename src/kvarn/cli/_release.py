"""`kvarn release`."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from kvarn.cli._app import app, confirm, out, printable, shown, tell_of_waiting

if TYPE_CHECKING:
    from kvarn.edition import Workspace


@app.command(epilog="Example: `kvarn release params/2023.yml`; what is out: `kvarn release --history`")
def release(
    params: Annotated[
        Path | None,
        typer.Argument(metavar="PARAMS", help="The edition's parameters, such as params/2023.yml.", show_default=False),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing: for scripts.")] = False,
    already_out: Annotated[
        bool,
        typer.Option(
            "--already-out", help="It was published before: enter it as it is, protected or not together with the rest."
        ),
    ] = False,
    history: Annotated[bool, typer.Option("--history", help="List what is out, and do nothing else.")] = False,
) -> None:
    """Enter a candidate in the release history, once it is certain that it is whole, unchanged and up to date.

    From then on it is out: it is never altered, and whatever follows is protected together with it. Release it, then publish it.
    """
    if history:
        if params is not None or yes or already_out:
            raise typer.BadParameter("It goes alone.", param_hint="--history")
        _list()
        return
    if params is None:
        raise typer.BadParameter("Name the edition's parameters, such as params/2023.yml.", param_hint="PARAMS")
    _release(params, yes=yes, already_out=already_out)


def _release(params: Path, *, yes: bool, already_out: bool) -> None:
    from kvarn.base.locks import let_run_end
    from kvarn.edition import embargoed
    from kvarn.pipeline.embargo import said_of_clock
    from kvarn.pipeline.examining import examine
    from kvarn.pipeline.releasing import open_candidate, require_authority
    from kvarn.pipeline.releasing import release as enter
    from kvarn.pipeline.unreleased import unreleased

    production = open_candidate(params, already_out=already_out)
    name, work = production.workspace.name, production.workspace
    # Until a first run has ended there is no candidate to examine.
    let_run_end(work.build, tell_of_waiting)
    known = examine(production, already_out=already_out)
    if known is not None:
        out.print(f"The edition {name} has been released already, just as it is here.", highlight=False, markup=False)
        if not known.already_out:
            # What is missing beside it, such as the bundle, is made again.
            enter(production, waiting=tell_of_waiting)
            _tell_of_bundle(work)
        return
    said = f"The candidate {shown(work.publication)} is whole" + ("." if already_out else " and up to date.")
    out.print(f"{said} Its own day of publication is {production.edition.publication.published}.", highlight=False, markup=False)
    if not already_out:
        moment = dt.datetime.now(dt.UTC)
        signed = require_authority(production, moment)
        if signed:
            names = ", ".join(f"{one.name} as {one.role}" for one in signed)
            out.print(printable(f"Signed: {names}."), highlight=False, markup=False)
        if embargoed(production.edition):
            said = said_of_clock(production.edition, moment)
            out.print(printable(f"{said[0].upper()}{said[1:]}"), highlight=False, markup=False)
    if not yes:
        confirm(f"Release the edition {name}? What is released is never taken back.", what="the release", where=name)

    made = enter(production, already_out=already_out, waiting=tell_of_waiting)
    out.print(f"Released: {made.edition}, number {made.number} of the release history.", highlight=False, markup=False)
    out.print(f"Note down the checksum of its entry: {made.digest}", highlight=False, markup=False)
    if not already_out:
        _tell_of_bundle(work)
    later = unreleased(work, production.edition).candidates
    if later:
        said = f"Made before this release, and not protected together with it: {', '.join(later)}. Before it can be released"
        out.print(f"{said}, make it again, with kvarn publish.", highlight=False, markup=False)


def _tell_of_bundle(work: Workspace) -> None:
    from kvarn.pipeline.bundle import bundle_of

    if (bundle := bundle_of(work)).is_dir():
        said = f"What is uploaded: {shown(bundle)} (a bag, with the checksum of each file)."
        out.print(said, highlight=False, markup=False)


def _list() -> None:
    from kvarn.analyse.disclosure.memory.orders import deliveries
    from kvarn.analyse.disclosure.memory.releases import Release, Reversion, entries
    from kvarn.edition import Workspace, project_root
    from kvarn.pipeline.known_out import require_history, said_of_list
    from kvarn.pipeline.signatures import signatures

    work = Workspace(project_root(), "any")
    every = entries(work.releases)
    table = Table("Number", "Edition", "Published", "Stage", "Recorded", "Signed by", "", box=None, pad_edge=False)
    # The name is what other commands ask for: it stands whole in a pipe, too.
    table.columns[1].min_width = max((len(one.edition) for one in every), default=0)
    found = [one for one in every if isinstance(one, Release)]
    for one in found:
        remarks = [word for word, holds in (("synthetic", one.synthetic), ("was out already", one.already_out)) if holds]
        remarks += [f"corrects {one.corrects}"] if one.corrects else []
        signed = ", ".join(f"{by['name']} ({by['role']})" for by in one.signatures)
        cells = (str(one.number), one.edition, one.published, one.stage, one.recorded, signed, ", ".join(remarks))
        table.add_row(*map(printable, cells))
    if found:
        out.print(table)
    else:
        out.print("Nothing has been released.", highlight=False)
    for entry in every:
        if isinstance(entry, Reversion):
            back = f"{entry.edition} was put back in front on {entry.made}, in the place of {entry.instead_of}"
            said = f"Number {entry.number}: {back}."
            out.print(printable(said), highlight=False, markup=False)
    for order in reversed(deliveries(work.orders)):
        said = f"The order {order.order} has been delivered from {order.edition}" + (" (synthetic)." if order.synthetic else ".")
        out.print(printable(said), highlight=False, markup=False)
    require_history(work)
    for said in said_of_list(work):
        out.print(printable(said), highlight=False, markup=False)
    signatures(work)
