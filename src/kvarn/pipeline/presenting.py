"""What a present notebook reads, told from its source: so that it runs again when that has changed, and only then."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import kvarn
from kvarn import metadata
from kvarn.edition import Workspace
from kvarn.pipeline.nodes import Code, Folder, file
from kvarn.pipeline.notebook_source import SourceCell, parsed, read_cells, said_to_ipython

if TYPE_CHECKING:
    from pytask import PNode

__all__ = ["Reads", "nodes_read_by", "reads_of", "tables_named_in"]

_OPENS = "open_tables"
# Where tables can be had from, and by which names beside that.
_LEAD_THERE = ("kvarn", "kvarn.disseminate", "kvarn.disseminate.protected")
_OTHER_WAYS = ("*", "disseminate", "protected", "ProtectedTable", "ProtectedTables")
_REVISIONS = "kvarn.disseminate.revisions"
_EVERYTHING = "kvarn.disseminate"
_PYTHON_INSIDE = ("time", "capture")
_HARMLESS = {("run_line_magic", name) for name in ("matplotlib", "config", "precision")}


@dataclass(frozen=True)
class Reads:
    """What a present notebook stands on.

    Attributes
    ----------
    tables
        The ids of the protected tables that it opens, in the order of the programme; every table of the programme where the
        source does not tell which.
    modules
        The modules of kvarn that it imports, sorted.
    """

    tables: tuple[str, ...]
    modules: tuple[str, ...]

    @property
    def revisions(self) -> bool:
        """Whether it reads the list of revisions."""
        return any(module == _REVISIONS or _REVISIONS.startswith(f"{module}.") for module in self.modules)


def nodes_read_by(notebook: Path, workspace: Workspace, published: Collection[str]) -> Iterator[PNode]:
    """The files and the code that a present notebook reads: of the `published` tables those that it opens, and no others."""
    reads = reads_of(notebook)
    yield from (file(workspace.protected / f"{name}.csv") for name in reads.tables if name in published)
    yield from (Code(module=module) for module in reads.modules)
    if reads.revisions:
        yield Folder(path=workspace.revisions)


def reads_of(notebook: Path) -> Reads:
    """What the notebook reads.

    A table counts as read when the notebook takes it by name from what ``open_tables`` gave: ``tables["persons-by-month"]``.
    Where it does anything else with them, comes to them in another way, or is no plain Python, it may read all of them.
    """
    every = tuple(table.name for table in metadata.tables())
    whole = _whole(notebook)
    if whole is None:
        return Reads(every, (_EVERYTHING,))
    named = _tables_named(whole)
    tables = every if named is None else tuple(name for name in every if name in named)
    return Reads(tables, tuple(sorted({module for module in _imported(whole) if _is_there(module)})))


def tables_named_in(notebook: Path) -> dict[str, SourceCell]:
    """The tables that a present notebook takes by name, each with the cell that does so first; none where all may be read."""
    whole = _whole(notebook)
    named = (_tables_named(whole) if whole is not None else None) or set()
    found: dict[str, SourceCell] = {}
    for cell in read_cells(notebook):
        for node in [] if cell.skipped else ast.walk(cell.tree()):
            if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and node.slice.value in named:
                found.setdefault(str(node.slice.value), cell)
    return found


def _whole(notebook: Path) -> ast.Module | None:
    """All cells as one syntax tree; None where what they say to IPython can do anything.

    Raises
    ------
    NotebookError
        A cell is not Python.
    """
    trees = [cell.tree() for cell in read_cells(notebook) if not cell.skipped]
    body = [statement for tree in trees for statement in tree.body]
    for call in [node for statement in body for node in ast.walk(statement) if isinstance(node, ast.Call)]:
        said = said_to_ipython(call)
        if said is None:
            continue
        kind, name, text = said
        if kind == "run_cell_magic" and name in _PYTHON_INSIDE:
            try:
                body += parsed(text).body
            except SyntaxError:
                return None
        elif (kind, name) not in _HARMLESS:
            return None
    return ast.Module(body, [])


def _tables_named(parsed: ast.Module) -> set[str] | None:
    """The tables taken by name from the opened ones; None where something else is done with these, or can be."""
    if not _opens_plainly(parsed):
        return None
    opened = {name for node in ast.walk(parsed) if isinstance(node, ast.Assign) and _opens(node.value) for name in _targets(node)}
    taken: set[str] = set()
    accounted: set[int] = set()
    for node in ast.walk(parsed):
        if isinstance(node, ast.Subscript) and (_opens(node.value) or _is_one_of(node.value, opened)):
            if not (isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str)):
                return None
            taken.add(node.slice.value)
            accounted.add(id(node.value))
        elif isinstance(node, ast.Assign) and _opens(node.value) and len(_targets(node)) == len(node.targets):
            accounted.add(id(node.value))
    for node in ast.walk(parsed):
        read = _opens(node) or (_is_one_of(node, opened) and isinstance(getattr(node, "ctx", None), ast.Load))
        if read and id(node) not in accounted:
            return None
    return taken


def _opens_plainly(parsed: ast.Module) -> bool:
    """Whether ``open_tables`` is the only way to tables that is imported, and under its own name."""
    for node in ast.walk(parsed):
        if isinstance(node, ast.Import) and any(name.name.split(".")[0] == "kvarn" for name in node.names):
            return False
        if isinstance(node, ast.ImportFrom) and (node.module or "") in _LEAD_THERE:
            renamed = any(name.name == _OPENS and name.asname for name in node.names)
            if renamed or any(name.name in _OTHER_WAYS for name in node.names):
                return False
    return True


def _opens(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == _OPENS


def _is_one_of(node: ast.AST, names: set[str]) -> bool:
    return isinstance(node, ast.Name) and node.id in names


def _targets(node: ast.Assign) -> list[str]:
    return [target.id for target in node.targets if isinstance(target, ast.Name)]


def _imported(parsed: ast.Module) -> Iterator[str]:
    for node in ast.walk(parsed):
        if isinstance(node, ast.ImportFrom) and node.module == "kvarn":
            names = [_module_of(alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        yield from (name for name in names if name.split(".")[0] == "kvarn")


def _module_of(name: str) -> str:
    """The module that ``from kvarn import name`` leads to: a public name has its own, anything else is one, or all of them."""
    return kvarn.PUBLIC.get(name) or ("kvarn" if name == "*" else f"kvarn.{name}")


def _is_there(module: str) -> bool:
    """A notebook that imports what there is not stops by itself, with a better word than a step could say."""
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False
