"""`kvarn order`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kvarn.cli._app import app, out, shown, tell_of_waiting


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
    from kvarn.pipeline.ordering import STEPS, candidate_of_order, deliver_order

    with Display(out, STEPS, f"kvarn order {params}") as display:
        folder = deliver_order(params, listener=display, waiting=tell_of_waiting)
    out.print(f"The order: {shown(folder / 'index.html')}", highlight=False, markup=False)
    if candidate := candidate_of_order(params):
        told = f"The edition {candidate} is not released, and not protected together with this order: before it can be released, "
        told += "publish it again."
        out.print(told, highlight=False, markup=False)
