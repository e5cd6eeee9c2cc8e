"""Counties side by side: a dot for each, with the country's line; rates with their intervals, means beside medians."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from kvarn import metadata
from kvarn.disseminate.charts import style
from kvarn.disseminate.charts.intervals import Interval, draw_interval
from kvarn.disseminate.charts.series import Series, footnotes, order_by_count, read_series
from kvarn.disseminate.numbers import NO_BREAK_SPACE, format_number
from kvarn.disseminate.partly import MARK, partly_reported
from kvarn.disseminate.protected import NIL, ProtectedTable

__all__ = ["counties", "procedures_by_county", "standardised_counties"]

_COUNTRY = "00"
_FRAME, _ROW = 0.95, 0.225
_KEY = 0.3  # the height of the key that says which mark is which
_OTHER: dict[str, Any] = {
    "marker": "D",
    "markerfacecolor": "white",
    "markeredgecolor": style.INK,
    "markersize": 5.5,
    "linestyle": "none",
}


@style.for_telephones_too
def counties(table: ProtectedTable, *, language: str, year: int, age: str = "65+") -> style.Chart:
    """Persons per 1,000 inhabitants of an age by county, the highest first (``rates-by-municipality``)."""
    measure = "persons_per_1000"
    series = _read(table.where(year=year, age=age, measure=measure))
    shown = _ranked(series, table, measure, year, age=age)
    partly = partly_reported(table, year, shown)
    with style.canvas(_FRAME + _ROW * len(shown)) as (figure, axes):
        _rows(axes, shown, language, partly)
        for place, code in enumerate(shown):
            _dot(axes, place, series, code, measure, language)
        _country_line(axes, series.value(_COUNTRY), measure, language)
        _scale(axes, f"{metadata.measure(measure).label(language)}, {metadata.codelist('age').label(age, language)}", language)
        notes = _notes([_of(series, shown)], table, partly, language, nil=series.shows_nil(shown))
        return style.finish(figure, name="counties", language=language, footnotes=notes)


@style.for_telephones_too
def standardised_counties(table: ProtectedTable, *, language: str, year: int, sex: str = "T") -> style.Chart:
    """Age-standardised rates by county with their confidence intervals, the highest first, and the crude rates beside them.

    From ``standardised-rates-by-region``.
    """
    cells = table.where(year=year, sex=sex)
    measure, beside = "standardised_per_1000", "persons_per_1000"
    crude, lower, rates, upper = (
        _read(cells[cells["measure"] == name]) for name in (beside, "standardised_lower", measure, "standardised_upper")
    )
    interval = Interval("", style.BLUE, "o", lower, rates, upper)
    shown = _ranked(rates, table, measure, year, sex=sex)
    partly = partly_reported(table, year, shown)
    with style.canvas(_FRAME + _KEY + _ROW * len(shown)) as (figure, axes):
        _rows(axes, shown, language, partly)
        for place, code in enumerate(shown):
            reach = draw_interval(axes, interval, code, place)
            known = crude.value(code)
            if known is not None:
                axes.plot(known, place, zorder=4, **_OTHER)
            _say(axes, interval.words(code, measure, language), max(reach, known or 0), place, muted=rates.value(code) is None)
        _country_line(axes, rates.value(_COUNTRY), measure, language)
        _scale(axes, metadata.measure(measure).unit[language], language)
        words = style.words("interval", language, measure=metadata.measure(measure).label(language))
        _key(axes, [(words, {"marker": "o", "linestyle": "-"}), (style.words("crude", language), _OTHER)])
        nil = rates.shows_nil(shown)
        notes = _notes([_of(one, shown) for one in (*interval.parts(), crude)], table, partly, language, nil=nil)
        return style.finish(figure, name="standardised-counties", language=language, footnotes=notes)


@style.for_telephones_too
def procedures_by_county(table: ProtectedTable, *, language: str, year: int) -> style.Chart:
    """Procedures a person by county: the mean, the highest first, and the median (``procedures-by-region``)."""
    cells = table.where(year=year)
    measure, beside = "procedures_per_person", "procedures_median"
    means, medians = (_read(cells[cells["measure"] == name]) for name in (measure, beside))
    shown = _ranked(means, table, measure, year)
    partly = partly_reported(table, year, shown)
    with style.canvas(_FRAME + _KEY + _ROW * len(shown)) as (figure, axes):
        _rows(axes, shown, language, partly)
        for place, code in enumerate(shown):
            _dot(axes, place, means, code, measure, language, further=_withheld(medians, code, beside, language))
            median = medians.value(code)
            if median is not None:
                axes.plot(median, place, zorder=4, **_OTHER)
        _country_line(axes, means.value(_COUNTRY), measure, language)
        _scale(axes, metadata.measure(measure).unit[language], language)
        _key(
            axes,
            [
                (metadata.measure(measure).label(language), {"marker": "o", "linestyle": "none"}),
                (metadata.measure(beside).label(language), _OTHER),
            ],
        )
        notes = _notes([_of(one, shown) for one in (means, medians)], table, partly, language, nil=means.shows_nil(shown))
        return style.finish(figure, name="procedures-by-county", language=language, footnotes=notes)


def _read(cells: pd.DataFrame) -> Series:
    return read_series(cells, "region", label="", colour=style.BLUE)


def _of(series: Series, shown: Sequence[str]) -> Series:
    """Without the table's municipalities: they have symbols too, which these charts do not show and so need not explain."""
    return Series("", series.colour, series.values, {code: series.symbols[code] for code in shown if code in series.symbols})


