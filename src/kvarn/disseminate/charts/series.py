"""What a chart draws: series of published values, and the symbols where nothing is published."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from kvarn import metadata
from kvarn.disseminate.charts import style
from kvarn.disseminate.protected import ProtectedTable

__all__ = ["Series", "footnotes", "of_years", "read_series", "remark_lines"]

NOT_APPLICABLE = "."
# Letters of a line below a chart: so many fit into its width in the small type.
_LINE = 115


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


def remark_lines(remarks: Iterable[str], language: str) -> list[str]:
    """What is said of figures that look wrong and are right, in lines that fit below a chart."""
    noted = [metadata.text("accepted.note", language, words=words) for words in remarks]
    return [line for note in noted for line in textwrap.wrap(note, _LINE, break_long_words=False)]


def footnotes(series: Sequence[Series], table: ProtectedTable, language: str) -> list[str]:
    """What must stand below the chart: its symbols, what is said of its figures, and that its data are synthetic."""
    shown = {symbol for one in series for symbol in one.symbols.values()} - {NOT_APPLICABLE}
    symbols = metadata.codelist("symbol")
    notes = [
        style.words("symbol", language, symbol=symbol, meaning=symbols.label(symbol, language).lower())
        for symbol in symbols.codes
        if symbol in shown
    ]
    notes += remark_lines(table.remarks(language), language)
    if "synthetic" in table.frame.columns:
        notes.append(style.synthetic_footnote(language))
    return notes
