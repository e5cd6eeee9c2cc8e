"""A word is read as it is written: nothing is struck out beside it, and no letter in it is raised or lowered."""

from __future__ import annotations

import pytest

from kvarn.disseminate.narrative._markup import refused_markup


@pytest.mark.parametrize(
    "words", ["~~s~~seven persons", "~~s~~ seven", "se~~x~~ven", "~s~seven", "se^v^en", "seven^x^", "m~2~", "in ^s^seven"]
)
def test_a_word_that_is_disguised_is_refused(words: str) -> None:
    assert list(refused_markup(words))


@pytest.mark.parametrize("words", ["~~~", "about ~ so", r"\~\~ and \^", "plain words"])
def test_what_disguises_nothing_is_fine(words: str) -> None:
    assert list(refused_markup(words)) == []


@pytest.mark.parametrize("words", ["a note^[as here]", "see [^as-here]", "[^a]: As here.", "two[^a][^b]", "begun[^"])
def test_a_footnote_is_refused_before_its_number_is_printed(words: str) -> None:
    assert any("footnote" in what for _, what, _ in refused_markup(words))


@pytest.mark.parametrize("words", [r"a \^[bracket]", "[words](address)", "a^ [bracket]"])
def test_brackets_of_no_footnote_are_fine(words: str) -> None:
    assert list(refused_markup(words)) == []
