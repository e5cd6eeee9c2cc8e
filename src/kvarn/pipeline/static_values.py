"""What an expression of a notebook is worth, as far as its source says: texts, numbers, and lists and dictionaries of them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

__all__ = ["UNKNOWN", "Unknown", "bound_names", "changeable_names", "value_of"]


class Unknown:
    """What only running the notebook would show."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()

_ITERATING: dict[str, Callable[..., Iterable[Any]]] = {
    "enumerate": enumerate,
    "zip": zip,
    "reversed": lambda one: list(one)[::-1],
    "sorted": sorted,
    "list": list,
    "tuple": tuple,
    "range": range,
}
_VIEWS = ("items", "keys", "values")
_ONLY_READING = {*_ITERATING, "len", "print", "set", "frozenset", "max", "min", "sum", "str", "repr"}
_LONGEST = 10_000


def value_of(node: ast.expr, names: Mapping[str, Any]) -> Any:
    """The value of an expression, given those of the names; UNKNOWN where the source does not say.

    A list or dictionary may hold UNKNOWN among what is known: ``{"persons-by-month": frame}``.
    """
    try:
        return _value(node, names)
    except (TypeError, ValueError, LookupError, ArithmeticError, RecursionError, MemoryError):
        return UNKNOWN


def _value(node: ast.expr, names: Mapping[str, Any]) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return names.get(node.id, UNKNOWN)
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return _elements(node.elts, names)
    if isinstance(node, ast.Dict):
        return _dictionary(node, names)
    if isinstance(node, ast.JoinedStr):
        parts = [_formatted(part, names) for part in node.values]
        return UNKNOWN if any(part is UNKNOWN for part in parts) else "".join(parts)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _sum(_value(node.left, names), _value(node.right, names))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        inner = _value(node.operand, names)
        return UNKNOWN if inner is UNKNOWN else not inner
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq | ast.NotEq):
        one, other = _value(node.left, names), _value(node.comparators[0], names)
        if _known(one) and _known(other):
            return (one == other) == isinstance(node.ops[0], ast.Eq)
        return UNKNOWN
    if isinstance(node, ast.Subscript):
        whole, key = _value(node.value, names), _value(node.slice, names)
        return whole[key] if isinstance(whole, tuple | dict | str) and key is not UNKNOWN else UNKNOWN
    return _called(node, names) if isinstance(node, ast.Call) else UNKNOWN


def _elements(nodes: list[ast.expr], names: Mapping[str, Any]) -> Any:
    found: list[Any] = []
    for node in nodes:
        if isinstance(node, ast.Starred):
            inner = _value(node.value, names)
            if not isinstance(inner, tuple):
                return UNKNOWN
            found += inner
        else:
            found.append(_value(node, names))
    return tuple(found)


def _dictionary(node: ast.Dict, names: Mapping[str, Any]) -> Any:
    found: dict[Any, Any] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        inner = _value(key if key is not None else value, names)
        if key is None and isinstance(inner, dict):
            found |= inner
        elif key is None or inner is UNKNOWN:
            return UNKNOWN
        else:
            found[inner] = _value(value, names)
    return found


def _formatted(part: ast.expr, names: Mapping[str, Any]) -> Any:
    if not isinstance(part, ast.FormattedValue):
        return _value(part, names)
    inner = _value(part.value, names)
    plain = isinstance(inner, str | int) and part.conversion == -1 and part.format_spec is None
    return str(inner) if plain else UNKNOWN


def _sum(one: Any, other: Any) -> Any:
    alike = any(isinstance(one, kind) and isinstance(other, kind) for kind in (str, tuple, int))
    return one + other if alike else UNKNOWN


def _called(node: ast.Call, names: Mapping[str, Any]) -> Any:
    if node.keywords or any(isinstance(one, ast.Starred) for one in node.args):
        return UNKNOWN
    if isinstance(node.func, ast.Attribute) and node.func.attr in _VIEWS and not node.args:
        whole = _value(node.func.value, names)
        return tuple(getattr(whole, node.func.attr)()) if isinstance(whole, dict) else UNKNOWN
    if isinstance(node.func, ast.Name) and node.func.id in _ITERATING and node.func.id not in names:
        given = [_value(one, names) for one in node.args]
        if any(one is UNKNOWN for one in given) or (node.func.id == "range" and max(given, default=0) > _LONGEST):
            return UNKNOWN
        return tuple(_ITERATING[node.func.id](*given))
    return UNKNOWN


def _known(value: Any) -> bool:
    return isinstance(value, str | int | float | bool | None)


def bound_names(tree: ast.AST) -> set[str]:
    """Every name that something in the tree binds."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.alias):
            found.add(node.asname or node.name.split(".")[0])
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            found.add(node.name)
    return found


def changeable_names(trees: Iterable[ast.Module]) -> tuple[set[str], set[str]]:
    """Names that anything may bind (``global`` in a function), and those whose list or dictionary anything may change.

    The latter: one that is given to a function, bound to another name, asked for a method other than a dictionary's views, or
    written to. A list that is only gone through, indexed or measured stays what it was.
    """
    anything: set[str] = set()
    changed: set[str] = set()
    for tree in trees:
        reading = {id(one) for node in ast.walk(tree) for one in _only_read(node)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Global | ast.Nonlocal):
                anything |= set(node.names)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and id(node) not in reading:
                changed.add(node.id)
            elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
                changed.add(node.target.id)
    return anything, changed


def _only_read(node: ast.AST) -> list[ast.expr]:
    """The parts of a node that it does not change."""
    if isinstance(node, ast.For | ast.comprehension):
        return [node.iter]
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        return [node.value]
    if isinstance(node, ast.Starred | ast.FormattedValue):
        return [node.value]
    if isinstance(node, ast.Compare):
        return [node.left, *node.comparators]
    if isinstance(node, ast.BinOp):
        return [node.left, node.right]
    if isinstance(node, ast.Expr):
        return [node.value]
    if isinstance(node, ast.Attribute) and node.attr in _VIEWS:
        return [node.value]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _ONLY_READING:
        return list(node.args)
    return []
