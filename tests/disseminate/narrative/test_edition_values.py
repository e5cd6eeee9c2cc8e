"""The edition's own values that hold digits, written where they would be read as so many persons."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvarn.disseminate.narrative._sentences import faults_of_sentences_in_document
from kvarn.disseminate.text_figures import read_declaration

FIGURES = """
figures:
  persons: {table: persons-by-year-sex-age, measure: persons}
texts:
  days: {by_number: punctuality_days, sv: {one: dag, other: dagar}, en: {one: day, other: days}}
  code: {sv: "{product_code}", en: "{product_code}"}
"""
VALUES = ("product_code", "article_number", "issn", "isbn", "contact.telephone", "as_of", "published", "previous.published")
REFUSED = (
    *(("sv", f"I Haninge avled {{{{< var {name} >}}}} av våld.") for name in (*VALUES, "production_days")),
    *(("en", f"Last year {{{{< var {name} >}}}} persons died.") for name in (*VALUES, "contact.email", "disclosure.cells")),
    ("en", "Among younger men {{< var punctuality_days >}} died."),
    ("en", "Among younger men {{< var punctuality_days >}} persons died."),
    ("sv", "Bland yngre män dog {{< var production_days >}}."),
    ("sv", "I Haninge avled {{< var code >}} av våld."),
    ("sv", "Under året avled {{< var code >}} äldre kvinnor."),
    ("sv", "| Kommun | Våld |\n|---|---|\n| Haninge | {{< var product_code >}} |"),
    ("sv", "| Kön | Antal |\n|---|---|\n| Kvinnor | {{< var isbn >}} |"),
    ("en", "| Women | Men |\n|---|---|\n| **{{< var disclosure.suppressed >}}** | some |"),
    ("en", "| What | Number |\n|---|---|\n| Patients | {{< var as_of >}} |"),
)
FINE = (
    ("sv", "Produktkoden är {{< var product_code >}}, och telefon {{< var contact.telephone >}}."),
    ("sv", "Den {{< var published >}} fick personer i hela landet läsa statistiken."),
    ("sv", "Den {{< var as_of >}} hade alla filer kommit in."),
    ("en", "The statistics were published {{< var production_days >}} days after the end of the year."),
    ("en", "The statistics came {{< var punctuality_days >}} {{< var days >}} late."),
    ("en", "| Product code | {{< var product_code >}} |\n|---|---|\n| Published | {{< var published >}} |"),
    ("en", "In Haninge care is rare in {{< var reference_year >}}."),
    ("en", "In {{< var reference_year >}}, {{< var persons >}} persons received care."),
)


def _faults(language: str, words: str, folder: Path) -> list[str]:
    file = folder / "figures.yml"
    file.write_text(FIGURES, encoding="utf-8")
    return [
        fault.what
        for fault in faults_of_sentences_in_document(words, 1, folder / "a.qmd", language, read_declaration(file))
        if "The edition's" in fault.what or "the edition's own" in fault.what
    ]


@pytest.mark.parametrize(("language", "words"), REFUSED)
def test_no_value_of_the_edition_is_read_as_a_count(language: str, words: str, tmp_path: Path) -> None:
    assert _faults(language, words, tmp_path)


@pytest.mark.parametrize(("language", "words"), FINE)
def test_values_of_the_edition_pass_where_they_say_what_they_are(language: str, words: str, tmp_path: Path) -> None:
    assert _faults(language, words, tmp_path) == []
