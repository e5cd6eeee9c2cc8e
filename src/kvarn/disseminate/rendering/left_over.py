"""What a renderer leaves in a text when it did not find something."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["left_over"]

PATTERNS = (
    (re.compile(r"\{\{<[^>]{0,60}"), "a shortcode is left over"),
    (re.compile(r"\?(?:var|meta|env|include|embed):[\w.-]*"), "a name was not found"),
    (re.compile(r"\?@[\w-]+"), "a reference points at nothing"),
    (re.compile(r"\?\?[\w@:.-]*"), "something was not found"),
    (re.compile(r"(?<![\w.?])@(?:fig|tbl|sec)-[\w-]+"), "a reference points at nothing"),
    (re.compile(r"\bUnresolved\b|quarto-unresolved-ref"), "a reference points at nothing"),
)


def left_over(text: str, said: Mapping[str, Any] | None = None) -> list[str]:
    """What is left over in a text, each in one sentence, in the order of the patterns and without repeats.

    Parameters
    ----------
    said
        The document's variables. Where one of them looks like something left over (a name that ends in ``??``), it is what it
        should be.
    """
    for value in _values(said or {}):
        if any(pattern.search(value) for pattern, _ in PATTERNS):
            # A line may break anywhere in it.
            text = re.sub(r"\s*".join(map(re.escape, "".join(value.split()))), " ", text)
    found: dict[str, None] = {}
    for pattern, sentence in PATTERNS:
        for match in pattern.finditer(text):
            found[f"{sentence}: {match[0].strip()!r}"] = None
    return list(found)


def _values(variables: Mapping[str, Any]) -> Iterator[str]:
    for value in variables.values():
        if isinstance(value, Mapping):
            yield from _values(value)
        elif isinstance(value, str):
            yield value
