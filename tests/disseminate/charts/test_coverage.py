"""The picture of what was delivered: a number where files are lacking, nothing where none is, and no field where none was due."""

from __future__ import annotations

import re

import pytest

from kvarn import metadata
from kvarn.disseminate import charts
from kvarn.disseminate.charts import coverage, style
from kvarn.disseminate.protected import ProtectedTable, ProtectedTables

YEAR = 2023


def texts(svg: str) -> list[str]:
    return [text.strip() for text in re.findall(r"<!-- (.*?) -->", svg, flags=re.DOTALL)]


def with_figures(tables: ProtectedTables, **values: float) -> ProtectedTable:
    """The table with these figures in every cell, but for the months 01 (nothing lacks) and 12 (nothing is due)."""
    table = tables["deliveries-by-municipality"]
    frame = table.frame.copy()
    for measure, value in values.items():
        for month, of_month in (("01", 0.0), ("12", 0.0)):
            here = (frame["measure"] == measure) & (frame["month"] == month)
            frame.loc[here, "value"] = of_month if measure == "files_lacking" or month == "12" else value
        frame.loc[(frame["measure"] == measure) & ~frame["month"].isin(["01", "12"]), "value"] = value
    return ProtectedTable(table.definition, frame)


def test_each_number_is_that_of_the_files_that_are_lacking(tables: ProtectedTables) -> None:
    source = tables["deliveries-by-municipality"]
    regions = ["00", *metadata.codelist("region").children("00")]
    months = metadata.codelist("month").leaves
    cells = source.where(year=YEAR, measure="files_lacking", region=regions, month=list(months))
    lacking = sorted(int(value) for value in cells["value"] if value)
    for svg in (drawn := charts.delivered_months(source, language="sv", year=YEAR)).svg, drawn.narrow:
        assert sorted(int(text) for text in texts(svg) if text.isdigit()) == lacking


def test_there_is_a_number_only_where_files_were_due_and_are_lacking(tables: ProtectedTables) -> None:
    table = with_figures(tables, files_due=20.0, files_lacking=3.0)
    svg = charts.delivered_months(table, language="en", year=YEAR).svg
    assert [text for text in texts(svg) if text.isdigit()] == ["3"] * (22 * 10 * 2)
    # All fields of a class are one shape, of each of the two file types; the legend has the colour too.
    assert svg.count(style.CLASSES[2].lower()) == 2 + 1 and style.CLASSES[0].lower() in svg


def test_where_nothing_was_due_yet_the_picture_is_empty(tables: ProtectedTables) -> None:
    svg = charts.delivered_months(with_figures(tables, files_due=0.0, files_lacking=0.0), language="sv", year=YEAR).svg
    assert not [text for text in texts(svg) if text.isdigit()]


@pytest.mark.parametrize(("share", "level"), [(0.001, 0), (0.05, 0), (0.051, 1), (0.25, 2), (0.5, 3), (0.51, 4), (1.0, 4)])
def test_a_field_is_the_darker_the_larger_the_share_that_is_lacking(share: float, level: int) -> None:
    assert coverage._level(share) == level


def test_words_on_a_field_can_be_read() -> None:
    """By WCAG's contrast, 4.5 to 1; the colours are none of those that a page turns with light and dark."""

    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [one / 12.92 if one <= 0.03928 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for level, colour in enumerate(style.CLASSES):
        ink = coverage._ON_DARK if level >= coverage._DARK else coverage._ON_LIGHT
        dark, light = sorted((luminance(colour), luminance(ink)))
        assert (light + 0.05) / (dark + 0.05) >= 4.5, level
