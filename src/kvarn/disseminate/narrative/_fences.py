"""Blocks between lines of colons: each that is opened is closed, and each such line is one that a renderer takes for that."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

__all__ = ["faults_of_fences"]

_COLONS = re.compile(r"[\s>]*+(?:[-*+]\s+|\d+[.)]\s+)?[\s>]*+:{3,}")
_OPENS = re.compile(r"\s{0,3}:{3,}\s*(?:\{[^{}]*\}|[\w-]+)\s*:*\s*")
_CLOSES = re.compile(r"\s{0,3}:{3,}\s*")
_HEADING = re.compile(r"\s{0,3}#{1,6}\s")
_CODE = re.compile(r"\s*(```+|~~~+)")
_NO_FENCE = (
    "The line would be printed with its colons",
    "Open a block with ::: {.class} and close it with :::, each on a line of its own at the line's beginning.",
)
_NO_ROOM = ("The block is not opened, since a text goes on in this line", "Leave a line empty above it.")
_NOTHING_OPEN = ("No block is open that this line could close", "Take it away, or open the block above: ::: {.class}.")
_NOT_CLOSED = ("The block is not closed", "Close it with a line ::: where it ends.")
_NOT_HERE = ("A block cannot stand in this text: its colons would be printed", "Put the block into a document, around the text.")


def faults_of_fences(lines: Sequence[str], *, none: bool = False) -> Iterator[tuple[int, str, str, str]]:
    """What is wrong with the lines that begin with three colons or more: the number of the line from zero, as it is written,
    what it is, and what to write instead.

    Parameters
    ----------
    none
        It is a text in which no block can stand.
    """
    opened: list[int] = []
    code, room = "", True
    for number, line in enumerate(lines):
        fence, had_room = _CODE.match(line), room
        room = not line.strip() or (room and _HEADING.match(line) is not None)
        if code or fence:
            # The same sign, at least as often, ends what is shown as it is written.
            code = (fence[1] if fence and not code else "") or ("" if fence and fence[1].startswith(code) else code)
        elif not _COLONS.match(line):
            continue
        elif none:
            yield (number, line.strip(), *_NOT_HERE)
        elif _CLOSES.fullmatch(line):
            room = True
            if opened:
                opened.pop()
            else:
                yield (number, line.strip(), *_NOTHING_OPEN)
        elif not _OPENS.fullmatch(line):
            yield (number, line.strip(), *_NO_FENCE)
        else:
            room = True
            opened.append(number)
            if not had_room:
                yield (number, line.strip(), *_NO_ROOM)
    for number in opened:
        yield (number, lines[number].strip(), *_NOT_CLOSED)
