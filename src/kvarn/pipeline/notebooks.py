"""Running one notebook: parameters checked before a kernel starts, outputs scrubbed of what differs from run to run."""

from __future__ import annotations

import contextlib
import logging
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat

from kvarn import errors
from kvarn.base.notebook_files import read_notebook
from kvarn.base.stopping import asked_to_stop, require_going_on
from kvarn.base.system_faults import naming
from kvarn.edition import NotebookLimits
from kvarn.errors import EnvironmentFault, NotebookError
from kvarn.kernel.wall import Wall
from kvarn.pipeline.dead_kernels import MEMORY_REMEDY, how_it_ended
from kvarn.pipeline.executed import keep_executed
from kvarn.pipeline.kernels import fresh_kernel
from kvarn.pipeline.limits import Watch
from kvarn.pipeline.notebook_parameters import Parameter, check_parameters, takes_parameter
from kvarn.pipeline.saved_tables import tables_saved_by
from kvarn.pipeline.wall_words import at_the_wall
from kvarn.pipeline.walls import standing_wall

if TYPE_CHECKING:
    from papermill.exceptions import PapermillExecutionError

__all__ = ["Parameter", "check_parameters", "parameterised", "run_notebook", "tables_saved_by", "takes_parameter"]

# What goes wrong is said by an error of ours; nbclient would print it besides.
logging.getLogger("papermill").addHandler(logging.NullHandler())

_EXIT = re.compile(r"\b(?:exit|quit)\s*\(|^\s*%?(?:exit|quit)\s*$", re.MULTILINE)
# As Python, numpy, Arrow and DuckDB say that memory has run out.
_MEMORY_ERRORS = ("MemoryError", "_ArrayMemoryError", "ArrowMemoryError", "OutOfMemoryException")
# But for years, and for the line of a file.
_FIGURES = re.compile(r"(?<!\d)(?<!\bline )(?!20\d\d(?!\d))\d+")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def run_notebook(
    notebook: Path,
    output: Path,
    parameters: Mapping[str, Parameter],
    *,
    root: Path,
    forbidden: Path | None = None,
    wall: Wall | None = None,
    secret: bool = False,
    limits: NotebookLimits | None = None,
    check: Callable[[Path, bool], NotebookError | None] = lambda executed, walled: None,
) -> None:
    """Run a notebook by papermill in a kernel of its own and write it, executed, to `output`.

    Parameters
    ----------
    root
        The folder in which the notebook runs: the project's root.
    forbidden
        A folder under which the notebook may open nothing; it is told so in plain words.
    wall
        What lies within the wall that the operating system keeps around the notebook; None: there is none.
    secret
        Whether what the notebook prints may hold microdata: then an error quotes nothing but kvarn's own words, and the
        executed notebook is readable by its owner alone.
    limits
        What it may not exceed; by default kvarn's own.
    check
        Asked when every cell has run, with the executed notebook and whether the system kept the wall: what it returns is what is
        wrong all the same.

    Raises
    ------
    Interrupted
        The run was stopped.
    NotebookError
        A cell failed or ended the notebook before the last one, the kernel died, a limit was reached, or `check` found
        something. The executed notebook is kept beside `output` as ``<name>.failed.ipynb``.
    EnvironmentFault
        The system does not raise the wall: nothing of the notebook has run.
    """
    # Most commands run no notebook; papermill brings the libraries of every store that it can read from.
    import papermill
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    check_parameters(notebook, parameters)
    require_going_on()
    output.parent.mkdir(parents=True, exist_ok=True, mode=0o700 if secret else 0o777)
    working = output.with_name(f".{output.stem}.running.ipynb")
    failed = output.with_name(f"{output.stem}.failed.ipynb")
    look = f"Look at {_shown(failed, root)}, mend the notebook or its input, and run again: finished steps are kept."
    walled = wall is not None and standing_wall().kept
    wrong: NotebookError | None = None
    try:
        _prepare(notebook, working, parameters, secret)
        with (
            fresh_kernel(forbidden=forbidden, wall=wall) as manager,
            Watch(limits or NotebookLimits(), manager.keeper, manager.end_now) as watch,
            _wall_or_nothing(manager, watch),
        ):
            manager.heard = watch.hear
            # Papermill puts parameters into a path where it has braces.
            place = str(working).replace("{", "{{").replace("}", "}}")
            papermill.execute_notebook(
                place,
                place,
                kernel_name="python3",
                language="python",
                progress_bar=False,
                km=manager,
                on_cell_execute=watch.cell_begins,
                on_cell_executed=watch.cell_has_run,
                resources={"metadata": {"path": str(root)}},
            )
        wrong = watch.reached or _ended_early(working) or check(working, walled)
        require_going_on()
    except PapermillExecutionError as error:
        wrong = _explain(error, working, root, secret)
        wrong = at_the_wall(wrong, error, secret=secret) if wall else wrong
    except RuntimeError as error:
        # A kernel that dies, or never answers; anything else would be a defect.
        if asked_to_stop() or not (isinstance(error, DeadKernelError) or str(error).startswith("Kernel d")):
            working.unlink(missing_ok=True)
            require_going_on()
            raise
        wrong = watch.reached or _died(error, manager.ended, working)
    except BaseException:
        working.unlink(missing_ok=True)
        raise
    if wrong is not None:
        os.replace(working, failed)
        raise NotebookError(
            wrong.what,
            notebook=_shown(notebook, root),
            cell=wrong.cell,
            executed=failed,
            remedy=f"{wrong.remedy} What had been run is kept as {_shown(failed, root)}." if wrong.remedy else look,
        )
    try:
        failed.unlink(missing_ok=True)
        keep_executed(working, walled=walled, published=not secret)
        os.replace(working, output)
    except BaseException:
        working.unlink(missing_ok=True)
        raise


