"""The bar of links on top of each page."""

from __future__ import annotations

import pytest

from kvarn.disseminate.ways import ways_from_document, ways_from_notebook

LANGUAGES, DOCUMENTS = ("sv", "en"), ("annual-report", "methods-and-quality")


@pytest.mark.parametrize(("to", "other"), [("html", "pdf"), ("pdf", "html")])
def test_a_document_leads_to_itself_in_the_other_format_and_to_all_else_in_its_own(to: str, other: str) -> None:
    ways = ways_from_document("annual-report", "sv", LANGUAGES, DOCUMENTS, to=to)
    assert [way.address for way in ways] == [
        "../index.html#sv",
        f"../en/annual-report.{to}",
        f"annual-report.{other}",
        f"methods-and-quality.{to}",
        "tables.xlsx",
        "../database/sv/index.html",
        "../index.html#sv-data",
    ]
    assert [way.words for way in ways if way.language] == ["English"]


def test_an_edition_in_one_language_leads_to_no_other() -> None:
    ways = ways_from_document("annual-report", "en", ("en",), DOCUMENTS)
    assert not any(way.language or "/sv/" in way.address for way in ways)


def test_a_notebook_leads_to_itself_in_the_other_language_and_to_the_documents_of_its_own() -> None:
    addresses = [way.address for way in ways_from_notebook("persons", "en", LANGUAGES, DOCUMENTS)]
    assert addresses[:4] == [
        "../../index.html#en",
        "../sv/persons.html",
        "../../en/annual-report.html",
        "../../en/methods-and-quality.html",
    ]


def test_a_link_is_written_as_both_renderers_read_it() -> None:
    plain, english = ways_from_document("annual-report", "sv", LANGUAGES, ())[:2]
    assert plain.markdown == "[Startsida](../index.html#sv)"
    assert english.markdown == '[English](../en/annual-report.html){lang="en" hreflang="en"}'
