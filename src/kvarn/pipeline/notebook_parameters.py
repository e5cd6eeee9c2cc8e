"""The parameters of a notebook, read from the cell tagged ``parameters`` by Python's own syntax tree."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Mapping
from pathlib import Path

from kvarn.errors import NotebookError
from kvarn.pipeline.notebook_source import SourceCell, read_cells

__all__ = ["Parameter", "check_parameters", "declared_parameters", "parameters_cell", "takes_parameter"]

Parameter = str | int | float | bool

_TAG = "parameters"
_TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "None": (type(None),),
    "list": (list,),
    "tuple": (tuple,),
    "dict": (dict,),
    "set": (set,),
}


def parameters_cell(notebook: Path) -> SourceCell | None:
    """The cell tagged ``parameters``, where there is one.

    Raises
    ------
    NotebookError
        There are several: the values given would be overwritten by the second.
    """
    found = [cell for cell in read_cells(notebook) if _TAG in cell.tags]
    if len(found) > 1:
        raise found[1].wrong("Two cells are tagged parameters.", f"Join it with the cell {found[0].id}.")
    return found[0] if found else None


def declared_parameters(notebook: Path) -> dict[str, tuple[str, ...] | None]:
    """The parameters of a notebook with the types that each may have (``int | None`` has two); None where nothing is said of it.

    Raises
    ------
    NotebookError
        The cell cannot be read.
    """
    cell = parameters_cell(notebook)
    declared: dict[str, tuple[str, ...] | None] = {}
    for statement in _statements(cell) if cell else ():
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            declared[statement.target.id] = _types_of(statement.annotation)
        elif isinstance(statement, ast.Assign):
            comment = _commented(statement.type_comment)
            names = [one.id for target in statement.targets for one in ast.walk(target) if isinstance(one, ast.Name)]
            declared |= dict.fromkeys(names, comment)
    return declared


def _statements(cell: SourceCell) -> list[ast.stmt]:
    try:
        return ast.parse(cell.source, type_comments=True).body
    except SyntaxError:
        return cell.tree().body


def takes_parameter(notebook: Path, name: str) -> bool:
    """Whether the notebook's ``parameters`` cell declares a parameter of this name."""
    return name in declared_parameters(notebook)


def check_parameters(notebook: Path, parameters: Mapping[str, Parameter]) -> None:
    """Hold the parameters against the notebook's ``parameters`` cell.

    Raises
    ------
    NotebookError
        The notebook has no such parameter, or one of another type; or its cell cannot be read. Papermill itself would only log
        a warning.
    """
    declared = declared_parameters(notebook)
    cell = parameters_cell(notebook)
    for name, value in parameters.items():
        if name not in declared:
            near = difflib.get_close_matches(name, declared, n=1)
            known = ", ".join(sorted(declared)) or "none"
            remedy = f"Did you mean {near[0]!r}?" if near else f"Its parameters: {known}."
            if cell is None:
                remedy = "Give a cell of it the tag parameters, and declare them there."
            raise NotebookError(
                f"The notebook has no parameter {name!r}.",
                notebook=f"{notebook.parent.name}/{notebook.name}",
                cell=cell.id if cell else None,
                remedy=remedy,
            )
        wanted = declared[name]
        if wanted is not None and not any(_is_a(value, kind) for kind in wanted):
            raise NotebookError(
                f"The parameter {name!r} should be {' or '.join(wanted)}, and is {value!r}.",
                notebook=notebook.name,
                cell=cell.id if cell else None,
                remedy="Correct the edition, or the annotation in the notebook's parameters cell.",
            )


def _is_a(value: object, kind: str) -> bool:
    # To Python true is a whole number; to whoever writes an edition it is not.
    return isinstance(value, _TYPES[kind]) and (kind == "bool" or not isinstance(value, bool))


def _commented(comment: str | None) -> tuple[str, ...] | None:
    """The types of ``year = 2023  # type: int``."""
    try:
        return None if comment is None else _types_of(ast.parse(comment, mode="eval").body)
    except SyntaxError:
        return None


def _types_of(annotation: ast.expr) -> tuple[str, ...] | None:
    """The plain types that an annotation allows; None where it says anything else."""
    if isinstance(annotation, ast.Constant):
        if annotation.value is None:
            return ("None",)
        return _commented(annotation.value) if isinstance(annotation.value, str) else None
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        return _joined([annotation.left, annotation.right])
    if isinstance(annotation, ast.Subscript):
        outer, inner = _last_name(annotation.value), annotation.slice
        parts = list(inner.elts) if isinstance(inner, ast.Tuple) else [inner]
        if outer == "Optional":
            return _joined([*parts, ast.Constant(None)])
        if outer in {"Annotated", "Final"}:
            return _types_of(parts[0])
        return _joined(parts) if outer == "Union" else _known(outer.lower())
    return _known(_last_name(annotation))


def _last_name(annotation: ast.expr) -> str:
    if isinstance(annotation, ast.Attribute):
        return annotation.attr
    return annotation.id if isinstance(annotation, ast.Name) else ""


def _known(name: str) -> tuple[str, ...] | None:
    return (name,) if name in _TYPES else None


def _joined(parts: list[ast.expr]) -> tuple[str, ...] | None:
    found = [_types_of(part) for part in parts]
    if any(one is None for one in found):
        return None
    return tuple(dict.fromkeys(name for one in found if one for name in one))
