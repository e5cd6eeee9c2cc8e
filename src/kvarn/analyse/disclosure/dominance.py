"""Dominance: a total that one or two contributors nearly make up by themselves tells of them.

The register counts what is needed where it is asked to (``open_register(…, behind="largest")``): ``largest`` and
``two_largest`` are what the person with most has and of the two with most; ``largest_municipality`` and
``two_largest_municipalities`` the same of municipalities.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from kvarn.analyse._classification import listed
from kvarn.analyse._columns import LARGEST, OPTIONAL, PUBLISHED, is_total
from kvarn.analyse.disclosure.system import Cell, System, cells_of
from kvarn.edition import Disclosure
from kvarn.errors import DisclosureError

__all__ = ["COLUMNS", "Largest", "dominated", "largest_of", "require_largest"]

# Every column of an unprotected table, or of what is remembered of it, that is for disclosure control alone.
COLUMNS = (*OPTIONAL, PUBLISHED)
_REGION = "region"
_MUNICIPALITY_DIGITS = 4


@dataclass(frozen=True)
class Largest:
    """How much of a total its largest contributor, and its two largest, have."""

    one: int
    two: int


def require_largest(tables: Mapping[str, pd.DataFrame], rules: Disclosure) -> None:
    """See that every total of every table tells its largest contributors, of persons and of municipalities, where a rule asks.

    Tables by municipality too, although the persons are enough for their totals: a table that has been computed without them must
    not pass for one in which nobody stands out.

    Raises
    ------
    DisclosureError
        A table does not tell.
    """
    if not rules.of_dominance:
        return
    for name, table in tables.items():
        totals = table[table["measure"].map(is_total) & table["value"].str.isdigit()]
        missing = [column for column in LARGEST if len(totals) and (column not in totals or totals[column].isna().any())]
        if missing:
            raise DisclosureError(
                "The dominance rule needs the largest contributors of each total, and the table does not tell them.",
                where=f"{name}, columns {', '.join(missing)}",
                remedy='Open the register with behind="largest" in the notebook that saves the table (give it the parameter '
                "behind, as the compute notebooks have it), or leave out disclosure.dominance and p_per_cent.",
            )


def largest_of(tables: Mapping[str, pd.DataFrame], rules: Disclosure) -> dict[Cell, tuple[Largest, ...]]:
    """The largest contributors of every total that tells them: of persons, and of municipalities where those are a secret.

    They are none where the figure of each municipality is a cell itself, or the cell is that of a county with a single one: who
    reads of Gotland reads of its municipality, and a share in a total tells no more than the part that is shown beside it.
    """
    if not rules.of_dominance:
        return {}
    found: dict[Cell, tuple[Largest, ...]] = {}
    divided = _divided_by_municipality(tables)
    for name, table in tables.items():
        if not set(LARGEST) <= set(table.columns):
            continue
        columns = [table[column].tolist() for column in LARGEST]
        for cell, row in cells_of(name, table):
            one, two, one_place, two_places = (column[row] for column in columns)
            if not is_total(cell.measure) or pd.isna(one):
                continue
            shares = [Largest(int(one), int(two))]
            if cell.having(_REGION, None) not in divided and not _of_one_municipality(cell):
                shares.append(Largest(int(one_place), int(two_places)))
            found[cell] = tuple(shares)
    return found


def dominated(cell: Cell, system: System, largest: Mapping[Cell, Sequence[Largest]], rules: Disclosure) -> bool:
    """Whether the (n,k) rule or the p % rule says that a total tells of its largest contributors."""
    total = system.values[cell]
    return any(_tells(total, shares, rules) for shares in largest.get(cell, ()))


def _tells(total: int, shares: Largest, rules: Disclosure) -> bool:
    if not total:
        return False
    if rules.dominance is not None:
        of_n = shares.one if rules.dominance.n == 1 else shares.two
        if of_n * 100 > rules.dominance.per_cent * total:
            return True
    return rules.p_per_cent is not None and (total - shares.two) * 100 < rules.p_per_cent * shares.one


def _divided_by_municipality(tables: Mapping[str, pd.DataFrame]) -> frozenset[Cell]:
    """The totals over all regions whose figures by municipality stand in a table."""
    found = set()
    for name, table in tables.items():
        if _REGION in table.columns:
            of_municipalities = table[table[_REGION].str.len() == _MUNICIPALITY_DIGITS]
            found |= {cell.having(_REGION, None) for cell, _ in cells_of(name, of_municipalities) if is_total(cell.measure)}
    return frozenset(found)


def _of_one_municipality(cell: Cell) -> bool:
    region = cell.code(_REGION)
    return region is not None and len(listed(_REGION).children(region)) <= 1
