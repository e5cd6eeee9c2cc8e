"""A document as lines that know where they come from, so that an error can name the file and the line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from kvarn.errors import place

__all__ = ["Line", "lines_of", "text_lines"]

FENCE = re.compile(r"^\s*(```+|~~~+)")


@dataclass(frozen=True)
class Line:
    """One line of text, the file it stands in and its number there."""

    text: str
    file: Path
    number: int

    @property
    def place(self) -> str:
        """The file and line, as errors name them."""
        return place(self.file, self.number) or ""


def lines_of(text: str, file: Path, before: int = 0) -> list[Line]:
    """The lines of a text; `before` is how many lines stand in the file before the text begins."""
    return [Line(line, file, number) for number, line in enumerate(text.splitlines(), before + 1)]


def text_lines(lines: list[Line]) -> list[Line]:
    """The lines that are not inside a fenced code block."""
    fence = ""
    kept = []
    for line in lines:
        found = FENCE.match(line.text)
        if found and not fence:
            fence = found[1]
        elif found and found[1].startswith(fence):
            fence = ""
        elif not fence:
            kept.append(line)
    return kept
