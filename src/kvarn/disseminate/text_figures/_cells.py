"""Figures as exact numbers: which cells a figure stands on, and what the functions of cells make of them.

Everything is computed from what was counted (`kvarn.disseminate.counted`), and rounded once, when it is printed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from kvarn import metadata
from kvarn.disseminate.counted import Counted, Number, rounded
from kvarn.disseminate.protected import Cell, ProtectedTables
from kvarn.disseminate.text_figures._declaration import Declaration, Figure
from kvarn.disseminate.text_figures._places import NOT_AVAILABLE, Place, Places, total_of
from kvarn.disseminate.text_figures._ranking import Entry, could_disturb, group_at, rank_of
from kvarn.edition import Edition
from kvarn.errors import InputError

__all__ = ["Evaluated", "evaluate"]

SUPPRESSED = "X"
_GRAVITY = (SUPPRESSED, NOT_AVAILABLE, ".")
_STATUSES = {"published": "", "suppressed": SUPPRESSED, "not_available": NOT_AVAILABLE}


@dataclass(frozen=True)
class Evaluated:
    """A figure's value before it is printed.

    Attributes
    ----------
    number
        What is known of the number, as the functions go on with it; None when it is a category or not published.
    status
        Empty when published; else the symbol of the worst cell behind it, ``..`` also where what is published does not settle it.
    places
        The cells it stands on, operands' cells included.
    categories
        Variable and codes, when the figure is a category: several where they share the place.
    shared
        Whether a rank is shared with another category.
    partial
        Whether a cell that is not published could change what is said of a rank or of the largest.
    printed
        For a cell: its value as the tables have it.
    """

    number: Number | None
    status: str
    decimals: int
    places: tuple[Place, ...]
    categories: tuple[str, tuple[str, ...]] | None = None
    shared: bool = False
    partial: bool = False
    printed: Decimal | None = None

    @property
    def value(self) -> Decimal | None:
        """The number as it is printed, rounded half up as the tables are; None where its decimals are not settled."""
        if self.number is None:
            return None
        if self.number.exact is not None:
            return rounded(self.number.exact, self.decimals)
        if self.printed is not None:
            return rounded(Fraction(self.printed), self.decimals)
        low, high = (rounded(end, self.decimals) for end in (self.number.low, self.number.high))
        return low if low == high else None

    @property
    def sign(self) -> int | None:
        """1, 0 or −1 of the number itself, not of what is printed; None where it is not settled."""
        return None if self.number is None else self.number.sign


def evaluate(declaration: Declaration, tables: ProtectedTables, edition: Edition) -> dict[str, Evaluated]:
    """Every declared figure, by name, in the order of the declaration.

    A figure that stands on a suppressed cell is itself suppressed: a function of cells is as open as the cells. The
    exceptions are ``largest``, ``smallest``, ``rank`` and ``number_of``, which look at published cells alone. Where a cell that
    is not published could change what the first three say, they are `partial`: true of those that are shown. Categories that
    share a place are named together; more than three are not named.

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
        self.edition = edition
        self.places = Places(tables, edition)
        self.counted = Counted(tables)
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
        table, place = self.places.locate(source, changed)
        return self.of_cell(figure, place, self.places.read(table, place))

    def of_cell(self, figure: Figure, place: Place, found: Cell) -> Evaluated:
        decimals = int(figure.options.get("decimals", metadata.measure(place.measure).decimals))
        if found.value is None:
            return Evaluated(None, found.status, decimals, (place,))
        return Evaluated(self.known(place, found), "", decimals, (place,), printed=Decimal(str(found.value)))

    def known(self, place: Place, cell: Cell) -> Number:
        return self.counted.number(cell, int(place.categories["year"]), place.categories)

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
        status = _worst(first.status, second.status, *(NOT_AVAILABLE for place in places if self.incomplete(place)))
        if status:
            return Evaluated(None, status, decimals, places)
        if first.number is None or second.number is None:
            raise self.declaration.error("A function of figures needs numbers, not categories.", figure.line, figure.name)
        if figure.function in ("change", "difference"):
            return Evaluated(_minus(first.number, second.number), "", decimals, places)
        quotient = _over(first.number, second.number)
        if quotient is None:
            return Evaluated(None, NOT_AVAILABLE, decimals, places)
        if figure.function == "change_percent":
            return Evaluated(_times(_minus(quotient, Number.of(1)), 100), "", decimals, places)
        return Evaluated(_times(quotient, 100 if figure.function == "share" else 1), "", decimals, places)

    def entries(self, row: Sequence[tuple[str, Place, Cell]]) -> list[Entry]:
        return [Entry(code, self.known(place, cell)) for code, place, cell in row if not cell.status]

    def extreme(self, figure: Figure) -> Evaluated:
        row = self.whole(figure, figure.argument)
        entries, places = self.entries(row), {code: place for code, place, _ in row}
        largest = figure.function == "largest"
        group = group_at(entries, int(figure.options.get("place", 1)), largest=largest)
        if not group:
            # Nothing is said, rather than of cells of which none, or no one in particular, stands out.
            status = NOT_AVAILABLE if entries else _worst(*(cell.status for _, _, cell in row)) or NOT_AVAILABLE
            return Evaluated(None, status, 0, tuple(places.values()))
        standing = tuple(places[entry.code] for entry in group)
        if figure.options.get("give", "label") == "value":
            cell = next(cell for code, _, cell in row if code == group[0].code)
            return replace(self.of_cell(figure, standing[0], cell), places=standing)
        partial = could_disturb(self.withheld(row), self.most(figure, row), group[0].number, largest=largest)
        codes = tuple(entry.code for entry in group)
        return Evaluated(None, "", 0, standing, (figure.argument, codes), partial=partial)

    def whole(self, figure: Figure, variable: str) -> list[tuple[str, Place, Cell]]:
        """The cells over a variable; an incomplete month is compared with nothing, as if its figure were not available."""
        return [
            (code, place, replace(cell, value=None, status=NOT_AVAILABLE) if self.incomplete(place) and not cell.status else cell)
            for code, place, cell in self.places.row(figure, variable)
        ]

    def incomplete(self, place: Place) -> bool:
        """Whether it is of a month of which files could still come in time on the edition's day."""
        month, year = place.categories.get("month", ""), place.categories["year"]
        return month.isdigit() and int(month) in self.edition.incomplete_months(int(year))

    def withheld(self, row: Sequence[tuple[str, Place, Cell]]) -> list[str]:
        """The symbols of the cells that hide a number: suppressed or not available."""
        return [cell.status for _, _, cell in row if cell.status in (SUPPRESSED, NOT_AVAILABLE)]

    def most(self, figure: Figure, row: Sequence[tuple[str, Place, Cell]]) -> Fraction | None:
        """The most that a suppressed cell of the row can be: what the published parts leave of their total; None when unknown."""
        first = row[0][1]
        ratio = metadata.measure(first.measure).ratio
        # Shares of one whole add up as the counts do.
        counted = ratio.numerator if ratio is not None and ratio.numerator == ratio.denominator else first.measure
        if figure.argument not in metadata.measure(counted).additive or figure.options.get("among", "leaves") != "leaves":
            return None
        if self.edition.disclosure.method != "suppression":
            return None
        table, place = self.places.locate(figure, {figure.argument: total_of(figure.argument)})
        cells = [(place, self.places.read(table, place)), *((place, cell) for _, place, cell in row if cell.value is not None)]
        if cells[0][1].value is None:
            return None
        whole, *parts = (self.known(place, cell).exact for place, cell in cells)
        if whole is None or None in parts:
            return None
        return whole - sum(part for part in parts if part is not None)

    def number_of(self, figure: Figure) -> Evaluated:
        wanted = _STATUSES.get(str(figure.options["status"]))
        row = list(self.places.row(figure, figure.argument))
        count = sum(wanted is None or cell.status == wanted for _, _, cell in row)
        return Evaluated(Number.of(count), "", 0, tuple(place for _, place, _ in row))

    def rank(self, figure: Figure) -> Evaluated:
        """The place of a cell among its fellows, 1 for the largest; equal cells share a place."""
        one = self.figure(figure.argument, figure)
        source = self.declaration.figures[figure.argument]
        if source.function != "cell":
            raise self.declaration.error("A rank is taken of a cell.", figure.line, figure.name)
        if one.number is None or any(map(self.incomplete, one.places)):
            return Evaluated(None, one.status or NOT_AVAILABLE, 0, one.places)
        over = str(figure.options["over"])
        asked = Figure(figure.name, figure.line, "rank", figure.argument, {**source.options, **figure.options})
        row = self.whole(asked, over)
        own = one.places[0].categories[over]
        places = tuple(place for _, place, cell in row if not cell.status)
        found = rank_of([entry for entry in self.entries(row) if entry.code != own], one.number)
        if found is None:
            return Evaluated(None, NOT_AVAILABLE, 0, places)
        place, shared = found
        return Evaluated(Number.of(place), "", 0, places, shared=shared, partial=bool(self.withheld(row)))


def _minus(one: Number, other: Number) -> Number:
    # What is subtracted does not reach its upper end, so the difference is above its lower one.
    return Number(one.low - other.high, one.high - other.low, above=one.above or other.exact is None)


def _times(number: Number, factor: int) -> Number:
    return Number(number.low * factor, number.high * factor)


def _over(one: Number, other: Number) -> Number | None:
    """A quotient; None where the divisor may be zero, or where bounds with a sign would have to be divided."""
    if other.exact is not None and one.exact is not None:
        return Number.of(one.low / other.low) if other.low else None
    if other.low <= 0 or one.low < 0:
        return None
    return Number(one.low / other.high, one.high / other.low)


def _distinct(*operands: Evaluated) -> tuple[Place, ...]:
    places: list[Place] = []
    for operand in operands:
        places += [place for place in operand.places if place not in places]
    return tuple(places)


def _worst(*statuses: str) -> str:
    """Suppressed before not available before not applicable."""
    return min((status for status in statuses if status), key=_GRAVITY.index, default="")
