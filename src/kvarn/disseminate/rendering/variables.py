"""``{{< var a.b >}}``: a figure or a text by its name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from typing import Any

from kvarn.base.escaping import for_markdown
from kvarn.errors import RenderingError

__all__ = ["with_variables"]

VARIABLE = re.compile(r"\{\{<\s*var\s+([^\s>]+)\s*>\}\}")


def with_variables(
    text: str,
    variables: Mapping[str, Any],
    where: str | None,
    written: Callable[[str], str] = for_markdown,
) -> str:
    """The text with every ``{{< var name >}}`` replaced by its value.

    Parameters
    ----------
    text
        Any part of a document.
    variables
        Nested; ``a.b`` is ``variables["a"]["b"]``.
    where
        The place, for the error.
    written
        How the value is written where it stands; as plain text in Markdown, unless something else is said.

    Raises
    ------
    RenderingError
        There is no such variable, or it is a group of variables.
    """
    return VARIABLE.sub(lambda match: written(_value(match[1], variables, where)), text)


def _value(name: str, variables: Mapping[str, Any], where: str | None) -> str:
    value: Any = variables
    for part in name.split("."):
        if not isinstance(value, Mapping) or part not in value:
            raise RenderingError(f"There is no variable {name!r}", document=where, remedy=_suggestion(name, variables))
        value = value[part]
    if isinstance(value, Mapping | list | tuple) or value is None:
        raise RenderingError(f"The variable {name!r} is not one figure or text", document=where, remedy="Name one of those in it")
    return str(value)


def _suggestion(name: str, variables: Mapping[str, Any]) -> str:
    close = difflib.get_close_matches(name, sorted(_names(variables)), n=1)
    return f"Did you mean {close[0]!r}?" if close else "Declare it in figures.yml, or correct the name"


def _names(variables: Mapping[str, Any], before: str = "") -> list[str]:
    names: list[str] = []
    for key, value in variables.items():
        names += _names(value, f"{before}{key}.") if isinstance(value, Mapping) else [f"{before}{key}"]
    return names
