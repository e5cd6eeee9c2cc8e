"""What the attack takes from a source: its words and its variables, and no number but allowed ones."""

from __future__ import annotations

import pytest

from kvarn.disseminate.narrative import NOT_ACCOUNTED, Allowed, accounted_texts
from kvarn.pipeline.attack._accounts import _row_as_read
from kvarn.pipeline.attack._prose import Accounts, numbers_without_digits


def accounts(source: str, allowed: Allowed) -> Accounts:
    found = Accounts("en")
    for text in accounted_texts(source, "en", allowed, {"persons.total": "1,500", "reference_year": "2023"}):
        found.add(text)
    return found


def test_typed_numbers_are_left_out_and_variables_are_filled_in(allowed: Allowed) -> None:
    source = "In Bjurholm 3 persons, three in all.\n\nUnder HSLF-FS 2017:67 {{< var persons.total >}} persons (@fig-x)."
    first, second = accounted_texts(source, "en", allowed, {"persons.total": "1,500"})
    assert first == f"In Bjurholm {NOT_ACCOUNTED} persons, {NOT_ACCOUNTED * 5} in all."
    assert second == f"Under HSLF-FS 2017:67 1,500 persons ({NOT_ACCOUNTED})."


@pytest.mark.parametrize("typed", ["3 persons", "three persons", "² persons", "1,501 persons", "2017:67 persons"])
def test_what_is_typed_is_not_accounted_for_by_being_typed(typed: str, allowed: Allowed) -> None:
    source = f"In {{{{< var reference_year >}}}}, {{{{< var persons.total >}}}} persons.\n\nIn Bjurholm {typed} received care."
    found = accounts(source, allowed)
    assert list(found.unaccounted("In 2023, 1,500 persons.")) == []
    assert list(found.unaccounted(f"In Bjurholm {typed} received care."))


def test_a_bare_number_is_accounted_for_as_a_whole_and_in_a_notebook_never(allowed: Allowed) -> None:
    found = accounts("{{< var reference_year >}}\n\nIn {{< var persons.total >}} cases.", allowed)
    assert list(found.unaccounted("2023")) == []
    assert list(found.unaccounted("2023", document=False))
    assert list(found.unaccounted("1,500")) and list(found.unaccounted("500"))


OUT_OF_CONTEXT = [
    "Haninge · 3 · persons received care",
    "Haninge · three · persons received care",
    "Haninge (Figure 2) 3 (Figure 4) persons",
    "Figure 2 3 Figure 4: Haninge",
]


@pytest.mark.parametrize("said", OUT_OF_CONTEXT)
def test_a_number_with_no_words_beside_it_is_not_accounted_for(said: str, allowed: Allowed) -> None:
    found = accounts("Haninge · {{< var persons.total >}} · persons (@fig-x).\n\n3 of what received care", allowed)
    assert list(found.unaccounted(said))


@pytest.mark.parametrize("said", ["Haninge, Figure 3", "Haninge Table 25", "Haninge: page 3", "Avsnitt 3 Haninge"])
def test_nobody_counts_the_figures_tables_and_pages_of_a_notebook(said: str, allowed: Allowed) -> None:
    found = accounts("Haninge, @fig-x and {{< var persons.total >}} persons", allowed)
    assert list(found.unaccounted(said, document=False))
    assert list(found.unaccounted(said)) == []


@pytest.mark.parametrize("said", ["Haninge XXV", "Haninge LIII", "Haninge ●●●", "Haninge * * *", "Haninge x x x", "Haninge ⚄"])
def test_what_code_has_written_is_read_as_what_is_typed(said: str) -> None:
    assert set(numbers_without_digits(said)) >= {"Haninge …"}
    assert list(numbers_without_digits("Vi i Haninge (CC BY) ...")) == []


SAID = {"persons.total": "2,000", "persons.rate": "39.2", "persons.change": "up 0.5 per cent", "other.change": "2, up 0.1"}
ROWS = {
    "| Persons | {{< var persons.total >}} | {{< var persons.change >}} |": "Persons 2,000 up 0.5 per cent",
    "Persons | {{< var persons.total >}}": "Persons 2,000",
    "  | **Persons** \\* | [{{< var persons.total >}}](data/2.csv){.x} |": "Persons * 2,000",
    "| Persons, see @sec-care and [section @sec-2] | {{< var persons.rate >}} |": "Persons, see Section 2 and section 3.1 39.2",
    "| Persons in 2019 | {{< var persons.rate >}} |": "Persons in 2019 39.2",
}


@pytest.mark.parametrize("source", ROWS)
def test_a_row_that_a_document_writes_has_its_own_numbers_and_no_others(source: str) -> None:
    """Whatever else accounts for a number: another row may end with it."""
    found, read = Accounts("en"), ROWS[source]
    for row in (*ROWS, "| Other | {{< var other.change >}} |", "|---|--:|"):
        found.add_row(_row_as_read(row, SAID))
    assert not found.is_other_row(read)
    assert not found.is_other_row("Of another table 2,000")
    number = "39.2" if "39.2" in read else "2,000"
    for planted in (number[:1], number[:-1], f"{number}1", "39.3", "", f"{number} 3"):
        assert found.is_other_row(read.replace(number, planted)), planted
