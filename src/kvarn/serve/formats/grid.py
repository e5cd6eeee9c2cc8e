"""A part of a table as people see it: variables in rows and columns, and a number or a symbol in each cell."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from kvarn.serve.formats.options import Options
from kvarn.serve.selection import Chosen, ChosenVariable
from kvarn.serve.words import said

__all__ = ["NIL", "Entry", "Grid", "entries", "grid", "notes_of"]

NIL = "–"
"""What people read where nothing was counted."""


@dataclass(frozen=True)
class Entry:
    """A cell: the number as it is published, with its decimals; or the symbol in its place."""

    number: str
    symbol: str
    nil: bool


@dataclass(frozen=True)
class Grid:
    """A table with its heads.

    Attributes
    ----------
    stub
        The names of the variables in the rows.
    columns
        The categories of each column, a variable a place.
    rows
        The categories of each row, and its cells.
    """

    stub: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]
    rows: tuple[tuple[tuple[str, ...], tuple[Entry, ...]], ...]


def entries(chosen: Chosen, order: Sequence[ChosenVariable] | None = None) -> list[Entry]:
    """The cells, in the order of the variables."""
    table, places = chosen.table, chosen.places(order)
    values, symbols, nil = (of[places].tolist() for of in (table.values, table.symbols, table.nil))
    return [
        Entry("", table.symbol_list[symbol], False) if symbol else Entry(f"{value:.{decimals}f}", "", is_nil)
        for value, symbol, is_nil, decimals in zip(values, symbols, nil, chosen.decimals(order), strict=True)
    ]


def grid(chosen: Chosen, language: str, options: Options) -> Grid:
    """The table as it is shown in one language."""
    cells = entries(chosen, (*chosen.stub, *chosen.heading))
    columns = tuple(itertools.product(*(_categories(one, language, options) for one in chosen.heading)))
    heads = tuple(itertools.product(*(_categories(one, language, options) for one in chosen.stub)))
    width = len(columns)
    rows = tuple((head, tuple(cells[start * width : (start + 1) * width])) for start, head in enumerate(heads))
    return Grid(tuple(one.variable.labels[language] for one in chosen.stub), columns, rows)


def notes_of(chosen: Chosen, language: str) -> list[str]:
    """What is said below the table: of which categories it is, its notes, units, source and whom to ask."""
    table = chosen.table
    measures = next(one for one in chosen.variables if one.name == table.measures.name)
    units = "; ".join(
        f"{table.measures.category(code, language)}: {table.measures.units[language][code]}" for code in measures.codes
    )
    return [
        *chosen.fixed(language),
        *table.notes[language],
        said("unit", language, measures=units),
        said("source", language, source=table.sources[language]),
        said("contact", language, contact=table.contact.raw[language]),
        said("updated", language, day=table.updated[:10]),
    ]


def _categories(one: ChosenVariable, language: str, options: Options) -> Sequence[str]:
    if options.categories == "UseCodes":
        return one.codes
    labels = one.labels(language)
    if options.categories == "UseTexts":
        return labels
    # A year is its own text.
    return [label if code == label else f"{code} {label}" for code, label in zip(one.codes, labels, strict=True)]
