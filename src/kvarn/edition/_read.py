"""Reading an edition's YAML: every mistake is an error with its line and, where there is one, a suggestion."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from kvarn.edition._model import Edition
from kvarn.edition._workspace import project_root
from kvarn.errors import EditionError

__all__ = ["load_edition"]

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


def load_edition(path: Path | str, overrides: Iterable[str] = ()) -> Edition:
    """Read and check an edition's parameters.

    Parameters
    ----------
    path
        The YAML file, such as ``params/2023.yml``.
    overrides
        ``key=value`` pairs of the command line's ``--set``, such as ``disclosure.threshold=10``.

    Raises
    ------
    EditionError
        The file is missing or not YAML, a key is unknown, misspelt or given twice, a value has the wrong type or is impossible,
        or a file that it names does not exist. The error says which line.
    """
    file = Path(path)
    values, lines = _parse(file)
    for override in overrides:
        _apply(override, values, lines)
    try:
        edition = Edition.model_validate(values)
    except ValidationError as error:
        raise _explain(error, file, lines) from None
    _require_files(edition, file, lines)
    return edition


def _parse(file: Path) -> tuple[dict[str, Any], dict[str, int | None]]:
    """The file's values, and the line of each dotted key."""
    try:
        written = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        near = difflib.get_close_matches(file.name, [other.name for other in file.parent.glob("*.yml")], n=1)
        remedy = f"Did you mean {file.parent / near[0]}?" if near else "Give the path of an edition, such as params/demo.yml."
        raise EditionError("There is no such edition.", file=file, remedy=remedy) from None
    except (OSError, UnicodeDecodeError) as error:
        raise EditionError(
            f"The edition cannot be read: {error}.", file=file, remedy="Save it as a text file in UTF-8."
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
            "An edition is a list of keys and values.", file=file, line=1, remedy="Copy params/2023.yml and edit it."
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
        if isinstance(value, yaml.MappingNode):
            yield from _lines(value, name)


def _apply(override: str, values: dict[str, Any], lines: dict[str, int | None]) -> None:
    key, equals, written = override.partition("=")
    key = key.strip()
    if not equals or not key:
        raise EditionError(
            f"{override!r} is not key=value.", file="--set", remedy="Write for example --set disclosure.threshold=10"
        )
    try:
        value = yaml.safe_load(written)
    except (yaml.YAMLError, ValueError):
        raise EditionError(f"{written!r} cannot be read as a value.", file="--set", key=key) from None
    place: dict[str, Any] = values
    *above, last = key.split(".")
    for name in above:
        place = place.setdefault(name, {})
        if not isinstance(place, dict):
            raise EditionError(f"{name!r} has no keys of its own.", file="--set", key=key)
    place[last] = value
    lines[key] = None


def _explain(error: ValidationError, file: Path, lines: Mapping[str, int | None]) -> EditionError:
    """Pydantic's first finding in the user's words."""
    first = error.errors(include_url=False)[0]
    names = [str(part) for part in first["loc"]]
    kind, message = first["type"], first["msg"].removeprefix("Value error, ")
    remedy: str | None = "See params/2023.yml, where every key is explained."
    if kind == "value_error" and not names:
        key, _, said = message.partition(": ")
        what = f"{said[:1].upper()}{said[1:]}."
    elif kind == "extra_forbidden":
        key = ".".join(names)
        what = f"There is no key {names[-1]!r} here."
        known = _known_keys(names[:-1])
        near = difflib.get_close_matches(names[-1], known, n=1)
        remedy = f"Did you mean {near[0]!r}?" if near else f"Known here: {', '.join(sorted(known))}."
    elif kind == "missing":
        key = ".".join(names[:-1]) or names[-1]
        what = f"The key {names[-1]!r} is missing."
    else:
        key = ".".join(name for name in names if not name.isdigit())
        said = _SAID.get(kind, message[:1].lower() + message[1:])
        what = f"{first['input']!r} will not do: the value {said}."
    line = next((lines[k] for k in _upwards(key) if k in lines), None)
    source: Path | str = "--set" if key in lines and lines[key] is None else file
    return EditionError(what, file=source, line=line, key=key, remedy=remedy)


def _upwards(key: str) -> Iterator[str]:
    parts = key.split(".")
    while parts:
        yield ".".join(parts)
        parts.pop()


def _known_keys(section: list[str]) -> list[str]:
    model: type[BaseModel] = Edition
    for name in section:
        annotation = model.model_fields[name].annotation
        candidates = [annotation, *get_args(annotation)]
        model = next(c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel))
    return list(model.model_fields)


def _require_files(edition: Edition, file: Path, lines: Mapping[str, int | None]) -> None:
    root = project_root(file)
    wanted = {
        "data.deliveries": edition.data.deliveries,
        "data.population": edition.data.population,
        "data.procedures": edition.data.procedures,
        "data.persons": edition.data.persons,
    }
    for key, path in wanted.items():
        if path is None or (root / path).exists():
            continue
        demo = "`make report` makes the demonstration's; else " if edition.synthetic else "Put it there, or "
        raise EditionError(
            f"There is nothing at {path}.",
            file=file if lines.get(key) else "--set",
            line=lines.get(key),
            key=key,
            remedy=f"{demo}correct the path; it is relative to the project's root.",
        )
