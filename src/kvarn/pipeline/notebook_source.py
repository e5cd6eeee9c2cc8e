"""The source of a notebook, cell by cell, as Python: read, never run."""

from __future__ import annotations

import ast
import functools
from dataclasses import dataclass
from pathlib import Path

from kvarn.base.notebook_files import called, parse_notebook
from kvarn.errors import NotebookError

__all__ = ["SourceCell", "parsed", "read_cells", "said_to_ipython"]

# What Jupyter does not run, and neither does the pipeline.
SKIPPED = "skip-execution"


@dataclass(frozen=True)
class SourceCell:
    """A code cell.

    Attributes
    ----------
    id
        Its id, or its place where an old notebook has none.
    """

    id: str
    source: str
    tags: tuple[str, ...]
    notebook: str

    @property
    def skipped(self) -> bool:
        """Whether it is never run."""
        return SKIPPED in self.tags

    def wrong(self, what: str, remedy: str, line: int | None = None) -> NotebookError:
        """An error that names the cell, and the line in it."""
        cell = self.id if line is None else f"{self.id}, line {line}"
        return NotebookError(what, notebook=self.notebook, cell=cell, remedy=remedy)

    def tree(self) -> ast.Module:
        """The cell as a syntax tree.

        Raises
        ------
        NotebookError
            It is not Python.
        """
        try:
            return parsed(self.source)
        except SyntaxError as error:
            raise self.wrong(
                f"The cell is not Python: {error.msg}.", "Correct the cell; nothing has been run.", error.lineno
            ) from None


def read_cells(notebook: Path) -> tuple[SourceCell, ...]:
    """The code cells of a notebook, in order.

    Raises
    ------
    NotebookError
        The file is not a notebook of format 4.
    """
    return _cells_of(called(notebook), notebook.read_bytes())


@functools.lru_cache(maxsize=64)
def _cells_of(name: str, written: bytes) -> tuple[SourceCell, ...]:
    return tuple(
        SourceCell(cell.get("id") or f"number {number}", cell.source, tuple(cell.metadata.get("tags", ())), name)
        for number, cell in enumerate(parse_notebook(written, name).cells, 1)
        if cell.cell_type == "code"
    )


def parsed(source: str) -> ast.Module:
    """Source of a cell as a syntax tree; what it says to IPython (``%…``, ``!…``, ``…?``) becomes calls."""
    try:
        return _as_python(source)
    except SyntaxError:
        # Plain cells are nearly all, and IPython takes a moment to import.
        from IPython.core.inputtransformer2 import TransformerManager

        return _as_python(TransformerManager().transform_cell(source))  # type: ignore[no-untyped-call]


def _as_python(source: str) -> ast.Module:
    tree = compile(source, "<cell>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    assert isinstance(tree, ast.Module)
    return tree


def said_to_ipython(call: ast.Call) -> tuple[str, str, str] | None:
    """What a call that was made of ``%…`` or ``!…`` says: its kind, the magic's name (or the command), the text after it."""
    function = call.func
    if not (isinstance(function, ast.Attribute) and isinstance(function.value, ast.Call)):
        return None
    if not (isinstance(function.value.func, ast.Name) and function.value.func.id == "get_ipython"):
        return None
    words = [one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    name, *rest = words or [""]
    return function.attr, name, rest[-1] if rest else ""
