"""What tells women and men, quartiles and confidence intervals, apart without colour; and bars too short to be seen."""

from __future__ import annotations

import re

import pytest
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from kvarn.disseminate import charts
from kvarn.disseminate.charts import bars, intervals, style
from kvarn.disseminate.charts.series import Series
from kvarn.disseminate.protected import ProtectedTables


def interval(marker: str = "o") -> intervals.Interval:
    parts = [Series("", style.BLUE, {"a": value}, {}) for value in (2.0, 5.0, 9.0)]
    return intervals.Interval("Women", style.BLUE, marker, *parts)


def drawn_with(*, quartiles: bool) -> tuple[int, int]:
    """How many boxes and lines an interval is drawn with."""
    with style.canvas(2) as (_, axes):
        intervals.draw_interval(axes, interval(), "a", 0, quartiles=quartiles)
        return len(axes.patches), len(axes.lines)


def test_women_and_men_differ_in_marks_and_in_the_pattern_of_their_bars() -> None:
    assert len(set(style.SEX_MARKERS.values())) == 3
    assert style.SEX_HATCHES["1"] != style.SEX_HATCHES["2"]


@pytest.mark.parametrize("draw", [charts.persons_by_age, charts.persons_per_1000])
def test_the_bars_of_men_have_a_pattern_and_those_of_women_none(tables: ProtectedTables, draw: object) -> None:
    svg = draw(tables["persons-by-year-sex-age"], language="sv", year=2023).svg  # type: ignore[operator]
    filled = re.findall(r"fill: (url\(#[^)]+\)|#b84a00|#0072b2)", svg)
    assert {one for one in filled if one.startswith("url")} and filled.count("#b84a00") > 5
    (pattern,) = re.findall(r"<pattern.*?</pattern>", svg, re.DOTALL)
    assert "#0072b2" in pattern and "#b84a00" not in pattern


def test_each_line_has_dots_of_its_own(tables: ProtectedTables) -> None:
    svg = charts.persons_by_year(tables["persons-by-year-sex-age"], language="sv", years=range(2017, 2024)).svg
    shapes = re.findall(r'<path id="[\w-]*-m[0-9a-f]+" d="([^"]+)"', svg)
    assert len(set(shapes)) == 3


def test_quartiles_have_a_box_and_confidence_intervals_a_line() -> None:
    (boxes, lines), (no_box, more_lines) = drawn_with(quartiles=True), drawn_with(quartiles=False)
    assert (boxes, no_box) == (1, 0) and more_lines > lines == 1


def widths(axes: Axes) -> list[float]:
    """How wide each bar is to the eye, in points."""
    pixels = axes.figure.dpi / 72
    found = []
    for patch in (one for one in axes.patches if isinstance(one, Rectangle)):
        left, right = axes.transData.transform([(0, 0), (patch.get_width(), 0)])[:, 0]
        found.append((right - left) / pixels + patch.get_linewidth())
    return found


def test_no_bar_is_too_short_to_be_seen_and_nothing_is_drawn_of_zero() -> None:
    with style.canvas(2) as (_, axes):
        for place, value in enumerate((1_000_000.0, 1.0, 0.0)):
            bars.draw_bar(axes, place, value, 0.6, style.BLUE)
        axes.set_xlim(0, 1_000_000)
        edges = [one for one in axes.patches if one.get_linewidth() > 0]
        assert len(edges) == 2 and min(widths(axes)[1::2]) >= 1.2
