"""What kvarn's own packages declare in YAML: read once, and every mistake in it said with its file and line."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, NamedTuple

from kvarn.base.yaml_files import YamlFault, lines_of, read_document
from kvarn.errors import CodeListError

__all__ = ["Declared", "declared_in", "has_words", "words_in", "words_of"]

_LANGUAGES = ("sv", "en")


class Declared(NamedTuple):
    """A file of a package.

    Attributes
    ----------
    file
        Where it lies, as the user would open it.
    values
        What each name declares.
    lines
        The line of each dotted key.
    """

    file: Path
    values: Mapping[str, Any]
    lines: Mapping[str, int]

    def line(self, key: str) -> int | None:
        """The line of a dotted key, or of the nearest one above it."""
        parts = key.split(".")
        return next((self.lines[k] for n in range(len(parts), 0, -1) if (k := ".".join(parts[:n])) in self.lines), None)


@functools.cache
def declared_in(package: str, name: str, *, shared: bool = False) -> Declared:
    """What a YAML file of a package declares.

    Raises
    ------
    CodeListError
        It is not there, not YAML, or not keys and values.
    """
    file = _place(Path(str(_folder(package) / name)))
    try:
        found = read_document((_folder(package) / name).read_text(encoding="utf-8"), shared=shared)
    except (OSError, UnicodeDecodeError) as error:
        raise CodeListError(f"The file cannot be read: {error}.", file=file, remedy="Restore it from git.") from None
    except YamlFault as fault:
        raise CodeListError(fault.what, file=file, line=fault.line, field=fault.key, remedy=fault.remedy) from None
    if found.root is None or not isinstance(found.values, dict):
        raise CodeListError(
            "This is not a list of names and what they declare.", file=file, line=1, remedy="Restore it from git."
        )
    return Declared(file, {str(key): value for key, value in found.values.items()}, dict(lines_of(found.root)))


@functools.cache
def words_of(package: str, name: str) -> Mapping[str, Mapping[str, str]]:
    """The words of a package, in both languages, by key.

    Raises
    ------
    CodeListError
        As `declared_in`; or words are missing in one language.
    """
    declared = declared_in(package, name)
    for key, both in declared.values.items():
        if not isinstance(both, dict) or set(both) != set(_LANGUAGES) or not all(isinstance(said, str) for said in both.values()):
            raise CodeListError(
                "These are not words in both languages.",
                file=declared.file,
                line=declared.line(key),
                field=key,
                remedy=f'Write {key}: {{sv: "…", en: "…"}}, in quotation marks where it has a colon, or is a number.',
            )
    return declared.values


def has_words(package: str, name: str, key: str) -> bool:
    """Whether a file of words has these."""
    return key in words_of(package, name)


def words_in(package: str, name: str, key: str, language: str, values: Mapping[str, object]) -> str:
    """Words in one language, with ``{name}`` filled in from `values`; as they are written where there are none.

    Raises
    ------
    CodeListError
        There are no such words, or they have braces that nothing is put in place of.
    """
    known = words_of(package, name)
    if key not in known or language not in known[key]:
        file = declared_in(package, name).file
        remedy = f'Add them to {file}: {key}: {{sv: "…", en: "…"}}.'
        raise CodeListError(f"There are no words {key!r} in {language!r}.", file=file, field=key, remedy=remedy)
    said = known[key][language]
    if not values:
        return said
    try:
        return said.format(**values)
    except (LookupError, ValueError, AttributeError, TypeError) as error:
        declared = declared_in(package, name)
        raise CodeListError(
            f"These words cannot be filled in: {said!r} ({error}).",
            file=declared.file,
            line=declared.line(f"{key}.{language}"),
            field=f"{key}.{language}",
            remedy=f"Use only these names in braces, and no others: {', '.join(sorted(values))}.",
        ) from None


def _folder(package: str) -> Traversable:
    return resources.files(package)


def _place(file: Path) -> Path:
    """The path from the current folder where it lies below that: what a reader can open."""
    try:
        return file.relative_to(os.getcwd())
    except (ValueError, OSError):
        return file
