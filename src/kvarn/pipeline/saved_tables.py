"""Which tables a compute notebook saves, read from its source.

The cells are followed in order, as Python would run them, without running anything: what is certain to be called counts, a loop
over what is written out is gone through, and a name stands for what was last assigned to it. Whatever cannot be determined is an
error: a table that nobody expects would never be missed.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kvarn.errors import NotebookError
from kvarn.pipeline.notebook_parameters import parameters_cell
from kvarn.pipeline.notebook_source import SourceCell, parsed, read_cells, said_to_ipython
from kvarn.pipeline.static_values import UNKNOWN, bound_names, changeable_names, value_of

__all__ = ["saves_of", "tables_saved_by"]

SAVE = "save_table"
_CERTAIN = (
    "Call it where it is certain to run: at the top level of a cell, or in a loop over a list or dictionary that is written out."
)
_WRITE_OUT = 'Write the table\'s id as text, save_table("persons-by-month", …), or let it come from a list that is written out.'
# Magics whose text is Python that runs once, in the notebook.
_PYTHON = ("time", "capture", "prun")
# What runs a text, or finds a function by its name.
_RUNNING = ("exec", "eval", "compile", "getattr", "run_cell", "ex", "ev")
_MOST_TURNS = 10_000
_CONSUMING = ("list", "tuple", "set", "dict", "sorted")
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(frozen=True)
class _Save:
    table: str
    cell: SourceCell
    line: int


def tables_saved_by(notebook: Path) -> tuple[str, ...]:
    """The ids of the tables that a compute notebook saves, in order. See `saves_of`."""
    return tuple(saves_of(notebook))


def saves_of(notebook: Path) -> Mapping[str, SourceCell]:
    """The tables that a compute notebook saves, each with the cell that saves it (last).

    Raises
    ------
    NotebookError
        It cannot be determined: a call depends on what is known only when the notebook runs, or a cell is not Python.
    """
    return _read(read_cells(notebook), parameters_cell(notebook))


@functools.lru_cache(maxsize=64)
def _read(cells: tuple[SourceCell, ...], parameters: SourceCell | None) -> Mapping[str, SourceCell]:
    return {save.table: save.cell for save in _Reader(cells, parameters).saves()}


class _Reader:
    """Follows the cells of one notebook."""

    _cell: SourceCell

    def __init__(self, cells: tuple[SourceCell, ...], parameters: SourceCell | None) -> None:
        self._cells, self._parameters = cells, parameters
        self._trees = [cell.tree() for cell in cells]
        self._anything, self._changed = changeable_names(self._trees)
        self._names: dict[str, Any] = {"__name__": "__main__"}
        self._savers = {SAVE}
        self._found: list[_Save] = []
        self._turns = 0

    def saves(self) -> list[_Save]:
        """Every call that is certain to save a table, in order."""
        for cell, tree in zip(self._cells, self._trees, strict=True):
            self._cell = cell
            if cell.skipped:
                with self._only_if_nothing("in a cell that is never run (skip-execution)"):
                    self._block(tree.body)
            else:
                self._block(tree.body)
            if cell is self._parameters:
                # The edition may give other values than those that stand here.
                self._forget(bound_names(tree))
        return self._found

    def _block(self, statements: list[ast.stmt]) -> None:
        for statement in statements:
            self._statement(statement)

    def _statement(self, node: ast.stmt) -> None:
        if isinstance(node, ast.If):
            self._if(node)
        elif isinstance(node, ast.For):
            self._for(node)
        elif isinstance(node, ast.With):
            for item in node.items:
                self._expression(item.context_expr)
                self._forget(bound_names(item))
            self._block(node.body)
        elif isinstance(node, ast.Try | ast.TryStar):
            self._block(node.body)
            for handler in node.handlers:
                with self._only_if_nothing("in an except branch"):
                    self._block(handler.body)
                self._forget(bound_names(handler))
            self._block([*node.orelse, *node.finalbody])
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for one in (*node.decorator_list, *([] if isinstance(node, ast.ClassDef) else [node.args])):
                self._expression(one)
            with self._only_if_nothing("in a function or class, which may never be called"):
                self._block(node.body)
            self._savers.discard(node.name)
            self._forget({node.name})
        elif isinstance(node, ast.While | ast.AsyncFor | ast.AsyncWith | ast.Match):
            self._uncertain(node)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            self._import(node)
        else:
            self._plain(node)

    def _uncertain(self, node: ast.stmt) -> None:
        with self._only_if_nothing("in a block that may run any number of times, or never"):
            self._parts(node)
        self._forget(bound_names(node))

    def _parts(self, node: ast.AST) -> None:
        for part in ast.iter_child_nodes(node):
            if isinstance(part, ast.stmt):
                self._statement(part)
            elif isinstance(part, ast.expr):
                self._expression(part)
            else:
                self._parts(part)

    def _if(self, node: ast.If) -> None:
        self._expression(node.test)
        known = value_of(node.test, self._names)
        if known is not UNKNOWN:
            self._block(node.body if known else node.orelse)
            return
        before, names = self._found, dict(self._names)
        branches = []
        for branch in (node.body, node.orelse):
            self._found, self._names = [], dict(names)
            self._block(branch)
            branches.append(self._found)
        self._found, self._names = before, names
        self._forget(bound_names(node))
        # The same tables either way: they are saved, whichever way it is.
        if {save.table for save in branches[0]} != {save.table for save in branches[1]}:
            other = [{save.table for save in branch} for branch in reversed(branches)]
            odd = next(save for branch, had in zip(branches, other, strict=True) for save in branch if save.table not in had)
            raise self._cannot_tell(f"{odd.table} is saved under a condition", odd.line)
        self._found += branches[0]

    def _for(self, node: ast.For) -> None:
        self._expression(node.iter)
        if self._mentions_saving(node):
            doubt = "in a loop that may be left early" if _leaves(node) else ""
            self._through(node.target, value_of(node.iter, self._names), lambda: self._block(node.body), doubt)
        self._forget(bound_names(node))
        self._block(node.orelse)

    def _through(self, target: ast.expr, many: Any, act: Callable[[], None], doubt: str) -> None:
        """Go through a loop over what is written out; of one that leaves a doubt, make sure that it saves nothing."""
        many = many if isinstance(many, tuple | dict | str) else None
        self._turns += len(many or ())
        if many is None or doubt or self._turns > _MOST_TURNS:
            with self._only_if_nothing(doubt or "in a loop over what its source does not say"):
                self._forget(bound_names(target))
                act()
            return
        for one in many:
            self._assign(target, one)
            act()

    def _mentions_saving(self, node: ast.AST) -> bool:
        return any(
            self._is_saver(one) or (isinstance(one, ast.Name) and one.id in {"get_ipython", *_RUNNING}) for one in ast.walk(node)
        )

    def _plain(self, node: ast.stmt) -> None:
        """A statement of expressions: they are gone through, then names are bound."""
        if isinstance(node, ast.Assign) and self._is_saver(node.value) and all(isinstance(t, ast.Name) for t in node.targets):
            self._savers |= {target.id for target in node.targets if isinstance(target, ast.Name)}
            return
        for part in ast.iter_child_nodes(node):
            if isinstance(part, ast.expr):
                self._expression(part)
        if isinstance(node, ast.Assign):
            value = value_of(node.value, self._names)
            for target in node.targets:
                self._assign(target, value)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            self._assign(node.target, value_of(node.value, self._names))
        else:
            self._forget(bound_names(node))

    def _assign(self, target: ast.expr, value: Any) -> None:
        if isinstance(target, ast.Name):
            self._savers.discard(target.id)
            lost = target.id in self._anything or (isinstance(value, tuple | dict) and target.id in self._changed)
            self._names[target.id] = UNKNOWN if lost else value
        elif isinstance(target, ast.Tuple | ast.List):
            fits = isinstance(value, tuple) and len(value) == len(target.elts)
            for number, part in enumerate(target.elts):
                self._assign(part, value[number] if fits and not isinstance(part, ast.Starred) else UNKNOWN)

    def _forget(self, names: set[str]) -> None:
        self._names |= dict.fromkeys(names, UNKNOWN)

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            bound = alias.asname or alias.name
            self._savers.discard(bound)
            if isinstance(node, ast.ImportFrom) and alias.name == SAVE:
                self._savers.add(bound)
            self._forget({bound})
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            self._savers.add(SAVE)

    def _expression(self, node: ast.AST) -> None:
        if isinstance(node, ast.Call):
            self._call(node)
        elif isinstance(node, ast.Lambda):
            with self._only_if_nothing("in a lambda, which may never be called"):
                self._expression(node.body)
        elif isinstance(node, ast.IfExp):
            known = value_of(node.test, self._names)
            self._expression(node.test)
            for branch, runs in ((node.body, True), (node.orelse, False)):
                self._perhaps(branch, known is not UNKNOWN and bool(known) == runs)
        elif isinstance(node, ast.BoolOp):
            self._expression(node.values[0])
            for part in node.values[1:]:
                self._perhaps(part, False)
        elif isinstance(node, _COMPREHENSIONS):
            self._comprehension(node, consumed=not isinstance(node, ast.GeneratorExp))
        elif self._is_saver(node):
            assert isinstance(node, ast.Name | ast.Attribute)
            raise self._cannot_tell(f"{ast.unparse(node)} is handed on", node.lineno)
        else:
            for inner in ast.iter_child_nodes(node):
                self._expression(inner)
            if isinstance(node, ast.NamedExpr):
                self._assign(node.target, value_of(node.value, self._names))

    def _perhaps(self, node: ast.expr, certain: bool) -> None:
        if certain:
            self._expression(node)
        else:
            with self._only_if_nothing("under a condition"):
                self._expression(node)

    def _comprehension(self, node: ast.expr, *, consumed: bool) -> None:
        assert isinstance(node, _COMPREHENSIONS)
        if not self._mentions_saving(node):
            return
        made = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        names = dict(self._names)

        def level(depth: int) -> None:
            if depth == len(node.generators):
                for part in made:
                    self._expression(part)
                return
            loop = node.generators[depth]
            self._expression(loop.iter)
            doubt = "under a condition" if loop.ifs else "" if consumed else "in a generator, which may never be gone through"
            for condition in loop.ifs:
                self._perhaps(condition, False)
            self._through(loop.target, value_of(loop.iter, self._names), lambda: level(depth + 1), doubt)

        level(0)
        self._names = names

    def _call(self, node: ast.Call) -> None:
        said = said_to_ipython(node)
        if said is not None:
            self._said(*said, node.lineno)
            return
        consuming = isinstance(node.func, ast.Name) and node.func.id in _CONSUMING
        parts: list[ast.AST] = [*node.args, *node.keywords]
        if not self._is_saver(node.func):
            parts.insert(0, node.func)
            texts = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            if ast.unparse(node.func).split(".")[-1] in _RUNNING and any(SAVE in text for text in texts):
                raise self._cannot_tell(f"a text that names {SAVE} is handed to {ast.unparse(node.func)}", node.lineno)
        elif isinstance(node.func, ast.Attribute):
            self._expression(node.func.value)
        for one in parts:
            if consuming and isinstance(one, ast.GeneratorExp):
                self._comprehension(one, consumed=True)
            else:
                self._expression(one)
        if self._is_saver(node.func):
            self._found.append(_Save(self._table_of(node), self._cell, node.lineno))

    def _table_of(self, node: ast.Call) -> str:
        given = [keyword.value for keyword in node.keywords if keyword.arg == "table"] or node.args[:1]
        table = value_of(given[0], self._names) if given else UNKNOWN
        if not isinstance(table, str):
            said = f"({ast.unparse(given[0])})" if given else ""
            raise self._cell.wrong(
                f"Which table is saved here cannot be determined from the source{' ' + said if said else ''}.",
                _WRITE_OUT,
                node.lineno,
            )
        return table

    def _said(self, kind: str, name: str, text: str, line: int) -> None:
        """A magic, or a command to the system."""
        if kind in {"run_cell_magic", "run_line_magic"} and name in _PYTHON:
            try:
                self._block(parsed(text).body)
            except SyntaxError:
                pass
            else:
                return
        whole = f"{name} {text}"
        if name in {"pinfo", "pinfo2"}:
            return
        if name == "run" or any(saver in whole for saver in self._savers):
            raise self._cannot_tell(f"%{name} runs what is not read here", line)

    def _is_saver(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Attribute):
            return node.attr == SAVE
        return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in self._savers

    @contextmanager
    def _only_if_nothing(self, why: str) -> Iterator[None]:
        """Go through what may run or not: it must save nothing."""
        before, names, savers = self._found, self._names, self._savers
        self._found, self._names, self._savers = [], dict(names), set(savers)
        try:
            yield
            if self._found:
                first = self._found[0]
                raise self._cannot_tell(f"{first.table} is saved {why}", first.line)
        finally:
            self._found, self._names, self._savers = before, names, savers

    def _cannot_tell(self, what: str, line: int) -> NotebookError:
        return self._cell.wrong(f"Which tables the notebook saves cannot be determined from its source: {what}.", _CERTAIN, line)


def _leaves(loop: ast.For) -> bool:
    """Whether a loop may be left, or a turn of it, before its body has ended."""
    inner: list[ast.AST] = list(loop.body)
    while inner:
        node = inner.pop()
        if isinstance(node, ast.Break | ast.Continue):
            return True
        if not isinstance(node, ast.For | ast.While | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            inner += list(ast.iter_child_nodes(node))
    return False
