"""What a field's values are matched by is an expression for every engine, or is refused where it is declared."""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvarn.collect._layouts import Field, _is_plain, layouts
from kvarn.programme import Programme

RIGHT = ("[0-9]{4}", "(?:18|19|20)[0-9]{10}", r"\d+", "[A-ZÅÄÖ]", "a?", "[A-Z]{2}[0-9]{3}|[A-Z]{3}[0-9]{2}", "")
WRONG = ("[0-9", "(", ")", "a{2", "(?=a)b", r"(a)\1", "(?>a)", "a++", "{3}", "|{3}", "[9-0]", "a{2000}", "(?<!a)b")
_PIECES = st.sampled_from(["a", "Z", "0", "[a-z]", "[0-9A]", "[z-a]", "[]", "{2}", "{99}", "(", "(?:", ")", "|", "{", "]", "-"])


def matched_by_re2(pattern: str) -> bool:
    try:
        pc.match_substring_regex(pa.scalar(""), pattern)
    except pa.ArrowInvalid:
        return False
    return True


def declared(pattern: str) -> Field:
    return Field(role="cause", sv="Orsak", en="Cause", pattern=pattern, length=1, source="invented")


@pytest.mark.parametrize("pattern", RIGHT)
def test_an_expression_is_taken_as_it_is(pattern: str) -> None:
    assert matched_by_re2(pattern) and declared(pattern).pattern == pattern


@pytest.mark.parametrize("pattern", WRONG)
def test_what_is_none_in_re2_is_refused(pattern: str) -> None:
    if not matched_by_re2(pattern):
        with pytest.raises(ValueError, match="regular expression"):
            declared(pattern)
    assert not _is_plain(pattern)


@given(st.lists(_PIECES, max_size=12).map("".join))
def test_what_is_taken_at_sight_is_one_in_re2_and_means_the_same_in_python(pattern: str) -> None:
    if _is_plain(pattern):
        assert matched_by_re2(pattern)
        for value in ("a", "Z", "0", "aa", "a0", ""):
            found = pc.match_substring_regex(pa.scalar(value), f"^(?:{pattern})$").as_py()
            assert found == (re.fullmatch(f"(?:{pattern})", value) is not None)


def test_the_programmes_own_are_taken_at_sight(programme: Programme) -> None:
    patterns = [field.pattern for layout in layouts().values() for field in layout.fields]
    assert patterns and all(map(_is_plain, patterns))
