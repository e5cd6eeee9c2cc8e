"""No sentence has a gap: where a figure is not published its sentence says something else, or is not there."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from kvarn.disseminate.protected import ProtectedTables
from kvarn.disseminate.revisions import Revisions
from kvarn.disseminate.text_figures import read_declaration
from kvarn.disseminate.text_figures._cells import evaluate
from kvarn.disseminate.text_figures._declaration import Declaration, Text
from kvarn.disseminate.text_figures._edition_words import Said, edition_words
from kvarn.disseminate.text_figures._published_words import disclosure_words, revision_words, symbol_words
from kvarn.disseminate.text_figures._resolve import _say, _Texts
from kvarn.edition import Edition

LANGUAGES = ("sv", "en")
MakeTables = Callable[..., ProtectedTables]
MakeEdition = Callable[..., Edition]
GAP = "\N{BALLOT BOX WITH X}"
# How many categories or municipalities there are can always be told.
ALWAYS_KNOWN = frozenset({"number_of"})
# Words that put figures in order, and those of the same form that count ("at least one") or define.
ORDER = {
    "sv": re.compile(
        r"\b(?:fler|färre|flest|störst|minst|högre|högst|högsta|lägre|lägst|lägsta|störst|större|mindre|vanligare|vanligast\w*|ökat|"
        r"minskat|ökade|minskade|steg|sjönk|mer än|de flesta|hälften|oförändrad\w*|lika många)\b"
    ),
    "en": re.compile(
        r"\b(?:more|fewer|fewest|most|largest|smallest|highest|lowest|higher|lower|larger|smaller|commoner|commonest|increased|"
        r"decreased|rose|fell|least|half|unchanged|as many)\b"
    ),
}
NO_ORDER = {"sv": re.compile(r"minst en\b"), "en": re.compile(r"at least one\b")}
CHOICES = [
    Said("5", Decimal(5), sign=1),
    Said("5", Decimal(-5), sign=-1),
    Said("0", Decimal(0), sign=0),
    Said("1", Decimal(1), sign=1),
]


@pytest.fixture(scope="module")
def declaration(reports: Path) -> Declaration:
    return read_declaration(reports / "figures.yml")


@pytest.fixture(scope="module", params=LANGUAGES)
def published(
    request: pytest.FixtureRequest, declaration: Declaration, make_tables: MakeTables, make_edition: MakeEdition
) -> tuple[str, dict[str, Said]]:
    """What stands in the braces when every figure is published, in one language."""
    language, edition, tables = request.param, make_edition(), make_tables()
    none = Revisions({}, {})
    said = {
        **edition_words(edition, language),
        **disclosure_words(edition, tables, language),
        **revision_words(none, edition, language),
        **symbol_words(edition, tables, none, language),
    }
    figures = evaluate(declaration, tables, edition)
    return language, {**said, **{name: _say(declaration.figures[name], figure, language) for name, figure in figures.items()}}


def withheld(declaration: Declaration) -> list[str]:
    return [name for name, figure in declaration.figures.items() if figure.function not in ALWAYS_KNOWN]


def gaps(declaration: Declaration, text: Text, said: dict[str, Said], language: str) -> Iterator[str]:
    """What a text says with a gap in it, whichever variant its figure chooses, each of its figures missing in turn."""
    below = [name for name in operands(declaration, text) if name in withheld(declaration)]
    chosen = {name for name in below if name in choosers(declaration)}
    for name in below:
        for choice in CHOICES:
            around = {one: choice for one in chosen if one != name}
            filled = _Texts(declaration, {**said, **around, name: Said(GAP, missing=True)}, "synthetic", language)
            words = filled.said(text.name).words
            if GAP in words:
                yield f"{text.name} without {name}: {words}"


def operands(declaration: Declaration, text: Text) -> set[str]:
    """The figures that a text needs, through the texts that stand in it."""
    found: set[str] = set()
    for name in text.operands:
        found |= operands(declaration, declaration.texts[name]) if name in declaration.texts else {name}
    return found


def choosers(declaration: Declaration) -> set[str]:
    return {text.chooser for text in declaration.texts.values() if text.rule in ("by_sign", "by_number")}


def test_no_text_has_a_gap_where_one_of_its_figures_is_not_published(
    declaration: Declaration, published: tuple[str, dict[str, Said]]
) -> None:
    language, said = published
    assert not [gap for text in declaration.texts.values() for gap in gaps(declaration, text, said, language)]


def test_no_text_has_a_gap_where_nothing_is_published(declaration: Declaration, published: tuple[str, dict[str, Said]]) -> None:
    language, said = published
    none = {**said, **{name: Said(GAP, missing=True) for name in withheld(declaration)}}
    filled = _Texts(declaration, none, "synthetic", language)
    assert not [name for name in declaration.texts if GAP in filled.said(name).words]


def test_documents_print_figures_in_sentences_that_know_what_to_say_without_them(declaration: Declaration, reports: Path) -> None:
    printed = {
        f"{page.relative_to(reports)}: {name}"
        for page in sorted(reports.glob("*/*/*.qmd"))
        for name in re.findall(r"\{\{< var ([\w.]+) >\}\}", page.read_text(encoding="utf-8"))
        if name in withheld(declaration)
    }
    assert not printed


def test_a_sentence_with_a_gap_would_be_found(declaration: Declaration, published: tuple[str, dict[str, Said]]) -> None:
    language, said = published
    words = {"text": "Andelen var {persons.women_share} procent."}
    text = Text("persons.tried", 1, "", "", {"sv": words, "en": words})
    tried = Declaration(declaration.file, declaration.figures, {**declaration.texts, text.name: text})
    assert list(gaps(tried, text, said, language))


def test_a_point_of_a_list_is_never_empty(
    declaration: Declaration, reports: Path, published: tuple[str, dict[str, Said]]
) -> None:
    language, said = published
    none = {**said, **{name: Said(GAP, missing=True) for name in withheld(declaration)}}
    filled = _Texts(declaration, none, "synthetic", language)
    for page in sorted(reports.glob(f"*/{language}/*.qmd")):
        for point in re.findall(r"^- (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE):
            shown = re.sub(r"\{\{< var ([\w.]+) >\}\}", lambda name: filled.said(name[1]).words, point)
            assert shown.strip(), f"{page.name}: {point}"


def alternatives(known: set[str]) -> Iterator[frozenset[str]]:
    """Each figure, each pair of figures and all figures of a text."""
    yield from (frozenset(pair) for pair in itertools.combinations(sorted(known), 2))
    yield from (frozenset({name}) for name in known)
    if known:
        yield frozenset(known)


def shown_without(declaration: Declaration, text: Text, said: dict[str, Said], language: str) -> Iterator[tuple[str, str]]:
    """What a text says without one, two or all of its figures, and which of them are missing."""
    known = operands(declaration, text) & set(withheld(declaration))
    for missing in alternatives(known):
        gone = {name: Said(GAP, missing=True) for name in missing}
        # The figures that are computed of a missing one are missing too.
        while more := {
            name
            for name, figure in declaration.figures.items()
            if name not in gone and name in withheld(declaration) and set(figure.operands) & set(gone)
        }:
            gone |= {name: Said(GAP, missing=True) for name in more}
        words = _Texts(declaration, {**said, **gone}, "synthetic", language).said(text.name).words
        yield words, ", ".join(sorted(missing))


def test_no_text_has_a_gap_or_a_hole_without_two_of_its_figures(
    declaration: Declaration, published: tuple[str, dict[str, Said]]
) -> None:
    language, said = published
    faults = [
        f"{text.name} without {missing}: {words!r}"
        for text in declaration.texts.values()
        for words, missing in shown_without(declaration, text, said, language)
        if GAP in words or words != words.strip() or re.search(r"  | [.,;:]|\(\)|\.\.(?!\)|:)", words)
    ]
    assert not faults


def test_no_text_claims_an_order_of_what_is_not_published(
    declaration: Declaration, published: tuple[str, dict[str, Said]]
) -> None:
    language, said = published
    nothing = {**said, **{name: Said(GAP, missing=True) for name in withheld(declaration)}}
    filled = _Texts(declaration, nothing, "synthetic", language)
    claims = {
        text.name: words
        for text in declaration.texts.values()
        if operands(declaration, text) & set(withheld(declaration))
        and (words := filled.said(text.name).words)
        and ORDER[language].search(NO_ORDER[language].sub("", words))
    }
    assert not claims
