"""The codes that labels stand for, looked up once for each attack: code lists can be imported between two."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kvarn import metadata
from kvarn.analyse.disclosure.written.relations import Key

__all__ = ["Words", "plain"]

_WITH_CODE = re.compile(r"(?P<label>.*) \((?P<code>[^()]+)\)", re.DOTALL)


class Words:
    """Labels and codes in one language (in any, for cells that are named by codes)."""

    def __init__(self, language: str = "sv") -> None:
        self.language = language
        self._totals: dict[str, str | None] = {}
        self._codes: dict[str, Mapping[str, str]] = {}
        self._listed: dict[str, frozenset[str] | None] = {}
        self._kinds: dict[str, tuple[str, str] | None] = {}

    def key(self, measure: str, year: object, codes: Mapping[str, str]) -> Key:
        """The one name of a cell."""
        return measure, int(str(year)), tuple(sorted(self.narrowed(codes)))

    def narrowed(self, codes: Mapping[str, str]) -> list[tuple[str, str]]:
        """The variables with a category that is not the total."""
        return [(name, code) for name, code in codes.items() if code != self._total(name)]

    def code(self, text: str, variable: str) -> str | None:
        """The code that a label stands for, with or without the code behind it; None where it stands for none."""
        listed = self.listed(variable)
        if listed is None:
            return text if text.isdigit() else None
        with_code = _WITH_CODE.fullmatch(text)
        if with_code is not None and with_code["code"] in listed:
            return with_code["code"]
        return self.by_label(variable).get(plain(text))

    def by_label(self, variable: str) -> Mapping[str, str]:
        """The code of each label of a variable; of a label that several have, the first."""
        if variable not in self._codes:
            declared = metadata.variable(variable)
            codes = () if declared.codes is None else reversed(declared.codes.codes)
            self._codes[variable] = {plain(declared.category(code, self.language)): code for code in codes}
        return self._codes[variable]

    def listed(self, variable: str) -> frozenset[str] | None:
        """The codes of a variable; None for the year, which has no list."""
        if variable not in self._listed:
            codes = metadata.variable(variable).codes
            self._listed[variable] = None if codes is None else frozenset(codes.by_code)
        return self._listed[variable]

    def head(self, text: str) -> tuple[str, str] | None:
        """What a heading names: ("variable", its name), ("measure", its name), or neither."""
        if not self._kinds:
            for table in metadata.tables():
                for name in table.measures:
                    measure = metadata.measure(name)
                    label = measure.label(self.language)
                    for written in (label, f"{label} (%)", f"{label} ({measure.unit[self.language]})"):
                        self._kinds[plain(written)] = "measure", name
                for name in table.variables:
                    self._kinds[plain(metadata.variable(name).label(self.language))] = "variable", name
        return self._kinds.get(plain(text))

    @property
    def heads(self) -> Mapping[str, tuple[str, str] | None]:
        """Every heading that `head` knows."""
        self.head("")
        return self._kinds

    def _total(self, name: str) -> str | None:
        if name not in self._totals:
            listed = metadata.variable(name).codes
            self._totals[name] = None if listed is None else listed.total
        return self._totals[name]


def plain(text: str) -> str:
    """A label without its capitals and line breaks."""
    return " ".join(text.replace("\u00a0", " ").split()).casefold()
