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
"""
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


def faults(language: str, words: str, folder: Path) -> list[str]:
    file = folder / "figures.yml"
    file.write_text(CELLS, encoding="utf-8")
    found = faults_of_sentences_in_document(words, 1, folder / "a.qmd", language, read_declaration(file))
    return [fault.what for fault in found if "stands before what is read as" in fault.what]


@pytest.mark.parametrize(("language", "words"), REFUSED)
def test_no_figure_stands_before_what_it_does_not_count(language: str, words: str, tmp_path: Path) -> None:
    assert len(faults(language, words, tmp_path)) == 1


@pytest.mark.parametrize(("language", "words"), FINE)
def test_figures_before_what_they_count_pass(language: str, words: str, tmp_path: Path) -> None:
    assert faults(language, words, tmp_path) == []
