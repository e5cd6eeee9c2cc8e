"""``{{< var name >}}``, ``{{< include _chapter.qmd >}}``, ``{{< embed notebook#cell >}}``: one reader for check and renderer.

What one of them takes for a shortcode and the other does not would be published unread. So whatever begins as one and is not
written in just this way is refused by both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Shortcode", "is_name_of_chapter", "malformed_in", "shortcodes_in"]

_SHORTCODE = re.compile(r"\{\{< +(var|include|embed) +([\w./#-]+) +>\}\}", re.ASCII)
_BEGUN = re.compile(r"\{\{\s*[<%]|[>%]\s*\}\}")
_CHAPTER = re.compile(r"_[\w-]+\.qmd", re.ASCII)
_SHOWN = 60


@dataclass(frozen=True)
class Shortcode:
    """A shortcode in a text: what it does, what it names, as it is written, and where it begins."""

    kind: str
    name: str
    written: str
    start: int


def shortcodes_in(text: str) -> Iterator[Shortcode]:
    """Every shortcode of a text."""
    for found in _SHORTCODE.finditer(text):
        yield Shortcode(found[1], found[2], found[0], found.start())


def malformed_in(text: str) -> Iterator[tuple[int, str]]:
    """Where in a text, and how, something begins or ends as a shortcode and is none that is known."""
    bare = _SHORTCODE.sub(lambda found: " " * len(found[0]), text)
    for found in _BEGUN.finditer(bare):
        yield found.start(), text[found.start() :].split("\n", 1)[0][:_SHOWN]


def is_name_of_chapter(name: str) -> bool:
    """Whether a document may include what is so named: a chapter that stands beside it."""
    return _CHAPTER.fullmatch(name) is not None
