"""Where the cells of the declared figures stand: by table, measure, year and categories."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kvarn import metadata
from kvarn.disseminate.protected import Cell, ProtectedTable, ProtectedTables
from kvarn.disseminate.text_figures._declaration import Figure
from kvarn.edition import Edition
from kvarn.errors import InputError

__all__ = ["NOT_AVAILABLE", "Place", "Places", "total_of"]

NOT_AVAILABLE = ".."
_TOTALS = {"region": "00"}
_YEARS = ("reference", "previous", "first", "first_procedures")


@dataclass(frozen=True)
class Place:
    """Where a cell stands: table, measure and the category of each variable, the year among them."""

    table: str
    measure: str
    categories: Mapping[str, str]


class Places:
    """The cells of an edition's protected tables, as figures ask for them."""

    def __init__(self, tables: ProtectedTables, edition: Edition) -> None:
        self.tables = tables
        self.edition = edition

    def row(self, figure: Figure, variable: str) -> Iterator[tuple[str, Place, Cell]]:
        """The cells of the declared place over the categories of one variable."""
        table = self.tables[str(figure.options["table"])]
        if variable not in table.definition.variables:
            raise InputError(f"The table {table.definition.name} has no variable {variable!r}.")
        if variable == "year":
            raise InputError("Years are compared by change, not by rank.")
        for code in _among(table, variable, figure.options.get("among", "leaves")):
            _, place = self.locate(figure, {variable: code})
            yield code, place, self.read(table, place)

    def locate(self, source: Figure, changed: Mapping[str, Any]) -> tuple[ProtectedTable, Place]:
        table = self.tables[str(source.options["table"])]
        definition = table.definition
        measure = str(source.options["measure"])
        if measure not in definition.measures:
            raise InputError(
                f"The table {definition.name} has no measure {measure!r}.",
                remedy=f"It has {', '.join(definition.measures)}.",
            )
        given = {"year": source.options.get("year", "reference"), **(source.options.get("where") or {}), **changed}
        categories: dict[str, str] = {}
        for name in definition.variables:
            if name == "year":
                categories[name] = str(self.year(given.pop(name), definition))
                continue
            code = str(given.pop(name, total_of(name)))
            if code not in definition.order(name):
                raise InputError(
                    f"The table {definition.name} has no category {code!r} of {name}.",
                    remedy=f"Give one of {', '.join(definition.order(name)[:12])} under where:.",
                )
            categories[name] = code
        if given:
            raise InputError(f"The table {definition.name} has no variable {next(iter(given))!r}.")
        return table, Place(definition.name, measure, categories)

    def year(self, asked: Any, definition: metadata.TableDefinition) -> int:
        if asked != "reference" and definition.years == "reference":
            raise InputError(f"The table {definition.name} has the reference year alone.")
        named = {
            "reference": self.edition.reference_year,
            "previous": self.edition.reference_year - 1,
            "first": self.edition.first_year,
        }
        if self.edition.event_years:
            named["first_procedures"] = self.edition.event_years[0]
        if asked in named:
            return named[asked]
        if isinstance(asked, int) and not isinstance(asked, bool):
            return asked
        raise InputError(f"{asked!r} is not a year.", remedy=f"Give {', '.join(_YEARS)} or a number.")

    def read(self, table: ProtectedTable, place: Place) -> Cell:
        """The cell; a year before the edition's series, or before procedures were reported, is not available."""
        year = int(place.categories["year"])
        if year not in self.edition.years_of(table.definition.years):
            return Cell(place.measure, None, NOT_AVAILABLE)
        found = table.cells.get((*place.categories.values(), place.measure))
        if found is None:
            # It is not there: the table says so in its own words.
            return table.cell(**{**place.categories, "year": year, "measure": place.measure})
        return found


def total_of(variable: str) -> str:
    """The category that stands for all the others."""
    return _TOTALS.get(variable, "T")


def _among(table: ProtectedTable, variable: str, asked: Any) -> Sequence[str]:
    """The categories compared: a list, ``leaves``, or those directly below one (``{parts_of: "00"}``)."""
    if isinstance(asked, list):
        return [str(code) for code in asked]
    # A table need not have every category of its code list: no physician reports municipal care.
    there = set(table.frame[variable].unique())
    order = [code for code in table.definition.order(variable) if code in there]
    listed = metadata.variable(variable).codes
    assert listed is not None, "only the year has no code list"
    if isinstance(asked, dict) and set(asked) == {"parts_of"}:
        return [code for code in order if listed.parent(code) == str(asked["parts_of"])]
    if asked != "leaves":
        raise InputError(f"{asked!r} does not say which categories.", remedy='Give leaves, {parts_of: "…"} or a list of codes.')
    above: set[str] = set()
    for code in order:
        parent = listed.parent(code)
        while parent:
            above.add(parent)
            parent = listed.parent(parent)
    return [code for code in order if code not in above]
