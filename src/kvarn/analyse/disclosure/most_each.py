"""How many occasions one person can have at most: by the coverage that is published, no more months than there are files of.

Where there is one month, person-months are persons: a reader has one figure where the tables have two.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from kvarn import metadata
from kvarn.analyse._classification import children, total
from kvarn.analyse.disclosure.cell import Cell
from kvarn.analyse.disclosure.relation import Relation

__all__ = ["Coverage", "coverage_of", "most_each"]

# Of which measure, year and region (None: the whole country) how many of the categories are covered.
Coverage = Mapping[tuple[str, int, str | None], int]


def coverage_of(tables: Mapping[str, pd.DataFrame]) -> Coverage:
    """What the measures that are named as a limit for each person (``at_most_each``) tell, by year and region."""
    shown = {name for table in tables.values() for name in table["measure"].unique()}
    limits = {metadata.measure(name).at_most_each for name in shown} - {None}
    found: dict[tuple[str, int, str | None], int] = {}
    for table in tables.values():
        named = table[table["measure"].isin(limits)] if limits else table.iloc[:0]
        # The same figure stands in each sex and age of a region.
        if named.empty or "region" not in named:
            continue
        for measure, year, region, value in zip(named["measure"], named["year"], named["region"], named["value"], strict=True):
            if str(value).isdigit():
                found[measure, int(year), None if region == total("region") else region] = int(value)
    return found


def most_each(values: Mapping[Cell, int], not_reported: set[Cell], coverage: Coverage) -> Iterator[Relation]:
    """For each count of what one person can have several of: it is at most so many times the persons behind it."""
    months: dict[tuple[str, str, int], int] = {}
    for whole in values:
        declared = metadata.measure(whole.measure)
        if declared.at_most_each is None or declared.sum_of is None or declared.behind is None:
            continue
        behind = Cell(declared.behind, whole.year, whole.categories)
        over = declared.sum_of.over
        if behind not in values or whole.code(over) is not None:
            continue
        key = declared.sum_of.measure, over, whole.year
        if key not in months:
            months[key] = _reported(values, not_reported, *key)
        region = whole.code("region")
        most = min(months[key], coverage.get((declared.at_most_each, whole.year, region), months[key]))
        if most > 0:
            yield Relation(((behind, most), (whole, -1)), exact=False)


def _reported(values: Mapping[Cell, int], not_reported: set[Cell], measure: str, over: str, year: int) -> int:
    """Of how many categories anything was reported in the whole country."""
    codes = children(over, str(total(over)))
    cells = [Cell(measure, year, ((over, code),)) for code in codes]
    return len(codes) - sum(cell in values and cell in not_reported for cell in cells)
