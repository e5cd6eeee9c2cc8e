"""Medians with their quartiles, by age and sex: how much half of the persons have, and how much they differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from kvarn import metadata
from kvarn.disseminate.charts import style
from kvarn.disseminate.charts.bars import label_rows
from kvarn.disseminate.charts.series import Series, footnotes, read_series
from kvarn.disseminate.numbers import NO_BREAK_SPACE, format_number
from kvarn.disseminate.protected import NIL, ProtectedTable

__all__ = ["Interval", "draw_interval", "months_by_age", "procedures_by_age"]

_TOTAL = "T"
_ROW = 0.47  # inches for a row with two intervals
_FRAME = 1.1  # inches for the title, the scale and the footnotes
_BOX = 0.2  # how high the box between quartiles is, of a row
_APART = (-0.2, 0.2)


@dataclass(frozen=True)
class Interval:
    """A figure between two others: a median between quartiles, or a rate between its limits.

    Attributes
    ----------
    colour, marker
        How the middle is drawn.
    lower, middle, upper
        Each with its published values and the symbols of the others.
    """

    label: str
    colour: str
    marker: str
    lower: Series
    middle: Series
    upper: Series

    def parts(self) -> Iterator[Series]:
        """The three figures."""
        yield from (self.lower, self.middle, self.upper)

    def words(self, category: str, measure: str, language: str) -> str:
        """The middle with the limits in parentheses, ``6 (3–11)``; the symbol alone where none of the three is published."""
        told = [_number(one, category, measure, language) for one in self.parts()]
        if category in self.middle.nil:
            return NIL
        if self.middle.value(category) is None and len(set(told)) == 1:
            return told[0]
        return f"{told[1]}{NO_BREAK_SPACE}({told[0]}–{told[2]})"


@style.for_telephones_too
def months_by_age(table: ProtectedTable, *, language: str, year: int) -> style.Chart:
    """Months with care a person: median and quartiles by age and sex in one year (``months-by-sex-age``)."""
    return _by_age(table, "months", name="months-by-age", language=language, year=year)


@style.for_telephones_too
def procedures_by_age(table: ProtectedTable, *, language: str, year: int) -> style.Chart:
    """Procedures a person: median and quartiles by age and sex in one year (``procedures-by-sex-age``)."""
    return _by_age(table, "procedures", name="procedures-by-age", language=language, year=year)


def draw_interval(axes: Axes, interval: Interval, category: str, place: float, *, quartiles: bool = False) -> float:
    """Draw what is published of one interval in the row at `place`, and return how far to the right that reaches.

    The limits of a confidence interval are the ends of a line, quartiles those of a box: one mark has one meaning. Either needs
    both limits, and the mark in the middle its own figure: nothing stands where nothing is published.
    """
    lower, middle, upper = (one.value(category) for one in interval.parts())
    if lower is not None and upper is not None and quartiles:
        box = axes.barh(place, upper - lower, left=lower, height=_BOX, facecolor=style.GRID, linewidth=1.2, zorder=2)
        box[0].set_edgecolor(interval.colour)
    elif lower is not None and upper is not None:
        axes.plot((lower, upper), (place, place), color=interval.colour, linewidth=2.2, solid_capstyle="butt", zorder=2)
        for end in (lower, upper):
            axes.plot((end, end), (place - 0.11, place + 0.11), color=interval.colour, linewidth=1.4, zorder=2)
    if middle is not None:
        axes.plot(
            middle,
            place,
            interval.marker,
            color=interval.colour,
            markeredgecolor="white",
            markeredgewidth=0.9,
            markersize=8,
            zorder=3,
        )
    drawn = [value for value in (middle, upper if lower is not None else None) if value is not None]
    return max(drawn, default=0.0)


def _by_age(table: ProtectedTable, what: str, *, name: str, language: str, year: int) -> style.Chart:
    measure = f"{what}_median"
    cells = table.where(year=year)
    listed = metadata.codelist("age")
    ages = [age for age in listed.leaves if age in set(cells["age"])]
    leaves = cells[cells["age"].isin(ages)]
    sexes = [_of_sex(leaves[leaves["sex"] == sex], what, sex, language) for sex in style.SEX_COLOURS if sex != _TOTAL]
    with style.canvas(_FRAME + _ROW * len(ages)) as (figure, axes):
        label_rows(axes, [listed.label(age, language) for age in ages])
        for one, offset in zip(sexes, _APART, strict=True):
            for place, age in enumerate(ages):
                reach = draw_interval(axes, one, age, place + offset, quartiles=True)
                said = one.words(age, measure, language)
                _beside(axes, reach, place + offset, f"{one.label}{NO_BREAK_SPACE}{said}" if place == 0 else said, one.colour)
        _scale(axes, language)
        style.label_axis(axes, f"{style.words('quartiles', language)}. {_sentence(metadata.measure(measure).unit[language])}")
        nil = any(one.middle.shows_nil(ages) for one in sexes)
        notes = footnotes([part for one in sexes for part in one.parts()], table, language, nil=nil)
        return style.finish(figure, name=name, language=language, footnotes=notes)


def _of_sex(cells: pd.DataFrame, what: str, sex: str, language: str) -> Interval:
    lower, middle, upper = (
        read_series(cells[cells["measure"] == f"{what}_{part}"], "age", label="", colour=style.SEX_COLOURS[sex])
        for part in ("lower_quartile", "median", "upper_quartile")
    )
    label = metadata.variable("sex").category(sex, language)
    return Interval(label, style.SEX_COLOURS[sex], style.SEX_MARKERS[sex], lower, middle, upper)


def _beside(axes: Axes, reach: float, place: float, words: str, colour: str) -> None:
    axes.annotate(
        words,
        (reach, place),
        xytext=(7, 0),
        textcoords="offset points",
        va="center",
        color=colour,
        fontsize=style.SMALL + 0.5,
        annotation_clip=False,
    )


def _scale(axes: Axes, language: str) -> None:
    """From zero, with light lines: intervals have no bars to carry them back to it."""
    axes.set_xlim(left=0)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: format_number(value, language=language)))
    axes.grid(visible=True, axis="x")


def _number(series: Series, category: str, measure: str, language: str) -> str:
    value = series.value(category)
    if value is None:
        return series.symbols.get(category, "")
    return format_number(value, language=language, decimals=metadata.measure(measure).decimals)


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
