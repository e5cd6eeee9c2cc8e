"""Checks of what is computed from counts: shares of one whole add to it, quartiles and limits stand in their order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import pairwise

import pandas as pd

from kvarn import metadata
from kvarn.analyse._classification import OF_PROCEDURE, children
from kvarn.analyse._tables import SYMBOLS
from kvarn.analyse.disclosure.system import Cell, cells_of
from kvarn.errors import ConsistencyError

__all__ = ["check_functions"]

_PARTS = ("lower", "rate", "upper")
_CAUSE = "Look at the notebook that saves this table, and at the rounding of its measures."


def check_functions(tables: Mapping[str, pd.DataFrame]) -> None:
    """Hold the shares, quantiles and standardised rates of each table against one another.

    Raises
    ------
    ConsistencyError
        The first contradiction, with both cells.
    """
    for name, table in tables.items():
        functions = {one for one in table["measure"].unique() if metadata.measure(one).is_function}
        if not functions:
            continue
        values = table["value"].tolist()
        figures = {cell: Decimal(values[row]) for cell, row in cells_of(name, table, functions) if values[row] not in SYMBOLS}
        _check_shares(name, figures)
        _check_order(name, figures)


def _check_shares(table: str, figures: Mapping[Cell, Decimal]) -> None:
    """As far as rounding lets them: each figure is within half a unit of its last decimal."""
    for whole, value in figures.items():
        declared = metadata.measure(whole.measure)
        if declared.ratio is None or declared.unit["en"] != "per cent":
            continue
        additive = metadata.measure(declared.ratio.numerator).additive
        for variable in [name for name in OF_PROCEDURE if name in additive]:
            parts = [whole.having(variable, code) for code in children(variable, whole.code(variable) or "T")]
            if not parts or any(part not in figures for part in parts):
                continue
            rounding = Decimal(len(parts) + 1) / 2 * Decimal(1).scaleb(-declared.decimals)
            if abs(sum(figures[part] for part in parts) - value) > rounding:
                raise ConsistencyError(
                    f"{len(parts)} shares do not add up to their whole.",
                    cells=(f"{table}: {whole}", f"{table}: {parts[0]}"),
                    remedy=_CAUSE,
                )


def _check_order(table: str, figures: Mapping[Cell, Decimal]) -> None:
    for lower, higher in _in_order(figures):
        if figures[lower] > figures[higher]:
            raise ConsistencyError(
                "Two quantiles, or a rate and the limits of its interval, stand in the wrong order.",
                cells=(f"{table}: {lower}", f"{table}: {higher}"),
                remedy=_CAUSE,
            )


def _in_order(figures: Mapping[Cell, Decimal]) -> Iterator[tuple[Cell, Cell]]:
    """Neighbours that must not fall."""
    together: dict[tuple[object, ...], list[tuple[float, Cell]]] = defaultdict(list)
    for cell in figures:
        declared = metadata.measure(cell.measure)
        here = (cell.year, cell.categories)
        if declared.quantile is not None:
            part, whole = declared.quantile.share
            together[(*here, declared.quantile.of)].append((part / whole, cell))
        if declared.standardised is not None:
            together[(*here, *declared.standardised.groups)].append((_PARTS.index(declared.standardised.part), cell))
    for cells in together.values():
        ordered = [cell for _, cell in sorted(cells, key=lambda one: one[0])]
        yield from pairwise(ordered)
