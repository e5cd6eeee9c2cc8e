"""`kvarn trace`, `kvarn variables`, `kvarn extract`: what the register holds, whence, and what of it is given to whom."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from kvarn.cli._app import As, Params, Sets, app, opened, out, printable, shown, tell_of_waiting


@app.command(epilog="Example: `kvarn trace params/2023.yml --year 2023 --delivery KHSL2_0114_202301.txt --line 17`")
def trace(
    params: Params,
    year: Annotated[int, typer.Option(help="The year of care.")],
    pseudonym: Annotated[str | None, typer.Option(help="A person, by pseudonym: where do their rows come from?")] = None,
    procedure: Annotated[str | None, typer.Option(metavar="CODE", help="With --pseudonym: procedures of this KVÅ code.")] = None,
    delivery: Annotated[str | None, typer.Option(metavar="NAME", help="A delivery file: what became of it?")] = None,
    line: Annotated[int | None, typer.Option(min=1, help="With --delivery: one line of it.")] = None,
    table: Annotated[str | None, typer.Option(help="person_months or procedures; by default what the question is about.")] = None,
    set_: Sets = None,
    as_: As = None,
) -> None:
    """Tell from which delivery and line rows of the register come, or what a line of a delivery became.

    Prints pseudonyms: for those who may see the register.
    """
    from kvarn.process import trace as traced

    about: Literal["person_months", "procedures"] = "procedures"
    if table not in (None, "person_months", "procedures"):
        raise typer.BadParameter("It is person_months or procedures.", param_hint="--table")
    production = opened(params, set_, as_)
    work, periods = production.workspace, production.programme.about.periods
    if table == "person_months" or (table is None and (delivery or "").startswith(f"{periods}_")):
        about = "person_months"
    found = traced(
        work.register,
        work.collected,
        table=about,
        year=year,
        pseudonym=pseudonym,
        procedure=procedure,
        delivery=delivery,
        line=line,
    )
    typer.echo("\t".join(found.columns))
    for row in found.itertuples(index=False):
        typer.echo("\t".join(printable(str(value)) for value in row))


@app.command(epilog="Example: `kvarn variables params/2023.yml`")
def variables(
    params: Params,
    into: Annotated[
        Path | None, typer.Option(metavar="DIR", file_okay=False, help="By default restricted/EDITION/variables.")
    ] = None,
    set_: Sets = None,
    as_: As = None,
) -> None:
    """Write the register's variable list: a page, a spreadsheet and a CSVW description, in both languages."""
    from kvarn.base.secret_places import refuse_public_place
    from kvarn.process.variables import write_variable_list

    production = opened(params, set_, as_)
    work, edition = production.workspace, production.edition
    folder = into or work.variables
    refuse_public_place(folder, "list of what the register holds")
    write_variable_list(work.register, edition.years, folder, synthetic=edition.synthetic, dated=edition.publication.published)
    out.print(f"The variable list: {shown(folder / 'variables.html')}", highlight=False, markup=False)


@app.command(epilog="Example: `kvarn extract params/extracts/example.yml`")
def extract(
    params: Annotated[
        Path, typer.Argument(metavar="EXTRACT", help="What is given to whom, by which decision.", show_default=False)
    ],
) -> None:
    """Make a research extract: the variables that a decision names, under the project's own pseudonyms; and log it."""
    from kvarn.process.extracts import make_extract

    folder = make_extract(params, waiting=tell_of_waiting)
    out.print(f"The extract: {shown(folder)}", highlight=False, markup=False)
