"""The headings of official lists: which columns are understood, and which look as if they told from when a code is valid."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

__all__ = ["KNOWN", "REQUIRED", "columns_of", "looks_like_validity"]

# The columns that are understood, by their headings in lower case. Other columns are left alone.
KNOWN: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "code": ("code", "key", "kod", "kvå-kod", "kva-kod", "åtgärdskod", "yrkeskod", "kommunkod"),
        "sv": ("sv", "value", "titel", "title", "svenska", "benämning", "beteckning", "klartext", "text", "namn", "kommun"),
        "en": ("en", "english", "engelska", "engelsk titel", "english title"),
        "kind": ("kind", "slag"),
        "group": ("group", "grupp"),
        "accepted": ("accepted", "godkänd"),
    }
)
REQUIRED = ("code", "sv")
_VALID = "(?:giltig(?:t|het)?|gäller|gällande|valid|validity)"
_FROM = "(?:från(?: och med)?|fr(?:ån)? o m|from)"
_TO = "(?:till(?: och med)?|t(?:ill)? o m|tom|to|until)"
# The many ways to say from when until when, once full stops, hyphens and underscores are away.
_VALIDITY = MappingProxyType(
    {
        "valid_from": re.compile(
            rf"{_VALID} ?{_FROM}(?: datum| date)?|från och med|fr o m|start ?dat(?:um|e)|giltighetsstart|ikraftträdande(?:datum)?"
        ),
        "valid_to": re.compile(
            rf"{_VALID} ?{_TO}(?: datum| date)?|till och med|t o m|(?:slut|end) ?dat(?:um|e)|giltighetsslut"
            "|upphör(?: att gälla)?|upphörande(?:datum)?"
        ),
    }
)
_LOOKS_LIKE_VALIDITY = re.compile(
    r"\b(?:giltig\w*|gäll\w*|valid\w*|från|till|from|fr o m|t o m|tom|until|upphör\w*|ikraft\w*|utgå\w*|start\w*|slut\w*"
    r"|expir\w*|avslut\w*|(?:in)?aktiv\w*|(?:in)?active|\w*datum|\w*date|period|year|år)\b"
)


def columns_of(cells: Sequence[str]) -> Mapping[str, int] | None:
    """The place of each field that the headings name, or None where they name no code or no title."""
    headings = [_plain(cell) for cell in cells]
    columns = {}
    for name, known in KNOWN.items():
        there = [headings.index(_plain(heading)) for heading in known if _plain(heading) in headings]
        if there:
            columns[name] = there[0]
    if not all(name in columns for name in REQUIRED):
        return None
    for name, form in _VALIDITY.items():
        there = [place for place, heading in enumerate(headings) if form.fullmatch(heading)]
        if there:
            columns[name] = there[0]
    return columns


def looks_like_validity(cells: Sequence[str], columns: Mapping[str, int]) -> tuple[str, ...]:
    """The headings of columns that are not understood, and yet may tell from when until when a code is valid."""
    taken = set(columns.values())
    return tuple(
        " ".join(cell.split())
        for place, cell in enumerate(cells)
        if place not in taken and _LOOKS_LIKE_VALIDITY.search(_plain(cell))
    )


def _plain(heading: str) -> str:
    """A heading in lower case, with single spaces in the place of what may stand between words."""
    return " ".join(re.sub(r"[._:()/-]+", " ", heading.casefold()).split())
