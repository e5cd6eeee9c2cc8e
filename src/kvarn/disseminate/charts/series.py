"""What a chart draws: series of published values, and the symbols where nothing is published."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from kvarn import metadata
from kvarn.disseminate.charts import style
from kvarn.disseminate.protected import ProtectedTable

__all__ = ["Series", "footnotes", "of_years", "partly_reported", "read_series"]

NOT_APPLICABLE = "."
_MONTHS = 12


@dataclass(frozen=True)
class Series:
    """One line, or one colour of bars: a category's published values and the symbols of its other cells."""

    label: str
    colour: str
    values: dict[str | int, float]
    symbols: dict[str | int, str]

    def value(self, category: str | int) -> float | None:
        """The published value, or None: a suppressed cell has none, whatever stood in the file."""
        return self.values.get(category)


def read_series(cells: pd.DataFrame, along: str, *, label: str, colour: str) -> Series:
    """The cells of one series, by their categories of the variable `along`."""
    published = cells[(cells["status"] == "") & cells["value"].notna()]
    withheld = cells[cells["status"] != ""]
    return Series(
        label,
        colour,
        dict(zip(published[along].tolist(), published["value"].tolist(), strict=True)),
        dict(zip(withheld[along].tolist(), withheld["status"].tolist(), strict=True)),
    )


def of_years(table: ProtectedTable, years: Iterable[int]) -> list[int]:
    """The years asked for that the table has: procedures, for one, begin in 2019."""
    return [year for year in table.years if year in set(years)]


def partly_reported(table: ProtectedTable, year: int, regions: Collection[str]) -> set[str]:
    """Those of `regions` whose figures are of a part of the year or of the municipalities alone, as the table itself says."""
    months = [name for name in table.definition.measures if name.startswith("months_") and metadata.measure(name).coverage_of]
    cells = table.where(year=year, measure=["municipalities", *months], region=list(regions))
    told = {
        (region, measure): value for region, measure, value in zip(cells["region"], cells["measure"], cells["value"], strict=True)
    }
    return {
        region
        for (region, measure), value in told.items()
        if measure in months and 0 < value < _MONTHS * told[region, "municipalities"]
    }


def footnotes(series: Sequence[Series], table: ProtectedTable, language: str) -> list[str]:
    """What must stand below the chart: the symbols that it shows, and that its data are synthetic."""
    shown = {symbol for one in series for symbol in one.symbols.values()} - {NOT_APPLICABLE}
    symbols = metadata.codelist("symbol")
    notes = [
        style.words("symbol", language, symbol=symbol, meaning=symbols.label(symbol, language).lower())
        for symbol in symbols.codes
        if symbol in shown
    ]
    if "synthetic" in table.frame.columns:
        notes.append(style.synthetic_footnote(language))
    return notes
