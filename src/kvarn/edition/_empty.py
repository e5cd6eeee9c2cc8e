"""Keys that have nothing after them: what `kvarn new` leaves to be filled in, all reported at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import yaml
from pydantic import BaseModel

from kvarn.base.model_faults import place_of
from kvarn.base.yaml_files import read_document
from kvarn.errors import EditionError

__all__ = ["WrittenParameters", "empty_keys", "refuse_empty"]

# A list that may stand there with nothing in it.
_MAY_BE_EMPTY = frozenset({"accepted", "publication.corrections"})
_WANTED: Mapping[str, str] = {
    "publication.published": "The day on which this edition is published.",
    "publication.scheduled": "The day that the publishing plan promises.",
    "correction.what.sv": "What was wrong, in a sentence or two that readers see.",
    "correction.what.en": "The same in English.",
    "publication.previous.published": "The day on which the edition before this one was published.",
}


class WrittenParameters(NamedTuple):
    """The parameters of an edition that has been begun from those of another.

    Attributes
    ----------
    empty
        The keys that are left to be filled in, and their lines.
    """

    path: Path
    empty: list[tuple[str, int]]


def empty_keys(written: str) -> list[tuple[str, int]]:
    """The dotted keys of a YAML text with nothing after them, and their lines. An explicit `null` is a value."""
    return _empty_below(read_document(written).root)


def _empty_below(root: yaml.Node | None) -> list[tuple[str, int]]:
    return [(key, line) for key, line in _empty(root, ()) if key not in _MAY_BE_EMPTY]


def refuse_empty(root: yaml.Node, file: Path, model: type[BaseModel], *, filled: frozenset[str]) -> None:
    """Stop where keys are left empty, and say of each what it wants.

    Parameters
    ----------
    filled
        Keys that the command line gives.

    Raises
    ------
    EditionError
        With every empty key, its line and what belongs there.
    """
    found = [(key, line) for key, line in _empty_below(root) if key not in filled]
    if not found:
        return
    told = [f"\n    line {line}, {key}: {_wanted(model, key)}" for key, line in found]
    several = len(found) > 1
    raise EditionError(
        f"{len(found)} keys are left empty:{''.join(told)}" if several else f"A key is left empty:{told[0]}",
        file=file,
        line=None if several else found[0][1],
        key=None if several else found[0][0],
        remedy="Write the value of each after its colon and a space.",
    )


def _empty(node: yaml.Node | None, above: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if _is_empty(value):
                yield ".".join((*above, str(key.value))), key.start_mark.line + 1
            yield from _empty(value, (*above, str(key.value)))
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            if _is_empty(value):
                yield ".".join(above), value.start_mark.line + 1
            yield from _empty(value, above)


def _is_empty(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.value == "" and not node.style


def _wanted(model: type[BaseModel], key: str) -> str:
    """What belongs at a key, and whether the line can go."""
    names = key.split(".")
    place = place_of(model, names)
    if len(place.names) < len(names) or (place.model is not None and names[-1] not in place.model.model_fields):
        return "There is no such key."
    known = place.model.model_fields[names[-1]] if place.model is not None else None
    said, required = (known.description or "", known.is_required()) if known is not None else ("", False)
    said = _WANTED.get(key, said) or "A value is missing."
    return said if required else f"{said} If none belongs here, take the line away."
