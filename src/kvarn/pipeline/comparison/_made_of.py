"""What two publications were made by and from: parameters, methods, notebooks, inputs, code and libraries, by their own files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kvarn.errors import InputError
from kvarn.pipeline.comparison._published import Published

__all__ = ["PARTS", "MadeOf", "compare_files", "compare_made_of"]

PARTS = ("parameter", "method", "notebook", "input", "deliveries", "code", "library", "file")
_SAID = ("value", "sha256", "softwareVersion", "collectionSize", "identifier", "description")
_YEARS = re.compile(r"\b\d{4}(?:[–-]\d{4})?\b")
_EDITION = re.compile(r"params/[^/]+\.yml")
_KINDS = {
    "#parameter": "parameter",
    "#override": "parameter",
    "#accepted": "parameter",
    "#notebook-wall": "parameter",
    "#notebook": "notebook",
    "#input": "input",
    "#deliveries": "deliveries",
    "#kvarn": "code",
    "#software": "library",
}


@dataclass(frozen=True)
class MadeOf:
    """One thing that two publications have differently; empty where the one or the other has it not.

    Attributes
    ----------
    part
        One of `PARTS`.
    """

    part: str
    name: str
    before: str
    now: str


def compare_made_of(before: Published, now: Published) -> tuple[MadeOf, ...]:
    """What differs, in the order of `PARTS`, then by name.

    Of what is not public the records have checksums under a key that the edition is part of: such files of two editions
    cannot be compared, and are left out.
    """
    same_edition = before.edition == now.edition
    old, new = (_gathered([*_recorded(side, keyed=same_edition), *_methods(side)]) for side in (before, now))
    differ = [(*key, old.get(key, ""), new.get(key, "")) for key in old.keys() | new.keys() if old.get(key) != new.get(key)]
    return tuple(MadeOf(*one) for one in sorted(differ, key=lambda one: (PARTS.index(one[0]), one[1:])))


def _gathered(said: list[tuple[tuple[str, str], str]]) -> dict[tuple[str, str], str]:
    """What is said by part and name; several tables describe one measure, and may do so in several ways."""
    found: dict[tuple[str, str], list[str]] = {}
    for key, text in said:
        if text not in found.setdefault(key, []):
            found[key].append(text)
    return {key: " / ".join(texts) for key, texts in found.items()}


def compare_files(before: Published, now: Published) -> tuple[MadeOf, ...]:
    """The files that only one has, and those of other bytes, by their checksums."""
    names = sorted(before.files.keys() | now.files.keys())
    pairs = ((name, before.files.get(name, ""), now.files.get(name, "")) for name in names)
    return tuple(MadeOf("file", name, old, new) for name, old, new in pairs if old != new)


def _recorded(side: Published, *, keyed: bool) -> Iterator[tuple[tuple[str, str], str]]:
    for identifier, entity in side.record.items():
        kind, _, rest = identifier.partition("/")
        part = _KINDS.get(kind)
        name = str(entity.get("name", rest))
        # The parameters are compared one by one, and each edition's file has its own name.
        if part is None or _EDITION.fullmatch(name):
            continue
        if kind == "#accepted":
            name = f"{name} at {entity.get('value')}"
        said = [entity[key] for key in _SAID if key in entity and (key != "identifier" or keyed)]
        yield (part, f"--set {name}" if kind == "#override" else name), "; ".join(map(_text, said))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _methods(side: Published) -> Iterator[tuple[tuple[str, str], str]]:
    """Titles, notes, definitions, units and labels as the descriptions of the open data have them."""
    for table, data in side.tables.items():
        described = _description(data.with_name(f"{data.name}-metadata.json"))
        for one in described.get("dc:title", ()):
            yield ("method", f"{table}: title ({one['@language']})"), _YEARS.sub("{years}", one["@value"])
        for language in ("sv", "en"):
            notes = [one["@value"] for one in described.get("rdfs:comment", ()) if one["@language"] == language]
            yield ("method", f"{table}: notes ({language})"), " ".join(notes)
        for column in described.get("tableSchema", {}).get("columns", ()):
            for concept in column.get("skos:member", ()):
                yield from _concept(column["name"], concept)


def _concept(variable: str, concept: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], str]]:
    for key, what in (("skos:prefLabel", "label"), ("skos:definition", "definition"), ("schema:unitText", "unit")):
        for one in concept.get(key, ()):
            yield ("method", f"{variable} {concept['skos:notation']}: {what} ({one['@language']})"), one["@value"]


def _description(file: Path) -> Mapping[str, Any]:
    try:
        read = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError:
        read = None
    if not isinstance(read, dict):
        raise InputError(
            "The description of a table cannot be read.", file=file, remedy="Restore the publication as it was made."
        )
    return read
