"""Figures as exact numbers: which cells a figure stands on, and what the functions of cells make of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from kvarn import metadata
from kvarn.disseminate.protected import Cell, ProtectedTable, ProtectedTables
from kvarn.disseminate.text_figures._declaration import Declaration, Figure
from kvarn.edition import Edition
from kvarn.errors import InputError

__all__ = ["Evaluated", "Place", "evaluate"]

NOT_AVAILABLE = ".."
SUPPRESSED = "X"
_GRAVITY = (SUPPRESSED, NOT_AVAILABLE, ".")
_TOTALS = {"region": "00"}
_YEARS = ("reference", "previous", "first", "first_procedures")


@dataclass(frozen=True)
class Place:
    """Where a cell stands: table, measure and the category of each variable, the year among them."""

    table: str
    measure: str
    categories: Mapping[str, str]


@dataclass(frozen=True)
class Evaluated:
    """A figure's value before it is printed.

    Attributes
    ----------
    exact
        The number as the functions go on with it; None when it is a category or not published.
    status
        Empty when published; else the symbol of the worst cell behind it.
    category
        Variable and code, when the figure is a category.
    places
        The cells it stands on, operands' cells included.
    """

    exact: Decimal | None
    status: str
    decimals: int
    places: tuple[Place, ...]
    category: tuple[str, str] | None = None

    @property
    def value(self) -> Decimal | None:
        """The number as it is printed: rounded half up, as the tables are."""
        return None if self.exact is None else self.exact.quantize(Decimal(1).scaleb(-self.decimals), ROUND_HALF_UP)


def evaluate(declaration: Declaration, tables: ProtectedTables, edition: Edition) -> dict[str, Evaluated]:
    """Every declared figure, by name, in the order of the declaration.

    A figure that stands on a suppressed cell is itself suppressed: a function of cells is as open as the cells. The
    exceptions are ``largest``, ``smallest``, ``rank`` and ``number_of``, which look at published cells alone, so that
    they say nothing about the others.

    Raises
    ------
    InputError
        A table, measure, variable, category or cell does not exist, or a figure is computed from an undeclared one or
        from itself. The error names file and line.
    """
    return _Evaluation(declaration, tables, edition).all()


class _Evaluation:
    def __init__(self, declaration: Declaration, tables: ProtectedTables, edition: Edition) -> None:
        self.declaration = declaration
        self.tables = tables
        self.edition = edition
        self.cells: dict[str, Mapping[tuple[str, ...], Cell]] = {}
        self.done: dict[str, Evaluated] = {}
        self.under_way: list[str] = []

    def all(self) -> dict[str, Evaluated]:
        return {name: self.figure(name, figure) for name, figure in self.declaration.figures.items()}

    def figure(self, name: str, asked_by: Figure) -> Evaluated:
        if name in self.done:
            return self.done[name]
        figure = self.declaration.figures.get(name)
        if figure is None:
            raise self.declaration.error(f"There is no figure named {name!r}.", asked_by.line, asked_by.name)
        if name in self.under_way:
            raise self.declaration.error("The figure is computed from itself.", figure.line, name)
        self.under_way.append(name)
        try:
            self.done[name] = self.compute(figure)
        except InputError as error:
            if error.file == self.declaration.file:
                raise
            raise self.declaration.error(error.what, figure.line, name, error.remedy) from None
        finally:
            self.under_way.pop()
        return self.done[name]

    def compute(self, figure: Figure) -> Evaluated:
        match figure.function:
            case "cell":
                return self.cell(figure, figure, {})
            case "largest" | "smallest":
                return self.extreme(figure)
            case "number_of":
                return self.number_of(figure)
            case "rank":
                return self.rank(figure)
            case _:
                return self.arithmetic(figure)

    def cell(self, figure: Figure, source: Figure, changed: Mapping[str, Any]) -> Evaluated:
        """The cell that `source` declares, with some of its categories changed, printed as `figure` says."""
        table, place = self.locate(source, changed)
        found = self.read(table, place)
        decimals = int(figure.options.get("decimals", metadata.measure(place.measure).decimals))
        return Evaluated(_exact(found), found.status, decimals, (place,))

    def arithmetic(self, figure: Figure) -> Evaluated:
        first = self.figure(figure.argument, figure)
        if figure.function in ("change", "change_percent"):
            source = self.declaration.figures[figure.argument]
            if source.function != "cell":
                raise self.declaration.error("A change over time is taken of a cell.", figure.line, figure.name)
            second = self.cell(source, source, {"year": figure.options["since"]})
        else:
            second = self.figure(figure.operands[1], figure)
        places = _distinct(first, second)
        default = {"change": first.decimals, "difference": max(first.decimals, second.decimals), "ratio": 2}
        decimals = int(figure.options.get("decimals", default.get(figure.function, 1)))
        status = _worst(first.status, second.status)
        if status:
            return Evaluated(None, status, decimals, places)
        if first.exact is None or second.exact is None:
            raise self.declaration.error("A function of figures needs numbers, not categories.", figure.line, figure.name)
        if figure.function in ("change", "difference"):
            return Evaluated(first.exact - second.exact, "", decimals, places)
        if second.exact == 0:
            return Evaluated(None, NOT_AVAILABLE, decimals, places)
        if figure.function == "change_percent":
            return Evaluated(100 * (first.exact - second.exact) / second.exact, "", decimals, places)
        factor = 100 if figure.function == "share" else 1
        return Evaluated(factor * first.exact / second.exact, "", decimals, places)

    def extreme(self, figure: Figure) -> Evaluated:
        row = list(self.row(figure, figure.argument))
        published = [(code, place, cell) for code, place, cell in row if not cell.status]
        number = int(figure.options.get("place", 1))
        sign = -1 if figure.function == "largest" else 1
        ranked = sorted(published, key=lambda entry: sign * _number(entry[2]))
        if len(ranked) < number:
            return Evaluated(None, _worst(*(cell.status for _, _, cell in row)), 0, tuple(place for _, place, _ in row))
        code, place, cell = ranked[number - 1]
        decimals = int(figure.options.get("decimals", metadata.measure(place.measure).decimals))
        if figure.options.get("give", "label") == "label":
            return Evaluated(None, "", 0, (place,), (figure.argument, code))
        return Evaluated(_number(cell), "", decimals, (place,))

    def number_of(self, figure: Figure) -> Evaluated:
        wanted = "" if figure.options["status"] == "published" else SUPPRESSED
        row = list(self.row(figure, figure.argument))
        count = sum(cell.status == wanted for _, _, cell in row)
        return Evaluated(Decimal(count), "", 0, tuple(place for _, place, _ in row))

    def rank(self, figure: Figure) -> Evaluated:
        """The place of a cell among its fellows, 1 for the largest; equal cells share a place."""
        one = self.figure(figure.argument, figure)
        source = self.declaration.figures[figure.argument]
        if source.function != "cell":
            raise self.declaration.error("A rank is taken of a cell.", figure.line, figure.name)
        if one.status:
            return Evaluated(None, one.status, 0, one.places)
        asked = Figure(figure.name, figure.line, "rank", figure.argument, {**source.options, **figure.options})
        own = _number(self.read(*self.locate(source, {})))
        row = [(place, cell) for _, place, cell in self.row(asked, str(figure.options["over"])) if not cell.status]
        return Evaluated(Decimal(1 + sum(_number(cell) > own for _, cell in row)), "", 0, tuple(place for place, _ in row))

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
            code = str(given.pop(name, _TOTALS.get(name, "T")))
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
            "first_procedures": self.edition.procedure_years[0],
        }
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
        if table.definition.name not in self.cells:
            self.cells[table.definition.name] = _by_categories(table)
        found = self.cells[table.definition.name].get((*place.categories.values(), place.measure))
        if found is None:
            # It is not there: the table says so in its own words.
            return table.cell(**{**place.categories, "year": year, "measure": place.measure})
        return found


def _among(table: ProtectedTable, variable: str, asked: Any) -> Sequence[str]:
    """The categories compared: a list, ``leaves``, or those directly below one (``{parts_of: "00"}``)."""
    if isinstance(asked, list):
        return [str(code) for code in asked]
    # A table need not have every category of its code list: no physician reports municipal care.
    there = set(table.frame[variable])
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


def _by_categories(table: ProtectedTable) -> dict[tuple[str, ...], Cell]:
    """The cells of a table by their categories and measure: hundreds of them are asked for, one at a time."""
    columns = [table.frame[name].astype(str) for name in (*table.definition.variables, "measure")]
    values = zip(table.frame["value"], table.frame["status"], strict=True)
    return {
        codes: Cell(codes[-1], None if status else float(value), status)
        for codes, (value, status) in zip(zip(*columns, strict=True), values, strict=True)
    }


def _exact(cell: Cell) -> Decimal | None:
    return None if cell.value is None else Decimal(str(cell.value))


def _number(cell: Cell) -> Decimal:
    """The value of a published cell."""
    return Decimal(str(cell.value))


def _distinct(*operands: Evaluated) -> tuple[Place, ...]:
    places: list[Place] = []
    for operand in operands:
        places += [place for place in operand.places if place not in places]
    return tuple(places)


def _worst(*statuses: str) -> str:
    """Suppressed before not available before not applicable."""
    return min((status for status in statuses if status), key=_GRAVITY.index, default="")
