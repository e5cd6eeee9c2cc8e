"""What somebody asks for, read from an address or a body, within limits; a mistake is a `Problem` that names it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from kvarn.serve.expressions import split_codes
from kvarn.serve.problems import Problem, nearest, quoted
from kvarn.serve.selection import Asked

__all__ = ["LONGEST_BODY", "Parameters", "asked_in", "object_of", "read_parameters", "strings_of"]

LONGEST_BODY = 1_000_000
"""How many bytes a body has at most."""

_MOST_PARAMETERS = 1_000
_BY_VARIABLE = ("valuecodes", "codelist")
_KNOWN = {
    one.casefold(): one
    for one in (
        *("lang", "outputFormat", "outputFormatParams", "heading", "stub", "query", "pastDays", "includeDiscontinued"),
        *("pageNumber", "pageSize", "defaultSelection", "savedQuery", "valueCodes", "codelist"),
    )
}


class Parameters:
    """The parameters of an address; their names are the same in small letters and capitals."""

    def __init__(self, given: Mapping[str, str], by_variable: Mapping[str, Mapping[str, str]]) -> None:
        self.given = given
        self.by_variable = by_variable

    def text(self, name: str) -> str | None:
        """A parameter; None where it is not there or empty."""
        return self.given.get(name.casefold()) or None

    def items(self, name: str) -> list[str]:
        """A parameter that is a list with commas."""
        return split_codes(self.text(name) or "")

    def number(self, name: str, default: int) -> int:
        """A parameter that is a whole number from 1 on.

        Raises
        ------
        Problem
            It is none.
        """
        text = self.text(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text) > 0):
            raise Problem(400, "Parameter error", f"{name} is {quoted(text)}; it is a whole number from 1 on.")
        return int(text)

    def truth(self, name: str) -> bool:
        """A parameter that is ``true`` or ``false``, the default.

        Raises
        ------
        Problem
            It is neither.
        """
        text = (self.text(name) or "false").casefold()
        if text not in ("true", "false"):
            raise Problem(400, "Parameter error", f"{name} is {quoted(text)}; it is true or false.")
        return text == "true"

    def asked(self) -> Asked:
        """The selection."""
        return Asked(
            {name: split_codes(text) for name, text in self.by_variable["valuecodes"].items()},
            dict(self.by_variable["codelist"]),
            tuple(self.items("heading")),
            tuple(self.items("stub")),
        )


def read_parameters(query: str) -> Parameters:
    """The parameters of an address, after its question mark.

    A parameter that nobody knows is passed over, as what programs add for themselves; one that is nearly the name of one is
    a mistake, since the answer would be about something else than what was meant.

    Raises
    ------
    Problem
        There are too many of them, or one is not written as it should be.
    """
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        raise Problem(400, "Parameter error", f"An address has {_MOST_PARAMETERS} parameters at most; use POST.") from None
    given: dict[str, str] = {}
    by_variable: dict[str, dict[str, str]] = {name: {} for name in _BY_VARIABLE}
    for name, text in pairs:
        head, bracket, variable = name.partition("[")
        folded = head.casefold()
        if folded in _BY_VARIABLE:
            if not bracket or not variable.endswith("]") or len(variable) == 1:
                said = f"Write {_KNOWN[folded]}[variable]=…; {quoted(name)} does not name a variable."
                raise Problem(400, "Parameter error", said)
            _add(by_variable[folded], variable[:-1], text)
        elif name.casefold() in _KNOWN:
            _add(given, name.casefold(), text)
        elif near := nearest(head, _KNOWN.values()):
            raise Problem(400, "Parameter error", f"There is no parameter {quoted(name)}.{near}")
    return Parameters(given, by_variable)


def asked_in(body: Mapping[str, Any]) -> Asked:
    """The selection in a body: ``{"selection": [{"variableCode": …, "valueCodes": […]}], "placement": {…}}``.

    Raises
    ------
    Problem
        Something is not of its kind; what is missing is not asked for.
    """
    codes: dict[str, Sequence[str]] = {}
    lists: dict[str, str] = {}
    for place, entry in enumerate(_list(body.get("selection"), "selection")):
        where = f"selection[{place}]"
        one = _lowered(entry, where)
        name = one.get("variablecode")
        if not isinstance(name, str):
            raise _wrong(f"{where}.variableCode", "a text")
        if name in codes:
            raise Problem(400, "Illegal selection", f"The variable {quoted(name)} is chosen twice.")
        codes[name] = strings_of(one.get("valuecodes"), f"{where}.valueCodes")
        code_list = one.get("codelist")
        if code_list is not None and not isinstance(code_list, str):
            raise _wrong(f"{where}.codelist", "a text")
        if code_list:
            lists[name] = code_list
    placement = _lowered(body.get("placement") or {}, "placement")
    return Asked(
        codes,
        lists,
        tuple(strings_of(placement.get("heading"), "placement.heading")),
        tuple(strings_of(placement.get("stub"), "placement.stub")),
    )


def object_of(body: bytes) -> dict[str, Any]:
    """The object that a body is, with the names of its values in small letters; an empty body is an empty one.

    Raises
    ------
    Problem
        It is no JSON, or no object.
    """
    if not body.strip():
        return {}
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise Problem(400, "Bad request", "The body is not JSON in UTF-8.") from None
    return {} if found is None else _lowered(found, "the body")


def strings_of(found: Any, where: str) -> list[str]:
    """A list of texts; none where there is none.

    Raises
    ------
    Problem
        It is something else.
    """
    listed = _list(found, where)
    if not all(isinstance(one, str) for one in listed):
        raise _wrong(where, "a list of texts")
    return [str(one) for one in listed]


def _add(given: dict[str, str], name: str, text: str) -> None:
    # A parameter that is there twice is a list of both.
    given[name] = f"{given[name]},{text}" if name in given else text


def _list(found: Any, where: str) -> list[Any]:
    if found is not None and not isinstance(found, list):
        raise _wrong(where, "a list")
    return found or []


def _lowered(found: Any, where: str) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise _wrong(where, "an object")
    return {str(name).casefold(): value for name, value in found.items()}


def _wrong(where: str, kind: str) -> Problem:
    return Problem(400, "Bad request", f"{where} is not {kind}.")
