"""Below what is shown by region stands where to read what was delivered: the table, its files, its sheet."""

from __future__ import annotations

import pytest

from kvarn import metadata
from kvarn.disseminate.rendering.source_lines import source_line

DELIVERIES = "deliveries-by-municipality"
SHEETS = {"months-by-region": 6, "rates-by-municipality": 4, DELIVERIES: 20}


def lines(tables: list[str], language: str, to: str = "html") -> list[str]:
    """What is written, without the signs that keep Markdown from reading words as markup."""
    return [line.replace("\\", "") for line in source_line(tables, language, to=to, sheets=SHEETS) if line]


@pytest.mark.parametrize("language", metadata.languages)
def test_what_is_shown_by_region_leads_to_the_table_of_what_was_delivered(language: str) -> None:
    title = metadata.table(DELIVERIES).label(language).removesuffix(", {years}")
    (own, delivered) = lines(["months-by-region"], language)
    assert f"(../data/{language}/months-by-region.csv)" in own and title not in own
    assert title in delivered and f"(../data/{language}/{DELIVERIES}.csv)" in delivered
    assert f"(../database/{DELIVERIES}.px)" in delivered and f"(../{language}/tables.xlsx)" in delivered
    assert metadata.text("shown.deliveries", language, title=title, file="CSV") in delivered
    (_, on_paper) = lines(["months-by-region"], language, "pdf")
    assert title in on_paper and "PX" not in on_paper


def test_it_is_said_once_and_not_below_the_table_itself() -> None:
    assert len(lines(["months-by-region", "rates-by-municipality"], "en")) == 3
    assert len(lines([DELIVERIES, "months-by-region"], "en")) == 2
    assert len(lines(["persons-by-month"], "en")) == 1
