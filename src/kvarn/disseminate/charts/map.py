"""The map of municipalities, in classes, with the two densest counties enlarged."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from kvarn import metadata
from kvarn.disseminate.charts import style
from kvarn.disseminate.charts.series import Series, footnotes, read_series
from kvarn.disseminate.map_boundaries import Rings, county_boundaries, municipality_boundaries
from kvarn.disseminate.numbers import format_number
from kvarn.disseminate.partly import partly_reported
from kvarn.disseminate.protected import ProtectedTable

__all__ = ["municipalities"]

# The counties with many small municipalities, which the map of the country cannot show.
_ENLARGED = ("01", "12")
# How unlike in size classes may be for the sake of round limits.
_LEAST, _MOST = 0.75, 1.25
_HEIGHT = 7.2
_HATCH = "/////"
_NOT_AVAILABLE, _GREY = "..", "#E4E4E4"
_DOTTED = "...."
_BORDER = "#8796A5"  # seen on the lightest class as on the darkest
# Where they stand beside the country, in shares of the figure: left, bottom, width, height.
_PLACES = ((0.53, 0.345, 0.45, 0.285), (0.53, 0.055, 0.45, 0.25))
_LEGEND = (0.53, 0.66, 0.45, 0.31)
# On a telephone the legend stands above, and the country and the counties below it.
_LEGEND_ABOVE, _COUNTRY_BELOW = (0.02, 0.7, 0.94, 0.29), (0.0, 0.05, 0.6, 0.64)
_PLACES_ABOVE = ((0.6, 0.4, 0.39, 0.24), (0.6, 0.08, 0.39, 0.22))


@dataclass(frozen=True)
class _Class:
    """One class of the map: its colour, the words of the legend, its municipalities."""

    colour: str
    label: str
    codes: tuple[str, ...]
    withheld: bool = False
    partly: bool = False

    @property
    def hatch(self) -> str | None:
        """What is drawn over the colour: patterns, so that it can be told without colour."""
        if self.partly:
            return _DOTTED
        return _HATCH if self.withheld and self.label != _NOT_AVAILABLE else None

    def within(self, county: str) -> _Class:
        """The class with the municipalities of one county alone."""
        return replace(self, codes=tuple(code for code in self.codes if code.startswith(county)))


@style.for_telephones_too
def municipalities(table: ProtectedTable, *, language: str, year: int, age: str = "65+") -> style.Chart:
    """Persons per 1,000 inhabitants of an age by municipality, as a map (``rates-by-municipality``).

    Five classes of about as many municipalities each, with round numbers for limits. Suppressed ones are hatched, those of which
    nothing was reported are grey, and those of which a part of the year was reported are dotted over their class.
    """
    measure = "persons_per_1000"
    cells = table.where(year=year, age=age, measure=measure)
    read = read_series(cells[cells["region"].str.len() == 4], "region", label="", colour=style.BLUE)
    classes = _classes(read, measure, language)
    if partly := partly_reported(table, year, [str(code) for code in read.values]):
        classes.append(_Class("none", style.words("part-of-year", language), tuple(sorted(partly)), partly=True))
    title = f"{metadata.measure(measure).label(language)},\n{metadata.codelist('age').label(age, language)}"
    legend, places = (_LEGEND_ABOVE, _PLACES_ABOVE) if style.is_narrow() else (_LEGEND, _PLACES)
    with style.canvas(_HEIGHT) as (figure, country):
        _draw(country, classes, county_boundaries().values())
        country.set_anchor("W")
        if style.is_narrow():
            country.set_in_layout(False)
            country.set_position(_COUNTRY_BELOW)
        _legend(figure.add_axes(legend), classes, title, language)
        for code, place in zip(_ENLARGED, places, strict=True):
            enlarged = figure.add_axes(place)
            _draw(enlarged, [one.within(code) for one in classes], [county_boundaries()[code]], line=0.35)
            enlarged.set_anchor("NW")
            name = metadata.codelist("region").label(code, language)
            enlarged.set_title(name, loc="left", fontsize=style.SMALL, color=style.INK, pad=4)
        notes = footnotes([read], table, language)
        return style.finish(figure, name="municipalities", language=language, footnotes=notes)


def class_limits(values: Sequence[float], classes: int = len(style.CLASSES)) -> list[float]:
    """Limits between classes of about equal size, at numbers as round as they can be; fewer where many values are alike.

    All are multiples of one number: the largest of 1, 2, 5, 10, 20, 50 and so on by which each class has at least three and at
    most five quarters of the values that it would have were all of a size.
    """
    if not values:
        return []
    inner = np.quantile(np.asarray(values), np.linspace(0, 1, classes + 1)[1:-1])
    for step in _round_numbers(max(values)):
        limits = _at_multiples(inner, step, values)
        sizes = _sizes(values, limits)
        share = len(values) / classes
        if len(limits) == classes - 1 and _LEAST * share <= min(sizes) and max(sizes) <= _MOST * share:
            return limits
    return _at_multiples(inner, 1, values)


def _round_numbers(largest: float) -> Iterator[int]:
    """50, 20, 10, 5, 2, 1: falling, from the first that is no more than `largest`."""
    numbers = (factor * 10**power for power in range(len(str(int(largest))), -1, -1) for factor in (5, 2, 1))
    return (number for number in numbers if number <= max(largest, 1))


def _at_multiples(limits: Iterable[float], step: int, values: Sequence[float]) -> list[float]:
    rounded = (float(step * round(limit / step)) for limit in limits)
    return sorted({limit for limit in rounded if min(values) < limit <= max(values)})


def _sizes(values: Sequence[float], limits: Sequence[float]) -> list[int]:
    edges = [-math.inf, *limits, math.inf]
    return [sum(lower <= value < upper for value in values) for lower, upper in pairwise(edges)]


def _classes(read: Series, measure: str, language: str) -> list[_Class]:
    """The classes of the published values, then one for each symbol."""
    limits = class_limits(list(read.values.values()))
    edges = [-math.inf, *limits, math.inf] if read.values else []
    found = [
        _Class(
            colour,
            _words(lower, upper, read, measure, language),
            tuple(sorted(str(code) for code, value in read.values.items() if lower <= value < upper)),
        )
        for colour, (lower, upper) in zip(style.CLASSES, pairwise(edges), strict=False)
    ]
    for symbol in metadata.codelist("symbol").codes:
        if codes := tuple(sorted(str(code) for code, shown in read.symbols.items() if shown == symbol)):
            found.append(_Class(_GREY if symbol == _NOT_AVAILABLE else "white", symbol, codes, withheld=True))
    return found


def _words(lower: float, upper: float, read: Series, measure: str, language: str) -> str:
    """What the legend calls a class; its last value is the greatest that the measure's decimals can show."""
    decimals = metadata.measure(measure).decimals

    def number(value: float) -> str:
        return format_number(value, language=language, decimals=decimals)

    if math.isinf(lower) and math.isinf(upper):
        values = read.values.values()
        return style.words("between", language, lower=number(min(values)), upper=number(max(values)))
    if math.isinf(lower):
        return style.words("below", language, upper=number(upper))
    if math.isinf(upper):
        return style.words("above", language, lower=number(lower))
    return style.words("between", language, lower=number(lower), upper=number(upper - 10.0**-decimals))


