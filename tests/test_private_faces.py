"""What kvarn uses of other libraries is theirs to show; what is not is known, and missed in words when it goes."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

SRC = Path(__file__).parents[1] / "src" / "kvarn"
# Attributes of others that begin with _ and have no public way beside them.
KNOWN = {
    "_shell_channel_to_main": "ipykernel: kernel/app.py looks again at what waits between the threads of a kernel",
    "_main_to_shell_channel": "ipykernel: as above",
    "_shell_stream": "ipykernel: as above",
    "_asdict": "the standard library: named tuples, documented",
    "_exit": "the standard library: os, documented",
}


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(SRC.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def test_no_module_or_name_of_another_library_that_begins_with_an_underscore_is_imported() -> None:
    found = []
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                continue
            for name in names:
                first, *rest = name.split(".")
                if first not in ("kvarn", "__future__") and any(part.startswith("_") for part in (first, *rest)):
                    found.append(f"{path.relative_to(SRC)}, line {node.lineno}: {name}")
    assert found == []


def test_attributes_of_others_that_begin_with_an_underscore_are_known() -> None:
    own, used = set(), {}
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
                own.add(node.name)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                own.add(node.id)
            elif isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.endswith("__"):
                if isinstance(node.ctx, ast.Store):
                    own.add(node.attr)
                used.setdefault(node.attr, f"{path.relative_to(SRC)}, line {node.lineno}")
    assert {name: place for name, place in used.items() if name not in own and name not in KNOWN} == {}
    assert set(KNOWN) <= set(used), "what is not used any more is known no longer"


@pytest.mark.parametrize("name", [name for name, why in KNOWN.items() if why.startswith("ipykernel")])
def test_ipykernel_still_has_what_kvarn_looks_at(name: str) -> None:
    from ipykernel.subshell_manager import SubshellManager

    assert name in inspect.getsource(SubshellManager), (
        f"ipykernel's SubshellManager has no {name} any more: look in kvarn/kernel/app.py, start, whether what waits between the "
        "threads of a kernel must still be looked for, and how; then change it there and here."
    )


def test_ipykernel_still_has_what_kvarn_overrides() -> None:
    from ipykernel.kernelapp import IPKernelApp

    for name in ("_run_startup_files", "init_iopub", "load_config_file", "init_gui_pylab"):
        assert hasattr(IPKernelApp, name), f"IPKernelApp has no {name} any more: kvarn/kernel/app.py overrides it in vain"


def test_typers_mistakes_of_use_are_still_known_by_their_ancestor() -> None:
    from kvarn.cli._main import _UsageProblem

    assert _UsageProblem.__name__ == "ClickException" and hasattr(_UsageProblem, "show"), (
        "typer.BadParameter has other ancestors than before: kvarn/cli/_main.py must find the one that all mistakes of use share"
    )
