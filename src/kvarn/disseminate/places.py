"""The codes of a list that have a page each: what they are called, where their pages lie, and where these lead."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kvarn import metadata
from kvarn.disseminate.templates import word
from kvarn.disseminate.ways import Way

__all__ = ["EACH", "Place", "codes_above", "name_of", "names_of_each", "profile_address", "ways_from_profile"]

EACH = "each"
"""What the variables of a profile notebook begin with that stand for the code."""
_NO_NAME = re.compile(r"[^A-Za-z0-9-]")


def name_of(code: str) -> str:
    """A code as the name of a file and in an address: ``0114`` as it is, ``65+`` as ``65_``."""
    return _NO_NAME.sub("_", code)


def codes_above(variable: str, code: str) -> tuple[str, ...]:
    """The codes that a code of a variable is a part of, the nearest first; none where the variable has no list."""
    listed = metadata.variable(variable).codes
    return () if listed is None else listed.above(code)


@dataclass(frozen=True)
class Place:
    """The code that a page is about, and of which list."""

    variable: str
    code: str

    def label(self, language: str) -> str:
        """What the code is called."""
        return metadata.variable(self.variable).category(self.code, language)

    def values(self, language: str) -> dict[str, str]:
        """The values of ``each.…`` in the notebook's Markdown."""
        return {f"{EACH}.name": self.label(language), f"{EACH}.code": self.code}


def names_of_each() -> tuple[str, ...]:
    """The names of the variables that a profile notebook has beside those of every document."""
    return (f"{EACH}.name", f"{EACH}.code")


def profile_address(code: str, language: str) -> str:
    """Where the page of a code lies in the publication."""
    return f"profiles/{language}/{name_of(code)}.html"


def ways_from_profile(place: Place, language: str, languages: Sequence[str], codes: Sequence[str]) -> list[Way]:
    """From the page of a code: to the front page, the other language, the codes that it is a part of, and the data."""
    page = f"{name_of(place.code)}.html"
    parents = [code for code in codes_above(place.variable, place.code) if code in codes]
    return [
        Way(f"../../index.html#{language}", word("way.front", language)),
        *(Way(f"../{one}/{page}", metadata.text(f"language.{one}", one), one) for one in languages if one != language),
        *(Way(f"{name_of(code)}.html", Place(place.variable, code).label(language)) for code in parents),
        Way(f"../../database/{language}/index.html", word("way.database", language)),
        Way(f"../../index.html#{language}-data", word("way.data", language)),
    ]
