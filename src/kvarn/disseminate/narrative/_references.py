"""Numbers of figures, tables and sections where they would be read as counts: "Haninge · 7 · persons"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kvarn.disseminate.narrative._numbers import before_noun
from kvarn.disseminate.narrative._places import places_in

__all__ = ["misplaced_references"]

# What says that a bare number is that of a figure, table or section; "and" goes on from the one before it.
_SAY_OF_WHAT = frozenset(
    (
        *("figur", "figuren", "figurer", "figurerna", "tabell", "tabellen", "tabeller", "tabellerna", "avsnitt", "avsnittet"),
        *("avsnitten", "kapitel", "kapitlet", "kapitlen", "figure", "figures", "table", "tables", "section", "sections"),
        *("chapter", "chapters", "se", "see", "jfr", "cf", "och", "and", "till", "to", "eller", "or"),
    )
)
_BARE = re.compile(r"(?:([^\W\d_]+)[\s*_(\u00a0]*)?\[?\s*-@(?:fig|tbl|sec)-[\w-]*\w\]?")
_ANY = re.compile(r"\[?-?@(?:fig|tbl|sec)-[\w-]*\w\]?")
_BETWEEN = r"[\s*_\u00a0\u00b7:\u2013\u2014/|-]*"
_BEFORE = re.compile(rf"{_BETWEEN}$")
_AFTER = re.compile(rf"{_BETWEEN}(?=\S)")


def misplaced_references(text: str) -> Iterator[tuple[int, str]]:
    """Where in a text, and how, a reference stands that a reader would take for a count."""
    for found in _BARE.finditer(text):
        if found[1] is None or found[1].casefold() not in _SAY_OF_WHAT:
            yield found.start(), found[0].strip()
    ends = {end for _, end in places_in(text)}
    for found in _ANY.finditer(text):
        lead, tail = _BEFORE.search(text[: found.start()]), _AFTER.match(text, found.end())
        behind_place = lead is not None and lead.start() in ends
        # A space, so that what is counted may stand directly behind a mark.
        before_counted = tail is not None and before_noun(f" {text[tail.end() :]}", 0)
        if behind_place or before_counted:
            yield found.start(), found[0]
