"""One, both and none of a place, in words that code has put together: no source has them, and the finished page does."""

from __future__ import annotations

from collections.abc import Iterator

from kvarn.disseminate.narrative import ones_beside, ones_told, places_in
from kvarn.pipeline.attack._page import PageTable

__all__ = ["ones_in_table", "ones_in_text"]

# So few words are the value of a row.
_VALUE = 4


def ones_in_table(table: PageTable) -> Iterator[str]:
    """The rows in which a table that is none of those published says one, both or none of a place; never the word."""
    named = _names_a_place(table.named, *table.heads)
    for number, row in enumerate(table.rows, 1):
        if not (named or _names_a_place(*row)):
            continue
        for cell in row:
            if len(cell.split()) <= _VALUE and not _names_a_place(cell) and any(ones_beside(cell, of_place=True)):
                yield f"row {number}"


def ones_in_text(text: str) -> bool:
    """Whether a text that names a place tells of one there."""
    return _names_a_place(text) and any(True for _ in ones_told(text))


def _names_a_place(*texts: str) -> bool:
    return any(places_in(text, country=False) for text in texts)
