"""What a variable list says of a table and of a variable, whatever it is written as."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kvarn import metadata
from kvarn.metadata import Change, Language, RegisterColumn
from kvarn.process.variables._words import word

__all__ = ["Code", "Listed", "ListedTable", "Share", "codes_of", "listed_column"]

FEW_CODES = 12


@dataclass(frozen=True)
class Share:
    """How many of the rows of a year lack a value."""

    missing: int
    rows: int

    @property
    def per_mille(self) -> int:
        """The share in thousandths, rounded half up."""
        return (2000 * self.missing + self.rows) // (2 * self.rows)


@dataclass(frozen=True)
class Code:
    """One value of a code list, with its labels (`en` empty where there is none) and when it is valid (empty: always)."""

    code: str
    sv: str
    en: str
    valid_from: str = ""
    valid_to: str = ""

    def label(self, language: str) -> str:
        """The label in one language; the Swedish one for want of English."""
        return self.en or self.sv if language == "en" else self.sv


@dataclass(frozen=True)
class Listed:
    """One variable of the list.

    Attributes
    ----------
    codes, codelist
        The values and the name of their code list, where there is one.
    whole
        A code that is kept as a whole number, without leading zeros; `numbered`: as its number in ``codes.parquet``.
    missing
        The share missing by year; None where a value cannot be missing, or was not collected.
    """

    name: str
    titles: Mapping[str, str]
    definition: Mapping[str, str]
    type: str
    source: Mapping[str, str]
    valid_from: int
    valid_to: int | None = None
    codes: tuple[Code, ...] = ()
    codelist: str | None = None
    whole: bool = False
    numbered: bool = False
    minimum: int | None = None
    maximum: int | None = None
    pattern: str | None = None
    empty: Mapping[str, str] | None = None
    changes: tuple[Change, ...] = ()
    missing: Mapping[int, Share | None] = field(default_factory=dict)

    def values(self, language: Language) -> str:
        """The values that it can have, in words."""
        said = self._values(language)
        if self.numbered:
            said += "; " + word("values.numbered", language)
        if self.empty:
            said += "; " + word("values.empty", language, meaning=self.empty[language])
        return said

    def _values(self, language: Language) -> str:
        if self.codes and len(self.codes) <= FEW_CODES:
            return "; ".join(f"{code.code} = {code.label(language)}" for code in self.codes)
        if self.codes:
            return word("values.codelist", language, name=self.codelist, number=len(self.codes))
        if self.minimum is not None and self.maximum is not None:
            return f"{self.minimum}–{self.maximum}"
        if self.minimum is not None:
            return word("values.from", language, minimum=self.minimum)
        if self.pattern:
            return word("values.pattern", language, pattern=self.pattern)
        return word(f"values.{self.type}", language)

    def history(self, language: Language) -> str:
        """What changed over time, in words; empty where nothing has."""
        return " ".join(f"{change.year}: {change.label(language)}" for change in self.changes)


@dataclass(frozen=True)
class ListedTable:
    """One table of the list: of the register, of a delivery, or of an extract. `file` is where its rows stand."""

    name: str
    titles: Mapping[str, str]
    definition: Mapping[str, str]
    file: str
    key: tuple[str, ...]
    variables: tuple[Listed, ...]


def codes_of(column: RegisterColumn) -> tuple[Code, ...]:
    """The codes that a column can hold: the leaves of its code list, without those that intake does not accept."""
    listed = column.codes
    if listed is None:
        return ()
    rows = [listed.by_code[code] for code in listed.leaves if listed.by_code[code].get("accepted") != "false"]
    return tuple(Code(row["code"], row["sv"], row["en"], row.get("valid_from", ""), row.get("valid_to", "")) for row in rows)


def listed_column(column: RegisterColumn, missing: Mapping[int, Share | None]) -> Listed:
    """A column of the register as the list shows it."""
    return Listed(
        name=column.name,
        titles={language: column.label(language) for language in metadata.languages},
        definition=column.definition,
        type=column.type,
        source=column.source,
        valid_from=column.valid_from,
        valid_to=column.valid_to,
        codes=codes_of(column),
        codelist=column.codelist,
        whole=column.digits is not None,
        numbered=column.numbered,
        minimum=column.minimum,
        maximum=column.maximum,
        pattern=column.pattern,
        empty=column.empty,
        changes=tuple(column.changes),
        missing=missing,
    )
