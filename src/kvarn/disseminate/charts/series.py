"""What a chart draws: series of published values, and the symbols where nothing is published."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from kvarn import metadata
from kvarn.disseminate.charts import style
from kvarn.disseminate.counted import Counted
from kvarn.disseminate.protected import Cell, ProtectedTable

__all__ = ["Series", "footnotes", "of_sexes", "of_years", "order_by_count", "read_series", "remark_lines"]

NOT_APPLICABLE = "."
# Letters of a line below a chart: so many fit into its width in the small type.
_LINE, _NARROW_LINE = 115, 60


@dataclass(frozen=True)
class Series:
    """One line, or one colour of bars: a category's published values and the symbols of its other cells.

    `nil` are the categories of which nothing was counted: their number is written as a symbol. `marker` and `hatch` tell women
    and men apart where colours do not.
    """

    label: str
    colour: str
    values: dict[str | int, float]
    symbols: dict[str | int, str]
    nil: frozenset[str | int] = frozenset()
    marker: str = "o"
    hatch: str = ""

    def shows_nil(self, categories: Iterable[str | int]) -> bool:
        """Whether one of these categories is nil."""
        return not self.nil.isdisjoint(categories)

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
        frozenset(published[published["nil"]][along].tolist() if "nil" in published.columns else ()),
    )


def of_sexes(cells: pd.DataFrame, along: str, sexes: Iterable[str], language: str) -> list[Series]:
    """One series a sex, each with its colour, mark and pattern."""
    labels = metadata.variable("sex")
    found = []
    for sex in sexes:
        colour = style.SEX_COLOURS[sex]
        read = read_series(cells[cells["sex"] == sex], along, label=labels.category(sex, language), colour=colour)
        found.append(replace(read, marker=style.SEX_MARKERS[sex], hatch=style.SEX_HATCHES.get(sex, "")))
    return found


def order_by_count(
    series: Series, codes: Sequence[str], table: ProtectedTable, measure: str, year: int, along: str, **categories: str
) -> list[str]:
    """The categories with a value, the largest first by what was counted: rounded rates can be alike where the counts are not."""
    counted = Counted(table)
    numbers = {
        code: counted.number(Cell(measure, series.values[code], ""), year, {**categories, along: code})
        for code in codes
        if series.value(code) is not None
    }
    return sorted(numbers, key=lambda code: (-numbers[code].low, codes.index(code)))


def of_years(table: ProtectedTable, years: Iterable[int]) -> list[int]:
    """The years asked for that the table has: events can begin later than the series."""
    return [year for year in table.years if year in set(years)]


def remark_lines(remarks: Iterable[str], language: str, *, narrow: bool) -> list[str]:
    """What is said of figures that look wrong and are right, in lines that fit below a chart."""
    letters = _NARROW_LINE if narrow else _LINE
    noted = [metadata.text("accepted.note", language, words=words) for words in remarks]
    return [line for note in noted for line in style.wrapped(note, letters)]


def footnotes(series: Sequence[Series], table: ProtectedTable, language: str, *, nil: bool = False) -> list[str]:
    """What must stand below the chart: its symbols, ``–`` among them with `nil`, what is said of its figures, synthetic data."""
    shown = {symbol for one in series for symbol in one.symbols.values()} - {NOT_APPLICABLE}
    symbols = metadata.codelist("symbol")
    notes = [
        style.words("symbol", language, symbol=symbol, meaning=symbols.label(symbol, language).lower())
        for symbol in symbols.codes
        if symbol in shown
    ]
    if nil:
        notes.insert(0, style.words("nil", language))
    notes += remark_lines(table.remarks(language), language, narrow=style.is_narrow())
    if "synthetic" in table.frame.columns:
        notes.append(style.synthetic_footnote(language))
    return notes
