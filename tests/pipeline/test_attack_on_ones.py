"""One, both and none of a place that code has put together are found in the finished page."""

from __future__ import annotations

import pytest

from kvarn.disseminate.text_tables import as_text
from kvarn.errors import DisclosureError
from kvarn.pipeline.attack._attack import _require_texts
from kvarn.pipeline.attack._ones import ones_in_table
from kvarn.pipeline.attack._page import Page, PageTable
from kvarn.pipeline.attack._prose import Accounts

SAID = ("en", "one", "noll", "zero", "ett", "both", "en person", "a widow", "bara en")


@pytest.mark.parametrize("said", SAID)
@pytest.mark.parametrize(
    "table",
    [
        PageTable(["Kommun", "Personer"], [["Bjurholm", "{}"]]),
        PageTable(["Personer", "Kommun"], [["{}", "Upplands Väsby"]]),
        PageTable(["Kön", "Bjurholm"], [["Kvinnor", "{}"]]),
        PageTable(["Kön", "Personer"], [["Kvinnor", "{}"]], "Bjurholm"),
    ],
)
def test_a_row_of_a_place_says_no_one(table: PageTable, said: str) -> None:
    filled = PageTable(table.heads, [[cell.format(said) for cell in row] for row in table.rows], table.named)
    assert list(ones_in_table(filled)) == ["row 1"]


@pytest.mark.parametrize(
    "table",
    [
        PageTable(["Kommun", "Personer"], [["Bjurholm", as_text("12")], ["Haninge", "x"], ["Nacka", "–"]]),
        PageTable(["Kommun", "Klass"], [["Bjurholm", "en liten kommun"], ["Haninge", "En kommun"]]),
        PageTable(["Kön", "Personer"], [["Kvinnor", "en"]]),
    ],
)
def test_other_rows_pass(table: PageTable) -> None:
    assert list(ones_in_table(table)) == []


@pytest.mark.parametrize("said", ["Bjurholm: en", "Upplands Väsby had one.", "Antalet i Bjurholm var noll."])
def test_a_printed_text_says_no_one(said: str) -> None:
    with pytest.raises(DisclosureError, match="One who is counted"):
        _require_texts(Page(texts=[said]), "notebooks/sv/own.html", Accounts(), Accounts())


@pytest.mark.parametrize("said", ["Bjurholm is a municipality.", "One of the municipalities is Bjurholm.", "Antalet var en."])
def test_other_printed_texts_pass(said: str) -> None:
    _require_texts(Page(texts=[said]), "notebooks/sv/own.html", Accounts(), Accounts())