def _died(error: RuntimeError, ended: int | None, working: Path) -> NotebookError:
    """A kernel that died, or that never answered: how, in which cell, and what to do."""
    silent = "respond" in str(error)
    what, remedy = (str(error) + ".", "Close other programs") if silent else how_it_ended(ended)
    # A kernel that was told to end goes on for a moment, into the cells after.
    cell = _last_begun(working, by_itself=ended == 0 and not silent)
    return NotebookError(what, notebook="", cell=cell, remedy=remedy.rstrip(".") + "; then run again.")


@contextlib.contextmanager
def _wall_or_nothing(manager: Any, watch: Watch) -> Iterator[None]:
    """Say why a kernel has ended whose wall could not be raised, in place of its being dead.

    Once a cell runs the wall stands, and what the file of the fault says is the notebook's: it may be data.
    """
    try:
        yield
    except RuntimeError:
        fault = None if watch.has_begun else manager.wall_fault
        if fault is None:
            raise
        raise EnvironmentFault(
            f"The wall around the notebook could not be raised: {fault}.",
            where="the notebook's kernel",
            remedy="Run kvarn doctor on this machine; nothing of the notebook has run.",
        ) from None


def _prepare(notebook: Path, working: Path, parameters: Mapping[str, Parameter], secret: bool) -> None:
    """Write the notebook with its parameters, ready to run. Papermill would, and warn of parameters that it overlooks."""
    read = parameterised(notebook, parameters)
    working.unlink(missing_ok=True)
    # What is executed is written over this file again and again: it is secret from the first byte on.
    descriptor = os.open(working, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if secret else 0o666)
    with naming(working), os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(nbformat.writes(read))


def parameterised(notebook: Path, parameters: Mapping[str, Parameter]) -> Any:
    """The notebook with a cell of these parameters after its own. They have been held to those that it takes."""
    read = read_notebook(notebook)
    read = nbformat.v4.upgrade(read) or read
    read.metadata.setdefault("papermill", nbformat.from_dict({"default_parameters": {}, "parameters": {}}))
    for cell in read.cells:
        cell.metadata.setdefault("tags", [])
        cell.metadata.setdefault("papermill", nbformat.from_dict({}))
    if parameters:
        from papermill.parameterize import parameterize_notebook

        read = parameterize_notebook(read, dict(parameters), kernel_name="python3", language="python")
    return read


def _ended_early(working: Path) -> NotebookError | None:
    """Whether the notebook stopped itself before its last cell, which papermill takes for a good end."""
    cells = [cell for cell in read_notebook(working, executed=True).cells if cell.cell_type == "code"]
    by_itself = [cell for cell in cells if any(output.get("output_type") == "error" for output in cell.outputs)]
    if not by_itself:
        return None
    left = sum(cell.execution_count is None for cell in cells[cells.index(by_itself[0]) + 1 :])
    unrun = f"; {left} of the cells after it were not run" if left else ""
    return NotebookError(
        f"The notebook ended itself here (exit, quit or SystemExit){unrun}.",
        notebook="",
        cell=by_itself[0].get("id"),
        remedy="Take that call out, or raise an error that says what is missing; then run again.",
    )


def _last_begun(working: Path, *, by_itself: bool) -> str | None:
    """The cell that was running when the kernel died, as far as papermill noted it; or the one that told it to end."""
    cells = [cell for cell in read_notebook(working, executed=True).cells if cell.cell_type == "code"]
    begun = [cell for cell in cells if cell.metadata.get("papermill", {}).get("start_time")]
    telling = [cell for cell in begun if by_itself and _EXIT.search(cell.source)]
    return str((telling or begun[-1:])[0].get("id")) if begun else None


def _explain(error: PapermillExecutionError, working: Path, root: Path, secret: bool) -> NotebookError:
    # Places are told from the project's root: its own name may have digits, which are hidden below.
    said = _COLOUR.sub("", str(error.evalue)).strip().replace(f"{root.absolute()}{os.sep}", "")
    ours = error.ename in errors.__all__
    what = said if ours and said else f"{error.ename}: {said}" if said else f"The cell stopped with {error.ename}."
    if secret:
        hidden = f"The cell stopped with {error.ename}; its message may hold microdata and is not shown here."
        # Anybody can raise an error by a name of ours; what microdata consist of has figures in it.
        what = _FIGURES.sub("…", what) if ours else hidden
    cells = read_notebook(working, executed=True).cells
    cell = next((c for c in cells if any(o.get("output_type") == "error" for o in c.get("outputs", []))), None)
    remedy = f"{MEMORY_REMEDY}; then run again." if error.ename in _MEMORY_ERRORS else None
    return NotebookError(what, notebook="", cell=cell["id"] if cell is not None else str(error.cell_index), remedy=remedy)


def _shown(path: Path, root: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
