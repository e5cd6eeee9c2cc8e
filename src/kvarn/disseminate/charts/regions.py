"""Counties side by side: a dot for each, with the country's line."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from kvarn import metadata
from kvarn.disseminate.charts import style
from kvarn.disseminate.charts.series import Series, footnotes, read_series
from kvarn.disseminate.numbers import NO_BREAK_SPACE, format_number
from kvarn.disseminate.protected import ProtectedTable

__all__ = ["counties"]

_COUNTRY = "00"
_MEASURE = "persons_per_1000"
_ROW = 0.225


def counties(table: ProtectedTable, *, language: str, year: int, age: str = "65+") -> style.Chart:
    """Persons per 1,000 inhabitants of an age by county, the highest first (``rates-by-municipality``)."""
    regions = metadata.codelist("region")
    cells = table.where(year=year, age=age, measure=_MEASURE)
    series = read_series(cells, "region", label="", colour=style.BLUE)
    shown = _ranked(series, regions.children(_COUNTRY))
    # The table's municipalities have symbols too, which this chart does not show and so need not explain.
    drawn = Series("", style.BLUE, series.values, {code: series.symbols[code] for code in shown if code in series.symbols})
    with style.canvas(0.95 + _ROW * len(shown)) as (figure, axes):
        for place, code in enumerate(shown):
            _dot(axes, place, series.value(code), series.symbols.get(code, ""), language)
        _country_line(axes, series.value(_COUNTRY), language)
        axes.set_yticks(range(len(shown)), [regions.label(code, language) for code in shown])
        axes.set_ylim(len(shown) - 0.4, -0.6)
        axes.set_xlim(left=0)
        axes.grid(visible=False)
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: format_number(value, language=language)))
        what = f"{metadata.measure(_MEASURE).label(language)}, {metadata.codelist('age').label(age, language)}"
        axes.set_xlabel(what, fontsize=style.SMALL, color=style.MUTED, loc="left")
        notes = footnotes([drawn], table, language)
        return style.finish(figure, name="counties", language=language, footnotes=notes)


def _dot(axes: Axes, place: int, value: float | None, symbol: str, language: str) -> None:
    """A county's dot with its number, on a light line from zero; or the symbol at zero."""
    small = style.SMALL + 0.5
    if value is None:
        axes.annotate(
            symbol,
            (0, place),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            color=style.MUTED,
            fontsize=small,
        )
        return
    axes.plot((0, value), (place, place), color=style.GRID, linewidth=1.2, zorder=1)
    axes.plot(value, place, "o", color=style.BLUE, markersize=7, zorder=3)
    axes.annotate(
        _number(value, language), (value, place), xytext=(7, 0), textcoords="offset points", va="center", fontsize=small
    )


def _country_line(axes: Axes, value: float | None, language: str) -> None:
    if value is None:
        return
    axes.axvline(value, color=style.INK, linewidth=1.2, zorder=2)
    axes.annotate(
        f"{metadata.codelist('region').label(_COUNTRY, language)}{NO_BREAK_SPACE}{_number(value, language)}",
        (value, 1),
        xycoords=("data", "axes fraction"),
        xytext=(0, 3),
        textcoords="offset points",
        ha="center",
        fontweight="bold",
    )


def _number(value: float, language: str) -> str:
    return format_number(value, language=language, decimals=metadata.measure(_MEASURE).decimals)


def _ranked(series: Series, codes: tuple[str, ...]) -> list[str]:
    """Counties with a value, the highest first, then those with a symbol."""
    published = [code for code in codes if series.value(code) is not None]
    published.sort(key=lambda code: (-series.values[code], codes.index(code)))
    return published + [code for code in codes if code in series.symbols]
