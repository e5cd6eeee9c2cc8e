"""What is wrong with the lines of a text, each by itself or with its neighbours, apart from its words and numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from kvarn.disseminate.narrative._bars import faults_of_bars
from kvarn.disseminate.narrative._fences import faults_of_fences

__all__ = ["faults_of_lines"]

# Pandoc tries each bracket as the beginning of a link: with pandoc 3.9 twelve that are open at once took a second, sixteen ten.
_MOST_OPEN = 8
_MOST_QUOTED = 8
_BRACKETS = re.compile(r"\\.|[\[\]]")
_NO_END = re.compile(r"(?<!\\)\]\([^)]*+$")
_QUOTED = re.compile(r"[\s>]*")
_OPEN = (f"More than {_MOST_OPEN} brackets are open at once", "Close each bracket, or write \\[ for one that is a mere sign.")
_ENDLESS = ("The address of the link does not end on its line", "Close it: [words](address).")
_DEEP = (f"More than {_MOST_QUOTED} quotations stand within each other", "Quote once.")


def faults_of_lines(lines: Sequence[str], *, blocks: bool = True) -> Iterator[tuple[int, str, str, str]]:
    """What is wrong: the number of the line from zero, as it is written, what it is, and what to write instead.

    Parameters
    ----------
    blocks
        Whether a block between lines of colons may stand in it.
    """
    yield from faults_of_bars(lines)
    yield from faults_of_fences(lines, none=not blocks)
    yield from _faults_of_nesting(lines)


def _faults_of_nesting(lines: Sequence[str]) -> Iterator[tuple[int, str, str, str]]:
    depth = 0
    for number, line in enumerate(lines):
        before, quoted = depth, _QUOTED.match(line)
        if not line.strip("> \t"):
            depth = before = 0
        for found in _BRACKETS.finditer(line):
            depth = max(0, depth + {"[": 1, "]": -1}.get(found[0], 0))
            if depth > _MOST_OPEN >= before:
                yield (number, line.strip()[:60], *_OPEN)
                before = depth
        if _NO_END.search(line):
            yield (number, line.strip()[:60], *_ENDLESS)
        if quoted and quoted[0].count(">") > _MOST_QUOTED:
            yield (number, line.strip()[:60], *_DEEP)
