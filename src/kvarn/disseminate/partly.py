"""Figures of a part of the year, or of some of the municipalities alone: where a table itself says that they are."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from kvarn import metadata
from kvarn.disseminate.protected import ProtectedTable

__all__ = ["MARK", "Included", "included", "partly_reported"]

# Beside the name of a region with such figures.
MARK = "*"
_MONTHS = 12
_ALL = "municipalities"


@dataclass(frozen=True)
class Included:
    """How many municipalities a region has, of how many there are figures, and of how many of their months."""

    municipalities: int
    included: int
    months: int

    @property
    def partly(self) -> bool:
        """Whether something is missing, and something is there."""
        return 0 < self.months < _MONTHS * self.municipalities


def included(table: ProtectedTable, year: int) -> Mapping[str, Included]:
    """What the figures of each region include; empty for a table that does not say it."""
    names = [name for name in table.definition.measures if metadata.measure(name).coverage_of]
    months, municipalities = (
        next((name for name in names if name.startswith("months_") is wanted), None) for wanted in (True, False)
    )
    if "region" not in table.definition.variables or months is None or _ALL not in table.definition.measures:
        return {}
    return dict(_told(table, year, municipalities, months))


def partly_reported(table: ProtectedTable, year: int, regions: Collection[str]) -> set[str]:
    """Those of `regions` whose figures are of a part of the year or of the municipalities alone, as the table itself says."""
    found = included(table, year)
    return {region for region in regions if region in found and found[region].partly}


def _told(table: ProtectedTable, year: int, municipalities: str | None, months: str) -> Iterator[tuple[str, Included]]:
    names = [_ALL, months, *([] if municipalities is None else [municipalities])]
    cells = table.where(year=year, measure=names)
    # The same figures stand in each category of what is no region.
    values = dict(zip(zip(cells["region"], cells["measure"], strict=True), cells["value"], strict=True))
    for region in dict.fromkeys(cells["region"]):
        every = int(values[region, _ALL])
        there = every if municipalities is None else int(values[region, municipalities])
        yield region, Included(every, there, int(values[region, months]))
