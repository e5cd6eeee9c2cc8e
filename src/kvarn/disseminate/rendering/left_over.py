"""What a renderer leaves in a text when it did not find something."""

from __future__ import annotations

import re

__all__ = ["left_over"]

PATTERNS = (
    (re.compile(r"\{\{<[^>]{0,60}"), "a shortcode is left over"),
    (re.compile(r"\?(?:var|meta|env|include|embed):[\w.-]*"), "a name was not found"),
    (re.compile(r"\?@[\w-]+"), "a reference points at nothing"),
    (re.compile(r"\?\?[\w@:.-]*"), "something was not found"),
    (re.compile(r"(?<![\w.?])@(?:fig|tbl|sec)-[\w-]+"), "a reference points at nothing"),
    (re.compile(r"\bUnresolved\b|quarto-unresolved-ref"), "a reference points at nothing"),
)


def left_over(text: str) -> list[str]:
    """What is left over in a text, each in one sentence, in the order of the patterns and without repeats."""
    found: dict[str, None] = {}
    for pattern, sentence in PATTERNS:
        for match in pattern.finditer(text):
            found[f"{sentence}: {match[0].strip()!r}"] = None
    return list(found)
