"""`kvarn sign`."""

from __future__ import annotations

from typing import Annotated

import typer

from kvarn.cli._app import Params, app, confirm, out, printable, shown, tell_of_waiting


@app.command(epilog='Example: `kvarn sign params/2023.yml --as "A. Andersson" --role assurer`')
def sign(
    params: Params,
    name: Annotated[str, typer.Option("--as", metavar="NAME", help="Who signs: the name of a person.", show_default=False)],
    role: Annotated[
        str, typer.Option("--role", metavar="ROLE", help="In which role, such as assurer (`release.roles`).", show_default=False)
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing: for scripts.")] = False,
) -> None:
    """Say that exactly this candidate may be released, once its review has been read.

    The signature is of the candidate's checksums and of the review that lies there, and is kept in restricted/signatures.jsonl
    with the account that gave the command. A candidate that is made again is to be signed again.
    """
    from kvarn.base.locks import let_run_end
    from kvarn.pipeline.releasing import open_candidate
    from kvarn.pipeline.review import PAGE
    from kvarn.pipeline.signing import sign as enter

    production = open_candidate(params)
    work = production.workspace
    let_run_end(work.build, tell_of_waiting)
    if not yes:
        page = shown(work.review / PAGE)
        confirm(
            f"Have you read {page}, and may the edition {work.name} be released, as far as the {role} is asked?",
            what="the signature",
            where="kvarn sign",
        )
    made = enter(production, name=name, role=role, waiting=tell_of_waiting)
    said = f"Signed: {made.name} as {made.role}, the candidate with the record {made.record}, by the account {made.account}"
    if made.login != made.account:
        said += f" (logged in as {made.login})"
    out.print(printable(f"{said}. Number {made.number} of the log of signatures."), highlight=False, markup=False)
    out.print(f"Note down the checksum of the signature: {made.digest}", highlight=False, markup=False)
