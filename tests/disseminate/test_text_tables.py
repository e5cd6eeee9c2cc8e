"""Tables in the text."""

from __future__ import annotations

import pandas as pd
import pytest

from kvarn import metadata
from kvarn.disseminate.protected import ProtectedTable, ProtectedTables
from kvarn.disseminate.templates import word
from kvarn.disseminate.text_tables import TextTable, symbols_note, text_table
from kvarn.errors import InputError


def small_table() -> ProtectedTable:
    """Two years by kind, one share suppressed."""
    rows = [
        (2022, "T", "T", "persons_with_procedure", 1234.0, ""),
        (2022, "T", "T", "share_of_persons", 75.0, ""),
        (2022, "T", "assessing", "persons_with_procedure", 0.0, ""),
        (2023, "T", "T", "persons_with_procedure", 2000.0, ""),
        (2023, "T", "T", "share_of_persons", float("nan"), "X"),
        (2023, "T", "assessing", "persons_with_procedure", float("nan"), ".."),
    ]
    columns = ["year", "sex", "kind", "measure", "value", "status"]
    return ProtectedTable(metadata.table("persons-with-procedure-by-kind"), pd.DataFrame(rows, columns=columns))


def test_a_table_is_a_pipe_table_with_labels_left_and_figures_right() -> None:
    table = text_table(
        small_table(),
        language="en",
        rows="year",
        columns="kind",
        where={"measure": "persons_with_procedure", "kind": ["T", "assessing"]},
    )
    assert table.markdown == (
        "| Year | Any procedure | Assessing procedures |\n"
        "| :------ | -----------: | ------------: |\n"
        "| 2022 | 1,234 | – |\n"
        "| 2023 | 2,000 | .. |\n"
    )
    assert table._repr_mimebundle_() == {"text/markdown": table.markdown}


def test_each_column_can_be_given_by_its_codes() -> None:
    columns = [
        {"measure": "share_of_persons", "kind": "T"},
        {"measure": "persons_with_procedure", "kind": "assessing"},
    ]
    table = text_table(small_table(), language="sv", rows="year", columns=columns)
    assert table.heads == ("År", "Andel av personerna (%)", "Personer med åtgärd, utredande åtgärder")
    assert table.lines == (("2022", "75,0", "–"), ("2023", "X", ".."))


def test_a_table_knows_the_symbols_that_stand_in_it() -> None:
    columns = [{"measure": "share_of_persons", "kind": "T"}]
    table = text_table(small_table(), language="sv", rows="year", columns=columns)
    assert table.symbols == ("X",)
    assert symbols_note("sv", table) == "X = uppgiften är borttagen av sekretesskäl"
    assert symbols_note("en").startswith("– = nil; 0 = less than half of the unit shown; .. = not available or not reported; ")


def test_a_suppressed_cell_shows_its_symbol_whatever_stood_in_its_place() -> None:
    table = small_table()
    table.frame.loc[table.frame["status"] == "X", "value"] = 77.7
    shown = text_table(table, language="sv", rows="year", columns=[{"measure": "share_of_persons", "kind": "T"}])
    assert shown.lines[1] == ("2023", "X")


def test_the_categories_asked_for_come_in_the_order_asked_for(tables: ProtectedTables) -> None:
    table = text_table(
        tables["persons-by-year-sex-age"],
        language="sv",
        rows="age",
        columns="sex",
        where={"year": 2023, "measure": "persons", "sex": ["T", "2", "1"], "age": ["65+", "0-64", "T"]},
    )
    assert table.heads == ("Ålder", "Totalt", "Kvinnor", "Män")
    assert [line[0] for line in table.lines] == ["65 år eller äldre", "0–64 år", "Totalt"]
    total = tables["persons-by-year-sex-age"].cell(year=2023, sex="T", age="T", measure="persons").value
    assert table.lines[2][1] == f"{total:,.0f}".replace(",", "\u00a0")


def test_the_commonest_procedures_come_first_below_the_total(tables: ProtectedTables) -> None:
    source = tables["procedures-by-code"]
    table = text_table(source, language="en", rows="procedure", where={"year": 2023}, by="procedures", limit=20, codes=True)
    assert len(table.lines) == 21
    assert table.lines[0][0] == "Total"
    figures = [int(line[1].replace(",", "")) for line in table.lines]
    assert figures == sorted(figures, reverse=True)
    every = source.where(measure="procedures", status="")
    assert figures[1:] == sorted(every[every["procedure"] != "T"]["value"].astype(int), reverse=True)[:20]
    assert all(line[0].endswith(")") for line in table.lines[1:])


def test_ranked_rows_put_the_suppressed_last_and_leave_out_nil(tables: ProtectedTables) -> None:
    table = text_table(
        tables["procedures-by-profession"], language="en", rows="profession", where={"year": 2023}, by="procedures"
    )
    assert [line[0] for line in table.lines][-1] == "Optician"
    assert table.lines[-1][1:] == ("X", "X")
    assert "Midwife" not in {line[0] for line in table.lines}


