"""Functions of cells: a rate, a mean, a quantile or a standardised rate is as open as the counts that it is made of.

What each is made of stands in ``programme/measures.yml``. A ratio tells no more than its two counts. A quantile, and a
standardised rate, tell of single persons when few stand behind them, so they have a least number of persons besides.
"""

from __future__ import annotations

from collections.abc import Mapping

from kvarn import metadata
from kvarn.analyse.disclosure.system import Cell, ratio_parts
from kvarn.edition import Disclosure

__all__ = ["parts_of", "too_few_persons"]


def parts_of(cell: Cell) -> tuple[Cell, ...] | None:
    """The counts that a cell is a function of, all of which must stand in a table; None for a count."""
    declared = metadata.measure(cell.measure)
    if declared.quantile is not None:
        among = Cell(declared.quantile.among, cell.year, cell.categories)
        return among, Cell(declared.quantile.of, cell.year, cell.categories)
    if declared.standardised is not None:
        counted = Cell(declared.standardised.numerator, cell.year, cell.categories)
        return counted, *(counted.having("age", group) for group in declared.standardised.groups)
    return ratio_parts(cell)


def too_few_persons(cell: Cell, values: Mapping[Cell, int], rules: Disclosure) -> bool:
    """Whether a quantile or a standardised rate has fewer persons behind it than it needs.

    The persons are the first of its `parts_of`.
    """
    declared = metadata.measure(cell.measure)
    parts = parts_of(cell)
    if parts is None or declared.ratio is not None:
        return False
    return 0 < values[parts[0]] < rules.quantile_persons
