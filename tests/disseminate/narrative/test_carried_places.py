"""A place is carried on: one, both and none below its name, in its row, in its list or behind its paragraph are figures too."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvarn.disseminate.narrative import Allowed
from kvarn.disseminate.narrative._documents import faults_in_document

HANGING = {
    "heading": "## {place} {{.unnumbered}}\n\n{said}",
    "paragraph further below": "## {place} {{.unnumbered}}\n\nCare is described.\n\nIt varies.\n\n{said}",
    "heading below": "## {place} {{.unnumbered}}\n\nWords.\n\n### Care {{.unnumbered}}\n\n{said}",
    "underlined heading": "{place}\n------\n\n{said}",
    "item": "- {place}: {said}",
    "next item": "- {place}\n- {said}",
    "nested item": "- {place}\n  - Care\n    - {said}",
    "paragraph of an item": "- {place}\n\n  {said}",
    "term": "{place}\n:   {said}",
    "second definition": "{place}\n\n:   Words.\n\n:   {said}",
    "callout": '::: {{.callout-note title="{place}"}}\nWords.\n\n{said}\n:::',
    "callout in a block": '::: {{.callout-note title="{place}"}}\n::: {{.content-visible when-format="html"}}\n{said}\n:::\n:::',
    "label": "{place}\n\n{said}",
    "strong label": "**{place}**\n\n{said}",
    "colon": "This is how it is with those in {place}:\n\n- {said}",
    "quotation": "> {place}\n>\n> {said}",
    "row": "| Place | Care |\n|---|---|\n| {place} | {said} |",
    "column": "| Care | {place} |\n|---|---|\n| Words | {said} |",
}
FOLLOWING = {
    "with a pronoun": ("{place} är en liten kommun.\n\nDär fick {one} vård.", "{place} is small.\n\nThere {one} received care."),
    "with the place's kind": (
        "{place} är liten.\n\nI kommunen fick {one} vård.",
        "{place} is small.\n\nIn the municipality {one} received care.",
    ),
    "elliptically": ("{place} är en liten kommun.\n\nBara {one} fick vård.", "{place} is small.\n\nOnly {one} received care."),
    "at the end": ("I {place} är det få.\n\nAntalet var {bare}.", "Few in {place}.\n\nThe number was {bare}."),
    "after a list": ("- {place}\n\nBara {one} fick vård.", "- {place}\n\nOnly {one} received care."),
}
PLACES = ("Bjurholm", "Upplands Väsby", "Västerbottens län", "Norrland")
SAID = {
    "en": (
        *(
            "One person received care.",
            "Only one person received care.",
            "Only one.",
            "One",
            "one",
            "A widow.",
            "A single woman.",
            "Just one.",
        ),
        *(
            "One received care.",
            "The persons were one.",
            "A singleton.",
            "The sole recipient.",
            "Its only recipient moved.",
            "Nobody.",
        ),
        *(
            "Zero persons.",
            "Nil",
            "Nought.",
            "No one received care.",
            "Both received care.",
            "Both siblings moved.",
            "A pair.",
            "A couple.",
        ),
        *(
            "The pair of them.",
            "She received care.",
            "Somebody received care.",
            "A lone pensioner.",
            "Neither of them.",
            "One lady.",
            "No persons.",
        ),
        *(
            "The woman received care all year.",
            "Not one.",
            "None but one.",
            "One had it last year.",
            "One reported.",
            "One more received care.",
            "One-person care.",
            "The first and only.",
        ),
    ),
    "sv": (
        *(
            "En person fick vård.",
            "Bara en person fick vård.",
            "Bara en.",
            "En",
            "en",
            "En änka.",
            "En enda kvinna.",
            "Ett dödsfall.",
        ),
        *(
            "En fick vård.",
            "De var en.",
            "Ettan.",
            "Den enda vårdtagaren.",
            "En ensam man.",
            "Ingen person.",
            "Noll personer.",
            "noll",
        ),
        *(
            "Båda fick vård.",
            "Bägge syskonen.",
            "Syskonparet.",
            "Ett gift par.",
            "Hon fick vård.",
            "Någon fick vård.",
            "En dam.",
            "Makarna.",
        ),
        *(
            "Kvinnan fick vård hela året.",
            "Inte en.",
            "En pensionär.",
            "En av dem fick vård i år.",
            "Ettdera.",
            "Båda fick vård i år.",
            "En gammal.",
            "Ett enpersonshushåll.",
        ),
    ),
}
ONE = {"en": ("one person", "a single woman", "one"), "sv": ("en person", "en enda kvinna", "en")}
BARE = {"en": ("one", "zero", "nil"), "sv": ("en", "noll", "ett")}
CASES = {
    (language, how): [
        form.format(place=PLACES[number % len(PLACES)], said=said) for number, said in enumerate(SAID[language], len(how))
    ]
    for language in ("en", "sv")
    for how, form in HANGING.items()
}
CASES |= {
    (language, how): [
        forms[language == "en"].format(place=place, one=one, bare=bare)
        for place, one, bare in zip(PLACES * 3, ONE[language] * 4, BARE[language] * 4, strict=True)
        if (language, how, one) != ("en", "elliptically", "a single woman")
    ]
    for language in ("en", "sv")
    for how, forms in FOLLOWING.items()
}
# What is said of a place by those who do not count its persons.
HONEST = {
    "en": (
        "{place} is a small municipality in the north.",
        "The rate in {place} is higher than the one in the country.",
        "One of the municipalities in the county of {place} did not report in time.",
        "In {place} one of the municipalities did not report.",
        "{place} has had one and the same system for its deliveries.",
        "Both the rate and the median are shown for {place}.",
        "In {place} both rates fell, and both years are shown.",
        "The only municipality that has not reported is {place}.",
        "{place} is the only county whose rate is age-standardised.",
        "A single table shows {place} by month.",
        "For {place} one file is missing, and one month is incomplete.",
        "{place} reports one file a month.",
        "One can compare {place} with the country.",
        "In {place} the municipality is responsible for the care, and a region is responsible elsewhere.",
        "A municipality such as {place} reports by the tenth day of the month.".replace("tenth", "last"),
        "In {place} the population is older than in the country.",
        "Persons who move from {place} are counted in each municipality.",
        "Care in {place} is described in a chapter of its own.",
        "The definition is another one than before in {place}.",
        "{place} corrected a delivery; its figures are another edition's.",
    ),
    "sv": (
        "{place} är en liten kommun i norr.",
        "Talet i {place} är högre än det i riket.",
        "En av kommunerna i {place} rapporterade inte i tid.",
        "I {place} rapporterade en av kommunerna inte.",
        "{place} har haft ett och samma system för sina leveranser.",
        "Både talet och medianen visas för {place}.",
        "I {place} föll båda talen, och båda åren visas.",
        "Den enda kommun som inte har rapporterat är {place}.",
        "{place} är det enda län vars tal är åldersstandardiserat.",
        "En enda tabell visar {place} efter månad.",
        "För {place} saknas en fil, och en månad är ofullständig.",
        "{place} rapporterar en fil i månaden.",
        "Man kan jämföra {place} med riket.",
        "I {place} ansvarar kommunen för vården, och på andra håll en region.",
        "En kommun som {place} rapporterar senast den sista dagen i månaden.",
        "I {place} är befolkningen äldre än i riket.",
        "Personer som flyttar från {place} räknas i varje kommun.",
        "Vården i {place} beskrivs i ett eget kapitel.",
        "Definitionen är en annan än tidigare i {place}, och en jämförelse är svår.",
        "{place} rättade en leverans; en del av skillnaden beror på det.",
        "I {place} har en eller flera kommuner bytt system.",
    ),
}
BELOW = {
    "en": (
        "A person counts once, however many municipalities reported the person.",
        "The rate is age-standardised; a high rate may have another cause.",
        "One reason is that the population is older.",
        "A region is responsible for the care in a part of the county.",
        "Both sexes live longer, and both measures show it.",
        "It is a county with large differences, and a comparison takes account of that.",
    ),
    "sv": (
        "En person räknas en gång i varje kommun.",
        "Talet är åldersstandardiserat; ett högt tal kan ha en annan orsak.",
        "Ett skäl är att befolkningen är äldre.",
        "En region ansvarar för vården i en del av länet.",
        "Båda könen lever längre, och båda måtten visar det.",
        "Det är ett län med stora skillnader, och en jämförelse tar hänsyn till det.",
    ),
}


def ones(text: str, language: str, folder: Path, allowed: Allowed) -> list[str]:
    file = folder / "report.qmd"
    file.write_text(f"{text}\n", encoding="utf-8")
    return [fault.what for fault in faults_in_document(file, language, allowed) if _is_told(fault.what)]


def _is_told(what: str) -> bool:
    return what.startswith("One who is counted") or "number word" in what


@pytest.mark.parametrize(("language", "how"), CASES)
def test_one_both_and_none_of_a_place_are_figures(language: str, how: str, tmp_path: Path, allowed: Allowed) -> None:
    assert [text for text in CASES[language, how] if not ones(text, language, tmp_path, allowed)] == []


@pytest.mark.parametrize(
    ("language", "text"), [(language, text) for language, texts in HONEST.items() for text in texts], ids=lambda words: words[:40]
)
@pytest.mark.parametrize("place", ["Bjurholm", "Haninge"])
def test_what_counts_nobody_may_be_said_of_a_place(
    language: str, text: str, place: str, tmp_path: Path, allowed: Allowed
) -> None:
    assert ones(text.format(place=place), language, tmp_path, allowed) == []


@pytest.mark.parametrize(("language", "text"), [(language, text) for language, texts in BELOW.items() for text in texts])
@pytest.mark.parametrize("before", ["Haninge är en stor kommun.\n\n", "Haninge is large, and its care is known.\n\n"])
def test_what_holds_of_each_may_follow_a_place(language: str, text: str, before: str, tmp_path: Path, allowed: Allowed) -> None:
    assert ones(f"{before}{text}", language, tmp_path, allowed) == []


@pytest.mark.parametrize(
    "text",
    [
        "## Bjurholm {.unnumbered}\n\nWords.\n\n## Care {.unnumbered}\n\nOnly one person received care.",
        "### Bjurholm {.unnumbered}\n\nWords.\n\n## Care {.unnumbered}\n\nOnly one person received care.",
        '::: {.callout-note title="Bjurholm"}\nWords.\n:::\n\nWords.\n\nOnly one person received care.',
        "- Bjurholm\n\nWords.\n\nOnly one person received care.",
        "Bjurholm is small.\n\nCare is described.\n\nOnly one person received care.",
    ],
)
def test_a_place_is_carried_no_further_than_it_reaches(text: str, tmp_path: Path, allowed: Allowed) -> None:
    assert ones(text, "en", tmp_path, allowed) == []


@pytest.mark.parametrize("said", ["Only one person received care.", "Bara en fick vård.", "The number was one.", "Det var noll."])
def test_the_title_of_a_document_is_meant_in_all_of_it(said: str, tmp_path: Path, allowed: Allowed) -> None:
    text = "---\ntitle: Bjurholm\n---\n\n## Care {.unnumbered}\n\nA person counts once.\n\nWords.\n\n"
    assert ones(text, "en", tmp_path, allowed) == []
    assert ones(f"{text}{said}", "en", tmp_path, allowed)


def test_a_place_is_carried_into_a_chapter(tmp_path: Path, allowed: Allowed) -> None:
    (tmp_path / "report.qmd").write_text("## Bjurholm {.unnumbered}\n\n{{< include _care.qmd >}}\n", encoding="utf-8")
    chapter = tmp_path / "_care.qmd"
    chapter.write_text("Only one person received care.\n", encoding="utf-8")
    assert any("below the name" in fault.what and fault.line == 1 for fault in faults_in_document(chapter, "en", allowed))
