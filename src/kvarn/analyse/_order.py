"""A custom order's table, counted from the register as those of the programme are; and coarser ones, should it be refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from kvarn import metadata
from kvarn.analyse._classification import children
from kvarn.analyse._ratio import rate
from kvarn.analyse._register import Register
from kvarn.analyse._tables import complete_table
from kvarn.analyse.disclosure.functions import parts_of
from kvarn.analyse.disclosure.system import cells_of
from kvarn.edition import Order
from kvarn.errors import EditionError

__all__ = ["Coarser", "coarser_orders", "count_order", "require_parts"]


@dataclass(frozen=True)
class Coarser:
    """An order that is coarser in one classification, and how to ask for it."""

    order: Order
    how: str


def count_order(register: Register, order: Order, name: str) -> pd.DataFrame:
    """The order's unprotected table, complete and sorted as `save_table` keeps one.

    The table must be declared (``metadata.tables_beside(order.definition(name))``).

    Raises
    ------
    InputError, CodeListError
        The register lacks a year, or holds a value that is on no code list.
    """
    frames = []
    for measure in order.measures:
        ratio = metadata.measure(measure).ratio
        if ratio is None:
            frames.append(_count(register, measure, ["year", *order.by], order))
            continue
        numerator = _count(register, ratio.numerator, ["year", *order.by], order)
        denominator = _count(register, ratio.denominator, ["year", *order.of_whole], order)
        if ratio.numerator == ratio.denominator:
            denominator = numerator
        frames.append(rate(measure, numerator, denominator))
    return complete_table(name, *frames)


def _count(register: Register, measure: str, by: list[str], order: Order) -> pd.DataFrame:
    counting = {
        "persons": register.count_persons,
        "person_months": register.count_person_months,
        "persons_with_procedure": register.count_persons_with_procedure,
        "procedures": register.count_procedures,
        "population": register.population,
    }
    return counting[measure](by=by, years=order.years)


def require_parts(name: str, order: Order, tables: Mapping[str, pd.DataFrame]) -> None:
    """Make sure that the counts of every ratio stand in the order or in a table of its edition.

    A ratio is as open as its counts, so it can only be judged where they can.

    Raises
    ------
    EditionError
        Those of one of them do not. Its key is ``measures``.
    """
    known = {cell for table, frame in tables.items() for cell, _ in cells_of(table, frame)}
    for cell, _ in cells_of(name, tables[name]):
        for part in parts_of(cell) or ():
            if part not in known:
                raise EditionError(
                    f"{cell.measure} is made of {part.measure}, of which the cell {part} stands neither in the order nor in a "
                    f"table of the edition {order.edition}.",
                    key="measures",
                    remedy=f"Order {part.measure} too, by the same classifications, or leave {cell.measure} out.",
                )


def coarser_orders(order: Order, name: str) -> Iterator[Coarser]:
    """Every order that is coarser in one classification: first those without its finest categories, then those without it,
    and of each the one with most categories left first."""
    definition = order.definition(name)
    shown = {variable: definition.order(variable) for variable in order.by}
    fewer: list[tuple[float, Coarser]] = []
    for variable, codes in shown.items():
        left = tuple(code for code in codes if set(children(variable, code)) & set(codes))
        if 1 < len(left) < len(codes):
            changed = order.model_copy(update={"categories": {**order.categories, variable: left}})
            how = f"Leave out the finest categories of {variable} (categories: {{{variable}: [{_listed(left)}]}})"
            fewer.append((len(left) / len(codes), Coarser(changed, how)))
    for variable, codes in shown.items() if len(order.by) > 1 else ():
        categories = {other: chosen for other, chosen in order.categories.items() if other != variable}
        by = tuple(other for other in order.by if other != variable)
        changed = order.model_copy(update={"by": by, "categories": categories})
        fewer.append((1 / len(codes) - 1, Coarser(changed, f"Leave {variable} out of `by`")))
    yield from (one for _, one in sorted(fewer, key=lambda pair: -pair[0]))


def _listed(codes: tuple[str, ...]) -> str:
    return ", ".join(f'"{code}"' for code in codes)
