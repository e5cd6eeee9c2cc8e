"""Reading a YAML file of parameters: every mistake is an error with its line and, where there is one, a suggestion."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from kvarn.base.at_once import together
from kvarn.base.model_faults import ModelFault, all_faults
from kvarn.base.yaml_files import YamlFault, lines_of, read_document, text_of
from kvarn.errors import EditionError

__all__ = ["Kind", "Written", "explain", "parse", "read_parameters"]

_Model = TypeVar("_Model", bound=BaseModel)
# Where every key of every kind is explained.
PAGE = "docs/parameters.md"
# So many things that are wrong are told at once.
_MOST = 20


@dataclass(frozen=True)
class Kind:
    """A kind of parameters file, and the words for it.

    Attributes
    ----------
    model
        What the values must be.
    example
        A file that shows the kind; `demonstration` one that runs as it stands.
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
        A file that shows the kind.

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
            remedy=f"Write one key and its value on each line, as in {kind.example}; {PAGE} explains every key.",
        )
    return Written(found.root, found.values, dict(lines_of(found.root)))


def _no_such(file: Path, kind: Kind) -> EditionError:
    # By what names do not all have: with the ending, any two short names are near.
    near = difflib.get_close_matches(file.stem, [other.stem for other in file.parent.glob("*.yml")], n=1)
    remedy = (
        f"Did you mean {file.parent / near[0]}.yml?"
        if near
        else f"Give the path of {kind.article} {kind.noun}, such as {kind.demonstration}."
    )
    return EditionError(f"There is no such {kind.noun}.", file=file, remedy=remedy)


def explain(error: ValidationError, file: Path, lines: Mapping[str, int | None], kind: Kind) -> EditionError:
    """What pydantic found, in the user's words: the first, with the others as its notes."""
    faults = all_faults(error, kind.model, lines, whole=f"the {kind.noun}")
    return together([_explained(fault, file, lines, kind) for fault in faults[:_MOST]])


def _explained(fault: ModelFault, file: Path, lines: Mapping[str, int | None], kind: Kind) -> EditionError:
    source: Path | str = "--set" if fault.at is not None and lines[fault.at] is None else file
    line = lines[fault.at] if fault.at is not None else None
    remedy = fault.remedy or f"See {PAGE}, where every key is explained."
    return EditionError(fault.what, file=source, line=line, key=fault.key, remedy=remedy)
