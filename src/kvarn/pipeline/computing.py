"""Compute notebooks and their tables: what they say that they save is in the programme, and is saved anew."""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path

from kvarn import metadata
from kvarn.edition import NotebookLimits, Workspace
from kvarn.errors import NotebookError
from kvarn.pipeline.nodes import Stamp, file, is_new, stamp
from kvarn.pipeline.notebook_parameters import Parameter
from kvarn.pipeline.presenting import tables_named_in
from kvarn.pipeline.saved_tables import saves_of

__all__ = ["check_tables", "run_compute_notebook"]


def check_tables(compute: Sequence[Path], present: Sequence[Path]) -> None:
    """Hold the tables that notebooks save and read against the programme, before anything is computed.

    Raises
    ------
    NotebookError
        A notebook names a table that the programme does not declare, or whose sheet in the workbook has no name; two save the
        same one, one reads what none saves, or it cannot be determined which tables a compute notebook saves.
    """
    declared = [table.name for table in metadata.tables()]
    saved: dict[str, Path] = {}
    for notebook in compute:
        for table, cell in saves_of(notebook).items():
            if table not in declared:
                raise cell.wrong(f"The programme declares no table {table!r}.", _near(table, declared))
            if table in saved:
                raise cell.wrong(
                    f"The table {table} is saved by {saved[table].name} as well.",
                    "Save each table in one notebook: which of the two stood last would be chance.",
                )
            if not metadata.table(table).beside and not metadata.table(table).sheet:
                raise cell.wrong(
                    f"The sheet of the table {table} has no name.",
                    'Add it to the table in programme/tables.yml: sheet: {sv: "…", en: "…"}.',
                )
            saved[table] = notebook
    for notebook in present:
        for table, cell in tables_named_in(notebook).items():
            if table not in declared:
                raise cell.wrong(f"The programme declares no table {table!r}.", _near(table, declared))
            if table not in saved:
                raise cell.wrong(f"No compute notebook saves the table {table}.", "Save it in one, or do not read it here.")


def _near(table: str, declared: Sequence[str]) -> str:
    near = difflib.get_close_matches(table, declared, n=3)
    return (f"Did you mean {' or '.join(near)}? " if near else "") + "A new table is declared in programme/tables.yml."


def run_compute_notebook(
    notebook: Path,
    work: Workspace,
    parameters: Mapping[str, Parameter],
    *,
    notebooks: Sequence[Path] = (),
    limits: NotebookLimits | None = None,
) -> None:
    """Run a compute notebook. Every table that its source says it saves must be saved by this very run, and no other.

    What an earlier run has left stays where it is until the new one stands, for whoever looks; it is never taken for new.

    Parameters
    ----------
    notebooks
        All compute notebooks, for the words about a table that is another's.
    limits
        What it may not exceed; by default kvarn's own.

    Raises
    ------
    NotebookError
        See `run_notebook`; or a table was not saved, or another one was.
    """
    from kvarn.base.database import sweep
    from kvarn.pipeline.notebooks import run_notebook
    from kvarn.pipeline.walls import SPILL, compute_wall

    saved = saves_of(notebook)
    before = _tables_of(work)

    def check(_executed: Path, _walled: bool) -> NotebookError | None:
        after = _tables_of(work)
        for table, cell in saved.items():
            if table not in after or not is_new(before.get(table, {}), after[table]):
                return cell.wrong(
                    f"The notebook ended without saving the table {table}.",
                    "Let this cell run to its save_table, whatever the data: a table of an earlier run is never published "
                    "under this one's record.",
                )
        for table in sorted(set(after) - set(saved)):
            if is_new(before.get(table, {}), after[table]):
                others = [other.name for other in notebooks if other != notebook and table in saves_of(other)]
                return NotebookError(
                    f"The notebook saved the table {table}, which its source does not name.",
                    notebook=notebook.name,
                    remedy=f"It is the table of {others[0]}: leave it to that notebook."
                    if others
                    else "Call save_table in the notebook itself, with the table's id as text.",
                )
        return None

    output = work.compute_notebooks / notebook.name
    wall = compute_wall(work, parameters)
    try:
        run_notebook(notebook, output, parameters, root=work.root, wall=wall, secret=True, limits=limits, check=check)
    finally:
        # A kernel that was ended has left what it spilled: microdata.
        spill = work.restricted / SPILL
        sweep(spill)
        with contextlib.suppress(OSError):
            spill.rmdir()


def _tables_of(work: Workspace) -> dict[str, Stamp | None]:
    return {path.stem: stamp(file(path)) for path in work.tables.glob("[!.]*.parquet")}
