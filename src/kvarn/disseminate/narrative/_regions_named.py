"""Which municipality, county or country a text names, by its code."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

from kvarn import metadata
from kvarn.disseminate.narrative._places import places_in

__all__ = ["COUNTRY", "names_the_country", "regions_named"]

COUNTRY = "00"
_COUNTY = re.compile(r"\s+(?:län|county)(?![^\W\d_])", re.IGNORECASE)
_GENITIVE = re.compile(r"(?:'s|’s|s)$", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s\u2010\u2011-]+")
_THE_COUNTRY = re.compile(
    r"(?<![^\W\d_])(?:rikets?|landets?|sveriges?|sweden(?:[’']s)?|the country|national(?:ly)?)(?![^\W\d_])", re.I
)


def regions_named(text: str) -> tuple[frozenset[str], ...]:
    """Each municipality and county that a text names, in its order: the codes that the name can be. Stockholm is the
    municipality, Stockholm county the county."""
    names = _codes(metadata.codelist("region"))
    found = []
    for start, end in places_in(text, country=False):
        written = _joined(text[start:end])
        codes = names.get(written) or names.get(_GENITIVE.sub("", written), frozenset())
        municipalities = frozenset(code for code in codes if len(code) > len(COUNTRY))
        of_county = codes - municipalities
        found.append((of_county if _COUNTY.match(text, end) else municipalities) or codes)
    return tuple(found)


def names_the_country(text: str) -> bool:
    """Whether a text says that it is about the whole country."""
    return _THE_COUNTRY.search(text) is not None


def _joined(name: str) -> str:
    """A name as it is compared: its letters alone, however its parts stand together."""
    return _BETWEEN.sub("", name).casefold()


@functools.lru_cache(maxsize=8)
def _codes(listed: metadata.CodeList) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for row in listed.rows:
        for language in ("sv", "en"):
            name = row[language].casefold()
            bare = _COUNTY.sub("", name)
            for form in {name, bare, _GENITIVE.sub("", bare) if bare != name else bare}:
                found.setdefault(_joined(form), set()).add(row["code"])
    return {name: frozenset(codes) for name, codes in found.items()}
