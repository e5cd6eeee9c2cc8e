"""A figure of women is not shown as men, nor a rate as persons, nor the country's figure below the name of a place."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from kvarn.disseminate.narrative import _categories
from kvarn.disseminate.narrative._sentences import faults_of_sentences_in_document
from kvarn.disseminate.text_figures import read_declaration

CELLS = """
figures:
  persons: {table: persons-by-year-sex-age, measure: persons}
  women: {table: persons-by-year-sex-age, measure: persons, where: {sex: "2"}}
  men: {table: persons-by-year-sex-age, measure: persons, where: {sex: "1"}}
  old: {table: persons-by-year-sex-age, measure: persons, where: {age: 80+}}
  rate: {table: persons-by-year-sex-age, measure: persons_per_1000}
  mean: {table: procedures-by-region, measure: procedures_per_person}
  share: {share: women, of: persons}
  there: {table: persons-by-municipality-sex-age, measure: persons, where: {region: "0136"}}
  theirs: {table: persons-by-municipality-sex-age, measure: persons, where: {region: "0136", sex: "2"}}
texts: {}
"""
OF_OTHERS = (
    ("en", "There were {{< var women >}} men."),
    ("en", "There were {{< var women >}} older men with care."),
    ("en", "There were {{< var persons >}} women with care."),
    ("en", "Care was given to {{< var old >}} persons aged 65 or older."),
    ("en", "Care was given to {{< var men >}} women's homes."),
    ("en", "Per cent: {{< var share >}} men."),
    ("sv", "Det var {{< var women >}} män."),
    ("sv", "Det var {{< var men >}} gamla kvinnor."),
    ("sv", "Det var {{< var persons >}} kvinnor."),
    ("sv", "Det var {{< var old >}} personer 65 år eller äldre."),
    ("sv", "I Haninge fick {{< var theirs >}} män vård."),
    ("sv", "I Haninge fick {{< var there >}} kvinnor vård."),
)
AS_COUNTS = (
    ("en", "There were {{< var rate >}} persons with care."),
    ("en", "Each day {{< var rate >}} older persons received care."),
    ("en", "There were {{< var mean >}} procedures."),
    ("sv", "Det var {{< var rate >}} personer."),
    ("sv", "Det gjordes {{< var mean >}} åtgärder."),
)
FINE = (
    ("en", "There were {{< var persons >}} persons, {{< var women >}} women and {{< var men >}} men."),
    ("en", "Of {{< var persons >}} persons, {{< var old >}} persons were aged 80 or older, most of them women."),
    ("en", "There were {{< var rate >}} persons per 1,000 inhabitants."),
    ("en", "The rate was {{< var rate >}} persons of every 1,000."),
    ("en", "There were {{< var mean >}} procedures per person."),
    ("en", "The share is {{< var share >}} per cent women."),
    ("sv", "Det var {{< var persons >}} personer, varav {{< var women >}} kvinnor och {{< var men >}} män."),
    ("sv", "Av 1 000 invånare fick {{< var rate >}} personer vård."),
    ("sv", "Medelvärdet var {{< var mean >}} åtgärder."),
    ("sv", "I Haninge fick {{< var theirs >}} kvinnor vård, av {{< var there >}} personer."),
    ("sv", "Det var {{< var old >}} personer som var 80 år eller äldre."),
)
CONTAINERS = {
    "heading": "## {place} {{.unnumbered}}\n\n{said}",
    "heading below": "## {place} {{.unnumbered}}\n\n### Care {{.unnumbered}}\n\nWords.\n\n{said}",
    "item": "- {place}: {said}",
    "next item": "- {place}\n- {said}",
    "nested item": "- {place}\n  - {said}",
    "term": "{place}\n:   {said}",
    "callout": '::: {{.callout-note title="{place}"}}\nWords.\n\n{said}\n:::',
    "label": "**{place}**\n\n{said}",
    "colon": "This is how it is in {place}:\n\n- {said}",
    "row": "| Place | Care |\n|---|---|\n| {place} | {said} |",
    "paragraph": "{place} is a small municipality.\n\n{said}",
    "there": "{place} is a small municipality.\n\nThere it is known that {said}",
}
FIGURES = ("{{< var persons >}} persons.", "{{< var there >}} persons.")
PLACES = ("Bjurholm", "Upplands Väsby", "Norrland")
BELOW = [form.format(place=place, said=said) for form, place, said in product(CONTAINERS.values(), PLACES, FIGURES)]


def faults(language: str, words: str, folder: Path) -> list[str]:
    file = folder / "figures.yml"
    file.write_text(CELLS, encoding="utf-8")
    found = faults_of_sentences_in_document(words, 1, folder / "a.qmd", language, read_declaration(file))
    return [fault.what for fault in found]


@pytest.mark.parametrize(("language", "words"), OF_OTHERS)
def test_no_figure_stands_before_the_name_of_another_part(language: str, words: str, tmp_path: Path) -> None:
    assert any("than stands behind it" in what for what in faults(language, words, tmp_path))


@pytest.mark.parametrize(("language", "words"), AS_COUNTS)
def test_a_rate_says_of_how_many_it_is(language: str, words: str, tmp_path: Path) -> None:
    assert any("is so many per something" in what for what in faults(language, words, tmp_path))


@pytest.mark.parametrize(("language", "words"), FINE)
def test_figures_of_those_who_are_named_pass(language: str, words: str, tmp_path: Path) -> None:
    assert faults(language, words, tmp_path) == []


@pytest.mark.parametrize("words", BELOW)
def test_below_the_name_of_a_place_stand_no_figures_of_another(words: str, tmp_path: Path) -> None:
    assert any("place" in what for what in faults("en", words, tmp_path))


@pytest.mark.parametrize("form", [form for how, form in CONTAINERS.items() if how != "row"])
def test_its_own_figures_stand_there(form: str, tmp_path: Path) -> None:
    assert faults("en", form.format(place="Haninge", said="{{< var there >}} persons."), tmp_path) == []


@pytest.mark.parametrize(
    "words",
    [
        "## Haninge {.unnumbered}\n\n{{< var there >}} persons.\n\n## Care {.unnumbered}\n\n{{< var persons >}} persons.",
        "## Haninge {.unnumbered}\n\nIn the country {{< var persons >}} persons received care.",
        '::: {.callout-note title="Haninge"}\n{{< var there >}} persons.\n:::\n\nWords.\n\n{{< var persons >}} persons.',
    ],
)
def test_the_country_s_figures_stand_where_no_place_is_meant(words: str, tmp_path: Path) -> None:
    assert faults("en", words, tmp_path) == []


def test_of_a_long_list_few_labels_are_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """An official list has ten thousand titles, and a report hundreds of figures: not each is looked for behind each."""

    class Listed:
        total = "T"
        rows = tuple(
            {"code": f"C{number}", "sv": f"Ord{number} av något slag", "en": f"Word{number} of a kind"} for number in range(9999)
        )

    asked: list[str] = []
    search = re.search

    def counted(pattern: str, *given: Any) -> Any:
        asked.append(pattern)
        return search(pattern, *given)

    monkeypatch.setattr(_categories.metadata, "codelist", lambda _: Listed)
    monkeypatch.setattr(_categories.re, "search", counted)
    assert _categories._said(" persons had word77s of no kind, and word4711 of a kind", "procedure", "en") == {"C4711"}
    assert len(asked) < 50
