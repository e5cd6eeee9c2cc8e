"""Of what kind the value of each key of a figure is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kvarn.disseminate.text_figures._declaration import Declaration

__all__ = ["check_kinds"]

_MOST_DECIMALS = 6
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_MOST_PLACES = 1000
_WORDS = "should be words"


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _words(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _year(value: Any) -> bool:
    return _words(value) or (_whole(value) and _FIRST_YEAR <= value <= _LAST_YEAR)


_KINDS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "year": (_year, "should be a year, or words for one such as previous"),
    "since": (_year, "should be a year, or words for one such as previous"),
    "where": (lambda value: isinstance(value, dict), "should be a section, a category for each variable"),
    "absolute": (lambda value: isinstance(value, bool), "should be true or false"),
    "decimals": (lambda value: _whole(value) and 0 <= value <= _MOST_DECIMALS, f"should be 0 to {_MOST_DECIMALS}"),
    "place": (lambda value: _whole(value) and 1 <= value <= _MOST_PLACES, "should be a whole number from 1 on"),
    "among": (
        lambda value: _words(value) or (isinstance(value, dict | list) and len(value) > 0),
        'should be leaves, a list of categories, or {parts_of: "…"}',
    ),
}


def check_kinds(declaration: Declaration, name: str, line: int, options: Mapping[str, Any]) -> None:
    """Make sure that each key of a figure has a value of its kind; what has no kind of its own is words.

    Raises
    ------
    InputError
        One has not.
    """
    for key, value in options.items():
        fits, said = _KINDS.get(key, (_words, _WORDS))
        if not fits(value):
            raise declaration.error(f"Invalid value for {key}: it {said}.", line, f"{name}.{key}")
