"""Names of regions in a text: a number beside one of them is a figure."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections import defaultdict

from kvarn import metadata
from kvarn.disseminate.narrative._numbers import names_elsewhere

__all__ = ["places_in"]

# Shorter names are ordinary words too (vara, mark, mora); they are names where they begin as names do.
_LONG = 5
# With so many letters no ordinary word begins as they do.
_VERY_LONG = 7
_HYPHENS = re.compile(r"(?<=[^\W\d_])[-\u2010\u2011](?:\s*\n\s*)?(?=[^\W\d_])")
_COUNTY = re.compile(r"(?:s?\s+län|\s+county)$", re.IGNORECASE)


def places_in(text: str, *, country: bool = True) -> list[tuple[int, int]]:
    """Where names of municipalities and counties, and of the country, stand in a text, in either language and with genitive."""
    return list(_places_in(text, metadata.codelist("region"), country))


@functools.lru_cache(maxsize=8192)
def _places_in(text: str, listed: metadata.CodeList, country: bool) -> tuple[tuple[int, int], ...]:
    found = [one.span() for pattern in _names(listed, country) for one in pattern.finditer(text)]
    # A name with hyphens in it is read as the name: Bjur-holm.
    joined, places = _joined(text)
    if len(joined) < len(text):
        further = [one.span() for pattern in _names(listed, country) for one in pattern.finditer(joined)]
        spans = ((places[start], places[end - 1] + 1) for start, end in further)
        found += [(start, end) for start, end in spans if not any(start < other and one < end for one, other in found)]
    return tuple(sorted(found))


def _joined(text: str) -> tuple[str, list[int]]:
    """A text without the hyphens within its words, and where each of its characters stands in the text."""
    without = {at for found in _HYPHENS.finditer(text) for at in range(*found.span())}
    places = [at for at in range(len(text)) if at not in without]
    return "".join(text[at] for at in places), places


@functools.lru_cache(maxsize=8)
def _names(listed: metadata.CodeList, country: bool) -> tuple[re.Pattern[str], re.Pattern[str]]:
    rows = [row for row in listed.rows if country or row["code"] != listed.total]
    found = {_COUNTY.sub("", row[language]) for row in rows for language in ("sv", "en")}
    found |= {name for name in map(_without_accents, found) if len(name) >= _LONG} | set(names_elsewhere())
    long = [name for name in found if len(name) >= _LONG]
    short = [form for name in found if len(name) < _LONG for form in (name, name.upper())]
    return _either(long, re.IGNORECASE), _either(short, re.NOFLAG)


def _without_accents(name: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFD", name) if not unicodedata.combining(sign))


def _either(names: list[str], flags: re.RegexFlag) -> re.Pattern[str]:
    # By their first letter: at each word of each text a few are tried, and not all.
    beginning: dict[str, list[str]] = defaultdict(list)
    for name in sorted(names, key=lambda name: (-len(name), name)):
        first = name[0].lower() if flags & re.IGNORECASE else name[0]
        # Those who live there, and what is made of the name: Bjurholmsbor, bjurholmsk.
        more = r"[^\W\d_]*" if len(name) >= _VERY_LONG else ""
        beginning[first].append(re.escape(name[1:]).replace(r"\ ", r"[\s-]*").replace(r"\-", r"[\s-]*") + more)
    listed = "|".join(f"{re.escape(first)}(?:{'|'.join(rest)})" for first, rest in sorted(beginning.items()))
    # Of no names at all nothing is one.
    listed = listed or "(?!)"
    return re.compile(rf"(?<![^\W\d_])(?:{listed})(?:'?s|’s)?(?![^\W\d_])", flags)
