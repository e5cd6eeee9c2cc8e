"""Dominance: a total of procedures that one or two contributors nearly make up by themselves tells of them.

The unprotected tables may carry what is needed in optional columns: ``largest`` and ``two_largest`` are the procedures of
the person with most and of the two with most; ``largest_municipality`` and ``two_largest_municipalities`` the same of
municipalities.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from kvarn import metadata
from kvarn.analyse.disclosure.system import Cell, System, cells_of
from kvarn.edition import Disclosure
from kvarn.errors import DisclosureError

__all__ = ["COLUMNS", "Largest", "dominated", "largest_of"]

COLUMNS = ("largest", "two_largest", "largest_municipality", "two_largest_municipalities")


@dataclass(frozen=True)
class Largest:
    """How much of a total its largest contributor, and its two largest, have."""

    one: int
    two: int


def largest_of(tables: Mapping[str, pd.DataFrame], rules: Disclosure) -> dict[Cell, Largest]:
    """The largest contributors of every procedure total; of persons or municipalities, whichever have more of it.

    Raises
    ------
    DisclosureError
        A rule asks for them, and a table of procedures does not tell.
    """
    if rules.dominance is None and rules.p_per_cent is None:
        return {}
    found: dict[Cell, Largest] = {}
    for name, table in tables.items():
        counted = {measure for measure in table["measure"].unique() if _is_total(measure)}
        if counted and not set(COLUMNS[:2]) <= set(table.columns):
            raise DisclosureError(
                "The dominance rule needs the largest contributors of each procedure total, and the table does not tell them.",
                where=f"{name}, columns {', '.join(COLUMNS[:2])}",
                remedy="Add the columns where the table is computed, or leave out disclosure.dominance and p_per_cent.",
            )
        columns = [table[column].tolist() for column in COLUMNS if column in table.columns]
        for cell, row in cells_of(name, table):
            shares = [0 if pd.isna(column[row]) else int(column[row]) for column in columns]
            if cell.measure in counted:
                found[cell] = Largest(max(shares[::2]), max(shares[1::2]))
    return found


def dominated(cell: Cell, system: System, largest: Mapping[Cell, Largest], rules: Disclosure) -> bool:
    """Whether the (n,k) rule or the p % rule says that a total tells of its largest contributors."""
    shares = largest.get(cell)
    total = system.values[cell]
    if shares is None or not total:
        return False
    if rules.dominance is not None:
        of_n = shares.one if rules.dominance.n == 1 else shares.two
        if of_n * 100 > rules.dominance.per_cent * total:
            return True
    return rules.p_per_cent is not None and (total - shares.two) * 100 < rules.p_per_cent * shares.one


def _is_total(name: str) -> bool:
    declared = metadata.measure(name)
    return declared.subject == "procedures" and not declared.is_function
