"""Which region a text means: by code, by code and name, or by name alone."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kvarn import metadata
from kvarn.process.population._cells import AS_DOWNLOADED, COUNTRY, Unknown
from kvarn.process.population._words import plain

__all__ = ["Regions", "name_of", "names_of"]

_CODE = re.compile(r"([0-9]{1,4})(?: (.+))?")
_COUNTRY_WORDS = ("riket", "hela riket", "sverige", "sweden", "the whole country", "whole country")
_AMONG_MUNICIPALITIES = 100


class Regions:
    """The country, the counties and the municipalities of every year, by their codes and names.

    Attributes
    ----------
    lost_zeros
        Texts whose code had lost its leading zero (114 for 0114), as spreadsheets leave it, in order of reading.
    """

    def __init__(self) -> None:
        regions = metadata.codelist("region")
        self._codes = {code: int(code) for code in regions.codes}
        self._named: dict[str, set[int]] = {}
        for code in regions.codes:
            for language in ("sv", "en"):
                self._named.setdefault(plain(regions.label(code, language)), set()).add(int(code))
        for word in _COUNTRY_WORDS:
            self._named.setdefault(word, set()).add(COUNTRY)
        self._found: dict[str, int] = {}
        self.lost_zeros: list[str] = []

    def of(self, text: str) -> int:
        """0 for the country, 1–25 for a county, from 100 for a municipality (0114 → 114).

        Raises
        ------
        Unknown
            It is no region that has a code, or code and name are two different regions.
        """
        if text not in self._found:
            self._found[text] = self._resolved(plain(text), text)
        return self._found[text]

    def _resolved(self, said: str, text: str) -> int:
        match = _CODE.fullmatch(said)
        if match is None:
            return self._by_name(said, text)
        code, name = match[1], match[2]
        # A municipality has four digits and a county two, so that three and one have lost a zero and nothing else.
        lost = len(code) in (1, 3)
        if lost:
            code = f"0{code}"
        found = self._codes.get(code)
        if found is None:
            raise Unknown(f"{text!r} is not a municipality, a county or the country.")
        named = self._named.get(name or "", {found})
        if found not in named:
            raise Unknown(f"{text!r} is two regions: {code} is {name_of(found)}.", "Correct the code or the name.")
        # A text with another word behind the number, such as "0 år", is no region that has lost anything.
        if lost and (not name or name in self._named):
            self.lost_zeros.append(text)
        return found

    def _by_name(self, said: str, text: str) -> int:
        found = self._named.get(said, set())
        if len(found) == 1:
            return next(iter(found))
        if found:
            raise Unknown(f"{text!r} is the name of several regions.", "Download the file with codes and names of regions.")
        county = self._named.get(f"{said} län") or self._named.get(f"{said}s län") or self._named.get(f"{said} county")
        if county:
            raise Unknown(
                f"{text!r} is not a municipality: it seems to be {name_of(min(county))}.",
                "Population is wanted by municipality. " + AS_DOWNLOADED,
            )
        raise Unknown(f"{text!r} is not a municipality, a county or the country.")


def name_of(region: int) -> str:
    """Code and name, for messages."""
    code = f"{region:04}" if region >= _AMONG_MUNICIPALITIES else f"{region:02}"
    regions = metadata.codelist("region")
    return f"{code} {regions.label(code, 'sv')}" if code in regions.by_code else code


def names_of(regions: Iterable[int]) -> str:
    """Several, separated by commas, the first three of them."""
    listed = sorted(regions)
    named = ", ".join(name_of(one) for one in listed[:3])
    return named + (" …" if len(listed) > 3 else "")
