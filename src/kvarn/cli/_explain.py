"""`kvarn explain`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kvarn.cli._app import app, out, printable, shown


@app.command(
    epilog="Example: `kvarn explain publications/2023 persons-by-year-sex-age year=2023 sex=2 age=80+ measure=persons`; "
    "a figure of the text: `kvarn explain 2023 figure persons.total`"
)
def explain(
    publication: Annotated[
        str, typer.Argument(metavar="PUBLICATION", help="Its folder, or the edition's name.", show_default=False)
    ],
    table: Annotated[str, typer.Argument(metavar="TABLE", help="A table's id; or the word figure.", show_default=False)],
    codes: Annotated[
        list[str] | None,
        typer.Argument(metavar="VARIABLE=CODE…", help="The cell; after figure: the figure's name.", show_default=False),
    ] = None,
    page: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write the explanation as a page, too.")] = None,
) -> None:
    """Tell where a published figure comes from: definition, notebook and cell, code lists, sources, notes.

    Nothing of it is secret: of what is withheld it says what is published of why.
    """
    from kvarn.edition import Workspace, project_root
    from kvarn.pipeline import explanation
    from kvarn.pipeline.comparison import find_publication, require_place
    from kvarn.pipeline.verification import to_verify
    from kvarn.pipeline.versions import said_of_version
    from kvarn.programme import use_project

    root = project_root()
    use_project(root)
    published = find_publication(publication, root)
    if page is not None:
        require_place(page, root, "--html", [] if published.released else [published.name])
        explanation.require_page_of_its_own(page, secret=not published.released)
    if table == "figure":
        if len(codes or ()) != 1:
            raise typer.BadParameter("Give the name of one figure, such as persons.total.", param_hint="figure")
        edition = to_verify(published, root)[0].edition
        found = explanation.explain_figure(published, root, (codes or [""])[0], edition)
    else:
        found = explanation.explain_cell(published, root, table, codes or [])
    for line in explanation.as_text(found):
        out.print(printable(line), highlight=False, markup=False)
    for said in said_of_version(Workspace(root, "any"), published.edition):
        out.print(printable(said), highlight=False, markup=False)
    if page is not None:
        explanation.write_explanation(found, page, secret=not published.released)
        out.print(f"The explanation: {shown(page)}", highlight=False, markup=False)
