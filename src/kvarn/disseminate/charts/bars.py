"""Bar charts: persons by age and sex, procedures by group and by profession."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from matplotlib.axes import Axes

from kvarn import metadata
from kvarn.disseminate.charts import style
from kvarn.disseminate.charts.series import Series, footnotes, of_sexes, read_series
from kvarn.disseminate.numbers import format_number
from kvarn.disseminate.protected import NIL, ProtectedTable

__all__ = ["draw_bar", "label_rows", "persons_by_age", "persons_per_1000", "procedure_groups", "professions"]

_TOTAL = "T"
_ROW = 0.47  # inches for a row with two bars
_SINGLE = 0.27  # and with one
_SECOND_LINE = 0.12  # more where a name has two lines
_FRAME = 0.75  # inches for the axis' title and the footnotes
_EDGE = 1.2  # points: so wide is the shortest bar
_GAP = 0.012  # between a bar and its value, as a share of the axis


@style.for_telephones_too
def persons_by_age(table: ProtectedTable, *, language: str, year: int) -> style.Chart:
    """Persons by age and sex in one year (``persons-by-year-sex-age``)."""
    return _by_age_and_sex(table, "persons", name="persons-by-age", language=language, year=year)


@style.for_telephones_too
def persons_per_1000(table: ProtectedTable, *, language: str, year: int) -> style.Chart:
    """Persons per 1,000 inhabitants by age and sex in one year (``persons-by-year-sex-age``)."""
    return _by_age_and_sex(table, "persons_per_1000", name="persons-per-1000", language=language, year=year)


@style.for_telephones_too
def procedure_groups(table: ProtectedTable, *, language: str, year: int, measure: str = "procedures") -> style.Chart:
    """Procedures (or `measure`) by procedure group in one year, the largest first (``procedures-by-group``)."""
    cells = table.where(year=year, sex=_TOTAL, measure=measure)
    colour = style.BLUE if measure == "procedures" else style.GREEN
    series = read_series(cells[cells["procedure_group"] != _TOTAL], "procedure_group", label="", colour=colour)
    return _ranked(table, series, "procedure_group", measure, name="procedure-groups", language=language)


@style.for_telephones_too
def professions(table: ProtectedTable, *, language: str, year: int, measure: str = "procedures") -> style.Chart:
    """Procedures (or `measure`) by profession in one year, the largest first (``procedures-by-profession``)."""
    cells = table.where(year=year, measure=measure)
    series = read_series(cells[cells["profession"] != _TOTAL], "profession", label="", colour=style.BLUE)
    return _ranked(table, series, "profession", measure, name="professions", language=language)


def _by_age_and_sex(table: ProtectedTable, measure: str, *, name: str, language: str, year: int) -> style.Chart:
    cells = table.where(year=year, measure=measure)
    listed = metadata.codelist("age")
    ages = [age for age in listed.leaves if age in set(cells["age"])]
    leaves = cells[cells["age"].isin(ages)]
    series = of_sexes(leaves, "age", (sex for sex in style.SEX_COLOURS if sex != _TOTAL), language)
    with style.canvas(_FRAME + _ROW * len(ages)) as (figure, axes):
        label_rows(axes, [listed.label(age, language) for age in ages])
        for one, offset in zip(series, (-0.2, 0.2), strict=True):
            _bars(axes, one, ages, measure, language, offset=offset, thickness=0.37)
        _name_pair(axes, series, ages)
        style.label_axis(axes, metadata.measure(measure).unit[language])
        return style.finish(figure, name=name, language=language, footnotes=_notes(series, ages, table, language))


def _ranked(table: ProtectedTable, series: Series, variable: str, measure: str, *, name: str, language: str) -> style.Chart:
    """One bar a category, the largest first, those with a symbol last; categories with nil are left out."""
    order = table.definition.order(variable)
    shown = sorted((code for code in order if series.value(code)), key=lambda code: -series.values[code])
    shown += [code for code in order if code in series.symbols]
    labels = metadata.variable(variable)
    names = [
        textwrap.fill(labels.category(code, language), 26 if style.is_narrow() else 44, break_long_words=False) for code in shown
    ]
    row = _SINGLE + _SECOND_LINE * any("\n" in name for name in names)
    with style.canvas(_FRAME + row * len(shown)) as (figure, axes):
        label_rows(axes, names)
        _bars(axes, series, shown, measure, language, offset=0, thickness=0.68)
        style.label_axis(axes, metadata.measure(measure).unit[language])
        return style.finish(figure, name=name, language=language, footnotes=_notes([series], shown, table, language))


def label_rows(axes: Axes, labels: Sequence[str]) -> None:
    """Horizontal bars need no scale below them: each carries its value."""
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.45, -0.55)
    axes.set_xticks([])
    axes.grid(visible=False)
    axes.spines["left"].set_visible(True)
    axes.spines["bottom"].set_visible(False)


def draw_bar(axes: Axes, place: float, value: float, thickness: float, colour: str, hatch: str = "") -> None:
    """A bar to the right of zero; one too short to be seen is as long as its edge is wide, and nothing is drawn of zero."""
    if not value:
        return
    # The pattern has the colour of the paper, and would take the edge's.
    axes.barh(place, value, height=thickness, facecolor=colour, edgecolor="white", linewidth=0, hatch=hatch)
    axes.barh(place, value, height=thickness, facecolor="none", edgecolor=colour, linewidth=_EDGE)


def _notes(series: Sequence[Series], codes: Sequence[str], table: ProtectedTable, language: str) -> list[str]:
    return footnotes(series, table, language, nil=any(one.shows_nil(codes) for one in series))


def _bars(
    axes: Axes, series: Series, codes: Sequence[str], measure: str, language: str, *, offset: float, thickness: float
) -> None:
    """The published values as bars with their numbers, and the symbol where a bar would begin for the others."""
    decimals = metadata.measure(measure).decimals
    for place, code in enumerate(codes):
        value = series.value(code)
        if value is not None:
            draw_bar(axes, place + offset, value, thickness, series.colour, series.hatch)
        number = "" if value is None else format_number(value, language=language, decimals=decimals)
        number = NIL if code in series.nil else number
        axes.annotate(
            number or series.symbols.get(code, ""),
            (value or 0, place + offset),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            color=style.INK if value is not None else style.MUTED,
            fontsize=style.SMALL + 0.5,
        )
    axes.set_xlim(left=0)


def _name_pair(axes: Axes, series: Sequence[Series], ages: Sequence[str]) -> None:
    """Women and men are named inside the two bars that have most room for it."""
    complete = [age for age in ages if all(one.value(age) is not None for one in series)]
    if not complete:
        return
    roomiest = max(complete, key=lambda age: min(one.values[age] for one in series))
    for one, offset in zip(series, (-0.2, 0.2), strict=True):
        axes.annotate(
            one.label,
            (0, ages.index(roomiest) + offset),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            color="white",
            fontweight="bold",
            fontsize=style.SMALL + 0.5,
            # Its own ground, so that a pattern does not run through the word.
            bbox={"facecolor": one.colour, "edgecolor": "none", "pad": 0.8},
        )
