"""Numbers in code that say how a chart looks, and numbers that are made of what is typed.

A bar of the height 3 beside a name says what "3 persons in Bjurholm" says, and in a picture nobody can read it. So a number is
allowed in a call that draws only where the argument's own name says that it is a matter of looks.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Mapping
from typing import Any

from kvarn.base.package_files import declared_in

__all__ = [
    "counts_what_is_typed",
    "is_layout",
    "is_layout_by_place",
    "names_a_size",
    "reads_layout",
    "shows_a_table",
    "typed_truths",
]

# A list of more is data.
_MOST = 4
_COUNTING = frozenset(("len", "sum", "ord", "hash", "count", "index", "find", "rfind", "rindex", "__len__"))
_ASKS = frozenset(
    ("getp", "properties", "rcParams", "dpi", "attrgetter", "methodcaller", "getmembers", "getattr_static", "ArtistInspector")
)
_LOOKS_INTO = frozenset(
    (
        "vars",
        "getattr",
        "dir",
        "locals",
        "globals",
        "attrgetter",
        "methodcaller",
        "getmembers",
        "getattr_static",
        "ArtistInspector",
    )
)
_PLACES = frozenset(("range", "arange"))


def is_layout(call: ast.Call, keyword: ast.keyword) -> bool:
    """Whether a keyword of a call that draws says how the chart looks, and is given numbers as they stand and nothing else."""
    method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    name, value, known = keyword.arg or "", keyword.value, _known()
    if name in known["limits"].get(method, ()):
        return isinstance(value, ast.Constant) and type(value.value) is int and value.value == 0
    if name in known["in one call"].get(method, ()):
        return _number(value)
    if method not in known["calls"]:
        return False
    if name in known["several numbers"] and isinstance(value, ast.Tuple | ast.List):
        return len(value.elts) <= _MOST and all(map(_number, value.elts))
    return name in known["one number"] and _number(value)


def is_layout_by_place(call: ast.Call, place: int) -> bool:
    """Whether an argument without a name says how a chart looks: ``plt.subplots(1, 2)``, ``plt.figure("x", (6, 4))``."""
    method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    if place not in _known()["by place"].get(method, ()):
        return False
    value = call.args[place]
    sizes = value.elts if isinstance(value, ast.Tuple) and len(value.elts) == 2 else [value]
    return all(_number(one) and 0 < _worth(one) <= _known()["most by place"] for one in sizes)


def names_a_size(node: ast.AST) -> bool:
    """Whether a statement only gives the size of a figure its own name: ``figsize = (8, 3)``."""
    if not (isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple) and len(node.value.elts) == 2):
        return False
    named = all(isinstance(target, ast.Name) and target.id == "figsize" for target in node.targets)
    return named and all(_number(one) and 0 < _worth(one) <= _known()["most by place"] for one in node.value.elts)


def shows_a_table(call: ast.Call) -> bool:
    """Whether a call is one of kvarn's that show a table, by its own name."""
    return isinstance(call.func, ast.Name) and call.func.id in _known()["tables"]


def reads_layout(node: ast.AST) -> bool:
    """Whether a node asks a chart for its looks: numbers that were allowed as such would come back as figures."""
    if isinstance(node, ast.Attribute):
        return node.attr.startswith(("get_", "_")) or node.attr in _ASKS
    if isinstance(node, ast.ImportFrom):
        return any(alias.name.startswith(("get_", "_")) or alias.name in _ASKS | _LOOKS_INTO for alias in node.names)
    # What looks into an object finds what has no name of its own: vars(line)["_linewidth"].
    return isinstance(node, ast.Name) and node.id in _LOOKS_INTO


def counts_what_is_typed(node: ast.AST) -> bool:
    """Whether a call or a subscript makes a number of what is typed beside it: ``len("abc")``, ``range(year)[3]``."""
    if isinstance(node, ast.Subscript):
        return _called(node.value) in _PLACES
    if not isinstance(node, ast.Call) or _called(node) not in _COUNTING:
        return False
    of = [*node.args, node.func.value] if isinstance(node.func, ast.Attribute) else node.args
    return any(map(_typed, of))


def typed_truths(node: ast.AST) -> bool:
    """Whether true and false stand where they count as one and zero: in a sum, or one by one in a list."""
    if isinstance(node, ast.BinOp):
        return any(map(_truth, (node.left, node.right)))
    if isinstance(node, ast.UnaryOp):
        return not isinstance(node.op, ast.Not) and _truth(node.operand)
    return isinstance(node, ast.List | ast.Tuple | ast.Set) and any(map(_truth, node.elts))


@functools.cache
def _known() -> Mapping[str, Any]:
    return declared_in("kvarn.disseminate.narrative", "layout.yml").values


def _called(node: ast.AST) -> str:
    function = node.func if isinstance(node, ast.Call) else None
    return function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""


def _number(node: ast.AST) -> bool:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node = node.operand
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool)


def _worth(node: ast.AST) -> float:
    return float(node.value) if isinstance(node, ast.Constant) and isinstance(node.value, int | float) else 0.0


def _truth(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, bool)


def _typed(node: ast.AST) -> bool:
    """Whether all of a node is typed: a text, or a list of texts."""
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return all(map(_typed, node.elts))
    if isinstance(node, ast.Dict):
        return all(key is not None and _typed(key) for key in node.keys)
    return isinstance(node, ast.Constant | ast.JoinedStr)
