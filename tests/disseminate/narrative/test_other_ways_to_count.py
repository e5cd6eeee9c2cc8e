"""Figures in letters, in look-alikes, in rows of marks and in sums of one; and what ordinary prose has that looks like them."""

from __future__ import annotations

import pytest

from kvarn.disseminate.narrative import foreign_character, numbers_in
from kvarn.disseminate.narrative._reading import passage

REFUSED = {
    "en": (
        "In Upplands Väsby the number of persons of higher age with care was V.",
        "The number of persons was X in Haninge.",
        "In Österåker the persons of higher age with care were ix.",
        "In Haninge the persons were vi.",
        "In Haninge xi of them received care.",
        "In Haninge the persons with care: V",
        "Haninge (V)",
        "In Haninge lx received care.",
        "The number of persons was CC.",
        "The number of persons was di.",
        "In Haninge v received care.",
        "In Österåker lO persons received care.",
        "In Österåker ZO less lO persons received care.",
        "In Haninge IO persons received care.",
        "In Haninge oo persons received care.",
        "In Haninge B persons received care.",
        "In Haninge hx persons received care.",
        "In Haninge () persons received care.",
        r"In Haninge \_ \_ \_ persons received care.",
        "In Haninge _ _ _ there.",
        "In Haninge persons received care: (), (), ().",
        "In Haninge persons received care )))",
        "In Haninge persons received care .-.-.",
        "In Haninge persons received care <> <> <>",
        "In Haninge one plus one plus one persons received care.",
        "In Haninge one person, another person and one more person received care.",
        "In Haninge a person, another person and yet another person received care.",
        "In Haninge, a ternary of persons received care.",
        "In Haninge, a quaternity received care.",
        "In Haninge a tercet of them received care.",
        "In Haninge care grew threefold.",
        "In Haninge care grew tenfold.",
        "In Haninge a pentagon of persons.",
        "In Haninge a hexagon of persons.",
        "In Haninge a triptych of persons.",
        "In Haninge fif teen received care.",
        "In Haninge thir ty received care.",
    ),
    "sv": (
        "I Haninge var antalet personer V.",
        "I Haninge fick ix vård.",
        "I Haninge var personerna xi.",
        "I Haninge fick lO personer vård.",
        "I Haninge fick () personer vård.",
        "I Haninge fick en plus en plus en vård.",
        "I Haninge fick en person, en annan person och ytterligare en person vård.",
        "I Haninge en triptyk av personer.",
        "I Haninge en femhörning.",
        "Vården i Haninge ökade femfalt.",
        "I Haninge fick fem ton vård.",
        "I Haninge fick fjor ton vård.",
    ),
}
FINE = {
    "en": (
        "The persons (both new and known) were many.",
        "Care for persons in ordinary homes – persons over the age – is described.",
        "The symbol X means that the figure is suppressed.",
        "See section B. Persons without care are not counted.",
        "C Preservation and disposal",
        "Each municipality's persons are counted once, from one municipality to another municipality.",
        "A person who moves from a municipality counts as a person in each.",
        "NBHW persons and HSL procedures are reported, i.e. care in homes; see p. x-axis.",
        "I think that by persons we mean residents.",
        "A mix of care, a CD, a CV and ml of fluid.",
        "Vitamin D-vitamin, Anna C. Berg and a T-shirt.",
        'They said: "persons" (or "people"), and/or procedures...',
        "Care was given to persons & procedures.",
    ),
    "sv": (
        "I Haninge vet vi att personer fick vård, och vi ser inget annat.",
        "Tecknet X betyder att uppgiften är borttagen.",
        "C Bevarande och gallring",
        "En person som fick en åtgärd i en kommun räknas en gång.",
        "Personer (t.ex. m.fl., bl.a. och d.v.s.) och åtgärder – personer i ordinärt boende.",
        "Här beskrivs åtgärder enligt KVÅ; HSL-personer finns inte.",
        "Kommunernas personer och å kommunernas vägnar.",
        "Från en kommun till en annan kommun flyttar personer.",
    ),
}


@pytest.mark.parametrize(("language", "words"), [(language, words) for language, all_ in REFUSED.items() for words in all_])
def test_a_figure_is_found_however_it_is_written(language: str, words: str) -> None:
    assert list(numbers_in(passage(words).text, language))


@pytest.mark.parametrize(("language", "words"), [(language, words) for language, all_ in FINE.items() for words in all_])
def test_ordinary_prose_has_no_figure(language: str, words: str) -> None:
    assert [found.written for found in numbers_in(passage(words).text, language)] == []


@pytest.mark.parametrize("letter", "ɜƻƼȝʒßſƷɛʗ")
def test_a_letter_that_is_read_as_a_figure_is_foreign(letter: str) -> None:
    assert foreign_character(letter)


@pytest.mark.parametrize("letter", "åäöéèüæøčłşñçž")
def test_the_letters_of_european_names_are_not(letter: str) -> None:
    assert foreign_character(letter) is None