def test_rows_that_cannot_be_are_left_out(tables: ProtectedTables) -> None:
    table = text_table(tables["deliveries-by-year"], language="sv", rows=["file_type", "year"])
    procedures = [line[1] for line in table.lines if "KHSL2" in line[0]]
    assert procedures == ["2019", "2020", "2021", "2022", "2023"]
    assert table.labels == 2


def test_categories_stand_in_headings_without_their_capital_and_totals_do_not_stand_there(tables: ProtectedTables) -> None:
    table = text_table(
        tables["rates-by-municipality"],
        language="sv",
        rows="region",
        columns=["age", "measure"],
        where={"year": 2023, "region": ["00", "01"], "measure": ["persons", "population", "persons_per_1000"]},
    )
    assert table.heads[1] == "Personer"
    assert table.heads[-1] == "Personer per 1\u00a0000 invånare, 65 år eller äldre" or table.heads[-1].startswith(
        "Personer per 1"
    )
    assert table.heads[-1].endswith(", 65 år eller äldre")
    assert [line[0] for line in table.lines] == ["Riket", "Stockholms län"]


def test_pipes_and_markup_in_labels_are_escaped() -> None:
    table = TextTable(("a|b", "c"), (("*d* [e]", "1"),), 1, ())
    assert table.markdown.splitlines()[0] == "| a&#124;b | c |"
    assert table.markdown.splitlines()[2] == "| &#42;d&#42; &#91;e&#93; | 1 |"


def test_an_unknown_variable_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(InputError, match="no variable 'region'") as caught:
        text_table(small_table(), language="sv", rows="region")
    assert caught.value.remedy is not None
    assert "kind" in caught.value.remedy


def test_a_variable_without_a_total_must_be_named() -> None:
    with pytest.raises(InputError, match="no total of 'year'"):
        text_table(small_table(), language="sv", rows="kind")


def test_rows_are_ranked_by_the_first_column_where_all_are_of_one_measure(tables: ProtectedTables) -> None:
    where = {"year": 2023, "measure": "procedures"}
    ranked = text_table(
        tables["procedures-joint"], language="en", rows="profession", columns="cooperation", where=where, by="procedures"
    )
    assert [line[0] for line in ranked.lines][:3] == ["All professions", "Nurse", "Occupational therapist"]
    assert ranked.lines[-1][1] == "X"


def test_no_heading_breaks_within_a_number(tables: ProtectedTables) -> None:
    rates = text_table(tables["persons-by-year-sex-age"], language="sv", rows="age", where={"year": 2023})
    assert "per 1 000 invånare" in rates.heads[-1]
    assert "per 1\u00a0000 invånare" in rates.markdown


def test_a_column_in_which_nothing_was_counted_can_be_left_out_and_no_other() -> None:
    def heads(table: ProtectedTable) -> tuple[str, ...]:
        where = {"measure": "persons_with_procedure", "kind": ["T", "assessing"]}
        return text_table(table, language="en", rows="year", columns="kind", where=where, leave_out="nil").heads[1:]

    # Nil in one year and not available in the other.
    assert heads(small_table()) == ("Any procedure",)
    for value, status in ((float("nan"), "X"), (3.0, "")):
        table = small_table()
        table.frame.loc[5, ["value", "status"]] = [value, status]
        assert heads(table) == ("Any procedure", "Assessing procedures")
    # Not available in every year is something to know.
    table = small_table()
    table.frame.loc[2, ["value", "status"]] = [float("nan"), ".."]
    assert heads(table) == ("Any procedure", "Assessing procedures")


@pytest.mark.parametrize("language", metadata.languages)
def test_a_region_of_which_something_is_missing_has_an_asterisk_that_is_explained(tables: ProtectedTables, language: str) -> None:
    source = tables["months-by-region"]
    frame = source.frame.copy()
    frame.loc[source.where(region="01", measure="months_persons").index, "value"] -= 1
    table = ProtectedTable(source.definition, frame)
    where = {"year": 2023, "region": ["00", "01", "03"]}
    shown = text_table(table, language=language, rows="region", where={**where, "measure": ["persons", "months_persons"]})
    names = [metadata.codelist("region").label(code, language) for code in ("00", "01", "03")]
    assert [line[0] for line in shown.lines] == [names[0], f"{names[1]}*", names[2]]
    assert shown.notes == (word("table.partly", language),)
    # A table that tells of nothing but how much is included says it already; and of what is whole nothing is said.
    of_coverage = {**where, "measure": ["municipalities", "months_persons"]}
    coverage = text_table(table, language=language, rows="region", where=of_coverage)
    whole = text_table(source, language=language, rows="region", where={**where, "measure": ["persons"]})
    assert not coverage.notes and not whole.notes and [line[0] for line in whole.lines] == names
