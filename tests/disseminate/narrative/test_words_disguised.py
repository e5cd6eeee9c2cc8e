"""A word is read as it is written: nothing is struck out beside it, and no letter in it is raised or lowered."""

from __future__ import annotations

import pytest

from kvarn.disseminate.narrative._markup import refused_markup


@pytest.mark.parametrize(
    "words", ["~~s~~seven persons", "~~s~~ seven", "se~~x~~ven", "~s~seven", "se^v^en", "seven^x^", "m~2~", "in ^s^seven"]
)
def test_a_word_that_is_disguised_is_refused(words: str) -> None:
    assert list(refused_markup(words))


@pytest.mark.parametrize("words", ["~~~", "a note^[as here]", "see [^as-here]", "about ~ so", r"\~\~ and \^", "plain words"])
def test_what_disguises_nothing_is_fine(words: str) -> None:
    assert list(refused_markup(words)) == []
