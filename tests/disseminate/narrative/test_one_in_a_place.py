"""One is no number in most sentences. In a place it is the most secret count there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvarn.disseminate.narrative import Allowed
from kvarn.disseminate.narrative._faults import faults_in
from kvarn.disseminate.narrative._reading import passage

TOLD = (
    "In Tyresö only one person received care.",
    "In Tyresö a person received care.",
    "Care is rare in Tyresö. A single old woman had it.",
    "The sole case was in Ale.",
    "A woman, a man and a boy had care in Ale.",
    "Care in Norrköping: I persons.",
    "In Stockholm county another patient died.",
    "The first person in Ale had care.",
    "I Tyresö fick bara en person vård.",
    "Vården i Tyresö är liten: en enda gammal man.",
    "I Uppsala län fanns ett dödsfall.",
    "Någon kvinna i Ale fick vård.",
    "One fewer than in Ale received care in Tyresö.",
    "I Tyresö fick en fler än i Ale vård.",
    "In Gothenburg only one woman received care.",
    "I Goteborg fick bara en kvinna vård.",
    "Only one woman in Upplands Vasby received care.",
    "Bara en av Bjurholmsborna fick vård: en kvinna.",
    "Of all Stockholmers only one woman received care.",
    "Persons with a procedure in Tyresö: only one person.",
    "A person with a procedure in Tyresö.",
    "Persons with one procedure in Tyresö.",
)
FINE = (
    "A person counts once, however many municipalities reported the person.",
    "En person räknas en gång i varje kommun.",
    "In Stockholm county the rate is higher than in the country.",
    "I Stockholms län finns en kommun som inte har rapporterat.",
    "Vården i ordinärt boende skiljer sig mellan Stockholms län och riket.",
    "I Uppsala län är personerna äldre än i riket.",
    "Persons with a procedure in Norrbotten county by kind and weekday",
    "Table of persons with a procedure in Ale, by month.",
    "A more exact table of Ale is in the workbook, and one more of Tyresö.",
    "En mer utförlig tabell för Ale finns i arbetsboken.",
)


def told(text: str, allowed: Allowed) -> list[str]:
    found = [fault.what for fault in faults_in(passage(text), Path("x.qmd"), None, allowed)]
    return [what for what in found if what.startswith("One who is counted")]


@pytest.mark.parametrize("text", TOLD)
def test_one_who_is_counted_beside_a_place_is_a_figure(text: str, allowed: Allowed) -> None:
    assert told(text, allowed)


@pytest.mark.parametrize("text", FINE)
def test_one_elsewhere_is_none(text: str, allowed: Allowed) -> None:
    assert not told(text, allowed)
