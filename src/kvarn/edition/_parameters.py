"""Reading a YAML file of parameters: every mistake is an error with its line and, where there is one, a suggestion."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, NamedTuple, TypeVar, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from kvarn.base.yaml_files import YamlFault, read_document, text_of
from kvarn.errors import EditionError

__all__ = ["Kind", "Place", "Written", "explain", "parse", "place_of", "read_parameters"]

_Model = TypeVar("_Model", bound=BaseModel)
_SAID = {
    "missing": "is missing",
    "bool_type": "should be true or false",
    "bool_parsing": "should be true or false",
    "int_type": "should be a whole number",
    "int_from_float": "should be a whole number",
    "float_type": "should be a number",
    "string_type": "should be text (put it in quotation marks)",
    "date_type": "should be a date: YYYY-MM-DD",
    "date_from_datetime_inexact": "should be a date: YYYY-MM-DD",
    "date_from_datetime_parsing": "should be a date that exists: YYYY-MM-DD",
    "path_type": "should be a path",
    "model_type": "should be a section with keys of its own",
    "tuple_type": "should be a list",
    "dict_type": "should be a section with keys of its own",
    "mapping_type": "should be a section with keys of its own",
    "is_instance_of": "should be a section with keys of its own",
    "finite_number": "should be a finite number",
    "string_pattern_mismatch": "should be small letters a–z, figures and hyphens",
}
_LONGEST_SHOWN = 80
_LONG_WORD = re.compile(rf"\S{{{_LONGEST_SHOWN + 1},}}")
_LISTS = (tuple, list)
# What is wrong with several keys together begins with the key that is to be changed.
_KEY = re.compile(r"([a-z_]+(?:\.[a-z_]+)*): ")


@dataclass(frozen=True)
class Kind:
    """A kind of parameters file, and the words for it.

    Attributes
    ----------
    model
        What the values must be.
    example
        The file in which every key is explained; `demonstration` one that runs as it stands.
    """

    model: type[BaseModel]
    noun: str
    article: str
    example: str
    demonstration: str


def read_parameters(
    model: type[_Model], file: Path, *, noun: str, article: str, example: str
) -> tuple[_Model, Mapping[str, int | None]]:
    """A file of parameters as its model, and the line of each dotted key.

    Parameters
    ----------
    noun, article
        What the file is, for the messages: ``extract``, ``an``.
    example
        The file in which every key is explained.

    Raises
    ------
    EditionError
        The file is missing or not YAML, a key is unknown, misspelt or given twice, or a value has the wrong type or is
        impossible. The error says which line.
    """
    kind = Kind(model, noun=noun, article=article, example=example, demonstration=example)
    written = parse(file, kind)
    try:
        return model.model_validate(written.values), written.lines
    except ValidationError as error:
        raise explain(error, file, written.lines, kind) from None


@dataclass(frozen=True)
class Written:
    """A file of parameters as it is written: its nodes, its values, and the line of each dotted key."""

    root: yaml.MappingNode
    values: dict[str, Any]
    lines: dict[str, int | None]


def parse(file: Path, kind: Kind) -> Written:
    """What the file says, unchecked.

    Raises
    ------
    EditionError
        The file is missing, cannot be read, is not YAML, or gives a key twice. The error says which line.
    """
    try:
        found = read_document(text_of(file))
    except YamlFault as fault:
        if fault.missing:
            raise _no_such(file, kind) from None
        raise EditionError(fault.what, file=file, line=fault.line, key=fault.key, remedy=fault.remedy) from None
    if not isinstance(found.root, yaml.MappingNode):
        raise EditionError(
            f"{kind.article.capitalize()} {kind.noun} is a list of keys and values.",
            file=file,
            line=1,
            remedy=f"Copy {kind.example} and edit it.",
        )
    return Written(found.root, found.values, dict(_lines(found.root, ())))


def _no_such(file: Path, kind: Kind) -> EditionError:
    # By what names do not all have: with the ending, any two short names are near.
    near = difflib.get_close_matches(file.stem, [other.stem for other in file.parent.glob("*.yml")], n=1)
    remedy = (
        f"Did you mean {file.parent / near[0]}.yml?"
        if near
        else f"Give the path of {kind.article} {kind.noun}, such as {kind.demonstration}."
    )
    return EditionError(f"There is no such {kind.noun}.", file=file, remedy=remedy)


def _lines(node: yaml.MappingNode, above: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    for key, value in node.value:
        name = (*above, str(key.value))
        yield ".".join(name), key.start_mark.line + 1
        parts = value.value if isinstance(value, yaml.SequenceNode) else []
        if isinstance(value, yaml.MappingNode):
            yield from _lines(value, name)
        for number, part in enumerate(parts):
            if isinstance(part, yaml.MappingNode):
                yield from _lines(part, (*name, str(number)))


def explain(error: ValidationError, file: Path, lines: Mapping[str, int | None], kind: Kind) -> EditionError:
    """Pydantic's first finding in the user's words."""
    found = error.errors(include_url=False)
    first = found[0]
    if first["type"] == "missing":
        # A key that is missing may be there, misspelt.
        strange = (one for one in found if one["type"] == "extra_forbidden" and one["loc"][:-1] == first["loc"][:-1])
        first = next(strange, first)
    place = place_of(kind.model, first["loc"])
    names = [str(part) for part in place.names]
    fault = first["type"]
    message = _LONG_WORD.sub(lambda word: f"{word[0][:_LONGEST_SHOWN]}…", first["msg"].removeprefix("Value error, "))
    remedy: str | None = f"See {kind.example}, where every key is explained."
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
        said = _SAID.get(fault, message[:1].lower() + message[1:])
        what = _sentence(f"Invalid value{_shown(first['input'])} for {key or f'the {kind.noun}'}: it {said}")
    # In a list the place counts: the second of several keys of one name.
    at = next((k for k in (*_upwards(key), *_upwards(".".join(names))) if k in lines), None)
    numbered = next((k for k in _upwards(".".join(names)) if k in lines), None)
    if numbered is not None and (at is None or len(numbered) > len(at)):
        at = numbered
    line = lines[at] if at is not None else None
    source: Path | str = "--set" if at is not None and line is None else file
    return EditionError(what, file=source, line=line, key=key, remedy=remedy)


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
        if section is not None:
            known = section.model_fields.get(str(part))
            here, within = (known.annotation if known else None), section
        elif mapped is not None:
            if part == "[key]":
                break
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
