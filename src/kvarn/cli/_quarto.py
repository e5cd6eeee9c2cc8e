"""`kvarn quarto`: what Quarto runs before it renders in the project's root."""

from __future__ import annotations

import os
from pathlib import Path

from kvarn.cli._app import app, err, out, printable

# What Quarto tells the scripts that it runs before it renders.
_DOCUMENTS, _OUTPUT = "QUARTO_PROJECT_INPUT_FILES", "QUARTO_PROJECT_OUTPUT_DIR"


@app.command(epilog="Example: `kvarn quarto`, which `quarto render` and `quarto preview` run themselves")
def quarto() -> None:
    """Lay the figures and executed notebooks of the edition last made beside the documents, for Quarto in the project's root.

    Nothing is made, and nothing published: what Quarto renders goes to build/by-hand, and says so.
    """
    from kvarn.edition import project_root
    from kvarn.pipeline.by_hand import lay_out_by_hand

    named, output = os.environ.get(_DOCUMENTS), os.environ.get(_OUTPUT)
    laid = lay_out_by_hand(project_root(), named.splitlines() if named else None, Path(output) if output else None)
    name, params = laid.production.workspace.name, laid.production.params.name
    out.print(
        printable(f"Figures and notebooks: those of the edition {name}, as it was last made."), highlight=False, markup=False
    )
    if laid.older:
        said = (
            f"warning: the edition {name} would be another one now, and the pages say so. Make it: kvarn publish params/{params}"
        )
        err.print(printable(said), highlight=False, markup=False)
