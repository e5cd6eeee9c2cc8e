"""Reading a YAML file of parameters: every mistake is an error with its line and, where there is one, a suggestion."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError

from kvarn.errors import EditionError

__all__ = ["Kind", "explain", "parse", "read_parameters"]

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
}


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
    values, lines = parse(file, kind)
    try:
        return model.model_validate(values), lines
    except ValidationError as error:
        raise explain(error, file, lines, kind) from None


def parse(file: Path, kind: Kind) -> tuple[dict[str, Any], dict[str, int | None]]:
    """The file's values, and the line of each dotted key.

    Raises
    ------
    EditionError
        The file is missing, cannot be read, is not YAML, or gives a key twice. The error says which line.
    """
    try:
        written = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        # By what names do not all have: with the ending, any two short names are near.
        near = difflib.get_close_matches(file.stem, [other.stem for other in file.parent.glob("*.yml")], n=1)
        remedy = (
            f"Did you mean {file.parent / near[0]}.yml?"
            if near
            else f"Give the path of {kind.article} {kind.noun}, such as {kind.demonstration}."
        )
        raise EditionError(f"There is no such {kind.noun}.", file=file, remedy=remedy) from None
    except (OSError, UnicodeDecodeError) as error:
        raise EditionError(
            f"The {kind.noun} cannot be read: {error}.", file=file, remedy="Save it as a text file in UTF-8."
        ) from None
    try:
        node = yaml.compose(written, Loader=yaml.SafeLoader)
        values = yaml.safe_load(written)
    except (yaml.YAMLError, ValueError) as error:
        opened = str(getattr(error, "context", "")).startswith("while parsing a flow")
        mark = getattr(error, "context_mark" if opened else "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        raise EditionError(
            f"This is not YAML that can be read: {problem}.",
            file=file,
            line=mark.line + 1 if mark else _line_of_bad_value(written),
            remedy="Mind the indentation, the colon with a space after it, and dates that exist.",
        ) from None
    if not isinstance(values, dict) or not isinstance(node, yaml.MappingNode):
        raise EditionError(
            f"{kind.article.capitalize()} {kind.noun} is a list of keys and values.",
            file=file,
            line=1,
            remedy=f"Copy {kind.example} and edit it.",
        )
    lines: dict[str, int | None] = {}
    for key, line in _lines(node, ()):
        if key in lines:
            raise EditionError(
                "The key is given twice.", file=file, line=line, key=key, remedy=f"Keep one; the first is on line {lines[key]}."
            )
        lines[key] = line
    return values, lines


def _line_of_bad_value(written: str) -> int | None:
    """The line with a date that does not exist: YAML's reader knows only the value."""
    for number, line in enumerate(written.splitlines(), 1):
        try:
            yaml.safe_load(line.strip().removeprefix("- "))
        except ValueError:
            return number
        except yaml.YAMLError:
            continue
    return None


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
    names = [str(part) for part in first["loc"]]
    fault, message = first["type"], first["msg"].removeprefix("Value error, ")
    remedy: str | None = f"See {kind.example}, where every key is explained."
    if fault == "value_error" and not names:
        key, _, said = message.partition(": ")
        what = f"{said[:1].upper()}{said[1:]}{'' if said.endswith('?') else '.'}"
    elif fault == "extra_forbidden":
        key = ".".join(names)
        what = f"There is no key {names[-1]!r} here."
        known = _known_keys(kind.model, names[:-1])
        near = difflib.get_close_matches(names[-1], known, n=1)
        remedy = f"Did you mean {near[0]!r}?" if near else f"Known here: {', '.join(sorted(known))}."
    elif fault == "missing":
        key = ".".join(names[:-1]) or names[-1]
        what = f"The key {names[-1]!r} is missing."
    else:
        key = ".".join(name for name in names if not name.isdigit())
        said = _SAID.get(fault, message[:1].lower() + message[1:])
        given = first["input"]
        # A section is named by its key; its values in full would hide what is wrong with it.
        value = "" if isinstance(given, dict | list) else f" {given!r}"
        what = f"Invalid value{value} for {key or 'the edition'}: it {said}{'' if said.endswith('?') else '.'}"
    # In a list the place counts: the second of several keys of one name.
    line = next((lines[k] for k in (*_upwards(".".join(names)), *_upwards(key)) if k in lines), None)
    source: Path | str = "--set" if key in lines and lines[key] is None else file
    return EditionError(what, file=source, line=line, key=key, remedy=remedy)


def _upwards(key: str) -> Iterator[str]:
    parts = key.split(".")
    while parts:
        yield ".".join(parts)
        parts.pop()


def _known_keys(model: type[BaseModel], section: list[str]) -> list[str]:
    for name in section:
        if name.isdigit():
            continue
        annotation = model.model_fields[name].annotation
        candidates = [annotation, *get_args(annotation)]
        model = next(c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel))
    return list(model.model_fields)
