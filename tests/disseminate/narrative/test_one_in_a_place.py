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


KNOWN = (
    *("Dödsfallet i Bjurholm var våldsamt.", "The death in Bjurholm was violent.", "Fallet i Bjurholm utreds."),
    *("The case in Bjurholm is examined.", "Åtgärden i Bjurholm gjordes hemma.", "The procedure in Bjurholm was done at home."),
    *("Besöket i Bjurholm gjordes hemma.", "The visit in Bjurholm was short.", "Invånaren i Bjurholm fick vård."),
    *(
        "Insatsen i Bjurholm pågick hela året.",
        "The intervention in Bjurholm lasted all year.",
        "Ärendet i Bjurholm är avslutat.",
    ),
    *("Vårdtillfället i Bjurholm var kort.", "Deltagaren i Bjurholm bodde hemma.", "Sonen i Bjurholm fick vård."),
    *("Bjurholms patient fick vård hemma.", "Bjurholm's death was violent.", "Den avlidne i Bjurholm var ung."),
    *("In Upplands Väsby o n e died.", "I Bjurholm avled e n.", "E t t i Bjurholm."),
)
OF_MANY = (
    *("Så är fallet i Haninge också.", "I fallet Haninge saknas uppgifter.", "That is the case in Haninge too."),
    *("In the case of Haninge, figures are missing.", "The death rate in Stockholm county is high.", "Haninges kommun"),
    *("The procedure codes of Haninge are those of the list.", "Deaths in Haninge", "Haninges patienter bor hemma."),
    *("Each person in Haninge is counted once, wherever the procedure was done.", "Dödsfallet räknas till månaden."),
)


@pytest.mark.parametrize("words", KNOWN)
def test_one_that_is_known_is_one_in_a_place(words: str, allowed: Allowed) -> None:
    assert list(faults_in(passage(words), Path("a.qmd"), "en" if " the " in words.casefold() else "sv", allowed))


@pytest.mark.parametrize("words", OF_MANY)
def test_idioms_rates_and_what_holds_of_many_are_fine(words: str, allowed: Allowed) -> None:
    assert list(faults_in(passage(words), Path("a.qmd"), None, allowed)) == []


@pytest.mark.parametrize("words", ["T r e i Upplands Väsby avled.", "N i o i Bjurholm.", "t h r e e a day", "t-r-e i Haninge"])
def test_letters_that_stand_apart_are_put_together_beside_other_words(words: str, allowed: Allowed) -> None:
    assert list(faults_in(passage(words), Path("a.qmd"), "sv", allowed))
