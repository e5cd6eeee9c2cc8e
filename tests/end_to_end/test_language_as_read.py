"""The language of the finished pages, as far as a machine can read it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from bs4.element import Tag

from kvarn.pipeline import Production

pytestmark = pytest.mark.end_to_end

# Words of either language that the other one does not have.
WORDS = {
    "sv": frozenset(("och", "att", "som", "är", "på", "av", "med", "för", "inte", "det", "ett", "eller", "från", "vid", "har")),
    "en": frozenset(("the", "and", "of", "with", "from", "which", "are", "was", "were", "not", "this", "that", "between")),
}
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-ZÅÄÖ])")
# Shorter ones say little enough to be said again.
LONG = 6
PARAGRAPHS = ["p", "li", "dd", "h2", "h3"]


@pytest.fixture(scope="module")
def publication(production: Production) -> Path:
    return production.workspace.publication


def pages(publication: Path) -> Iterator[tuple[Path, str]]:
    for language in ("sv", "en"):
        for folder in (publication / language, publication / "notebooks" / language):
            yield from ((path, language) for path in sorted(folder.glob("*.html")))


def prose(page: Path, language: str) -> list[str]:
    """What is read as running text: no tables, no drawings, no code, nothing that says it is in another language."""
    main = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").find("main")
    assert isinstance(main, Tag)
    for other in [
        *main.find_all(["table", "svg", "pre", "code", "details", "figcaption"]),
        *main.find_all(class_=["elsewhere", "source"]),
    ]:
        other.extract()
    for other in main.find_all(lang=True):
        if isinstance(other, Tag) and other["lang"] != language:
            other.extract()
    return [re.sub(r"[ \t\n]+", " ", one.get_text(" ")).strip() for one in main.find_all(PARAGRAPHS)]


def test_every_page_is_in_its_own_language(publication: Path) -> None:
    found = []
    for page, language in pages(publication):
        texts = prose(page, language)
        assert texts, page
        other = WORDS["en" if language == "sv" else "sv"]
        # The Swedish name of the classification stands beside its English one.
        said = " ".join(texts).replace("Klassifikation av vårdåtgärder", "")
        found += [
            f"{page.parent.name}/{page.name}: {word}" for word in re.findall(r"[a-zåäö]+", said.casefold()) if word in other
        ]
    assert found == []


def test_no_page_of_a_notebook_hides_that_its_text_is_in_another_language_by_having_none(publication: Path) -> None:
    for page, language in pages(publication):
        if "notebooks" in page.parts:
            assert len([one for one in prose(page, language) if len(one.split()) > LONG]) > 3, page


def test_no_sentence_is_said_twice(publication: Path) -> None:
    """Once in the text; the summary says again what is found further on, and the headline of a figure what it shows, and
    the list of figures and tables their captions."""
    for page, language in pages(publication):
        if "notebooks" in page.parts:
            continue
        soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
        main = soup.find("main")
        assert isinstance(main, Tag)
        before = main.find(id="sec-persons")
        texts = [
            one for one in main.find_all(["p", "li", "dd"]) if not one.find_parent(class_=["elsewhere", "floats", "quarto-float"])
        ]
        if isinstance(before, Tag):
            texts = [one for one in texts if before in one.find_all_previous("h2")]
        said = Counter(
            sentence
            for one in texts
            for sentence in SENTENCE.split(" ".join(one.get_text(" ").split()))
            if len(sentence.split()) > LONG and not sentence.startswith("Demonstration:")
        )
        assert {sentence: times for sentence, times in said.items() if times > 1} == {}, f"{page.name} ({language})"


def test_no_number_is_broken_over_two_lines(publication: Path) -> None:
    for page, language in pages(publication):
        for text in prose(page, language):
            assert re.findall(r"\d[ \n]\d{3}\b.{0,20}", text) == [], page
