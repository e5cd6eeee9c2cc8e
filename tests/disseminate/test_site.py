"""The front page: every product in both languages, and what changed."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from bs4 import BeautifulSoup

from kvarn.disseminate.explorer import write_explorer
from kvarn.disseminate.open_data import write_open_data
from kvarn.disseminate.protected import ProtectedTables
from kvarn.disseminate.site import Change, changes_since, write_index
from kvarn.edition import Edition

PROJECT = Path(__file__).parents[2]


def demo(**changes: Any) -> Edition:
    values = yaml.safe_load((PROJECT / "params" / "demo.yml").read_text(encoding="utf-8"))
    return Edition.model_validate(values | changes)


def publish(folder: Path, tables: ProtectedTables) -> Path:
    """A publication whose documents are empty files of a known size."""
    write_open_data(tables, demo(), folder / "data")
    for language in ("sv", "en"):
        (folder / language).mkdir(parents=True)
        (folder / language / "annual-report.html").write_bytes(b"x" * 1_234_567)
        (folder / language / "annual-report.pdf").write_bytes(b"x" * 50_400)
        (folder / "notebooks" / language).mkdir(parents=True)
        page = "<html><title>Ålder &amp; kön</title></html>"
        (folder / "notebooks" / language / "persons.html").write_text(page, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def published(tables: ProtectedTables, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Written once; each test has a copy."""
    return publish(tmp_path_factory.mktemp("published") / "publication", tables)


@pytest.fixture
def publication(published: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(published, tmp_path / "publication"))


@pytest.fixture
def earlier(published: Path, tmp_path: Path) -> Path:
    """An edition with the same tables."""
    return Path(shutil.copytree(published, tmp_path / "earlier"))


def page(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def write_protected(folder: Path, rows: str) -> Path:
    (folder / "data").mkdir(parents=True)
    header = "year,month,sex,measure,value,status\n"
    (folder / "data" / "persons-by-month.csv").write_text(header + rows, encoding="utf-8")
    return folder


def test_every_link_leads_to_a_file_and_every_table_is_linked(publication: Path, tables: ProtectedTables) -> None:
    soup = page(write_index(publication, demo(), tables))
    links = {link["href"] for link in soup.select("a[href]")}
    files = {link for link in links if not link.startswith(("#", "mailto:")) and link != "ro-crate-metadata.json"}
    assert files and all((publication / link).is_file() for link in files)
    assert {f"data/{name}.csv" for name in tables.names()} <= files
    assert {"sv/annual-report.html", "en/annual-report.pdf", "notebooks/sv/persons.html"} <= files


def test_each_half_leads_to_the_explorer_in_its_language(publication: Path, tables: ProtectedTables) -> None:
    write_explorer(tables, demo(), publication / "database")
    soup = page(write_index(publication, demo(), tables))
    for language, said in (("sv", "Ta ut statistik ur databasen"), ("en", "Extract statistics from the database")):
        (link,) = soup.select(f'section[lang={language}] a[href="database/{language}/index.html"]')
        assert link.get_text() == said


def test_sizes_are_written_as_each_language_writes_them(publication: Path, tables: ProtectedTables) -> None:
    soup = page(write_index(publication, demo(), tables))
    assert "(HTML, 1,2\u00a0MB)" in soup.select_one("section[lang=sv]").get_text()
    assert "(HTML, 1.2\u00a0MB)" in soup.select_one("section[lang=en]").get_text()
    assert "(50\u00a0kB)" in soup.select_one("section[lang=en]").get_text()


def test_the_page_asks_nothing_of_another_host_and_has_no_script(publication: Path, tables: ProtectedTables) -> None:
    written = write_index(publication, demo(), tables).read_text(encoding="utf-8")
    assert "<script" not in written and "@import" not in written
    assert not re.search(r'(?:src|href)="(?:https?:)?//', written)
    assert '"Segoe UI"' in written


def test_a_synthetic_edition_says_so_on_top_in_both_languages(publication: Path, tables: ProtectedTables) -> None:
    notice = page(write_index(publication, demo(), tables)).select_one("p.notice")
    assert [span["lang"] for span in notice.select("span")] == ["sv", "en"]
    real = page(write_index(publication, demo(synthetic=False), tables))
    assert real.select_one("p.notice") is None and "yntetisk" not in real.get_text()


def test_what_is_said_of_an_earlier_edition_does_not_contradict_the_previous_publication(
    publication: Path, tables: ProtectedTables
) -> None:
    publication_of = demo().publication
    for previous in (None, publication / "nowhere"):
        stated = page(write_index(publication, demo(), tables, previous=previous)).get_text()
        assert "tabeller finns inte här" in stated and "tables of the previous edition are not here" in stated
        assert "Tidigare publicering" in stated and "No earlier edition" not in stated
        unstated = demo().model_copy(update={"publication": publication_of.model_copy(update={"previous": None})})
        text = page(write_index(publication, unstated, tables, previous=previous)).get_text()
        assert "Ingen tidigare utgåva är angiven" in text and "No earlier edition is stated" in text
        assert "Tidigare publicering" not in text


def test_an_edition_with_the_same_tables_has_no_changes(publication: Path, tables: ProtectedTables, earlier: Path) -> None:
    assert changes_since(earlier, publication) == ()
    text = page(write_index(publication, demo(), tables, previous=earlier)).get_text()
    assert "Inga tabeller har tillkommit, utgått eller reviderats." in text
    # It has figures of this year: the edition of the year before would have none.
    year = demo().reference_year
    assert f"Jämfört med den tidigare utgåvan för {year}." in text and f"Compared with the earlier edition for {year}." in text


def test_new_years_and_revised_cells_are_told_apart(tmp_path: Path) -> None:
    old = write_protected(
        tmp_path / "old", "2022,T,T,persons,10,\n2022,01,T,persons,,X\n2022,02,T,persons,4,\n2022,03,T,persons,,..\n"
    )
    new = write_protected(
        tmp_path / "new",
        "2022,T,T,persons,11,\n2022,01,T,persons,5,\n2022,02,T,persons,4,\n2022,03,T,persons,,X\n2023,T,T,persons,12,\n",
    )
    assert changes_since(old, new) == (
        Change("years", "persons-by-month", years=(2023,)),
        Change("revised", "persons-by-month", cells=2),
    )


def test_new_and_withdrawn_tables_are_named_by_their_titles(publication: Path, tables: ProtectedTables, earlier: Path) -> None:
    (earlier / "data" / "persons-by-month.csv").unlink()
    (earlier / "data" / "old-table.csv").write_text("year,measure,value,status\n", encoding="utf-8")
    assert changes_since(earlier, publication) == (Change("added", "persons-by-month"), Change("removed", "old-table"))
    text = page(write_index(publication, demo(), tables, previous=earlier)).get_text()
    assert "Ny tabell: Personer med kommunal hälso- och sjukvård efter år, månad och kön" in text
    assert "Table withdrawn: old-table" in text


def test_one_language_alone_makes_a_page_of_that_language(publication: Path, tables: ProtectedTables) -> None:
    soup = page(write_index(publication, demo(languages=["en"]), tables))
    assert [section["lang"] for section in soup.select("section")] == ["en"]
    assert soup.html["lang"] == "en"


def test_writing_again_gives_the_same_bytes(publication: Path, tables: ProtectedTables) -> None:
    first = write_index(publication, demo(), tables).read_bytes()
    assert write_index(publication, demo(), tables).read_bytes() == first
