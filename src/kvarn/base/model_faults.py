"""What pydantic found in a file that a person wrote, in that person's words: the key, what is wrong, what was perhaps meant."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from kvarn.errors import KvarnError

__all__ = ["ModelFault", "Place", "all_faults", "first_fault", "place_of"]

_SAID = {
    "missing": "is missing",
    "bool_type": "should be true or false",
    "bool_parsing": "should be true or false",
    "int_type": "should be a whole number",
    "int_parsing": "should be a whole number",
    "int_from_float": "should be a whole number",
    "float_parsing": "should be a number",
    "float_type": "should be a number",
    "string_type": "should be text (put it in quotation marks)",
    "date_type": "should be a date: YYYY-MM-DD",
    "date_from_datetime_inexact": "should be a date: YYYY-MM-DD",
    "date_from_datetime_parsing": "should be a date that exists: YYYY-MM-DD",
    "path_type": "should be a path",
    "model_type": "should be a section with keys of its own",
    "tuple_type": "should be a list",
    "sequence_str": "should be a list",
    "sequence_type": "should be a list",
    "dict_type": "should be a section with keys of its own",
    "mapping_type": "should be a section with keys of its own",
    # Of the kinds that our models ask for in this way there is one, a sequence.
    "is_instance_of": "should be a list",
    "finite_number": "should be a finite number",
    "string_pattern_mismatch": "should be small letters a–z, figures and hyphens",
    "invalid_key": "has a key that is no word; put it in quotation marks",
    # What pydantic tells besides stands in braces.
    "greater_than": "should be more than {gt}",
    "greater_than_equal": "should be {ge} or more",
    "less_than": "should be less than {lt}",
    "less_than_equal": "should be {le} or less",
    "literal_error": "should be {expected}",
    "too_long": "should have {max_length} at most",
}
# Each with what it is for one, and for more.
_TOO_SHORT = ("should name at least one", "should have {min_length} or more")
_TEXT_TOO_SHORT = ("should say something", "should have {min_length} characters or more")
_LONGEST_SHOWN = 80
_LONG_WORD = re.compile(rf"\S{{{_LONGEST_SHOWN + 1},}}")
_LISTS = (tuple, list, Sequence)
# What is wrong with several keys together begins with the key that is to be changed.
_KEY = re.compile(r"([a-z_]+(?:\.[a-z_]+)*): ")


class ModelFault(NamedTuple):
    """One thing that is wrong.

    Attributes
    ----------
    key
        The dotted key, without places in lists.
    at
        The nearest key that is written in the file, with places in lists; None where none is.
    remedy
        What was perhaps meant; None where nothing more is known than `what` says.
    """

    what: str
    key: str
    at: str | None
    remedy: str | None


def first_fault(error: ValidationError, model: type[BaseModel], lines: Collection[str], *, whole: str) -> ModelFault:
    """Pydantic's first finding.

    Parameters
    ----------
    lines
        The dotted keys that are written.
    whole
        The word for all of it, where no key is at fault.

    Raises
    ------
    KvarnError
        A check of ours has met it in another file, such as one of the programme's.
    """
    found = error.errors(include_url=False)
    _raise_ours(found)
    first = found[0]
    if first["type"] == "missing":
        # A key that is missing may be there, misspelt.
        strange = (one for one in found if one["type"] == "extra_forbidden" and one["loc"][:-1] == first["loc"][:-1])
        first = next(strange, first)
    return _fault(first, model, lines, whole)


def all_faults(error: ValidationError, model: type[BaseModel], lines: Collection[str], *, whole: str) -> list[ModelFault]:
    """Everything that pydantic found, the first as `first_fault` gives it, and of each key one thing."""
    leading = first_fault(error, model, lines, whole=whole)
    found = error.errors(include_url=False)
    misspelt = {one["loc"][:-1] for one in found if one["type"] == "extra_forbidden"}
    faults = {leading.key: leading}
    for one in found:
        # A key that is missing may be there, misspelt: that is told.
        if one["type"] != "missing" or one["loc"][:-1] not in misspelt:
            fault = _fault(one, model, lines, whole)
            faults.setdefault(f"{fault.key}{fault.what}" if one["type"] == "missing" else fault.key, fault)
    return list(faults.values())


def _raise_ours(found: Sequence[ErrorDetails]) -> None:
    """What a check of our own has met in another file is no fault of this one: it has a place and a remedy of its own."""
    for one in found:
        if isinstance(ours := one.get("ctx", {}).get("error"), KvarnError):
            raise ours from None


def _fault(first: ErrorDetails, model: type[BaseModel], lines: Collection[str], whole: str) -> ModelFault:
    place = place_of(model, first["loc"])
    names = [str(part) for part in place.names]
    fault = first["type"]
    message = _LONG_WORD.sub(lambda word: f"{word[0][:_LONGEST_SHOWN]}…", first["msg"].removeprefix("Value error, "))
    remedy: str | None = None
    key = ".".join(name for name in names if not name.isdigit())
    if fault == "value_error" and place.section and (named := _KEY.match(message)):
        own, said = named[1], message[named.end() :]
        key = own if not key or own.startswith(f"{key}.") else f"{key}.{own}"
        what = _sentence(f"{said[:1].upper()}{said[1:]}")
    elif fault == "extra_forbidden":
        key = ".".join(names)
        what = f"There is no key {names[-1]!r} here."
        known = list(place.model.model_fields) if place.model else []
        near = difflib.get_close_matches(names[-1], known, n=1)
        remedy = f"Did you mean {near[0]!r}?" if near else f"Known here: {', '.join(sorted(known))}."
    elif fault == "missing":
        what = f"The key {names[-1]!r} is missing."
        key = ".".join(names[:-1]) or names[-1]
    else:
        what = _sentence(f"Invalid value{_shown(first['input'])} for {key or whole}: it {_said(first, message)}")
        remedy = _nearest(first)
    # In a list the place counts: the second of several keys of one name.
    at = next((k for k in (*_upwards(key), *_upwards(".".join(names))) if k in lines), None)
    numbered = next((k for k in _upwards(".".join(names)) if k in lines), None)
    if numbered is not None and (at is None or len(numbered) > len(at)):
        at = numbered
    return ModelFault(what, key, at, remedy)


def _said(error: ErrorDetails, message: str) -> str:
    """What is wrong with a value, as the end of a sentence that begins with *it*."""
    kind, more = error["type"], error.get("ctx", {})
    if kind in ("too_short", "string_too_short"):
        one, several = _TOO_SHORT if kind == "too_short" else _TEXT_TOO_SHORT
        return (one if more["min_length"] == 1 else several).format(**more)
    if kind == "string_too_long":
        return f"should have {more['max_length']} characters at most, and has {len(error['input'])}"
    if kind == "is_instance_of" and more.get("class") == "Path":
        return "should be one path" + ("; take the brackets away" if isinstance(error["input"], list | tuple) else "")
    if kind in _SAID:
        return _SAID[kind].format(**more)
    if kind == "value_error":
        # Our own: each is written as the end of such a sentence.
        return message[:1].lower() + message[1:]
    # Of pydantic's own sentences most begin with what was given: "Input should be …".
    about = re.match(r"(?:Input|Value) (should|must|is|has|does) ", message)
    return message[about.start(1) :] if about else f"cannot be used: {message[:1].lower()}{message[1:]}"


def _nearest(error: ErrorDetails) -> str | None:
    """Of a word that is none of those that there are, the one that was perhaps meant."""
    if error["type"] != "literal_error" or not isinstance(error["input"], str):
        return None
    known = re.findall(r"'([^']*)'", str(error.get("ctx", {}).get("expected", "")))
    near = difflib.get_close_matches(error["input"].lower(), known, n=1)
    return f"Did you mean {near[0]!r}?" if near else None


def _sentence(said: str) -> str:
    return said if said.endswith(("?", ".")) else f"{said}."


def _shown(given: Any) -> str:
    """A value for a message; a section is named by its key, and its values in full would hide what is wrong with it."""
    if isinstance(given, dict | list | tuple):
        return ""
    if given is None:
        return " null"
    if isinstance(given, bool):
        return f" {str(given).lower()}"
    if isinstance(given, dt.date):
        return f" {given.isoformat()}"
    written = repr(str(given) if isinstance(given, Path) else given)
    return f" {written if len(written) <= _LONGEST_SHOWN else written[:_LONGEST_SHOWN] + '…'}"


def _upwards(key: str) -> Iterator[str]:
    parts = key.split(".")
    while parts:
        yield ".".join(parts)
        parts.pop()


class Place(NamedTuple):
    """Where in a model something is.

    Attributes
    ----------
    names
        The keys and list places that lead there, as they are written; not pydantic's own words for kinds of value.
    model
        The section whose keys the last name is one of, or None where any key may stand.
    section
        Whether the place itself is a section.
    """

    names: tuple[str | int, ...]
    model: type[BaseModel] | None
    section: bool


def place_of(model: type[BaseModel], loc: Sequence[str | int]) -> Place:
    """Follow a location of pydantic through sections, lists and mappings; what is behind a plain value is left out."""
    here: Any = model
    within: type[BaseModel] | None = None
    names: list[str | int] = []
    for part in loc:
        kinds = list(_kinds(here))
        if not isinstance(part, int):
            # A key within a list without the place in it, as keys are named to people.
            kinds = [inner for one in kinds for inner in (_kinds(get_args(one)[0]) if get_origin(one) in _LISTS else (one,))]
        section = next((one for one in kinds if isinstance(one, type) and issubclass(one, BaseModel)), None)
        listed = next((one for one in kinds if get_origin(one) in _LISTS), None)
        mapped = next((one for one in kinds if get_origin(one) in (dict, Mapping)), None)
        if part == "[key]":
            break
        if section is not None:
            known = section.model_fields.get(str(part))
            here, within = (known.annotation if known else None), section
        elif mapped is not None:
            here, within = get_args(mapped)[1], None
        elif listed is not None and isinstance(part, int):
            here, within = get_args(listed)[0], None
        else:
            break
        names.append(part)
    section = next((one for one in _kinds(here) if isinstance(one, type) and issubclass(one, BaseModel)), None)
    return Place(tuple(names), within, section is not None)


def _kinds(annotation: Any) -> Iterator[Any]:
    """The kinds of value that an annotation allows: of `X | None` both, of an annotated kind the kind."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _kinds(get_args(annotation)[0])
    elif origin in (Union, UnionType):
        for one in get_args(annotation):
            yield from _kinds(one)
    else:
        yield annotation
