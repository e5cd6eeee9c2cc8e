"""Which quantiles are shown and which withheld, as the certificate of what is out keeps them: without what computes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kvarn import metadata
from kvarn.analyse.disclosure.cell import Cell
from kvarn.errors import CodeListError

__all__ = ["QUANTILES", "Quantiles", "is_quantile", "quantiles_from"]

# Where the certificate of what is out names them.
QUANTILES = "quantiles"


@dataclass
class Quantiles:
    """Quantiles that are shown, and those that are withheld."""

    shown: set[Cell] = field(default_factory=set)
    withheld: set[Cell] = field(default_factory=set)

    def as_kept(self) -> dict[str, list[list[object]]]:
        """As the certificate of what is out keeps them."""
        return {"shown": _plain(self.shown), "withheld": _plain(self.withheld)}


def quantiles_from(kept: Mapping[str, Any]) -> Quantiles:
    """What `Quantiles.as_kept` has made, as far as its measures are still quantiles."""

    def cells(key: str) -> set[Cell]:
        return {Cell(name, int(year), tuple((by, code) for by, code in of)) for name, year, of in kept[key] if is_quantile(name)}

    return Quantiles(cells("shown"), cells("withheld"))


def is_quantile(measure: str) -> bool:
    """Whether a measure is a quantile, where it is still one of the programme's."""
    try:
        return metadata.measure(measure).quantile is not None
    except CodeListError:
        return False


def _plain(cells: Iterable[Cell]) -> list[list[object]]:
    return sorted([cell.measure, cell.year, [list(pair) for pair in cell.categories]] for cell in cells)
