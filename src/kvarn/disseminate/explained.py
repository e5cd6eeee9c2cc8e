"""What a page says of its measures and symbols: words of the programme, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kvarn import metadata
from kvarn.disseminate.symbols import SYMBOLS
from kvarn.disseminate.text_tables import TextTable, as_text

__all__ = ["Explained", "lines_of_definitions", "lines_of_symbols", "meanings"]


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


def meanings(*of: str | TextTable | None, language: str) -> Explained | None:
    """What measures are, as the programme defines them, and what symbols in tables mean; None where there is nothing to say.

    Parameters
    ----------
    of
        Measures by their names, and tables of the text; None is a table that is not shown.

    >>> meanings("persons", "population", language="sv")
    >>> meanings(by_age, by_month, language="sv")
    """
    used = {code for table in of if isinstance(table, TextTable) for code in table.symbols}
    found = [_definition(name, language) for name in of if isinstance(name, str)]
    found += [_symbol(code, language) for code in SYMBOLS if code in used]
    return Explained(tuple(found)) if found else None


def lines_of_definitions(language: str) -> Iterator[str]:
    """Every line that `meanings` can write of measures, as it is read."""
    for name in dict.fromkeys(name for table in metadata.tables() for name in table.measures):
        yield "".join(_definition(name, language))


def lines_of_symbols(language: str) -> Iterator[str]:
    """Every line that it can write of symbols, as it is read."""
    for code in SYMBOLS:
        yield "".join(_symbol(code, language))


def _definition(name: str, language: str) -> tuple[str, str, str]:
    declared = metadata.measure(name)
    return declared.label(language), ": ", declared.definition[language]


def _symbol(code: str, language: str) -> tuple[str, str, str]:
    means = metadata.codelist("symbol").label(code, language)
    return code, " = ", means[:1].lower() + means[1:]
