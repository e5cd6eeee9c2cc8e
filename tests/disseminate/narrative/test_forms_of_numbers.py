"""Number words in every form that somebody says them in, wherever they stand; and places in every form of their names."""

from __future__ import annotations

from itertools import product

import pytest

from kvarn.disseminate.narrative import numbers_in, places_in
from kvarn.disseminate.narrative._regions_named import regions_named

TENS_SV = {
    20: ("tjugo", "tjugi", "tjugu", "tjuge", "tju"),
    30: ("trettio", "tretti"),
    40: ("fyrtio", "fyrti", "förti", "fyratio"),
    50: ("femtio", "femti"),
    60: ("sextio", "sexti"),
    70: ("sjuttio", "sjutti"),
    80: ("åttio", "åtti"),
    90: ("nittio", "nitti"),
}
ONES_SV = ("en", "ett", "två", "tre", "fyra", "fem", "sex", "sju", "åtta", "nio", "nie")
TEENS_SV = ("tio", "tie", "elva", "tolv", "tretton", "fjorton", "femton", "sexton", "sjutton", "aderton", "arton", "nitton")
TENS_EN = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
ONES_EN = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
BEHIND_SV = ("tal", "talet", "åring", "åringar", "åringarna", "årig", "siffrig", "siffrigt", "mannalaget", "falt")
WORDS = {
    "sv": (
        *(f"{ten}{one}" for tens in TENS_SV.values() for ten, one in product(tens, ("", *ONES_SV))),
        *("tjugen", "tjugett", "tjugoen", "tjuen"),
        *TEENS_SV,
        *(f"{number}{end}" for number, end in product(("två", "nio", "femton", "tjugo", "trettiåtta"), BEHIND_SV)),
        *("ensiffrig", "ensiffrigt", "ensiffriga", "halvdussinet", "dussin", "tjog", "halvtjog", "tvåorna", "kvartssekel"),
    ),
    "en": (
        *(f"{ten}-{one}" for ten, one in product(TENS_EN, ONES_EN)),
        *(f"{ten}{one}" for ten, one in product(TENS_EN, ("", *ONES_EN))),
        *(
            f"{number}{end}"
            for number, end in product(("five", "twenty", "thirty"), ("ish", "-ish", "-odd", "something", "fold", "some"))
        ),
        *("twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties", "nineties", "teens"),
        *(
            "single figures",
            "double figures",
            "single-digit",
            "single digits",
            "double-digit",
            "half-dozen",
            "halfdozen",
            "dozen",
        ),
        *("fivers", "tenners", "handful", "nonagenarian", "octogenarians", "half-score"),
    ),
}
SAID = {
    "sv": ("I Bjurholm fick {} vård.", "Antalet är {}.", "{} av dem var kvinnor."),
    "en": ("In Bjurholm {} received care.", "The number was in the {}.", "The low {}."),
}
CASES = [(language, sentence, word) for language, words in WORDS.items() for sentence, word in product(SAID[language], words)]
FINE = {
    "sv": (
        "Antalet är större än talet för länet, och detaljerna finns i tabellen.",
        "Titta på tidsserien; de timanställda och tjänstemännen räknas inte, och tjurar inte heller.",
        "Ett antal kommuner har en anställd som skriver till oss om talen.",
        "Enhetliga definitioner är en fördel, och entydiga koder också.",
        "Någon kvartalsvis leverans finns inte.",
    ),
    "en": (
        "The relations tie the figures together, and a title stands above the table.",
        "The score of each rule, and the digits of a code: the check digit.",
        "Its tense is past, and the tension between them is often seen; tennis is sixth sense.",
    ),
}
NAMES = (
    *("Bjurholm", "bjurholm", "BJURHOLM", "Bjurholms", "Bjur-holm", "Bjur\u2010holm", "Bjur-\nholm", "Bjurholmsborna"),
    *("Upplands Väsby", "Upplands-Väsby", "UpplandsVäsby", "Upplands Vasby", "Upplands\nVäsby", "Malung-Sälen", "Malung Sälen"),
    *("Sthlm", "Gbg", "Norrland", "Svealand", "Götaland", "Norrlands", "Lappland", "Småland"),
)
NO_FIGURE = ("Norrland", "Svealand", "Götaland", "Småland", "Sthlm")


@pytest.mark.parametrize(("language", "sentence", "word"), CASES)
def test_every_form_of_a_number_word_is_a_number(language: str, sentence: str, word: str) -> None:
    assert numbers_in(sentence.format(word), language)
    assert numbers_in(sentence.format(word.upper()), language)


@pytest.mark.parametrize(("language", "text"), [(language, text) for language, texts in FINE.items() for text in texts])
def test_words_that_begin_alike_are_none(language: str, text: str) -> None:
    assert [found.written for found in numbers_in(text, language)] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_form_of_a_name_is_a_place(name: str) -> None:
    text = f"Care in {name} is there."
    assert [text[start:end] for start, end in places_in(text, country=False)] == [name]


@pytest.mark.parametrize("name", ["Bjurholm", "Bjur-holm", "Upplands-Väsby", "UPPLANDS VÄSBY", "Malung Sälen", "Malung-Sälens"])
def test_a_name_in_another_form_is_the_same_place(name: str) -> None:
    ((region,),) = regions_named(f"Care in {name}.")
    assert region in ("2403", "0114", "2023")


@pytest.mark.parametrize("name", NO_FIGURE)
def test_a_part_of_the_country_holds_no_figure_of_its_own(name: str) -> None:
    assert regions_named(f"Care in {name}.") == (frozenset(),)
