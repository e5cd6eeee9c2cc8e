"""What a page says of its measures and symbols: words of the programme, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kvarn import metadata
from kvarn.disseminate.symbols import SYMBOLS
from kvarn.disseminate.text_tables import TextTable, as_text

__all__ = ["Explained", "definitions", "lines_of_definitions", "lines_of_symbols", "symbols"]


@dataclass(frozen=True)
class Explained:
    """Words and what they mean, for a notebook's cell that ends with them.

    Attributes
    ----------
    entries
        Each word with what it means, and the sign between the two.
    """

    entries: tuple[tuple[str, str, str], ...]

    @property
    def markdown(self) -> str:
        """A list, the words in bold."""
        return "".join(f"- **{as_text(said)}**{as_text(between)}{as_text(means)}\n" for said, between, means in self.entries)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/markdown": self.markdown}


def definitions(*measures: str, language: str) -> Explained:
    """What each of these measures is, as the programme defines it.

    >>> definitions("persons", "population", language="sv")
    """
    return Explained(tuple(_definition(name, language) for name in measures))


def symbols(*tables: TextTable, language: str) -> Explained | None:
    """What the symbols that stand in these tables mean; None where none does.

    >>> symbols(by_age, by_month, language="sv")
    """
    found = tuple(_symbol(code, language) for code in SYMBOLS if any(code in table.symbols for table in tables))
    return Explained(found) if found else None


def lines_of_definitions(language: str) -> Iterator[str]:
    """Every line that `definitions` can write, as it is read."""
    for name in dict.fromkeys(name for table in metadata.tables() for name in table.measures):
        yield "".join(_definition(name, language))


def lines_of_symbols(language: str) -> Iterator[str]:
    """Every line that `symbols` can write, as it is read."""
    for code in SYMBOLS:
        yield "".join(_symbol(code, language))


def _definition(name: str, language: str) -> tuple[str, str, str]:
    declared = metadata.measure(name)
    return declared.label(language), ": ", declared.definition[language]


def _symbol(code: str, language: str) -> tuple[str, str, str]:
    means = metadata.codelist("symbol").label(code, language)
    return code, " = ", means[:1].lower() + means[1:]
