"""A text of any kind, repeated thousands of times, is read in a time that grows with its length: nothing waits for ever.

What was found by chance, letters that stand apart, had taken half an hour: every part of the text was looked at. So every kind of
text that a rule looks for is tried.
"""

from __future__ import annotations

import time

import pytest

from kvarn.disseminate.narrative import numbers_in, ones_beside, places_in, plain_text

ROWS = (
    *("a ", "a-", "a b-", "^a", "[a]", "a.b.", "a_", "x x x ", "c c", "i i ", "I ", "X ", "M ", "mm ", "a\n", "a-\n", "a\u00a0"),
    *("ab", "två", "tvåhundra", "fif teen ", "t r e ", "f-i-f ", "Haning", "Haninge ", "aa ", "xx xx "),
    *("en ", "one plus one ", "en person, ", "one person, another person, ", "persons ", "persons (", "no one ", "båda "),
    *("the death ", "the death in ", "dödsfallet ", "one, "),
    *("() ", "'' ", "— ", "-", "!", "•", "..", "· ", "a/", "1 ", "1", "1,", "1/", "10.", "a1", "\ufffc ", "\ufff9", " ", "* "),
)
# The slowest takes a few seconds; where every part of a text was looked at it took more than a minute.
TIMES, MOST = 1500, 30


@pytest.mark.parametrize("row", ROWS)
def test_a_long_text_is_read(row: str) -> None:
    text = f"{row * (TIMES // max(len(row) // 4, 1))}persons."
    began = time.process_time()
    for language in ("sv", "en"):
        numbers_in(plain_text(text), language)
    list(places_in(text, country=False))
    list(ones_beside(text, of_place=True))
    assert time.process_time() - began < MOST


@pytest.mark.parametrize("gap", [1, 500, 5000])
@pytest.mark.parametrize("text", ["ZO{}persons", "V{}persons", "of whom l{}persons"])
def test_white_space_keeps_no_sign_from_what_is_counted(text: str, gap: int) -> None:
    """Readers see one space, however many there are."""
    assert numbers_in(text.format(" " * gap), "en")
