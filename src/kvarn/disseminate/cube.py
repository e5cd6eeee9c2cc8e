"""A protected table as a cube: every combination of its categories has a place, in a fixed order."""

from __future__ import annotations

import functools
import itertools
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kvarn import metadata
from kvarn.disseminate.protected import ProtectedTable
from kvarn.disseminate.templates import word
from kvarn.edition import Edition

__all__ = ["MEASURE", "NOT_AVAILABLE", "Cube", "Dimension", "Published", "cube_of", "source"]

MEASURE = "measure"
NOT_AVAILABLE = ".."
# As JSON-stat calls them; all other dimensions have none.
_ROLES = {"year": "time", "region": "geo", MEASURE: "metric"}


@dataclass(frozen=True)
class Published:
    """What stands in one cell: the number as text with its measure's decimals, or the symbol in its place.

    Attributes
    ----------
    nil
        Whether nothing was counted; a rate can round to zero and not be nil.
    """

    value: str
    status: str
    nil: bool = False


@dataclass(frozen=True)
class Dimension:
    """A classification variable, or the measures, with the codes that the table has of it."""

    name: str
    codes: tuple[str, ...]

    def label(self, language: str) -> str:
        """The variable's name."""
        return word("measure", language) if self.name == MEASURE else metadata.variable(self.name).label(language)

    def labels(self, language: str) -> tuple[str, ...]:
        """The categories' names, in the order of the codes; names that two codes share get their code behind them."""
        names = [self._category(code, language) for code in self.codes]
        shared = {name for name, times in Counter(names).items() if times > 1}
        return tuple(f"{name} ({code})" if name in shared else name for code, name in zip(self.codes, names, strict=True))

    def _category(self, code: str, language: str) -> str:
        if self.name == MEASURE:
            return metadata.measure(code).label(language)
        return metadata.variable(self.name).category(code, language)

    @property
    def role(self) -> str:
        """``time``, ``geo`` or ``metric``; empty for all others."""
        return _ROLES.get(self.name, "")

    @property
    def heading_of_codes(self) -> Mapping[str, str]:
        """What a column with the codes is called, by language, where readers join them with other sources; else nothing."""
        return {} if self.name == MEASURE else metadata.variable(self.name).code

    @property
    def total(self) -> str | None:
        """The code that stands for all the others, if the table has one."""
        listed = None if self.name in (MEASURE, "year") else metadata.variable(self.name).codes
        tops = [code for code in self.codes if listed is not None and listed.parent(code) is None]
        return tops[0] if len(tops) == 1 and len(self.codes) > 1 else None


@dataclass(frozen=True)
class Cube:
    """One table: its classification variables in order, and the measures as the last dimension."""

    table: ProtectedTable

    @functools.cached_property
    def dimensions(self) -> tuple[Dimension, ...]:
        """The classification variables, then the measures."""
        definition, frame = self.table.definition, self.table.frame
        made = []
        for name in definition.variables:
            there = {str(code) for code in frame[name].unique()}
            ordered = [str(year) for year in self.table.years] if name == "year" else definition.order(name)
            made.append(Dimension(name, tuple(code for code in ordered if code in there)))
        there = set(frame[MEASURE].unique())
        return (*made, Dimension(MEASURE, tuple(name for name in definition.measures if name in there)))

    @functools.cached_property
    def cells(self) -> Mapping[tuple[str, ...], Published]:
        """The cells that the table has, by their codes, in the table's own order."""
        frame, nil = self.table.frame, self.table.nil
        # As lists: to go through a column of pandas takes ten times as long.
        codes = [frame[name].astype(str).tolist() for name in (*self.table.definition.variables, MEASURE)]
        decimals = {name: metadata.measure(name).decimals for name in set(codes[-1])}
        rows = zip(zip(*codes, strict=True), frame["value"].tolist(), frame["status"].tolist(), strict=True)
        return {
            key: Published("" if status else f"{value:.{decimals[key[-1]]}f}", str(status), key in nil)
            for key, value, status in rows
        }

    def published(self) -> Iterator[tuple[tuple[str, ...], Published]]:
        """Every place of the cube, the last dimension fastest; what the table lacks is not available (``..``)."""
        lacking = Published("", NOT_AVAILABLE)
        for key in itertools.product(*(dimension.codes for dimension in self.dimensions)):
            yield key, self.cells.get(key, lacking)


def cube_of(table: ProtectedTable) -> Cube:
    """The cube of a table, made once for all products that are made of it: each of them goes through every cell."""
    kept = vars(table)
    if "cube" not in kept:
        kept["cube"] = Cube(table)
    found: Cube = kept["cube"]
    return found


def source(edition: Edition, language: str) -> str:
    """What a product names as its source; a synthetic edition never names the register as one."""
    register = metadata.text("register.name", language)
    key = "source.synthetic" if edition.synthetic else "source"
    if edition.synthetic and language == "sv":
        register = register[:1].lower() + register[1:]
    return word(key, language, publisher=edition.publication.publisher.label(language), register=register)
