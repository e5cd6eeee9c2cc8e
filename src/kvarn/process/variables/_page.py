"""The variable list as a web page, both languages on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from kvarn import metadata
from kvarn.metadata import Language
from kvarn.process.variables._listed import FEW_CODES, Code, Listed, ListedTable, Share
from kvarn.process.variables._words import render

__all__ = ["Part", "VariableList", "codelists_of", "page", "shown_share"]

MOST_CODES = 60


@dataclass(frozen=True)
class Part:
    """A part of the list; `name` is ``register``, ``deliveries`` or ``extract``."""

    name: str
    tables: tuple[ListedTable, ...]


@dataclass(frozen=True)
class VariableList:
    """Everything that a variable list says. `long` says where code lists too long for the page stand."""

    titles: Mapping[str, str]
    about: Mapping[str, str]
    parts: tuple[Part, ...]
    years: Sequence[int]
    synthetic: bool
    long: str = "codelists.long"

    @property
    def tables(self) -> tuple[ListedTable, ...]:
        """The tables of every part."""
        return tuple(table for part in self.parts for table in part.tables)


def codelists_of(listed: VariableList) -> Mapping[str, tuple[Code, ...]]:
    """The code lists that the variables use, by name."""
    found: dict[str, tuple[Code, ...]] = {}
    for table in listed.tables:
        for variable in table.variables:
            if variable.codelist and variable.codes:
                found[variable.codelist] = variable.codes
    return dict(sorted(found.items()))


def page(listed: VariableList) -> str:
    """The page: no script, nothing fetched, headings and tables that a screen reader can follow."""
    return render(
        "list.html.j2",
        titles=listed.titles,
        about=listed.about,
        parts=listed.parts,
        years=listed.years,
        synthetic=listed.synthetic,
        long=listed.long,
        languages=metadata.languages,
        notice={language: metadata.text("synthetic.notice", language) for language in metadata.languages},
        register={language: metadata.text("register.name", language) for language in metadata.languages},
        codelists=codelists_of(listed),
        most_codes=MOST_CODES,
        few_codes=FEW_CODES,
        shown=shown_share,
        style=(resources.files(__package__) / "list.css").read_text(encoding="utf-8"),
    )


def shown_share(variable: Listed, year: int, language: Language) -> str:
    """The share missing in a year, in per cent with one decimal, or the symbol for why there is none."""
    share: Share | None = variable.missing.get(year)
    if share is None:
        collected = year in variable.missing and year >= variable.valid_from
        return ".." if collected and not variable.empty else "."
    if share.missing == 0:
        return "–"
    whole, decimal = divmod(share.per_mille, 10)
    return f"{whole}{',' if language == 'sv' else '.'}{decimal}"
