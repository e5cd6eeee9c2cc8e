"""What readers see of what looks wrong and is right: at tables, at figures and in the data, of that year and those measures."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest

from kvarn import metadata
from kvarn.disseminate.charts import persons_by_year
from kvarn.disseminate.database import write_catalogue, write_jsonstat, write_px
from kvarn.disseminate.open_data import write_open_data
from kvarn.disseminate.protected import ProtectedTables
from kvarn.disseminate.record import write_record
from kvarn.disseminate.spreadsheet import write_spreadsheet
from kvarn.disseminate.text_figures._accepted_words import accepted_words
from kvarn.disseminate.text_tables import text_table
from kvarn.edition import Acceptance, Edition, load_edition

PROJECT = Path(__file__).parents[2]
SWEDISH, ENGLISH = "Gränsen för 2 * 3 byar ($5) ändrades.", "The boundary of 2 * 3 villages ($5) changed."


@pytest.fixture
def tables(protected_tables: Path) -> ProtectedTables:
    note = {"what": "population-jump", "where": "2023, 0114", "year": 2023, "sv": SWEDISH, "en": ENGLISH}
    note["measures"] = list(metadata.finding_kinds()["population-jump"].measures)
    (protected_tables / "notes.json").write_text(json.dumps([note]), encoding="utf-8")
    return ProtectedTables(protected_tables)


@pytest.fixture(scope="module")
def edition() -> Edition:
    return load_edition(PROJECT / "params" / "demo.yml", published=True)


def test_a_note_stands_at_tables_with_its_measures_and_year_and_at_no_others(tables: ProtectedTables) -> None:
    noted = {name for name in tables.names() if tables[name].remarks("sv")}
    assert noted == {"persons-by-year-sex-age", "rates-by-municipality", "standardised-rates-by-region"}


def test_it_stands_below_the_table_in_the_text_and_below_the_chart(tables: ProtectedTables) -> None:
    table = tables["persons-by-year-sex-age"]
    written = text_table(table, language="en", rows="year", columns="sex", where={"measure": "persons"}).markdown
    assert written.endswith("\nNote&#58; The boundary of 2 &#42; 3 villages (&#36;5) changed.\n")
    assert f"Anm.: {SWEDISH}" in persons_by_year(table, language="sv", years=(2022, 2023)).svg
    other = tables["persons-by-month"]
    assert "Anm." not in text_table(other, language="sv", rows="month", columns="sex", where={"year": 2023}).markdown


def test_it_stands_in_the_data(tables: ProtectedTables, tmp_path: Path, edition: Edition) -> None:
    table = tables["rates-by-municipality"]
    px = " ".join(write_px(table, edition, tmp_path / "x.px").read_text(encoding="utf-8").split())
    assert SWEDISH in px and ENGLISH in px
    for language, said in (("sv", SWEDISH), ("en", ENGLISH)):
        assert said in json.loads(write_jsonstat(table, edition, language, tmp_path / "x.json").read_text("utf-8"))["note"]
    write_open_data(tables, edition, tmp_path / "out" / "data")
    described = json.loads((tmp_path / "out" / "data" / "rates-by-municipality.csv-metadata.json").read_text(encoding="utf-8"))
    assert {"@value": ENGLISH, "@language": "en"} in described["rdfs:comment"]
    assert ENGLISH in json.dumps(json.loads(write_catalogue(tables, edition, tmp_path / "out").read_text(encoding="utf-8")))
    workbook = openpyxl.load_workbook(write_spreadsheet(tables, edition, "en", tmp_path / "tables.xlsx"))
    shown = [sheet.title for sheet in workbook if any(ENGLISH in str(row[0].value) for row in sheet.iter_rows(max_row=12))]
    assert len(shown) == 3


def test_the_quality_appendix_lists_it_and_says_when_there_is_nothing(tables: ProtectedTables, tmp_path: Path) -> None:
    said = accepted_words(tables, "sv")["accepted.text"].words
    assert SWEDISH in said and metadata.finding_kinds()["population-jump"].sv in said
    (tables.folder / "notes.json").unlink()
    assert accepted_words(ProtectedTables(tables.folder), "en")["accepted.text"].words == metadata.text("accepted.none", "en")


def test_the_record_lists_it_without_what_stays_inside(tmp_path: Path, edition: Edition) -> None:
    shown = {"sv": SWEDISH, "en": ENGLISH}
    told = Acceptance(what="population-jump", where="2023, 0114", at="1 to 2", why="Told why.", by="A. A.", shown=shown)
    kept = Acceptance(
        what="persons-jump", where="2023, 0115", at="0.1 times, ab12", why="A secret why.", by="Somebody", shown=False
    )
    given = edition.model_copy(update={"accepted": (told, kept)})
    path = write_record(
        tmp_path, given, "2023", overrides=(), inputs=(), deliveries=None, steps=(), versions={}, code_version="1"
    )
    text = path.read_text(encoding="utf-8")
    assert "Told why." in text and ENGLISH in text and "population-jump" in text
    # That something was found at all tells of the rules, and of what there is to be found.
    assert "persons-jump" not in text and "0115" not in text
    assert "A secret why." not in text and "Somebody" not in text and "ab12" not in text and "1 to 2" not in text
