"""What the form of a code tells: which lists exist outside the package, how their codes look, what kind a procedure is."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from kvarn.metadata._own_lists import chapters_in
from kvarn.programme import Programme, current_programme

__all__ = [
    "IMPORTABLE",
    "KKA",
    "KMA",
    "KVA_PARTS",
    "WITH_NUMBERS",
    "Importable",
    "Part",
    "code_form",
    "has_official_form",
    "kind_and_group",
    "most_detailed",
    "valid_in",
]

Importable = Literal["procedure", "profession", "municipality"]
IMPORTABLE: tuple[Importable, ...] = ("procedure", "profession", "municipality")

# Official lists whose titles have numbers of their own, as published.
WITH_NUMBERS: frozenset[Importable] = frozenset({"procedure"})

# KVÅ consists of KKÅ (surgical) and KMÅ (medical).
KKA = re.compile(r"[A-Z]{3}[0-9]{2}")
KMA = re.compile(r"[A-Z]{2}[0-9]{3}")


class Part(NamedTuple):
    """A part of KVÅ: its name, and the form of its codes."""

    name: str
    form: re.Pattern[str]


# As text the two parts come in a file each.
KVA_PARTS = (Part("KKÅ", KKA), Part("KMÅ", KMA))
_FORMS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "procedure": re.compile(f"{KKA.pattern}|{KMA.pattern}"),
        "profession": KMA,
        "municipality": re.compile(r"[0-9]{4}"),
    }
)

_UNSPECIFIC = "000"
# Codes ending in 000 that are nevertheless the most detailed: each is the only code of its chapter (inferred).
_DETAILED_ALL_THE_SAME = frozenset({"QC000", "QL000"})


def has_official_form(name: str, code: str) -> bool:
    """Whether a code looks as those do that the official list of this name gives."""
    form = _FORMS.get(name)
    return form is not None and form.fullmatch(code) is not None


def code_form(name: Importable) -> re.Pattern[str]:
    """The form of a list's codes: KVÅ ``ABC12`` or ``AB123``, profession ``AB123``, municipality four digits."""
    return _FORMS[name]


def most_detailed(code: str) -> bool:
    """Whether a KVÅ code is at the most detailed level, as deliveries must have it: PD008 is, PD000 is not.

    Source: the rules of the agency's portal; the exceptions QC000 and QL000 are inferred.
    """
    return not code.endswith(_UNSPECIFIC) or code in _DETAILED_ALL_THE_SAME


def kind_and_group(code: str) -> tuple[str, str]:
    """The kind and the group of a procedure that kvarn's own list does not have, by the chapter that its first letters name.

    The rules are ``codelists/procedure-chapter.csv``; the longest prefix decides. P is assessing and Q treating; all else
    there is our assumption.
    """
    rules = _chapters(current_programme())
    prefix = max((prefix for prefix in rules if code.startswith(prefix)), key=len)
    return rules[prefix]


@functools.cache
def _chapters(programme: Programme) -> Mapping[str, tuple[str, str]]:
    return chapters_in(programme.codelists)


def valid_in(row: Mapping[str, str], year: int) -> bool:
    """Whether a row is valid on any day of a year. ``valid_from`` and ``valid_to`` are years or dates; empty is unlimited."""
    first, last = row.get("valid_from") or "0000", row.get("valid_to") or "9999"
    return first[:4] <= f"{year:04}" <= last[:4]
