"""`kvarn order`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kvarn.cli._app import app, err, out, shown


@app.command(epilog="Example: `kvarn order params/orders/example.yml`")
def order(
    params: Annotated[
        Path, typer.Argument(metavar="ORDER", help="The table that is ordered, such as params/orders/X.yml.", show_default=False)
    ],
) -> None:
    """Make a custom table, protected together with everything that is published already.

    Where no protection is possible the order is refused, with a coarser one that has been tried and passes.
    """
    from kvarn.pipeline import Display
    from kvarn.pipeline.ordering import STEPS, deliver_order

    def waiting() -> None:
        err.print("Another order, or an edition's protection, is at work: waiting for it to end.", highlight=False)

    with Display(out, STEPS, f"kvarn order {params}") as display:
        folder = deliver_order(params, listener=display, waiting=waiting)
    out.print(f"The order: {shown(folder / 'index.html')}", highlight=False, markup=False)
