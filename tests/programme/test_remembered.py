"""What is remembered of a programme is remembered of that one: two registers may be worked on in one run."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable, Iterator
from pathlib import Path

import kvarn

PACKAGE = Path(kvarn.__file__).parent
CACHES = {"cache", "lru_cache"}
# Parameters of these kinds say which programme is meant: lists and layouts are compared by identity.
OF_A_PROGRAMME = {"Programme", "CodeList", "Layout", "Production", "Terms"}
Function = tuple[str, str]


@functools.cache
def tree_of(module: str) -> ast.Module:
    file = PACKAGE.joinpath(*module.split(".")[1:])
    written = file.with_suffix(".py") if file.with_suffix(".py").is_file() else file / "__init__.py"
    return ast.parse(written.read_text(encoding="utf-8"))


def functions() -> dict[Function, ast.FunctionDef]:
    """Every function at the top of a module, by module and name."""
    found = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        module = ".".join(["kvarn", *file.relative_to(PACKAGE).with_suffix("").parts]).removesuffix(".__init__")
        for node in tree_of(module).body:
            if isinstance(node, ast.FunctionDef):
                found[module, node.name] = node
    return found


@functools.cache
def imported(module: str) -> dict[str, Function]:
    """What a module calls the functions of others."""
    found = {}
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("kvarn"):
            found.update({alias.asname or alias.name: (str(node.module), alias.name) for alias in node.names})
    return found


def calls(module: str, node: ast.FunctionDef, known: dict[str, Function]) -> Iterator[Function]:
    for part in ast.walk(node):
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Name):
            yield known.get(part.func.id, (module, part.func.id))
        elif isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and isinstance(part.func.value, ast.Name):
            of = known.get(part.func.value.id)
            if of is not None:
                yield ".".join(of), part.func.attr


def reading(every: dict[Function, ast.FunctionDef]) -> set[Function]:
    """The functions that go by the programme in force, themselves or by what they call."""
    called = {one: set(calls(one[0], node, imported(one[0]))) for one, node in every.items()}
    # Whatever a package hands on is that of one of its modules.
    handed = {(package, name): of for package in ("kvarn.metadata", "kvarn.programme") for name, of in imported(package).items()}
    found = {("kvarn.programme._files", "current_programme")}
    while True:
        going_by = {one for one, others in called.items() if any(handed.get(other, other) in found for other in others)}
        if going_by <= found:
            return found
        found |= going_by


def names_in(nodes: Iterable[ast.AST]) -> set[str]:
    parts = [part for node in nodes for part in ast.walk(node)]
    return {
        part.attr if isinstance(part, ast.Attribute) else part.id for part in parts if isinstance(part, ast.Attribute | ast.Name)
    }


def test_no_function_remembers_what_the_programme_in_force_says_without_saying_which() -> None:
    every = functions()
    going_by = reading(every)
    assert ("kvarn.metadata._codelists", "codelist") in going_by and ("kvarn.analyse._classification", "listed") in going_by
    wrong = [
        ".".join(one)
        for one in sorted(going_by)
        if CACHES & names_in(every[one].decorator_list) and not OF_A_PROGRAMME & names_in(every[one].args.args)
    ]
    assert wrong == []
