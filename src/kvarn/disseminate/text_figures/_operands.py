"""What a figure may be computed from: cells, each of them once. Figures of figures of figures would be a calculator.

"b: difference a from a" is zero whatever a is, and further differences count on from there to any number, which would then stand
beside the name of a's place as if a table had said it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kvarn import metadata

if TYPE_CHECKING:
    from kvarn.disseminate.text_figures._declaration import Declaration, Figure

__all__ = ["check_operands"]

_CELLS = ("cell", "largest", "smallest", "number_of")
_QUOTIENTS = ("share", "ratio")
_TAKEN_OF: Mapping[str, str] = {
    "difference": "Take it of two cells, or of two shares or ratios of cells.",
    "share": "Take it of two cells.",
    "ratio": "Take it of two cells.",
}


def check_operands(declaration: Declaration) -> None:
    """Refuse a figure that is computed from figures which are computed themselves, or that uses a cell twice.

    Raises
    ------
    InputError
        Naming the figure and its line.
    """
    for figure in declaration.figures.values():
        if figure.function not in _TAKEN_OF:
            continue
        one, other = (declaration.figures.get(name) for name in figure.operands)
        if one is None or other is None:
            # A name that is not declared is told with those that are near it.
            continue
        if one is figure or other is figure:
            raise declaration.error("The figure is computed from itself.", figure.line, figure.name)
        if why := _wrong(figure, one, other, declaration):
            raise declaration.error(why, figure.line, figure.name, _TAKEN_OF[figure.function])


def _wrong(figure: Figure, one: Figure, other: Figure, declaration: Declaration) -> str:
    both = {one.function, other.function}
    if figure.function == "difference" and both <= set(_QUOTIENTS):
        return _wrong_quotients(figure, one, other, declaration)
    if not both <= set(_CELLS):
        name = one.name if one.function not in _CELLS else other.name
        return f"The {figure.function} is taken of {name!r}, which is computed itself."
    if _same(one, other):
        return f"The {figure.function} uses one cell twice: {one.name!r} and {other.name!r} are the same."
    units = {_unit(part) for part in (one, other)}
    if figure.function == "difference" and len(units) > 1:
        return f"The difference is taken of two units: {' and '.join(sorted(units))}."
    return ""


def _wrong_quotients(figure: Figure, one: Figure, other: Figure, declaration: Declaration) -> str:
    """Of two shares the wholes may be the same; what they are shares of may not."""
    parts = [declaration.figures.get(name) for name in (*one.operands, *other.operands)]
    known = [part for part in parts if part is not None]
    if one.function != other.function:
        return "The difference is taken of a share and a ratio."
    if len(known) == len(parts):
        first, whole, second, other_whole = known
        if _same(first, second) and _same(whole, other_whole):
            return f"The {figure.function} uses one cell twice: {one.name!r} and {other.name!r} are the same."
        if _same(first, other_whole) or _same(second, whole):
            return f"The {figure.function} uses one cell twice: as a part of the one, and as the whole of the other."
    return ""


def _unit(figure: Figure) -> str:
    """In what a figure is counted; a measure that is not there is told with those that are near it."""
    measure = str(figure.options.get("measure"))
    if figure.function == "number_of":
        return f"categories of {figure.argument}"
    there = {name for table in metadata.tables() for name in table.measures}
    return metadata.measure(measure).unit["en"] if measure in there else measure


def _same(one: Figure, other: Figure) -> bool:
    """Whether two figures can be one cell: a year that is typed can be any of those that are named."""
    if one.name == other.name:
        return True
    years = [str(part.options.get("year", "reference")) for part in (one, other)]
    return _asked(one) == _asked(other) and (years[0] == years[1] or any(map(str.isdigit, years)))


def _asked(figure: Figure) -> tuple[Any, ...]:
    """What a figure is taken from, without its year and its table: a total stands in several tables."""
    where = figure.options.get("where")
    given = where.items() if isinstance(where, Mapping) else ()
    categories = sorted((str(variable), str(code)) for variable, code in given if not _is_total(str(variable), str(code)))
    further = [str(figure.options.get(key)) for key in ("among", "place", "status")]
    return figure.function, figure.argument, str(figure.options.get("measure")), categories, further


def _is_total(variable: str, code: str) -> bool:
    if variable not in {name for table in metadata.tables() for name in table.variables}:
        return False
    listed = metadata.variable(variable).codes
    return listed is not None and code == listed.total
