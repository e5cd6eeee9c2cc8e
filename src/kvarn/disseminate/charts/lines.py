"""Line charts: development over the years, with labels at the lines' ends instead of a legend."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from kvarn import metadata
from kvarn.disseminate.charts import style
from kvarn.disseminate.charts.series import NOT_APPLICABLE, Series, footnotes, of_sexes, of_years, read_series
from kvarn.disseminate.numbers import NO_BREAK_SPACE, format_number, format_percent
from kvarn.disseminate.protected import NIL, SUPPRESSED, ProtectedTable
from kvarn.programme import current_programme

__all__ = [
    "assessing_treating",
    "late_files",
    "new_and_continuing",
    "persons_by_year",
    "persons_with_procedure",
    "unit_non_response",
]

_MOST_NAMES = 4
_HEIGHT = 3.5
# Of the same size to the eye.
_DOTS = {"o": 5.2, "s": 5.0, "^": 6.0}
_LINE_OF_TEXT = 0.075  # the height of one, as a share of the axis


@style.for_telephones_too
def persons_by_year(table: ProtectedTable, *, language: str, years: Iterable[int]) -> style.Chart:
    """Persons by year: both sexes, women, men; the line is broken where the way of reporting changed.

    Parameters
    ----------
    table
        ``persons-by-year-sex-age``.
    language
        ``sv`` or ``en``.
    years
        The years of the horizontal axis; those that the table lacks are left out.
    """
    cells = table.where(measure="persons", age="T", year=list(years))
    series = _by_sex(cells, language)
    broken = current_programme().about.comparable_from
    return _lines(table, series, "persons", name="persons-by-year", language=language, years=years, broken=broken)


@style.for_telephones_too
def new_and_continuing(table: ProtectedTable, *, language: str, years: Iterable[int]) -> style.Chart:
    """New and continuing persons by year (``persons-new-and-continuing``), and those who cannot be followed where there are any.

    Years without any figure are left out: the first of the series has no year before to compare with.
    """
    cells = table.where(measure="persons", sex="T", age="T", year=list(years))
    labels = metadata.variable("continuity")
    colours = {"continuing": style.BLUE, "new": style.ORANGE, "unknown": style.MUTED}
    read = {
        code: read_series(cells[cells["continuity"] == code], "year", label=labels.category(code, language), colour=colour)
        for code, colour in colours.items()
    }
    unfollowed = read["unknown"]
    there = any(unfollowed.values.values()) or SUPPRESSED in unfollowed.symbols.values()
    series = [read["continuing"], read["new"], *([unfollowed] if there else [])]
    told = {year for one in series for year in (*one.values, *(y for y, symbol in one.symbols.items() if symbol == SUPPRESSED))}
    shown = [year for year in of_years(table, years) if year in told] or of_years(table, years)
    kept = [replace(one, symbols={year: symbol for year, symbol in one.symbols.items() if year in shown}) for one in series]
    broken = current_programme().about.comparable_from
    return _lines(table, kept, "persons", name="new-and-continuing", language=language, years=shown, broken=broken)


@style.for_telephones_too
def persons_with_procedure(table: ProtectedTable, *, language: str, years: Iterable[int]) -> style.Chart:
    """Persons with any procedure in per cent of all persons, by year and sex (``persons-with-procedure-by-kind``)."""
    cells = table.where(measure="share_of_persons", kind="T", year=list(years))
    series = _by_sex(cells, language)
    return _lines(table, series, "share_of_persons", name="persons-with-procedure", language=language, years=years)


@style.for_telephones_too
def assessing_treating(table: ProtectedTable, *, language: str, years: Iterable[int]) -> style.Chart:
    """Persons with assessing and with treating procedures in per cent of those with any, by year.

    From ``persons-with-procedure-by-kind``.
    """
    measure = "share_of_persons_with_procedure"
    cells = table.where(measure=measure, sex="T", year=list(years))
    labels = metadata.variable("kind")
    series = [
        read_series(cells[cells["kind"] == kind], "year", label=labels.category(kind, language), colour=colour)
        for kind, colour in (("treating", style.GREEN), ("assessing", style.PURPLE))
    ]
    return _lines(table, series, measure, name="assessing-treating", language=language, years=years)


@style.for_telephones_too
def unit_non_response(table: ProtectedTable, *, language: str, years: Iterable[int]) -> style.Chart:
    """Files missing or rejected in per cent of the files due, by year and file type (``deliveries-by-year``)."""
    return _by_file_type(table, "unit_non_response", name="unit-non-response", language=language, years=years)


@style.for_telephones_too
def late_files(table: ProtectedTable, *, language: str, years: Iterable[int]) -> style.Chart:
    """Files that came late in per cent of those that came, by year and file type (``deliveries-by-year``)."""
    return _by_file_type(table, "late_rate", name="late-files", language=language, years=years)


def _by_sex(cells: pd.DataFrame, language: str) -> list[Series]:
    return of_sexes(cells, "year", style.SEX_COLOURS, language)


def _by_file_type(table: ProtectedTable, measure: str, *, name: str, language: str, years: Iterable[int]) -> style.Chart:
    cells = table.where(measure=measure, year=list(years))
    labels = metadata.variable("file_type")
    colours = dict(zip(current_programme().about.file_types, (style.BLUE, style.ORANGE), strict=False))
    series = [
        read_series(cells[cells["file_type"] == kind], "year", label=labels.category(kind, language), colour=colour)
        for kind, colour in colours.items()
    ]
    return _lines(table, series, measure, name=name, language=language, years=years)


def _lines(
    table: ProtectedTable,
    series: Sequence[Series],
    measure: str,
    *,
    name: str,
    language: str,
    years: Iterable[int],
    broken: int | None = None,
) -> style.Chart:
    """A line chart over the years of `table`; `broken` is the first year of a new way of measuring."""
    shown = of_years(table, years)
    notes = footnotes(series, table, language, nil=any(one.shows_nil(shown[-1:]) for one in series))
    with style.canvas(_HEIGHT) as (figure, axes):
        bottom, top = _limits(series, measure, room=1.14 if broken in shown[1:] else 1.05)
        if bottom > 0:
            notes.insert(0, style.words("axis", language))
        axes.set(xlim=(shown[0] - 0.3, shown[-1] + 0.1), ylim=(bottom, top))
        # On a telephone every second year has its name, the last among them.
        named = shown[::-1][:: 2 if style.is_narrow() and len(shown) > _MOST_NAMES else 1][::-1]
        axes.set_xticks(named, [str(year) for year in named])
        axes.yaxis.set_major_locator(MaxNLocator(5, integer=metadata.measure(measure).decimals == 0))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _tick(value, measure, language)))
        style.label_axis(axes, _axis_title(measure, language))
        for one in _told_apart(series):
            _draw(axes, one, shown, broken)
        if broken in shown[1:]:
            _mark_break(axes, broken, language)
        _label_ends(axes, series, shown, measure, language)
        return style.finish(figure, name=name, language=language, footnotes=notes)


def _told_apart(series: Sequence[Series]) -> list[Series]:
    """Each line with dots of its own: colours are alike in grey print."""
    if len({one.marker for one in series}) == len(series):
        return list(series)
    return [replace(one, marker=marker) for one, marker in zip(series, itertools.cycle(_DOTS))]


def _limits(series: Sequence[Series], measure: str, room: float) -> tuple[float, float]:
    """From zero; but shares that all exceed one half have an axis near them, which the chart then says below itself."""
    values = [value for one in series for value in one.values.values()]
    if not values or max(values) == 0:
        return 0.0, 1.0
    low, high = min(values), max(values)
    if not _is_percentage(measure) or low <= 50:
        return 0.0, high * room
    margin = max((high - low) * 0.25, 1.0)
    return low - margin, high + margin * room


def _draw(axes: Axes, series: Series, shown: Sequence[int], broken: int | None) -> None:
    """A line between neighbouring years that are published and comparable, a dot for each year, symbols on the axis."""
    for year, following in pairwise(shown):
        ends = [series.values[end] for end in (year, following) if end in series.values]
        if len(ends) == 2 and following != broken:
            axes.plot((year, following), ends, color=series.colour)
    published = [year for year in shown if series.value(year) is not None]
    heights = [series.values[year] for year in published]
    axes.plot(published, heights, series.marker, color=series.colour, markersize=_DOTS[series.marker], clip_on=False)
    for year in shown:
        symbol = series.symbols.get(year, NOT_APPLICABLE)
        if symbol != NOT_APPLICABLE:
            place = axes.get_xaxis_transform()
            axes.text(year, 0.02, symbol, color=series.colour, ha="center", va="bottom", transform=place)


def _mark_break(axes: Axes, year: int, language: str) -> None:
    axes.axvline(year - 0.5, color=style.MUTED, linewidth=1, linestyle=(0, (4, 3)))
    words = style.words("break", language, year=year)
    place = axes.get_xaxis_transform()
    axes.text(year - 0.42, 0.985, words, color=style.MUTED, fontsize=style.SMALL, va="top", transform=place)


def _label_ends(axes: Axes, series: Sequence[Series], shown: Sequence[int], measure: str, language: str) -> None:
    """Each line's name and value beside its last dot, moved apart where they would touch."""
    bottom, top = axes.get_ylim()
    labelled = [(one, max(year for year in shown if one.value(year) is not None)) for one in series if one.values]
    labelled.sort(key=lambda pair: pair[0].values[pair[1]])
    words = [_end(one, shown[-1], measure, language) for one, _ in labelled]
    least = (top - bottom) * _LINE_OF_TEXT * max((text.count("\n") + 1 for text in words), default=1)
    heights = _apart([one.values[year] for one, year in labelled], least)
    for (one, _), text, height in zip(labelled, words, heights, strict=True):
        axes.annotate(text, (shown[-1] + 0.18, height), color=one.colour, va="center", annotation_clip=False)