def _ranked(series: Series, table: ProtectedTable, measure: str, year: int, **categories: str) -> list[str]:
    """Counties with a value, the highest first by what was counted, then those with a symbol."""
    codes = metadata.codelist("region").children(_COUNTRY)
    published = order_by_count(series, codes, table, measure, year, "region", **categories)
    return published + [code for code in codes if code in series.symbols]


def _notes(
    series: Sequence[Series], table: ProtectedTable, partly: Collection[str], language: str, *, nil: bool = False
) -> list[str]:
    return [*([style.words("partly", language)] if partly else []), *footnotes(series, table, language, nil=nil)]


def _rows(axes: Axes, shown: Sequence[str], language: str, partly: Collection[str]) -> None:
    """The counties' names; those of which some municipality or month was not reported have an asterisk."""
    regions = metadata.codelist("region")
    axes.set_yticks(range(len(shown)), [regions.label(code, language) + MARK * (code in partly) for code in shown])
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.grid(visible=False)


def _scale(axes: Axes, title: str, language: str) -> None:
    axes.set_xlim(left=0)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: format_number(value, language=language)))
    # A name with a number in it is not broken.
    said = title.replace(", ", ",\n") if style.is_narrow() else title
    axes.set_xlabel(said[:1].upper() + said[1:], fontsize=style.SMALL, color=style.MUTED, loc="left")


def _withheld(series: Series, code: str, measure: str, language: str) -> str:
    """In parentheses, what the mark beside the dot is called and the symbol in its place; nothing where it is drawn."""
    if code not in series.symbols:
        return ""
    return (
        f"{NO_BREAK_SPACE}({metadata.measure(measure).label(language).rpartition(', ')[2]}{NO_BREAK_SPACE}{series.symbols[code]})"
    )


def _dot(axes: Axes, place: int, series: Series, code: str, measure: str, language: str, *, further: str = "") -> None:
    """A county's dot with its number and what is said `further`, on a light line from zero; or the symbol at zero."""
    value = series.value(code)
    if value is None:
        _say(axes, series.symbols.get(code, ""), 0, place, muted=True)
        return
    axes.plot((0, value), (place, place), color=style.GRID, linewidth=1.2, zorder=1)
    axes.plot(value, place, "o", color=style.BLUE, markersize=7, zorder=3)
    _say(axes, f"{NIL if code in series.nil else _number(value, measure, language)}{further}", value, place)


def _say(axes: Axes, words: str, reach: float, place: int, *, muted: bool = False) -> None:
    """A row's words, to the right of what is drawn there."""
    axes.annotate(
        words,
        (reach, place),
        xytext=(4 if muted else 7, 0),
        textcoords="offset points",
        va="center",
        color=style.MUTED if muted else style.INK,
        fontsize=style.SMALL + 0.5,
        # The country's line goes behind the words that it would strike through.
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
        zorder=5,
    )


def _country_line(axes: Axes, value: float | None, measure: str, language: str) -> None:
    if value is None:
        return
    axes.axvline(value, color=style.INK, linewidth=1.2, zorder=2)
    axes.annotate(
        f"{metadata.codelist('region').label(_COUNTRY, language)}{NO_BREAK_SPACE}{_number(value, measure, language)}",
        (value, 1),
        xycoords=("data", "axes fraction"),
        xytext=(0, 3),
        textcoords="offset points",
        ha="center",
        fontweight="bold",
    )


def _key(axes: Axes, marks: Sequence[tuple[str, dict[str, Any]]]) -> None:
    """Which mark is which, below the scale: in shape, so that it can be told without colour."""
    letters = 32
    handles = [Line2D([], [], **{"color": style.BLUE, "markersize": 7, **drawn}) for _, drawn in marks]
    axes.legend(
        handles,
        [style.in_lines(words, letters) for words, _ in marks],
        loc="upper left",
        bbox_to_anchor=(-0.02, -0.075),
        ncols=1,
        frameon=False,
        fontsize=style.SMALL,
        borderpad=0,
    )


def _number(value: float, measure: str, language: str) -> str:
    return format_number(value, language=language, decimals=metadata.measure(measure).decimals)
