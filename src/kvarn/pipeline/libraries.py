"""Which libraries a step stands on, and in which versions: told from what its code imports, so that none can be forgotten.

A new version of a library makes anew what its steps have made, and nothing else: a new Typst does not take the register in again,
and a new HiGHS protects again.
"""

from __future__ import annotations

import ast
import functools
import importlib.metadata
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import grimp

from kvarn.pipeline.notebook_source import read_cells

__all__ = ["FONTS", "SPARK", "import_graph", "imported_by", "libraries_of", "stands_on", "versions_of"]

# No module imports them: their files are read.
FONTS = ("font-source-sans-pro", "font-source-serif-pro")
_DISTRIBUTIONS = {
    "IPython": "ipython",
    "matplotlib_inline": "matplotlib-inline",
    "pypandoc": "pypandoc-binary",
    "yaml": "pyyaml",
}
# They check declarations, start, lock, carry and show: nothing that is made has anything of them.
_LEFT_OUT = {
    "filelock",
    "grimp",
    "jupyter_client",
    "packaging",
    "pydantic",
    "pydantic_core",
    "pytask",
    "rich",
    "tornado",
    "typer",
    "zmq",
}
# Only where an edition asks for Spark: a step says so itself.
SPARK = ("pyspark", "sqlglot")
# An extra that no step uses: whether it is installed is nothing to a publication.
_SERVE = ("anyio", "starlette", "uvicorn")
# It chooses the renderer, which a step says by its name and version, and with it the libraries of all of them.
_NOT_THROUGH = "kvarn.pipeline.production"


@functools.cache
def import_graph() -> grimp.ImportGraph:
    """Which module imports which, libraries among them."""
    return grimp.build_graph("kvarn", include_external_packages=True, cache_dir=None)


@functools.cache
def stands_on(module: str, room: str) -> bool:
    """Whether a module of kvarn, or anything in it or that it imports, is in this room or imports from it."""
    graph = import_graph()
    own = {module, *graph.find_descendants(module)}
    used = own.union(*(graph.find_upstream_modules(name) for name in own))
    return any(name == room or name.startswith(f"{room}.") for name in used)


@functools.cache
def libraries_of(module: str) -> tuple[str, ...]:
    """The distributions that a module of kvarn and everything that it imports import, sorted."""
    graph = import_graph()
    found = {module, *graph.find_descendants(module)}
    left = list(found)
    while left:
        new = graph.find_modules_directly_imported_by(left.pop()) - found - {_NOT_THROUGH}
        found |= new
        left += new
    return tuple(sorted(_distributions(name for name in found if name.partition(".")[0] != "kvarn")))


def imported_by(notebook: Path) -> tuple[str, ...]:
    """The distributions that the cells of a notebook import by themselves, sorted.

    Raises
    ------
    NotebookError
        A cell is not Python.
    """
    names: set[str] = set()
    for cell in read_cells(notebook):
        for node in [] if cell.skipped else ast.walk(cell.tree()):
            if isinstance(node, ast.Import):
                names |= {one.name for one in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module)
    tops = {name.partition(".")[0] for name in names} - {"kvarn"}
    return tuple(sorted(_distributions(tops)))


def versions_of(distributions: Iterable[str]) -> Mapping[str, str]:
    """The version of each distribution; of one that is not installed, ``none``."""
    return {name: _version(name) for name in sorted(set(distributions))}


def _distributions(modules: Iterable[str]) -> Iterator[str]:
    for module in modules:
        if module not in sys.stdlib_module_names and module not in (*_LEFT_OUT, *SPARK, *_SERVE):
            yield _DISTRIBUTIONS.get(module) or _distribution(module)


@functools.cache
def _distribution(module: str) -> str:
    """The distribution that a module comes from: mostly of the same name. Of a file beside the notebook there is none."""
    if _version(module) != "none":
        return module
    return next(iter(importlib.metadata.packages_distributions().get(module, [module])))


@functools.cache
def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "none"
