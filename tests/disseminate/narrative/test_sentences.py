"""Figures of a table in sentences that say something else with them: of another place, or put together to another number."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from kvarn.errors import InputError

Check = Callable[[Path], None]
ToldOfEach = Callable[..., Mapping[str, str]]

FIGURES = """
  odd.stockholm: {table: rates-by-municipality, measure: persons, where: {region: "01"}}
  odd.upplands_vasby: {table: rates-by-municipality, measure: persons, where: {region: "0114"}}
  odd.country: {table: rates-by-municipality, measure: persons}
  odd.double: {difference: odd.upplands_vasby, from: odd.country}
  odd.highest: {largest: region, table: rates-by-municipality, measure: persons, give: value}
  odd.number: {number_of: region, status: suppressed, table: rates-by-municipality, measure: persons}
"""
OTHER_PLACES = (
    "In Haninge {{< var odd.upplands_vasby >}} persons received care.",
    "In Haninge {{< var odd.country >}} persons received care.",
    "In Haninge {{< var odd.double >}} persons received care.",
    "In Haninge {{< var odd.highest >}} persons received care.",
    "In Haninge {{< var odd.number >}} received care.",
    "In Haninge {{< var production_days >}} received care.",
    "In Haninge {{< var revisions.revised >}} received care.",
    "In Haninge {{< var odd.text >}} received care.",
    "Care in Haninge was rare. It was given to {{< var odd.country >}} persons.",
    "Care in Haninge was rare. It was given to {{< var odd.upplands_vasby >}} persons.",
    "In Haninge and Upplands Väsby {{< var odd.upplands_vasby >}} persons received care.",
    "In Stockholm {{< var odd.stockholm >}} persons received care.",
    "There were {{< var odd.stockholm >}} persons.",
    "In Haninge, unlike in Sweden, {{< var odd.country >}} persons received care.",
    "## Haninge {.unnumbered}\n\nThere were {{< var odd.country >}} persons.",
    "| Haninge | persons |\n|---|---|\n| care | {{< var odd.country >}} |",
    "- {{< var odd.country >}} persons in Haninge",
    "In *Haninge* {{< var odd.upplands_vasby >}} persons received care.",
    "In {{< var geography.highest_text >}} There were {{< var odd.upplands_vasby >}} persons.",
)
JOINED = (
    "{{< var odd.country >}}{{< var odd.number >}}",
    "{{< var odd.country >}} {{< var odd.number >}}",
    "{{< var odd.country >}}\n{{< var odd.number >}}",
    "{{< var odd.country >}}–{{< var odd.number >}}",
    "{{< var odd.country >}}—{{< var odd.number >}}",
    "{{< var odd.country >}}, {{< var odd.number >}}",
    "{{< var odd.country >}} , {{< var odd.number >}}",
    "{{< var odd.country >}}. {{< var odd.number >}}",
    "{{< var odd.country >}} ({{< var odd.number >}})",
    "{{< var odd.country >}}[^n]{{< var odd.number >}}",
    "{{< var odd.country >}}\\ {{< var odd.number >}}",
    "{{< var odd.text >}} {{< var odd.number >}}",
    "{{< var reference_year >}} {{< var odd.number >}}",
    "{{< var odd.number >}}–{{< var reference_year >}}",
    "{{< var production_days >}} {{< var odd.number >}}",
    "| {{< var odd.country >}} | {{< var odd.number >}} |\n|---|---|\n| a | b |",
)
FINE = (
    "In Upplands Väsby {{< var odd.upplands_vasby >}} persons received care.",
    "In Stockholm county {{< var odd.stockholm >}} persons received care, fewer than in the country.",
    "In Stockholm county {{< var odd.stockholm >}} persons received care. In the country it was {{< var odd.country >}}.",
    "In Stockholm county care is common. The county had {{< var odd.stockholm >}} persons.",
    "In {{< var reference_year >}}, {{< var odd.country >}} persons received care.",
    "The years {{< var first_year >}}–{{< var reference_year >}} had {{< var odd.country >}} persons.",
    "For {{< var odd.number >}} municipalities the figure is withheld, of {{< var odd.country >}} persons in all.",
)


def _declare(project: Path, words: str) -> None:
    figures = project / "reports" / "figures.yml"
    said = figures.read_text(encoding="utf-8").replace("\nfigures:\n", f"\nfigures:{FIGURES}", 1)
    figures.write_text(said.replace("\ntexts:\n", f"\ntexts:\n{words}", 1), encoding="utf-8")


def _text(name: str, words: str) -> str:
    spoken = json.dumps(words, ensure_ascii=False)
    return f"  {name}: {{sv: {spoken}, en: {spoken}}}\n"


def _declare_text(project: Path) -> None:
    _declare(project, _text("odd.text", "{odd.country}"))


@pytest.fixture(scope="module")
def told(told_of_each: ToldOfEach) -> Mapping[str, str]:
    return told_of_each([*OTHER_PLACES, *JOINED, *FINE], _declare_text)


@pytest.mark.parametrize("words", OTHER_PLACES)
def test_a_figure_beside_the_name_of_another_place_is_refused(words: str, told: Mapping[str, str]) -> None:
    assert re.search("stands beside the name of a place|another place's|not named|of several places", told[words])
    assert ".qmd, line" in told[words] and "Write a sentence for each place" in told[words]


@pytest.mark.parametrize("words", JOINED)
def test_figures_with_no_word_between_them_are_refused(words: str, told: Mapping[str, str]) -> None:
    assert "would be read as one number" in told[words] and ".qmd, line" in told[words]


@pytest.mark.parametrize("words", FINE)
def test_a_figure_beside_its_own_place_and_behind_a_word_is_fine(words: str, told: Mapping[str, str]) -> None:
    assert not told[words]


def test_what_is_fine_is_fine_by_itself(written: Path, check: Check) -> None:
    _declare_text(written)
    for language in ("sv", "en"):
        with (written / "reports" / "annual-report" / language / "_about.qmd").open("a", encoding="utf-8") as text:
            text.write("\n" + "\n\n".join(FINE) + "\n")
    check(written)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("In Haninge {odd.upplands_vasby} persons received care.", "another place's"),
        ("In Haninge {odd.country} persons received care.", "beside the name of a place"),
        ("{odd.country}{odd.number} persons", "one number"),
        ("{odd.country}-{odd.number} persons", "one number"),
        ("{odd.country} {odd.number} persons", "one number"),
    ],
)
def test_a_declared_text_says_no_more_than_a_document_may(words: str, said: str, written: Path, check: Check) -> None:
    _declare(written, _text("odd.said", words))
    with pytest.raises(InputError, match=said) as error:
        check(written)
    assert "figures.yml, line" in str(error.value) and "odd.said, sv" in str(error.value)


def test_a_title_and_the_words_of_the_house_are_read_too(written: Path, check: Check) -> None:
    _declare(written, "")
    document = written / "reports" / "annual-report" / "en" / "annual-report.qmd"
    said = document.read_text(encoding="utf-8")
    said = said.replace('"Annual statistical report"', '"Haninge, {{< var odd.country >}} persons"', 1)
    document.write_text(said, encoding="utf-8")
    with pytest.raises(InputError, match=r"The figure odd\.country is the whole country's"):
        check(written)


def test_a_notebook_is_read_too(written: Path, check: Check) -> None:
    _declare(written, "")
    path = written / "notebooks" / "present" / "geography.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["cells"][0]["source"] = ["# Haninge\n", "\n", "In Haninge {{< var odd.country >}} persons."]
    path.write_text(json.dumps(notebook), encoding="utf-8")
    with pytest.raises(InputError, match=r"geography\.ipynb.*The figure odd.country is the whole country's"):
        check(written)


HIDDEN = (
    "In Haninge a triad received care.",
    "In Haninge a decade of persons received care.",
    "In Haninge a score of persons received care.",
    "In Haninge a trinity received care.",
    "In Haninge a gross of persons received care.",
    "I Haninge fick en trojka vård.",
    "I Haninge fick tredubbelt upp vård.",
    "I Haninge fick ett decennium personer vård.",
    "| In Haninge\n| persons\n| persons",
    "| In Haninge |\n| persons |\n| persons |",
    "Haninge\n\n---\n\n---\n\n---",
    "Haninge\n\n---",
    "Haninge\n\n___",
    "Words.\n\n---\ntitle: Haninge\n---",
    "Haninge – — –",
    "Haninge –, –, –",
    "| In | Haninge |\n|-|---|\n| c | d |",
    "| In | Haninge |\n|:-----|---:|\n| c | d |",
    "In | Haninge\n---|-----\nc | d",
    "In   Haninge\n--- ------\nc    d",
    "+---+-----+\n| a | b   |\n+---+-----+",
    "Care in Haninge:\n\n## Persons with care",
)


@pytest.fixture(scope="module")
def told_of_hidden(told_of_each: ToldOfEach) -> Mapping[str, str]:
    return told_of_each(HIDDEN)


@pytest.mark.parametrize("words", HIDDEN)
def test_a_number_by_other_words_signs_lines_or_widths_is_refused(words: str, told_of_hidden: Mapping[str, str]) -> None:
    assert ".qmd" in told_of_hidden[words]


def test_a_table_of_columns_that_are_alike_is_fine(written: Path, check: Check) -> None:
    for language in ("sv", "en"):
        with (written / "reports" / "annual-report" / language / "_about.qmd").open("a", encoding="utf-8") as text:
            text.write("\n| Care | Words |\n|---|---|\n| some | more |\n")
    check(written)
