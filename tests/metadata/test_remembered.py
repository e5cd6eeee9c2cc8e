"""What is remembered of a programme or a code list is remembered of that one: several can be in force in one run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "kvarn"
# Whoever asks these asks of the programme and the lists in force.
IN_FORCE = {
    "classification",
    "codelist",
    "current_programme",
    "listed",
    "measure",
    "stamp",
    "table",
    "tables",
    "text",
    "variable",
}
# What says which programme is meant.
TOLD_BY = ("CodeList", "Programme", "TableDefinition", "Variable")


def remembering(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """The functions whose answers are kept for good: those of a module, and not those that a function makes for itself."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            kept = [ast.unparse(one).removeprefix("functools.").partition("(")[0] for one in node.decorator_list]
            if {"cache", "lru_cache"} & set(kept):
                yield node


def asks(function: ast.FunctionDef) -> set[str]:
    """What of the programme in force a function asks for by itself."""
    called = (node.func for node in ast.walk(function) if isinstance(node, ast.Call))
    names = {
        one.attr if isinstance(one, ast.Attribute) else one.id for one in called if isinstance(one, ast.Attribute | ast.Name)
    }
    return names & IN_FORCE


def forgetful(source: str) -> list[str]:
    """The functions that would remember of one programme what they are asked of another."""
    found = []
    for function in remembering(ast.parse(source)):
        told = " ".join(ast.unparse(one.annotation) for one in function.args.args if one.annotation)
        if asks(function) and not any(name in told for name in TOLD_BY):
            found.append(f"{function.name}: {', '.join(sorted(asks(function)))}")
    return found


def test_whatever_asks_the_programme_in_force_and_is_remembered_is_told_which_it_is() -> None:
    files = sorted(SOURCE.rglob("*.py"))
    assert len(files) > 300
    assert [f"{file.relative_to(SOURCE)}, {one}" for file in files for one in forgetful(file.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ("", ["names: codelist"]),
        ("name: str", ["names: codelist"]),
        ("programme: Programme", []),
        ("listed: metadata.CodeList", []),
    ],
)
def test_one_that_is_not_told_would_be_found(parameters: str, found: list[str]) -> None:
    assert forgetful(f"@functools.cache\ndef names({parameters}):\n    return metadata.codelist('region').codes") == found