def _end(series: Series, last: int, measure: str, language: str) -> str:
    """The name, on two lines where it is long, and the value of the last year where that is published."""
    name, value = textwrap.fill(series.label, 20), series.value(last)
    if value is None:
        return name
    if last in series.nil:
        return f"{name}{NO_BREAK_SPACE}{NIL}"
    decimals = metadata.measure(measure).decimals
    form = format_percent if _is_percentage(measure) else format_number
    return f"{name}{NO_BREAK_SPACE}{form(value, language=language, decimals=decimals)}"


def _apart(heights: Sequence[float], least: float) -> list[float]:
    """Rising heights, moved as little as may be until each is `least` above the one before."""
    blocks: list[tuple[float, int]] = []
    for height in heights:
        middle, size = height, 1
        while blocks and middle - (size - 1) * least / 2 < blocks[-1][0] + (blocks[-1][1] + 1) * least / 2:
            below, count = blocks.pop()
            middle, size = (below * count + middle * size) / (count + size), count + size
        blocks.append((middle, size))
    return [middle + (place - (size - 1) / 2) * least for middle, size in blocks for place in range(size)]


def _is_percentage(measure: str) -> bool:
    return metadata.measure(measure).unit["en"] == "per cent"


def _axis_title(measure: str, language: str) -> str:
    """What is measured: the name of a share, whose axis has percent signs; else the unit."""
    declared = metadata.measure(measure)
    return declared.label(language) if _is_percentage(measure) else declared.unit[language]


def _tick(value: float, measure: str, language: str) -> str:
    if _is_percentage(measure):
        return format_percent(value, language=language, decimals=0 if value == round(value) else 1)
    return format_number(value, language=language)
