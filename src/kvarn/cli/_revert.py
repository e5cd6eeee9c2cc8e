"""`kvarn revert`."""

from __future__ import annotations

from typing import Annotated

import typer

from kvarn.cli._app import Params, app, confirm, out, printable, shown, tell_of_waiting


@app.command(
    epilog='Example: `kvarn revert params/2023.yml --as "A. Andersson" --why-sv "Rättelsen var fel." --why-en "It was wrong."`'
)
def revert(
    params: Params,
    name: Annotated[str, typer.Option("--as", metavar="NAME", help="Who answers for it: the name of a person.")],
    why_sv: Annotated[str, typer.Option("--why-sv", metavar="WORDS", help="Why, as readers are told, in Swedish.")],
    why_en: Annotated[str, typer.Option("--why-en", metavar="WORDS", help="Why, as readers are told, in English.")],
    to: Annotated[
        int | None,
        typer.Option(
            "--to",
            metavar="NUMBER",
            help="The version to put back; by default the one that is corrected by the one in front.",
            show_default=False,
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing: for scripts.")] = False,
) -> None:
    """Put an earlier version of a publication that has been corrected back in front, with a notice that says why.

    PARAMS are those of any of its versions. All of them stay where readers find them; the release history keeps what was done.
    """
    from kvarn.pipeline import open_edition
    from kvarn.pipeline.bundle import bundle_of
    from kvarn.pipeline.reverting import put_back, version_to_put_back, why_in_words

    production = open_edition(params, published=True)
    work = production.workspace
    why = why_in_words(production, why_sv, why_en)
    versions, target = version_to_put_back(production, to)
    number, front = versions.number(target.edition), versions.front.edition
    which = f"version {number} of {versions.name}, the edition {target.edition},"
    if not yes and target != versions.front:
        confirm(f"Put {which} back in front in the place of {front}?", what="what is put back", where="kvarn revert")
    made = put_back(production, version=number, name=name, why=why, waiting=tell_of_waiting)
    if made is None:
        said = f"In front already: {which} and nothing has been entered. Its bundle has been made again."
        out.print(printable(said), highlight=False, markup=False)
    else:
        said = f"Put back in front: {which} in the place of {front}, number {made.number} of the release history."
        out.print(printable(said), highlight=False, markup=False)
        out.print(f"Note down the checksum of its entry: {made.digest}", highlight=False, markup=False)
    out.print(
        f"What is uploaded: {shown(bundle_of(work))} (a bag, with the checksum of each file).", highlight=False, markup=False
    )
