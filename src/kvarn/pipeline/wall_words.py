"""Words for a notebook that has come up against its wall: whoever wrote it did not mean to, and is told what it may read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kvarn.errors import NotebookError

if TYPE_CHECKING:
    from papermill.exceptions import PapermillExecutionError

__all__ = ["at_the_wall"]

# As Python, Arrow, DuckDB and SQLite say that the system has refused.
_REFUSED = re.compile(r"Permission denied|Operation not permitted|Errno 1\b|Errno 13\b|unable to open database file")

_COMPUTE = (
    "compute",
    "A compute notebook reads its edition's register (open_register) and log of deliveries (open_collection), and writes tables "
    "with save_table; it has a temporary folder of its own, and no network.",
)
_PRESENT = (
    "present",
    "A present notebook reads its edition's protected tables (open_tables), and writes to a "
    "temporary folder of its own alone; it has no network, and starts no other programs.",
)


def at_the_wall(wrong: NotebookError, error: PapermillExecutionError, *, secret: bool) -> NotebookError:
    """The error of a notebook within its wall: said in the wall's words where the system has refused something.

    Parameters
    ----------
    wrong
        The error as it stands.
    secret
        Whether the notebook is a compute notebook, of whose messages nothing is quoted.
    """
    said = f"{error.ename}: {error.evalue}"
    plain = "A present notebook may not" in said
    if plain or not (error.ename == "PermissionError" or _REFUSED.search(said)):
        return wrong
    kind, within = _COMPUTE if secret else _PRESENT
    return NotebookError(
        f"{wrong.what}\n  The operating system has refused it: a {kind} notebook is walled off from everything that it has no "
        "use for.",
        notebook=wrong.notebook,
        cell=wrong.cell,
        remedy=within,
    )
