"""A figure stands before what it counts, and before nothing else that is counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvarn.disseminate.narrative._sentences import faults_of_sentences_in_document
from kvarn.disseminate.text_figures import read_declaration

CELLS = """
figures:
  there: {table: months-by-region, measure: municipalities, where: {region: "0136"}}
  persons: {table: persons-by-year-sex-age, measure: persons}
  women: {table: persons-by-year-sex-age, measure: persons, where: {sex: "2"}}
  procedures: {table: procedures-by-region, measure: procedures}
  municipalities: {table: months-by-region, measure: municipalities}
  share: {share: women, of: persons}
  spoken: {share: women, of: persons, format: percent}
  above: {difference: women, from: persons}
  own: {table: months-by-region, measure: months_persons, where: {region: "0136"}}
  all: {table: months-by-region, measure: municipalities}
  sexes: {number_of: sex, table: persons-by-municipality-sex-age, measure: persons, where: {region: "0136"}, status: all}
  ages: {number_of: age, table: persons-by-municipality-sex-age, measure: persons, where: {region: "0136"}, status: all}
  fewer: {difference: there, from: all}
"""
# Of each the number can be that of the persons, and the sentence does not say that it is another.
UNNAMED = (
    ("sv", "De som fick vård i Haninge var {{< var there >}}."),
    ("en", "Those who had care in Haninge were {{< var there >}}."),
    ("sv", "De vårdade i Haninge var under året {{< var sexes >}}."),
    ("en", "Care in Haninge: {{< var ages >}}, all older."),
    ("en", "In Haninge {{< var own >}} were in care."),
    ("sv", "Haninge hade {{< var fewer >}} med vård."),
    ("sv", "De som fick vård i Haninge kommun var {{< var there >}}."),
    ("sv", "De som fick vård var {{< var there >}} i Haninge kommun."),
    ("en", "Haninge is south of Stockholm. In care were {{< var own >}}."),
)
NAMED = (
    ("sv", "I Haninge finns uppgifter för {{< var own >}} månader."),
    ("en", "Haninge has {{< var own >}} months in all."),
    ("en", "Haninge has {{< var ages >}} age groups in the table."),
    ("sv", "För Haninge redovisas {{< var sexes >}} kön."),
    ("en", "In the country those in care were {{< var persons >}}."),
)
REFUSED = (
    ("en", "In Haninge {{< var there >}} persons received care."),
    ("en", "In Haninge {{< var there >}} older persons received care."),
    ("en", "In Haninge **{{< var there >}}** women received care."),
    ("sv", "I Haninge fick {{< var there >}} personer vård."),
    ("sv", "Det var {{< var procedures >}} personer."),
    ("en", "There were {{< var persons >}} procedures."),
    ("en", "There were {{< var persons >}} municipalities."),
    ("en", "There were {{< var share >}} persons."),
    ("en", "There were {{< var above >}} procedures more."),
)
FINE = (
    ("en", "There were {{< var persons >}} persons, {{< var women >}} women among them."),
    ("en", "There were {{< var procedures >}} procedures in {{< var municipalities >}} municipalities."),
    ("sv", "Det var {{< var persons >}} personer, varav {{< var women >}} kvinnor."),
    ("en", "Of {{< var municipalities >}} for persons some are missing; {{< var spoken >}} of persons are women."),
    ("en", "There were {{< var above >}} persons more."),
    ("sv", "Det är {{< var share >}} procent av personerna."),
)


def faults(language: str, words: str, folder: Path, said: str = "stands before what is read as") -> list[str]:
    file = folder / "figures.yml"
    file.write_text(CELLS, encoding="utf-8")
    found = faults_of_sentences_in_document(words, 1, folder / "a.qmd", language, read_declaration(file))
    return [fault.what for fault in found if said in fault.what]


@pytest.mark.parametrize(("language", "words"), REFUSED)
def test_no_figure_stands_before_what_it_does_not_count(language: str, words: str, tmp_path: Path) -> None:
    assert len(faults(language, words, tmp_path)) == 1


@pytest.mark.parametrize(("language", "words"), FINE)
def test_figures_before_what_they_count_pass(language: str, words: str, tmp_path: Path) -> None:
    assert faults(language, words, tmp_path) == []


@pytest.mark.parametrize(("language", "words"), UNNAMED)
def test_a_figure_of_another_kind_beside_a_place_says_what_it_is(language: str, words: str, tmp_path: Path) -> None:
    assert len(faults(language, words, tmp_path, "is read as persons of the place")) == 1


@pytest.mark.parametrize(("language", "words"), NAMED)
def test_one_that_says_it_passes(language: str, words: str, tmp_path: Path) -> None:
    assert faults(language, words, tmp_path, "is read as persons of the place") == []
