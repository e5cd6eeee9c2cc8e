"""Whoever types "3 persons in Bjurholm" into a document, in whatever guise, is stopped with the file and line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kvarn.disseminate.narrative import Allowed, read_allowed
from kvarn.disseminate.narrative._documents import faults_in_document
from kvarn.errors import InputError

PROJECT = Path(__file__).parents[3]
REPORTS = PROJECT / "reports"
Check = Callable[[Path], None]

GUISES = {
    # The two that were seen.
    "table": ("| Kommun | Personer |\n|---|---|\n| Bjurholm | 3 |", "| Municipality | Persons |\n|---|---|\n| Bjurholm | 3 |"),
    "sentence": (
        "I Bjurholm fick 3 personer kommunal hälso- och sjukvård.",
        "In Bjurholm 3 persons received municipal health care.",
    ),
    # Digits in other guises.
    "superscript": ("I Bjurholm fick ³ personer vård.", "In Bjurholm ³ persons received care."),
    "caret": ("I Bjurholm fick ^3^ personer vård.", "In Bjurholm ^3^ persons received care."),
    "circled": ("I Bjurholm fick ③ personer vård.", "In Bjurholm ③ persons received care."),
    "fullwidth": ("I Bjurholm fick ３ personer vård.", "In Bjurholm ３ persons received care."),
    "arabic": ("I Bjurholm fick ٣ personer vård.", "In Bjurholm ٣ persons received care."),
    "chinese": ("I Bjurholm fick 三 personer vård.", "In Bjurholm 三 persons received care."),
    "mathematical": ("I Bjurholm fick 𝟛 personer vård.", "In Bjurholm 𝟛 persons received care."),
    "fraction": ("I Bjurholm fick ½ av personerna vård.", "In Bjurholm ½ of the persons received care."),
    "roman sign": ("I Bjurholm fick Ⅲ personer vård.", "In Bjurholm Ⅲ persons received care."),
    "roman letters": ("I Bjurholm fick III personer vård.", "In Bjurholm III persons received care."),
    "small roman": ("I Bjurholm fick iv personer vård.", "In Bjurholm iv persons received care."),
    "one roman letter": ("I Bjurholm fick V personer vård.", "In Bjurholm V persons received care."),
    "keycap": ("I Bjurholm fick 3️⃣ personer vård.", "In Bjurholm 3️⃣ persons received care."),
    "die": ("I Bjurholm fick ⚂ personer vård.", "In Bjurholm ⚂ persons received care."),
    "entity": ("I Bjurholm fick &#51; personer vård.", "In Bjurholm &#51; persons received care."),
    "hexadecimal entity": ("I Bjurholm fick &#x33; personer vård.", "In Bjurholm &#x33; persons received care."),
    "named entity": ("I Bjurholm fick &frac12; av dem vård.", "In Bjurholm &frac12; of them received care."),
    # Digits split or hidden by markup.
    "strong": ("I Bjurholm fick **3** personer vård.", "In Bjurholm **3** persons received care."),
    "comment within": ("I Bjurholm fick 3<!-- --> personer vård.", "In Bjurholm 3<!-- --> persons received care."),
    "comment": ("<!-- Bjurholm: tre -->", "<!-- Bjurholm: three -->"),
    "comment over lines": ("<!--\nBjurholm: många\n-->", "<!--\nBjurholm: many\n-->"),
    "soft hyphen": ("I Bjurholm fick t\u00adre personer vård.", "In Bjurholm th\u00adree persons received care."),
    "zero width": ("I Bjurholm fick tr\u200be personer vård.", "In Bjurholm thre\u200be persons received care."),
    "escaped": ("I Bjurholm fick tr\\e personer vård.", "In Bjurholm thr\\ee persons received care."),
    # Words.
    "word": ("I Bjurholm fick tre personer vård.", "In Bjurholm three persons received care."),
    "word after": ("Personerna i Bjurholm var tre.", "The persons in Bjurholm were three."),
    "word far away": ("Bjurholm hade tre rätt så gamla kvinnor.", "Bjurholm had three rather old women."),
    "word broken by emphasis": ("I Bjurholm fick tr**e** personer vård.", "In Bjurholm thre**e** persons received care."),
    "word broken by line": ("I Bjurholm fick tre\npersoner vård.", "In Bjurholm three\npersons received care."),
    "word in a span": ("I Bjurholm fick tr[e]{.a} personer vård.", "In Bjurholm thr[ee]{.a} persons received care."),
    "word with an empty span": ("I Bjurholm fick tr[]{.a}e personer vård.", "In Bjurholm thr[]{.a}ee persons received care."),
    "word in a link": (
        "I Bjurholm fick [tr](https://example.org)e personer vård.",
        "In Bjurholm [thr](https://example.org)ee persons received care.",
    ),
    "word parted by a variable": (
        "I Bjurholm fick tr{{< var synthetic.short >}}e personer vård.",
        "In Bjurholm thr{{< var synthetic.short >}}ee persons received care.",
    ),
    "word as superscript": ("I Bjurholm fick tr^e^ personer vård.", "In Bjurholm thr~ee~ persons received care."),
    "word in a note": ("I Bjurholm.^[tre]", "In Bjurholm.^[three]"),
    "word with a hard break": ("I Bjurholm fick tr\\\ne personer.", "In Bjurholm thr\\\nee persons."),
    "two hyphens": ("I Bjurholm fick tr--e personer vård.", "In Bjurholm thr--ee persons received care."),
    "hyphen at a line's end": ("I Bjurholm fick tr-\ne personer vård.", "In Bjurholm thr-\nee persons received care."),
    "note within": ("I Bjurholm fick tr^[Se ovan.]e personer vård.", "In Bjurholm thr^[See above.]ee persons received care."),
    "note below within": ("I Bjurholm fick tr[^a]e.\n\n[^a]: Se ovan.", "In Bjurholm thr[^a]ee.\n\n[^a]: See above."),
    "accent": ("I Bjurholm fick trê personer vård.", "In Bjurholm thrée persons received care."),
    "marks within": ("I Bjurholm fick t.r/e personer vård.", "In Bjurholm th'ree persons received care."),
    "initials": ("Bjurholm: I.I.I.", "Bjurholm: I. I. I."),
    "capitals": ("I Bjurholm fick TRE personer vård.", "In Bjurholm THREE persons received care."),
    "compound": ("I Bjurholm fick tjugotre personer vård.", "In Bjurholm twenty-three people received care."),
    "hundred": ("I Bjurholm fick etthundratre personer vård.", "In Bjurholm one hundred persons received care."),
    "dozen": ("I Bjurholm fick ett dussin personer vård.", "In Bjurholm a dozen people received care."),
    "couple": ("I Bjurholm fick ett par personer vård.", "In Bjurholm a couple of persons received care."),
    "both": ("I Bjurholm fick båda personerna vård.", "In Bjurholm both persons received care."),
    "handful": ("I Bjurholm fick en handfull personer vård.", "In Bjurholm a handful of persons received care."),
    "compound with noun": (
        "Ett trepersonershushåll i Bjurholm fick vård.",
        "A three-person household in Bjurholm received care.",
    ),
    "the other language": ("I Bjurholm: three persons.", "In Bjurholm: tre personer."),
    "spaced": ("I Bjurholm fick t r e personer vård.", "In Bjurholm t h r e e persons received care."),
    "look-alike": ("I Bjurholm fick tr\u0435 personer vård.", "In Bjurholm thr\u0435e persons received care."),
    "thousand": ("I Bjurholm fick tusentals personer vård.", "In Bjurholm thousands of persons received care."),
    # Marks to count.
    "dots": ("Bjurholm ●●●", "Bjurholm ●●●"),
    "dots apart": ("Bjurholm ● ● ●", "Bjurholm ● ● ●"),
    "one picture": ("Bjurholm 🧍", "Bjurholm 🧍"),
    "bars": ("Bjurholm |||", "Bjurholm |||"),
    "crosses": ("Bjurholm x x x", "Bjurholm x x x"),
    "pluses": ("Bjurholm + + +", "Bjurholm + + +"),
    "words again": ("Bjurholm: person, person, person.", "Bjurholm: person, person, person."),
    "marks in cells": ("| Bjurholm | x | x | x |\n|---|---|---|---|", "| Bjurholm | x | x | x |\n|---|---|---|---|"),
    "equal items": ("- en person i Bjurholm\n- en person i Bjurholm", "- a person in Bjurholm\n- a person in Bjurholm"),
    # Code, raw text, attributes, addresses.
    "inline code": ("Bjurholm: `{python} 1+2`", "Bjurholm: `{python} 1+2`"),
    "inline code without digits": ("Bjurholm: `{python} len('abc')`", "Bjurholm: `{python} len('abc')`"),
    "inline r": ("Bjurholm: `{r} nchar('abc')`", "Bjurholm: `{r} nchar('abc')`"),
    "old inline r": ("Bjurholm: `r nchar('abc')`", "Bjurholm: `r nchar('abc')`"),
    "executable fence": ("```{python}\nprint('abc')\n```", "```{python}\nprint('abc')\n```"),
    "tilde fence": ("~~~ {.python}\nprint('abc')\n~~~", "~~~ {.python}\nprint('abc')\n~~~"),
    "plain fence": ("```\nBjurholm 3\n```", "```\nBjurholm 3\n```"),
    "indented code": ("    Bjurholm 3", "    Bjurholm 3"),
    "html": ("<b>Bjurholm</b>", "<b>Bjurholm</b>"),
    "html style": ('<span style="width:30%">Bjurholm</span>', '<span style="width:30%">Bjurholm</span>'),
    "raw html": ("```{=html}\n<b>Bjurholm</b>\n```", "```{=html}\n<b>Bjurholm</b>\n```"),
    "raw typst": ("`#numbering`{=typst}", "`#numbering`{=typst}"),
    "latex": ("Bjurholm \\romannumeral", "Bjurholm \\romannumeral"),
    "mathematics": ("Bjurholm $x$", "Bjurholm $x$"),
    "attribute": ("[Bjurholm]{width=3}", "[Bjurholm]{width=3}"),
    "data attribute": ('::: {data-n="tre"}\nBjurholm\n:::', '::: {data-n="three"}\nBjurholm\n:::'),
    "class": ("[Bjurholm]{.tre-personer}", "[Bjurholm]{.three-persons}"),
    "identifier": ("## Bjurholm {#sec-bjurholm-3}", "## Bjurholm {#sec-bjurholm-3}"),
    "identifier in words": ("## Bjurholm {#sec-tre-personer}", "## Bjurholm {#sec-three-persons}"),
    "title of a callout": ('::: {.callout-note title="Bjurholm 3"}\n:::', '::: {.callout-note title="Bjurholm 3"}\n:::'),
    "address": ("[Bjurholm](https://example.org/3)", "[Bjurholm](https://example.org/3)"),
    "address by percent signs": ("[Bjurholm](https://example.org/%33)", "[Bjurholm](https://example.org/%33)"),
    "address in words": ("[Bjurholm](https://example.org/tre-personer)", "[Bjurholm](https://example.org/three-persons)"),
    "title of a link": ('[Bjurholm](https://example.org "tre")', '[Bjurholm](https://example.org "three")'),
    "address by reference": ("[Bjurholm][b]\n\n[b]: https://example.org/3", "[Bjurholm][b]\n\n[b]: https://example.org/3"),
    "footnote": ("Bjurholm.^[De var 3.]", "Bjurholm.^[They were 3.]"),
    "footnote below": ("Bjurholm.[^b]\n\n[^b]: De var tre.", "Bjurholm.[^b]\n\n[^b]: They were three."),
    "picture": ("![Bjurholm](picture.png)", "![Bjurholm](picture.png)"),
    "definition": ("Bjurholm\n:   3 personer", "Bjurholm\n:   3 persons"),
    "numbered list": ("3. Bjurholm", "3. Bjurholm"),
    "list that numbers itself": ("#. Bjurholm", "#. Bjurholm"),
    "heading that is numbered": ("# Personer i Haninge fick vård {#sec-a}", "# Persons in Haninge received care {#sec-a}"),
    "underlined heading": ("Personer i Haninge\n===", "Persons in Haninge\n---"),
    "place first in a heading": ("## Haninge", "## Haninge {#sec-in-the-south}"),
    "heading": ("## Bjurholm: 3 personer", "## Bjurholm: 3 persons"),
    "caption": ("::: {#fig-x}\n\nBjurholm, 3 personer.\n:::", "::: {#fig-x}\n\nBjurholm, 3 persons.\n:::"),
    "twice in one format": (
        '::: {.content-visible when-format="html"}\nBjurholm\n:::\n\n' * 2,
        '::: {.content-visible when-format="html"}\nBjurholm\n:::\n\n' * 2,
    ),
    "only in the PDF": (
        '::: {.content-visible when-format="typst"}\nBjurholm 3\n:::',
        '::: {.content-visible when-format="typst"}\nBjurholm 3\n:::',
    ),
    # What is allowed elsewhere.
    "allowed number without its words": ("Enligt 2017:67 personer.", "Under 2017:67 persons."),
    "allowed year before persons": ("Sedan 2019 personer i Bjurholm.", "Since 2019 persons in Bjurholm."),
    "continued behind a variable": ("{{< var first_year >}}31 december", "{{< var first_year >}}31 December"),
    "in another entry's number": ("den 131 december", "on 131 December"),
    "numbered list in a quotation": ("> #. Bjurholm", "> #. Bjurholm"),
    "numbered list in a list": ("- #. Bjurholm", "- #. Bjurholm"),
    **{
        f"roman {numeral}": (f"I Bjurholm fick {numeral} vård.", f"In Bjurholm {numeral} received care.")
        for numeral in ("XL", "LIII", "XCIX", "CXII", "MMXX", "liii", "xlv", "Lxx", "mcm")
    },
    "roman abbreviation": ("I Bjurholm fick CC personer vård.", "In Bjurholm CC persons received care."),
    **{f"sign {sign}": (f"Bjurholm {sign} vård", f"Bjurholm {sign} care") for sign in "≡⁂∴⁖⋮‖‴∭"},
    **{
        f"word {sv}, {en}": (f"I Bjurholm fick {sv} vård.", f"In Bjurholm {en} received care.")
        for sv, en in (
            ("en trio", "a trio"),
            ("en kvartett", "a quartet"),
            ("en kvintett", "a quintet"),
            ("en duett", "a duet"),
            ("fyrlingar", "a foursome"),
            ("trillingar", "a triplet"),
            ("ett tjog", "threescore"),
            ("ett dussin", "a brace"),
            ("några par personer", "pairs of persons"),
            ("femmor", "fives"),
            ("sjuor", "sevens"),
            ("triss", "twain"),
        )
    },
    # Figures that are accounted for, put together to one that is not.
    **{
        f"variables joined by {between!r}": (
            f"I Bjurholm {{{{< var a >}}}}{between}{{{{< var b >}}}} personer.",
            f"In Bjurholm {{{{< var a >}}}}{between}{{{{< var b >}}}} persons.",
        )
        for between in ("", ",", ".", "\u00a0", "**", "-", "\u2011", "/")
    },
    # Numbers that the renderers count, where they would be read as counts.
    "reference between dots": (
        "Haninge · [-@sec-geography] · personer fick vård.",
        "Haninge · [-@sec-geography] · persons received care.",
    ),
    "bare reference": ("I kommunen fick [-@sec-a] vård.", "In the municipality [-@sec-a] received care."),
    "bare reference in brackets": ("Haninge ([-@sec-a])", "Haninge ([-@sec-a])"),
    "reference behind a place": ("Haninge: @fig-a", "Haninge: @fig-a"),
    "reference before persons": ("Där fick @tbl-a personer vård.", "There @tbl-a persons received care."),
    "chapter elsewhere": ("{{< include ../other.qmd >}}", "{{< include notes.txt >}}"),
}


def faults(text: str, language: str, allowed: Allowed, folder: Path) -> list[tuple[int | None, str]]:
    file = folder / f"{language}.qmd"
    file.write_text(f"Först.\n\n{text}\n\nSist.\n", encoding="utf-8")
    return [(fault.line, fault.remedy) for fault in faults_in_document(file, language, allowed)]


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("guise", GUISES)
def test_a_number_in_any_guise_is_refused_with_its_line_and_a_remedy(
    guise: str, language: str, allowed: Allowed, tmp_path: Path
) -> None:
    text = GUISES[guise][("sv", "en").index(language)]
    found = faults(text, language, allowed, tmp_path)
    assert found
    lines = range(3, 3 + text.count("\n") + 1)
    assert all(line in lines and remedy for line, remedy in found)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "sv",
            "Under {{< var reference_year >}} fick {{< var persons.total >}} personer vård, fler än {{< var previous_year >}}.",
        ),
        ("sv", "Registret regleras i lagen (1998:543) om hälsodataregister och i HSLF-FS 2017:67."),
        ("sv", "## Kvinnor och män i åldern 65 år eller äldre {#sec-women-and-men}"),
        ("sv", "En person kan ha flera åtgärder. Några få har väldigt många, och de flesta ett mindre antal; en av dem räcker."),
        ("sv", "- Andelen var {{< var procedures.share >}} procent (se @tbl-share-with-procedure).\n- Skillnaden är liten."),
        ("sv", "Läs mer på [myndighetens sidor](https://www.example.org/statistik/om-registret)."),
        ("sv", "I kommuner där vi saknar uppgift (..) vet ingen hur många de är – inte ens vi."),
        ("en", "In {{< var reference_year >}}, *most* of the persons were women, and one in every group was **not** followed."),
        ("en", "Since 2019 the municipalities deliver data every month, under HSLF-FS 2017:67."),
        ("en", "Per 1,000 inhabitants aged 65 or older the number was {{< var rates.aged_65 >}} (not age-standardised)."),
        ("en", "Age and sex, or the month, someone's profession: see [-@fig-counties] and @sec-symbols."),
        (
            "en",
            '::: {.callout-note title="How to read the figures"}\nA dash means nil; X means suppressed.\n:::',
        ),
        ("en", "The licence is CC BY; a CI of the MD, a CD and the CV: mix div and cli are words, ± ≤ and § are signs."),
        ("en", "## Haninge and others {.unnumbered}\n\n## Stockholm {-}\n\n## Persons with care"),
        ("sv", "Kvartalet och parken är ord, kvarteret också."),
        (
            "en",
            '::: {.content-visible when-format="html"}\nThe table can be sorted.\n:::\n\n'
            '::: {.content-visible when-format="typst"}\nThe table can be sorted.\n:::',
        ),
        ("sv", 'Det kallas "vård" "omsorg" eller (hälso- och sjukvård) (HSL) ... -- ibland.'),
        ("en", "The often weighty remains of the day, in a canoe, attend to a phone and a fourth, a tenth: none is a number."),
    ],
)
def test_what_a_statistician_would_write_is_not_refused(language: str, text: str, allowed: Allowed, tmp_path: Path) -> None:
    assert faults(text, language, allowed, tmp_path) == []


def test_the_documents_and_notebooks_of_the_project_pass(check: Check) -> None:
    check(PROJECT)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("subtitle", "Bjurholm 3 personer"),
        ("title", "Bjurholm med tre personer"),
        ("header-includes", "<style></style>"),
        ("abstract", "Bjurholm"),
        ("subtitle", "!!set {III persons}"),
        ("subtitle", "!!binary SW4gSGFuaW5nZSAz"),
        ("subtitle", '!!timestamp "x"'),
        ("subtitle", "{a: b}"),
        ("author", "&a Bjurholm"),
    ],
)
def test_front_matter_holds_no_number_and_no_unknown_key(key: str, value: str, allowed: Allowed, tmp_path: Path) -> None:
    file = tmp_path / "report.qmd"
    file.write_text(f"---\nlang: sv\n{key}: {value}\n---\n\nText.\n", encoding="utf-8")
    assert {fault.line for fault in faults_in_document(file, "sv", allowed)} == {3}


@pytest.mark.parametrize(
    "more",
    [
        'subtitle: "In Haninge III persons received care"',
        "abstract: Bjurholm",
        "toc-title: Bjurholm",
        "lang: !!binary SW4gSGFuaW5nZSAz",
        "execute: {echo: In Haninge III persons}",
    ],
)
def test_the_file_of_the_project_holds_none_either(more: str, written: Path, check: Check) -> None:
    file = written / "_quarto.yml"
    text = (PROJECT / "_quarto.yml").read_text(encoding="utf-8")
    file.write_text(text, encoding="utf-8")
    check(written)
    file.write_text(text.replace("execute:", "more:") + f"\n{more}\n", encoding="utf-8")
    with pytest.raises(InputError) as error:
        check(written)
    assert f"_quarto.yml, line {text.count(chr(10)) + 2}" in str(error.value)


@pytest.mark.parametrize("words", ["3 personer i Bjurholm", "tre personer i Bjurholm", "<b>Bjurholm</b>"])
@pytest.mark.parametrize("place", ["texts", "alt"])
def test_the_declared_texts_hold_none_either(place: str, words: str, written: Path, check: Check) -> None:
    file = written / "reports" / "figures.yml"
    text = file.read_text(encoding="utf-8")
    at = text.index(f"\n{place}:\n") + len(f"\n{place}:\n")
    file.write_text(text[:at] + f"  typed.in:\n    sv: {words}\n    en: Words.\n" + text[at:], encoding="utf-8")
    with pytest.raises(InputError) as error:
        check(written)
    assert error.value.file == file and error.value.line == text[:at].count("\n") + 2 and "typed.in, sv" in str(error.value)


def test_the_words_of_the_house_style_hold_none(written: Path, check: Check) -> None:
    file = written / "reports" / "theme" / "words.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("skip: Skip", "skip: Bjurholm 3 Skip"), encoding="utf-8")
    with pytest.raises(InputError, match="Bjurholm 3 Skip"):
        check(written)


STATUTE = ("Detta står i bilaga 3 till föreskriften.", "This stands in annex 3 to the regulation.")


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize(("sentences", "listed"), [(STATUTE, True), (GUISES["sentence"], False)])
def test_the_message_names_number_line_and_what_to_do(
    sentences: tuple[str, str], listed: bool, language: str, written: Path, check: Check
) -> None:
    """What may be listed as no figure is shown as an entry to be copied; a count is not, since the entry would be refused."""
    file = written / "reports" / "annual-report" / language / "_summary.qmd"
    number = file.read_text(encoding="utf-8").count("\n") + 2
    with file.open("a", encoding="utf-8") as text:
        text.write("\n" + sentences[("sv", "en").index(language)] + "\n")
    with pytest.raises(InputError) as error:
        check(written)
    said = str(error.value)
    assert f"{file}, line {number}: The number '3' is typed in: " in said
    for way in ("reports/figures.yml", "{{< var name >}}", "reports/allowed-digits.yml"):
        assert way in said
    assert (f'{language}: "' in said) is listed


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), digit=st.sampled_from("23456789²③٣"), data=st.data())
@example(place=0.0, digit="3", data=None)
def test_a_digit_anywhere_in_the_narrative_is_refused(
    place: float, digit: str, data: st.DataObject | None, tmp_path: Path
) -> None:
    """Outside names of variables and labels, every place of every document; also where it makes an allowed number another one."""
    allowed = read_allowed(REPORTS / "allowed-digits.yml")
    files = sorted(REPORTS.glob("*/*/*.qmd"))
    source = files[0] if data is None else data.draw(st.sampled_from(files))
    text = source.read_text(encoding="utf-8")
    begin = text.find("\n---\n", 4) + 5 if text.startswith("---\n") else 0
    at = begin + int(place * (len(text) - begin))
    file = tmp_path / "chapter.qmd"
    file.write_text(text[:at] + digit + text[at:], encoding="utf-8")
    if inside_a_name(text, at):
        return
    assert list(faults_in_document(file, source.parent.name, allowed)), text[max(0, at - 30) : at] + digit + text[at : at + 30]


def inside_a_name(text: str, at: int) -> bool:
    """Whether what stands there is the name of a variable, an embedded cell or a label: those are held to what is declared."""
    line_start = text.rfind("\n", 0, at) + 1
    before = text[line_start:at]
    within = before.rfind("{{<") > before.rfind(">}}")
    word = before.rsplit(" ", 1)[-1].lstrip("([-")
    return within or word.startswith("@") or (before.endswith(("{{", "{{<")) and within)
