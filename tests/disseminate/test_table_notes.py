"""Whoever reads a table anywhere reads how many municipalities are in it, or where that stands."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from kvarn import metadata
from kvarn.disseminate.protected import ProtectedTable, ProtectedTables
from kvarn.disseminate.table_notes import table_notes
from kvarn.edition import Edition, load_edition


@pytest.fixture
def edition() -> Edition:
    return load_edition(Path(__file__).parents[2] / "params" / "demo.yml", published=True)


@pytest.mark.parametrize("language", metadata.languages)
def test_every_table_made_of_deliveries_says_what_is_in_it(tables: ProtectedTables, edition: Edition, language: str) -> None:
    deliveries = metadata.table("deliveries-by-year").label(language).removesuffix(", {years}")
    for table in metadata.tables():
        measures = [metadata.measure(name) for name in table.measures]
        notes = " ".join(table_notes(tables[table.name], edition, language))
        if not any(one.file_types for one in measures):
            assert deliveries not in notes, table.name
        elif "region" in table.variables:
            assert {"municipalities"} < {one.name for one in measures if one.subject == "public"}, table.name
            assert sum(one.coverage_of is not None for one in measures) == 2, table.name
            assert " .. " in notes, table.name
        else:
            assert deliveries in notes and "(..)" in notes, table.name


def test_an_order_says_it_without_a_table_that_it_has_not(tables: ProtectedTables, edition: Edition) -> None:
    definition = metadata.table("persons-by-month").model_copy(update={"beside": True, "notes": {}})
    notes = table_notes(ProtectedTable(definition, tables["persons-by-month"].frame), edition, "en")
    assert notes == [metadata.text("coverage.note-of-order", "en")]
    assert "0" in notes[0]


@pytest.mark.parametrize(
    ("as_of", "sv", "en"),
    [
        ("2024-01-31", "november 2023 och december 2023", "November 2023 and December 2023"),
        ("2024-02-29", "december 2023", "December 2023"),
        ("2024-03-01", None, None),
        (None, None, None),
    ],
)
def test_every_table_by_month_names_the_months_of_which_files_may_still_come(
    tables: ProtectedTables, edition: Edition, as_of: str | None, sv: str | None, en: str | None
) -> None:
    day = None if as_of is None else dt.date.fromisoformat(as_of)
    of_day = edition.model_copy(update={"data": edition.data.model_copy(update={"as_of": day})})
    by_month = [table for table in metadata.tables() if "month" in table.variables]
    assert by_month
    for table in metadata.tables():
        for language, months in (("sv", sv), ("en", en)):
            notes = " ".join(table_notes(tables[table.name], of_day, language))
            begins = {"sv": "Ofullständiga månader: ", "en": "Incomplete months: "}[language]
            told = months is not None and table in by_month
            assert (begins in notes) is told, table.name
            assert not told or f"{begins}{months}." in notes
