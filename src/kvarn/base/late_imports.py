"""Packages whose modules are read when a name is first asked for, since they bring libraries that most commands never need."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["when_asked_for"]


def when_asked_for(package: str, names: Mapping[str, str]) -> Callable[[str], Any]:
    """The ``__getattr__`` of a package (PEP 562) that takes each of these names from the module that it stands in.

    The package imports the same names under ``TYPE_CHECKING``, for whoever reads the source: type checkers, and kvarn itself,
    which knows from it what a step depends on.

    Parameters
    ----------
    package
        The package's ``__name__``.
    names
        Each name, and the module that has it.
    """

    def __getattr__(name: str) -> Any:  # noqa: N807
        if name not in names:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        found = getattr(importlib.import_module(names[name]), name)
        setattr(sys.modules[package], name, found)
        return found

    return __getattr__
