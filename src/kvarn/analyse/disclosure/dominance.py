"""Dominance: a total that one or two contributors nearly make up by themselves tells of them.

The register counts what is needed where it is asked to (``open_register(…, behind="largest")``): ``largest`` and
``two_largest`` are what the person with most has and of the two with most; ``largest_municipality`` and
``two_largest_municipalities`` the same of municipalities.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from kvarn.analyse._classification import listed
from kvarn.analyse._columns import LARGEST, OPTIONAL, PUBLISHED, is_total
from kvarn.analyse._not_reported import NOTHING, with_zero_where_nothing_was_reported
from kvarn.analyse.disclosure.room import level_of_dominance, level_of_p_per_cent
from kvarn.analyse.disclosure.system import Cell, System, cells_of
from kvarn.edition import Disclosure
from kvarn.errors import DisclosureError
from kvarn.metadata import CodeList

__all__ = ["COLUMNS", "Largest", "dominated", "largest_of", "require_largest", "room_upwards"]

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

    They are none where the figure of each municipality of the cell's own region is a cell itself, but for those that have
    nothing, or where the region is a county with a single one: who reads of Gotland reads of its municipality, and a share in a
    total tells no more than the part that is shown beside it.
    """
    if not rules.of_dominance:
        return {}
    found: dict[Cell, tuple[Largest, ...]] = {}
    places = _Places.of(tables)
    for name, table in tables.items():
        if not set(LARGEST) <= set(table.columns):
            continue
        columns = [table[column].tolist() for column in LARGEST]
        for cell, row in cells_of(name, table):
            one, two, one_place, two_places = (column[row] for column in columns)
            if not is_total(cell.measure) or pd.isna(one):
                continue
            shares = [Largest(int(one), int(two))]
            if not places.all_told(cell) and not _of_one_municipality(cell):
                shares.append(Largest(int(one_place), int(two_places)))
            found[cell] = tuple(shares)
    return found


def dominated(cell: Cell, system: System, largest: Mapping[Cell, Sequence[Largest]], rules: Disclosure) -> bool:
    """Whether the (n,k) rule or the p % rule says that a total tells of its largest contributors."""
    total = system.values[cell]
    return any(_tells(total, shares, rules) for shares in largest.get(cell, ()))


def room_upwards(cell: Cell, system: System, largest: Mapping[Cell, Sequence[Largest]], rules: Disclosure) -> int:
    """How far beyond a total the interval around it has to reach, for the rules that it breaks; 0 where it breaks none."""
    total, levels = system.values[cell], [0]
    for shares in largest.get(cell, ()) if total else ():
        if rules.dominance is not None:
            of_n = shares.one if rules.dominance.n == 1 else shares.two
            levels.append(level_of_dominance(total, of_n, rules.dominance.per_cent))
        if rules.p_per_cent is not None:
            levels.append(level_of_p_per_cent(total, shares.one, shares.two, rules.p_per_cent))
    return max(levels)


def _tells(total: int, shares: Largest, rules: Disclosure) -> bool:
    if not total:
        return False
    if rules.dominance is not None:
        of_n = shares.one if rules.dominance.n == 1 else shares.two
        if of_n * 100 > rules.dominance.per_cent * total:
            return True
    return rules.p_per_cent is not None and (total - shares.two) * 100 < rules.p_per_cent * shares.one


@dataclass(frozen=True)
class _Places:
    """Which municipalities' figures stand in a table, for each total over all regions; and in which of them it is zero."""

    told: Mapping[Cell, set[str]]
    without: Mapping[Cell, set[str]]

    @classmethod
    def of(cls, tables: Mapping[str, pd.DataFrame]) -> _Places:
        told: dict[Cell, set[str]] = {}
        without: dict[Cell, set[str]] = {}
        for name, table in tables.items():
            if _REGION not in table.columns:
                continue
            rows = table[table[_REGION].str.len() == _MUNICIPALITY_DIGITS]
            values = with_zero_where_nothing_was_reported(rows)
            for cell, row in cells_of(name, rows):
                whole, place = cell.having(_REGION, None), cell.code(_REGION)
                if place is None or not is_total(cell.measure):
                    continue
                told.setdefault(whole, set()).add(place)
                if values[row] == NOTHING:
                    without.setdefault(whole, set()).add(place)
        return cls(told, without)

    def all_told(self, cell: Cell) -> bool:
        """Whether the figure of each municipality of a cell's region stands in a table, but for those that have none at all."""
        whole = cell.having(_REGION, None)
        if whole not in self.told:
            return False
        of_all = self.without.get(Cell(cell.measure, cell.year), set())
        return _municipalities(listed(_REGION), cell.code(_REGION)) <= self.told[whole] | of_all


# An official list can be imported at any time, so what is remembered is remembered of a list, never of its name.
@functools.lru_cache(maxsize=1024)
def _municipalities(regions: CodeList, region: str | None) -> frozenset[str]:
    """Every municipality of a region."""
    below, found = [region or str(regions.total)], set[str]()
    while below:
        children = regions.children(below.pop())
        found |= {code for code in children if len(code) == _MUNICIPALITY_DIGITS}
        below += [code for code in children if len(code) != _MUNICIPALITY_DIGITS]
    return frozenset(found)


def _of_one_municipality(cell: Cell) -> bool:
    region = cell.code(_REGION)
    return region is not None and len(listed(_REGION).children(region)) <= 1
