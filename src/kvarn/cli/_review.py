"""`kvarn review`."""

from __future__ import annotations

from typing import Annotated

import typer

from kvarn.cli._app import Params, app, out, printable, shown, tell_of_waiting

NOT_PASSED = 3


@app.command(epilog="Example: `kvarn review params/2023.yml`; then `restricted/2023/review/index.html` is read by who signs")
def review(
    params: Params,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="End with 3 when a check of the examination has not passed: for scripts.")
    ] = False,
) -> None:
    """Write one page for whoever answers for the edition: what changed most, what was accepted, what is withheld, what is new.

    It is about the candidate just as it lies there, and stays under restricted/. The same as data lies beside it.
    """
    from kvarn.base.locks import let_run_end
    from kvarn.pipeline.releasing import open_candidate
    from kvarn.pipeline.review import as_files, gather, write_review

    production = open_candidate(params)
    work = production.workspace
    # What a run has not finished is no candidate yet.
    let_run_end(work.build, tell_of_waiting)
    found = gather(production)
    page = write_review(as_files(found), work.review)
    not_passed = [one for one in found["examination"] if not one["passed"]]
    for one in not_passed:
        out.print(printable(f"not passed: {one['asked']} {one['said']}"), highlight=False, markup=False)
    if not not_passed:
        out.print("Each check of the examination has passed.", highlight=False)
    out.print(f"The review: {shown(page)}", highlight=False, markup=False)
    if exit_code and not_passed:
        raise typer.Exit(NOT_PASSED)
