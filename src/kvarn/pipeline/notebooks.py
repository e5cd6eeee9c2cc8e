"""Running one notebook: parameters checked before a kernel starts, outputs scrubbed of what differs from run to run."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
import papermill
from papermill.exceptions import PapermillExecutionError

from kvarn import errors
from kvarn.errors import NotebookError
from kvarn.pipeline.kernels import fresh_kernel

__all__ = ["check_parameters", "run_notebook", "tables_saved_by", "takes_parameter"]

Parameter = str | int | float | bool
_TYPES: dict[str, type | tuple[type, ...]] = {"str": str, "int": int, "float": (int, float), "bool": bool}
_SAVED = re.compile(r"""save_table\(\s*["']([a-z0-9-]+)["']""")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def tables_saved_by(notebook: Path) -> tuple[str, ...]:
    """The ids of the tables that a compute notebook saves, read from its ``save_table("…")`` calls."""
    cells = nbformat.read(notebook, as_version=4).cells
    found = [name for cell in cells if cell.cell_type == "code" for name in _SAVED.findall(cell.source)]
    return tuple(dict.fromkeys(found))


def takes_parameter(notebook: Path, name: str) -> bool:
    """Whether the notebook's ``parameters`` cell declares a parameter of this name."""
    return name in papermill.inspect_notebook(str(notebook))


def check_parameters(notebook: Path, parameters: Mapping[str, Parameter]) -> None:
    """Hold the parameters against the notebook's ``parameters`` cell.

    Raises
    ------
    NotebookError
        The notebook has no such parameter, or one of another type. Papermill itself would only log a warning.
    """
    declared = papermill.inspect_notebook(str(notebook))
    for name, value in parameters.items():
        if name not in declared:
            near = difflib.get_close_matches(name, declared, n=1)
            known = ", ".join(sorted(declared)) or "none"
            remedy = f"Did you mean {near[0]!r}?" if near else f"Its parameters: {known}."
            raise NotebookError(
                f"The notebook has no parameter {name!r}.", notebook=notebook.name, cell="parameters", remedy=remedy
            )
        wanted = declared[name]["inferred_type_name"]
        allowed = _TYPES.get(wanted)
        if allowed is not None and (not isinstance(value, allowed) or (isinstance(value, bool) and allowed is not bool)):
            raise NotebookError(
                f"The parameter {name!r} should be {wanted}, and is {value!r}.",
                notebook=notebook.name,
                cell="parameters",
                remedy="Correct the edition, or the annotation in the notebook's parameters cell.",
            )


def run_notebook(
    notebook: Path,
    output: Path,
    parameters: Mapping[str, Parameter],
    *,
    root: Path,
    forbidden: Path | None = None,
    secret: bool = False,
) -> None:
    """Run a notebook by papermill in a kernel of its own and write it, executed, to `output`.

    Parameters
    ----------
    root
        The folder in which the notebook runs: the project's root.
    forbidden
        A folder under which the notebook may open nothing.
    secret
        Whether what the notebook prints may hold microdata: then an error quotes nothing but kvarn's own words, and the
        executed notebook is readable by its owner alone.

    Raises
    ------
    NotebookError
        A cell failed. The executed notebook is kept beside `output` as ``<name>.failed.ipynb``.
    """
    check_parameters(notebook, parameters)
    output.parent.mkdir(parents=True, exist_ok=True, mode=0o700 if secret else 0o777)
    working = output.with_name(f".{output.stem}.running.ipynb")
    failed = output.with_name(f"{output.stem}.failed.ipynb")
    try:
        with fresh_kernel(forbidden=forbidden) as manager:
            papermill.execute_notebook(
                str(notebook),
                str(working),
                parameters=dict(parameters),
                kernel_name="python3",
                language="python",
                progress_bar=False,
                km=manager,
                resources={"metadata": {"path": str(root)}},
            )
    except PapermillExecutionError as error:
        os.replace(working, failed)
        raise _explain(error, notebook, failed, root, secret) from None
    except BaseException:
        working.unlink(missing_ok=True)
        raise
    failed.unlink(missing_ok=True)
    _scrub(working)
    if secret:
        os.chmod(working, 0o600)
    os.replace(working, output)


def _explain(error: PapermillExecutionError, notebook: Path, failed: Path, root: Path, secret: bool) -> NotebookError:
    said = _COLOUR.sub("", str(error.evalue)).strip()
    ours = error.ename in errors.__all__
    what = said if ours else f"{error.ename}: {said}"
    if secret and not ours:
        what = f"The cell stopped with {error.ename}; its message may hold microdata and is not shown here."
    cells = nbformat.read(failed, as_version=4).cells
    cell = next((c for c in cells if any(o.get("output_type") == "error" for o in c.get("outputs", []))), None)
    return NotebookError(
        what,
        notebook=_shown(notebook, root),
        cell=cell["id"] if cell is not None else str(error.cell_index),
        executed=failed,
        remedy=f"Look at {_shown(failed, root)}, mend the notebook or its input, and run again: finished steps are kept.",
    )


def _shown(path: Path, root: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)


def _scrub(path: Path) -> None:
    """Take away what differs between two equal runs: time stamps, durations, random cell ids, memory addresses."""
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.pop("papermill", None)
    for number, cell in enumerate(notebook.cells):
        for name in ("papermill", "execution"):
            cell.metadata.pop(name, None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell["id"] = "injected-parameters"
        elif not cell.get("id"):
            cell["id"] = f"cell-{number}"
        for output in cell.get("outputs", []):
            _scrub_addresses(output)
    path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")


def _scrub_addresses(output: dict[str, Any]) -> None:
    for kind, said in output.get("data", {}).items():
        if kind == "text/plain" and isinstance(said, str):
            output["data"][kind] = re.sub(r" at 0x[0-9a-f]+", "", said)
