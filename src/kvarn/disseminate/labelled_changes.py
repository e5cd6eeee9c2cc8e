"""What a correction changed, as people read it: each changed cell with labels in place of codes, in one language."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import NamedTuple

from kvarn import metadata
from kvarn.disseminate.labelled_data import BYTE_ORDER_MARK, guarded
from kvarn.disseminate.stage import title_of
from kvarn.disseminate.templates import word
from kvarn.errors import CodeListError

__all__ = ["Changed", "labelled_changes"]


class Changed(NamedTuple):
    """A changed cell by its codes: ``cell`` is as in ``month 03, sex T``, and the numbers are as they are written."""

    table: str
    kind: str
    year: str
    measure: str
    cell: str
    before: str
    now: str
    difference: str
    per_cent: str


def labelled_changes(changes: Iterable[Changed], language: str, *, synthetic: bool) -> str:
    """The changed cells as CSV in one language, in their order, one row a cell.

    Columns: the table's title, what became of the cell, the year, the measure and its unit, the categories with their variables,
    the figure or symbol before and now, and the difference. What the programme does not have any more keeps its code.
    """
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    heads = [word(key, language) for key in ("revisions.table", "changes.what")]
    heads += [metadata.variable("year").label(language), word("measure", language), word("heading.unit", language)]
    heads += [word(f"changes.{key}", language) for key in ("cell", "before", "now", "difference", "per-cent")]
    marked = [word("data.yes", language)] if synthetic else []
    rows.writerow([*map(guarded, heads), *([word("data.synthetic", language)] if synthetic else [])])
    for one in changes:
        measure, unit = _measure(one.measure, language)
        named = "; ".join(_category(pair, language) for pair in filter(None, one.cell.split(", ")))
        told = [title_of(one.table, language), word(f"changes.kind.{one.kind}", language), one.year, measure, unit, named]
        rows.writerow([*map(guarded, told), one.before, one.now, one.difference, one.per_cent, *marked])
    return BYTE_ORDER_MARK + written.getvalue()


def _measure(name: str, language: str) -> tuple[str, str]:
    try:
        measure = metadata.measure(name)
    except CodeListError:
        return name, ""
    return measure.label(language), measure.unit[language]


def _category(pair: str, language: str) -> str:
    """``region 0114`` as ``Region: Upplands Väsby (0114)``."""
    name, _, code = pair.partition(" ")
    try:
        variable = metadata.variable(name)
        label = variable.category(code, language)
    except CodeListError:
        return pair
    return f"{variable.label(language)}: {label} ({code})" if variable.code else f"{variable.label(language)}: {label}"
