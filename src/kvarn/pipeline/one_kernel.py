"""One notebook run with many parameters in one kernel, which is emptied in between: a kernel for each would take minutes.

What a run can leave to the next is what it has imported, and nothing that it has named. Whatever goes wrong in company is run
again in a kernel of its own, which says what it is, or shows that it was the company.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from kvarn.base.stopping import require_going_on
from kvarn.edition import NotebookLimits
from kvarn.errors import NotebookError
from kvarn.kernel.wall import Wall
from kvarn.pipeline.executed import keep_executed
from kvarn.pipeline.kernels import fresh_kernel
from kvarn.pipeline.limits import Watch
from kvarn.pipeline.notebook_parameters import Parameter, check_parameters
from kvarn.pipeline.notebooks import parameterised, run_notebook
from kvarn.pipeline.walls import standing_wall

__all__ = ["Run", "run_for_each"]

# So often, in seconds, it is looked whether a kernel that does not answer is there at all.
_LOOKED_AGAIN = 0.2
# Takes away every name that the run before has bound, and the drawings that it has open. What has been imported stays, and is not
# gone through each time in search of garbage.
_EMPTY = """
import gc as _gc, sys as _sys
_gc.get_freeze_count() or _gc.freeze()
_drawn = _sys.modules.get("matplotlib.pyplot")
_drawn and _drawn.close("all")
get_ipython().reset(new_session=True)
"""


@dataclass(frozen=True)
class Run:
    """One run of the notebook: where it is written, executed, and what it is given."""

    output: Path
    parameters: Mapping[str, Parameter]


@dataclass(frozen=True)
class _How:
    notebook: Path
    root: Path
    forbidden: Path | None
    wall: Wall | None
    limits: NotebookLimits
    check: Callable[[Path, bool], NotebookError | None]
    told: Callable[[], object]


def run_for_each(
    notebook: Path,
    runs: Sequence[Run],
    *,
    root: Path,
    forbidden: Path | None = None,
    wall: Wall | None = None,
    limits: NotebookLimits | None = None,
    check: Callable[[Path, bool], NotebookError | None] = lambda executed, walled: None,
    told: Callable[[], object] = lambda: None,
) -> None:
    """Run a present notebook once for each of `runs`, as `run_notebook` does one.

    Parameters
    ----------
    told
        Called after each.

    Raises
    ------
    Interrupted, NotebookError, EnvironmentFault
        As `run_notebook`.
    """
    # Whether a notebook takes them is told by their names and types.
    alike = {tuple((name, type(value)) for name, value in run.parameters.items()): run for run in runs}
    for run in alike.values():
        check_parameters(notebook, run.parameters)
    how = _How(notebook, root, forbidden, wall, limits or NotebookLimits(), check, told)
    waiting = list(runs)
    while waiting:
        require_going_on()
        waiting = waiting[asyncio.run(_in_company(waiting, how)) :]
        if waiting:
            alone = waiting.pop(0)
            run_notebook(
                notebook,
                alone.output,
                alone.parameters,
                root=root,
                forbidden=forbidden,
                wall=wall,
                limits=limits,
                check=check,
            )
            told()


async def _in_company(runs: Sequence[Run], how: _How) -> int:
    """Run them in one kernel, one after the other; how many of them were well."""
    from nbclient.exceptions import CellExecutionError

    walled = how.wall is not None and standing_wall().kept
    with (
        fresh_kernel(forbidden=how.forbidden, wall=how.wall) as manager,
        Watch(how.limits, manager.keeper, manager.end_now) as watch,
    ):
        manager.heard = watch.hear
        client: Any = None
        for number, run in enumerate(runs):
            require_going_on()
            watch.next_notebook()
            try:
                client = await _executed(run, how, manager, watch, client)
            except (CellExecutionError, RuntimeError):
                # A cell that stops, a kernel that has died, or has been ended, or that cannot be emptied.
                require_going_on()
                return number
            if watch.reached or not _kept(client.nb, run, how, walled):
                require_going_on()
                return number
            how.told()
    return len(runs)


async def _executed(run: Run, how: _How, manager: Any, watch: Watch, before: Any) -> Any:
    """Who has executed one; the kernel is that of the one `before`, emptied, where there was one."""
    from nbclient import NotebookClient

    client = NotebookClient(
        parameterised(how.notebook, run.parameters),
        km=manager,
        kernel_name="python3",
        record_timing=False,
        on_cell_execute=watch.cell_begins,
        on_cell_executed=watch.cell_has_run,
        resources={"metadata": {"path": str(how.root)}},
    )
    if before is not None:
        client.kc = before.kc
        await _emptied(before.kc, manager)
    await client.async_execute()
    return client


async def _emptied(channels: Any, manager: Any) -> None:
    """Take away what the run before has named; a kernel that has ended meanwhile gives no answer, and is not waited for."""
    quiet = {"silent": True, "store_history": False, "allow_stdin": False, "output_hook": lambda _: None}
    answer = asyncio.ensure_future(channels.execute_interactive(_EMPTY, **quiet))
    try:
        while not answer.done():
            require_going_on()
            await asyncio.wait({answer}, timeout=_LOOKED_AGAIN)
            if not answer.done() and not await manager.is_alive():
                raise RuntimeError("The kernel has ended.")
        if answer.result()["content"]["status"] != "ok":
            raise RuntimeError("The kernel cannot be emptied.")
    finally:
        answer.cancel()


def _kept(executed: Any, run: Run, how: _How, walled: bool) -> bool:
    """Whether one that has been executed is well; then it is kept."""
    for cell in executed.cells:
        for output in cell.get("outputs", ()):
            if output["output_type"] == "error":
                return False
            if "execution_count" in output:
                # The kernel has counted those of the runs before.
                output["execution_count"] = cell["execution_count"]
    # What a run that is stopped has left half-done is never taken for an executed notebook.
    working = run.output.with_name(f".{run.output.stem}.running.ipynb")
    working.parent.mkdir(parents=True, exist_ok=True)
    try:
        working.write_text(nbformat.writes(executed), encoding="utf-8")
        if how.check(working, walled) is not None:
            return False
        keep_executed(working, walled=walled, published=True)
        os.replace(working, run.output)
    finally:
        working.unlink(missing_ok=True)
    return True
