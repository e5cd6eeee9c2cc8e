"""Whoever reads a table anywhere reads how many municipalities are in it, or where that stands."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from kvarn import metadata
from kvarn.disseminate.protected import ProtectedTable, ProtectedTables
from kvarn.disseminate.table_notes import table_notes
from kvarn.edition import Coverage, Edition, load_edition


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


def changed(table: ProtectedTable, region: str, **values: int) -> ProtectedTable:
    """The table with other figures on how much is included in a region."""
    frame = table.frame.copy()
    for measure, value in values.items():
        frame.loc[table.where(region=region, measure=measure).index, "value"] = float(value)
    return ProtectedTable(table.definition, frame)


REGIONAL = [table.name for table in metadata.tables() if any(metadata.measure(name).coverage_of for name in table.measures)]


@pytest.mark.parametrize("name", REGIONAL)
@pytest.mark.parametrize("language", metadata.languages)
def test_a_table_by_region_leads_to_the_table_of_what_was_delivered(
    tables: ProtectedTables, edition: Edition, name: str, language: str
) -> None:
    assert metadata.table(name).deliveries == "deliveries-by-municipality"
    named = metadata.table("deliveries-by-municipality").label(language).removesuffix(", {years}")
    assert named in " ".join(table_notes(tables[name], edition, language))
    assert named not in " ".join(table_notes(tables["persons-by-month"], edition, language))


def test_municipalities_with_figures_of_a_part_of_the_year_are_named_and_too_many_are_counted(
    tables: ProtectedTables, edition: Edition
) -> None:
    whole = tables["months-by-region"]
    assert not any("del av året" in note for note in table_notes(whole, edition, "sv"))
    some = changed(changed(whole, "0114", months_persons=11), "0980", months_persons=1)
    (note,) = [note for note in table_notes(some, edition, "sv") if "del av året" in note]
    assert note.endswith(": Upplands Väsby och Gotland.")
    # A municipality of which nothing came has `..`, and no figure of a part of the year.
    none = changed(whole, "0114", municipalities_persons=0, months_persons=0)
    assert not any("part of the year" in note for note in table_notes(none, edition, "en"))
    many = whole
    for region in metadata.codelist("region").leaves[:13]:
        many = changed(many, region, months_persons=11)
    (note,) = [note for note in table_notes(many, edition, "en") if "part of the year" in note]
    assert "in 13 municipalities" in note and "Upplands" not in note


@pytest.mark.parametrize(("least", "named"), [(0.8, True), (0.7, False), (0.0, False)])
def test_a_total_of_fewer_municipalities_than_the_edition_says_is_named_with_how_many(
    tables: ProtectedTables, edition: Edition, least: float, named: bool
) -> None:
    table = changed(tables["months-by-region"], "01", municipalities_persons=20)
    table = changed(table, "09", municipalities_persons=0)
    of = edition.model_copy(update={"coverage": Coverage(municipalities_least=least)})
    notes = " ".join(table_notes(table, of, "sv"))
    assert ("mindre än 80\u00a0procent av kommunerna" in notes) is named
    assert ("Stockholms län (20 av 26)." in notes) is named
    assert "Gotland" not in notes


def test_exactly_the_share_that_the_edition_says_is_enough(tables: ProtectedTables, edition: Edition) -> None:
    """7 of 10 are 70 per cent, which no binary number is: so many counties have ten municipalities."""
    region, ten = next(
        (code, len(parts))
        for code in metadata.codelist("region").children("00")
        if len(parts := metadata.codelist("region").children(code)) % 10 == 0
    )
    of = edition.model_copy(update={"coverage": Coverage(municipalities_least=0.7)})
    for there, named in ((ten * 7 // 10, False), (ten * 7 // 10 - 1, True)):
        table = changed(tables["months-by-region"], region, municipalities_persons=there)
        assert (f"({there} of {ten})" in " ".join(table_notes(table, of, "en"))) is named


def test_many_such_totals_are_counted(tables: ProtectedTables, edition: Edition) -> None:
    table = tables["months-by-region"]
    for region in metadata.codelist("region").children("00")[:13]:
        table = changed(table, region, municipalities_persons=1)
    notes = " ".join(table_notes(table, edition, "en"))
    # A county of one municipality has all of it.
    assert "12 of the counties" not in notes and "Stockholm county (1 of 26)" in notes
    table = changed(table, "00", municipalities_persons=12)
    notes = " ".join(table_notes(table, edition, "en"))
    assert notes.count("of the counties and the country have figures from less than 80") == 1 and "(1 of 26)" not in notes
