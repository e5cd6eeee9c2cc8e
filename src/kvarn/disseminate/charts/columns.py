"""Column charts: persons and procedures by month beside the year before, procedures by weekday."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from kvarn import metadata
from kvarn.disseminate.charts import style
from kvarn.disseminate.charts.series import Series, footnotes, of_years, read_series
from kvarn.disseminate.numbers import NO_BREAK_SPACE, format_number, format_percent
from kvarn.disseminate.protected import NIL, ProtectedTable

__all__ = ["persons_by_month", "procedures_by_month", "procedures_by_weekday", "short_month"]

_TOTAL = "T"
_HEIGHT = 3.4
_EDGE = 1.2  # points
_LOW = 2.5  # for a chart whose columns carry their values


@style.for_telephones_too
def persons_by_month(table: ProtectedTable, *, language: str, year: int) -> style.Chart:
    """Persons by month: columns for the year, a mark across each for the year before (``persons-by-month``)."""
    return _by_month(table, "persons", name="persons-by-month", language=language, year=year, sex=_TOTAL)


@style.for_telephones_too
def procedures_by_month(table: ProtectedTable, *, language: str, year: int) -> style.Chart:
    """Procedures by month: columns for the year, a mark across each for the year before (``procedures-by-month``)."""
    return _by_month(table, "procedures", name="procedures-by-month", language=language, year=year)


@style.for_telephones_too
def procedures_by_weekday(table: ProtectedTable, *, language: str, year: int) -> style.Chart:
    """Each weekday's share of the procedures of one year, Monday first (``procedures-by-weekday``)."""
    measure = "share_of_procedures"
    cells = table.where(year=year, measure=measure)
    series = read_series(cells[cells["weekday"] != _TOTAL], "weekday", label="", colour=style.BLUE)
    days = [code for code in table.definition.order("weekday") if code != _TOTAL]
    labels, decimals = metadata.variable("weekday"), metadata.measure(measure).decimals
    with style.canvas(_LOW) as (figure, axes):
        _columns(axes, series, days)
        for place, day in enumerate(days):
            value = series.value(day)
            if value is not None:
                number = NIL if day in series.nil else format_percent(value, language=language, decimals=decimals)
                axes.annotate(number, (place, value), xytext=(0, 2), textcoords="offset points", ha="center", va="bottom")
        axes.set_xticks(range(len(days)), [_of_width(labels.category(day, language), language) for day in days])
        axes.set_yticks([])
        axes.grid(visible=False)
        axes.margins(y=0.12)
        axes.set_ylim(bottom=0)
        style.label_axis(axes, metadata.measure(measure).label(language))
        notes = footnotes([series], table, language, nil=series.shows_nil(days))
        return style.finish(figure, name="procedures-by-weekday", language=language, footnotes=notes)


def _by_month(table: ProtectedTable, measure: str, *, name: str, language: str, year: int, **codes: str) -> style.Chart:
    cells = table.where(measure=measure, **codes)
    cells = cells[cells["month"] != _TOTAL]
    this, before = (
        read_series(cells[cells["year"] == shown], "month", label=str(shown), colour=colour)
        for shown, colour in ((year, style.BLUE), (year - 1, style.INK))
    )
    months = [code for code in table.definition.order("month") if code != _TOTAL]
    drawn = [this, before] if of_years(table, [year - 1]) else [this]
    with style.canvas(_HEIGHT) as (figure, axes):
        _columns(axes, this, months)
        _name_inside(axes, this, months)
        if len(drawn) > 1:
            _marks(axes, before, months)
            _withheld_marks(axes, before, this, months)
        names = [short_month(month, language) for month in months]
        axes.set_xticks(range(len(months)), names, rotation=90 if style.is_narrow() else 0)
        axes.set_xlim(-0.6, len(months) - 0.4)
        axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: format_number(value, language=language)))
        style.label_axis(axes, metadata.measure(measure).unit[language])
        return style.finish(figure, name=name, language=language, footnotes=footnotes(drawn, table, language))


def _columns(axes: Axes, series: Series, codes: Sequence[str]) -> None:
    """A column for each published value, and the symbol on the axis for the others."""
    for place, code in enumerate(codes):
        value = series.value(code)
        if value is not None:
            # One too low to be seen is as high as its edge is wide; nothing is drawn of zero.
            axes.bar(place, value, width=0.72, color=series.colour, edgecolor=series.colour, linewidth=_EDGE if value else 0)
        else:
            axes.text(place, 0, series.symbols.get(code, ""), ha="center", va="bottom", color=style.MUTED)


def _name_inside(axes: Axes, series: Series, codes: Sequence[str]) -> None:
    """The name of the columns inside the first of them that is published."""
    first = next((place for place, code in enumerate(codes) if series.value(code) is not None), None)
    if first is not None:
        middle = series.values[codes[first]] / 2
        axes.text(first, middle, series.label, ha="center", va="center", color="white", fontweight="bold", rotation=90)


def _marks(axes: Axes, series: Series, codes: Sequence[str]) -> None:
    """A line across each column, as wide as it is, with a white edge that shows it on the column as well as above."""
    published = [place for place, code in enumerate(codes) if series.value(code) is not None]
    if not published:
        return
    heights = [series.values[codes[place]] for place in published]
    left, right = [place - 0.42 for place in published], [place + 0.42 for place in published]
    axes.hlines(heights, left, right, colors="white", linewidth=4.4)
    axes.hlines(heights, left, right, colors=series.colour, linewidth=2)
    axes.annotate(
        f"{NO_BREAK_SPACE}{series.label}",
        (published[-1] + 0.45, heights[-1]),
        va="center",
        color=series.colour,
        annotation_clip=False,
    )


def _withheld_marks(axes: Axes, series: Series, columns: Series, codes: Sequence[str]) -> None:
    """Above the columns, the symbols of the marks that are not there, each with the year that it stands for."""
    for place, code in enumerate(codes):
        symbol = series.symbols.get(code)
        if symbol is not None:
            axes.annotate(
                f"{series.label}\n{symbol}",
                (place, columns.value(code) or 0),
                # Over the symbol of a column that is not there either.
                xytext=(0, 2 if columns.value(code) is not None else 14),
                textcoords="offset points",
                ha="center",
                va="bottom",
                color=series.colour,
                fontsize=style.SMALL,
                linespacing=1.0,
            )


def short_month(month: str, language: str) -> str:
    """The month's first three letters."""
    return _in_a_row(metadata.codelist("month").label(month, language)[:3], language)


def _of_width(day: str, language: str) -> str:
    """A weekday's name, or its first three letters where there is no room for it."""
    return _in_a_row(day[:3] if style.is_narrow() else day, language)


def _in_a_row(label: str, language: str) -> str:
    """Swedish does not begin months and weekdays with a capital."""
    return label.lower() if language == "sv" else label
