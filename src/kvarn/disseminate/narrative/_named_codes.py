"""Codes in the code of a notebook, and what they are given to: "25" is a county in ``{"region": "25"}``, a count elsewhere."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator, Mapping

from kvarn import metadata
from kvarn.disseminate.narrative._numbers import counted_in
from kvarn.disseminate.narrative._places import places_in
from kvarn.disseminate.narrative._regions_named import regions_named
from kvarn.programme import Programme, current_programme

__all__ = ["codes", "given_to", "names_in", "says_a_figure", "stands_for_its_code"]

# Further words by which notebooks name the categories of a variable.
_ALSO = {"region": ("county", "counties", "municipality", "municipalities", "country", "kommuner")}
# What leads to a part of a table, and is no name of its own.
_THROUGH = ("loc", "iloc", "at", "iat", "values", "str", "cat")


def given_to(tree: ast.AST) -> Mapping[int, str]:
    """The nearest name that each text of a tree is given to, by the node's id: a variable, a key, an argument or a column."""
    return dict(_given(tree, ""))


def names_in(node: ast.AST) -> Iterator[str]:
    """Every name that a node itself writes: of variables, modules, arguments, attributes and patterns."""
    if isinstance(node, ast.Constant):
        return
    for _, value in ast.iter_fields(node):
        for one in value if isinstance(value, list) else (value,):
            if isinstance(one, str):
                yield one


def says_a_figure(name: str) -> bool:
    """Whether a number that is given to this name is a figure of the statistics: of a place, or of what is counted."""
    words = re.sub(r"[\W_]+", " ", name)
    return bool(places_in(words.title(), country=False)) or next(counted_in(words), None) is not None


def stands_for_its_code(code: str, name: str) -> bool:
    """Whether a code stands where its name says of which variable it is: a number of nothing else."""
    if not _of_its_own_place(code, name):
        return False
    of = [variable for variable, listed in _lists(current_programme(), metadata.stamp()).items() if code in listed]
    known = {word for variable in of for word in (variable, variable + "s", variable + "es", *_ALSO.get(variable, ()))}
    # Of persons.month, the column; haninge_persons_by_month is a name of its own, and no column that holds months.
    for part in name.split():
        words = [word for word in re.split(r"[\W_]+", part) if word]
        if known & {word.casefold() for word in words}:
            return next(counted_in(" ".join(word for word in words if word.casefold() not in known)), None) is None
    # Other codes are ages and the ids of tables and measures: no count looks like them, but beside a count's name.
    return not code.isdigit() and not says_a_figure(name)


def _of_its_own_place(code: str, name: str) -> bool:
    """Whether a name holds no place, or the one whose code it is given."""
    words = re.sub(r"[\W_]+", " ", name).title()
    return all(code in codes for codes in regions_named(words))


def codes() -> frozenset[str]:
    """What a notebook names tables, measures and categories by."""
    found = frozenset().union(*_lists(current_programme(), metadata.stamp()).values())
    return found | _ids(current_programme())


# What is remembered is remembered of a programme: there may be several in one run, as in tests.
@functools.lru_cache(maxsize=8)
def _lists(_programme: Programme, _imported: metadata.Stamp) -> Mapping[str, frozenset[str]]:
    """The codes of each variable of the tables."""
    found = {}
    for name in {name for table in metadata.tables() for name in table.variables}:
        listed = metadata.variable(name).codes
        found[name] = frozenset(listed.by_code) if listed is not None else frozenset()
    return found


@functools.lru_cache(maxsize=8)
def _ids(_programme: Programme) -> frozenset[str]:
    return frozenset(one for table in metadata.tables() for one in (table.name, *table.variables, *table.measures))


def _given(node: ast.AST, name: str) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.Constant):
        yield id(node), name
        return
    for child, given in _children(node, name):
        yield from _given(child, given)


def _children(node: ast.AST, name: str) -> Iterator[tuple[ast.AST, str]]:
    """The parts of a node, each with the name that what stands there is given to."""
    if isinstance(node, ast.Assign):
        name = " ".join(map(_name, node.targets))
    elif isinstance(node, ast.AnnAssign | ast.AugAssign | ast.NamedExpr | ast.For | ast.AsyncFor | ast.comprehension):
        name = _name(node.target)
    elif isinstance(node, ast.keyword):
        name = node.arg or name
    elif isinstance(node, ast.Compare):
        name = _name(node.left) or next(filter(None, map(_name, node.comparators)), name)
    elif isinstance(node, ast.Subscript):
        yield node.value, name
        yield node.slice, _name(node.value) or name
        return
    elif isinstance(node, ast.Call):
        yield node.func, name
        yield from ((part, _name(node.func)) for part in node.args)
        yield from ((part, name) for part in node.keywords)
        return
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if key is not None:
                yield key, name
            yield value, (_name(key) if key is not None else "") or name
        return
    yield from ((child, name) for child in ast.iter_child_nodes(node))


def _name(node: ast.AST) -> str:
    """What an expression is called: the variable, the column, or what a method is asked of."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.Attribute):
        inner = _name(node.value)
        return inner if node.attr in _THROUGH else f"{inner} {node.attr}".strip()
    if isinstance(node, ast.Subscript):
        return _name(node.slice) or _name(node.value)
    if isinstance(node, ast.Call):
        return " ".join(filter(None, (_name(node.func), *map(_name, node.args[:1]))))
    if isinstance(node, ast.Tuple | ast.List):
        return " ".join(filter(None, map(_name, node.elts)))
    return ""