def _draw(axes: Axes, classes: Sequence[_Class], outlines: Iterable[Rings], line: float = 0.25) -> None:
    boundaries = municipality_boundaries()
    for one in classes:
        rings = [ring for code in one.codes for ring in boundaries.get(code, ())]
        if not rings:
            continue
        patch = PathPatch(_path(rings), facecolor=one.colour, edgecolor=_BORDER, linewidth=line)
        if one.hatch:
            patch.set(hatch=one.hatch, edgecolor=style.MUTED)
        axes.add_patch(patch)
    for outline in outlines:
        axes.add_patch(PathPatch(_path(outline), facecolor="none", edgecolor=style.INK, linewidth=2 * line))
    axes.set_aspect("equal")
    axes.autoscale_view()
    axes.set_axis_off()


def _path(rings: Iterable[np.ndarray]) -> Path:
    return Path.make_compound_path(*(Path(ring, closed=True) for ring in rings))


def _legend(axes: Axes, classes: Sequence[_Class], title: str, language: str) -> None:
    """The highest class on top, each with its number of municipalities; symbols last."""
    axes.set_axis_off()
    axes.text(0, -2.1, title, va="top", fontsize=style.SMALL, color=style.MUTED, linespacing=1.3)
    plain = [one for one in reversed(classes) if not one.withheld and not one.partly]
    rows = [*plain, *(one for one in classes if one.withheld), *(one for one in classes if one.partly)]
    axes.set(xlim=(0, 10), ylim=(max(7.6, len(rows) + 0.6), -2.2))
    for place, one in enumerate(rows):
        box = Rectangle((0, place + 0.12), 0.95, 0.76, facecolor=one.colour, edgecolor=style.MUTED, linewidth=0.6)
        if one.hatch:
            box.set_hatch(one.hatch)
        axes.add_patch(box)
        axes.text(1.3, place + 0.5, one.label, va="center")
        if one.partly:
            # They are counted in their classes already.
            continue
        count = format_number(len(one.codes), language=language)
        key = "municipality" if len(one.codes) == 1 else "municipalities"
        axes.text(9.9, place + 0.5, style.words(key, language, count=count), va="center", ha="right", color=style.MUTED)
