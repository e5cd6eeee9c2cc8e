"""Lines with bars: a table says nothing by the widths of its columns, and no other line keeps its breaks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

__all__ = ["faults_of_bars"]

_QUOTED = r"[\s>]*+"
_BEGINS = re.compile(rf"{_QUOTED}\|")
_PARTS = re.compile(rf"{_QUOTED}\|?\s*:?-+:?\s*(?:[|+]\s*:?-+:?\s*)+\|?\s*|{_QUOTED}\|\s*:?-+:?\s*\|\s*")
_COLUMN = re.compile(r":?-+:?")
_BROKEN = (
    "Lines that begin with a bar keep their breaks, so that they can be counted",
    "Write the sentences as a paragraph, or each as an item that begins with a hyphen; below a table's heading stands |---|---|.",
)
_WIDE = (
    "The columns of the table get widths that can be counted",
    "Give each column as many hyphens as the others: |---|---|.",
)


def faults_of_bars(lines: Sequence[str]) -> Iterator[tuple[int, str, str, str]]:
    """What is wrong with the lines that begin with a bar, and with the line below a table's heading: the number of the line from
    zero, as it is written, what it is, and what to write instead."""
    above = False
    for number, line in enumerate(lines):
        begins = _BEGINS.match(line) is not None
        if begins and not above and not (number + 1 < len(lines) and _PARTS.fullmatch(lines[number + 1])):
            yield (number, line.strip(), *_BROKEN)
        above = begins
        if _PARTS.fullmatch(line):
            widths = {len(column) for column in _COLUMN.findall(line)}
            if len(widths) > 1:
                yield (number, line.strip(), *_WIDE)
