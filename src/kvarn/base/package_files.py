"""What kvarn's own packages, and a project's programme, declare in YAML: every mistake in it is said with its file and line."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, NamedTuple

from kvarn.base.yaml_files import YamlFault, lines_of, read_document, text_of
from kvarn.errors import CodeListError

__all__ = ["Declared", "declared_at", "declared_in", "filled_in", "words_at", "words_in", "words_of"]

_LANGUAGES = ("sv", "en")
_RESTORE = "Restore it from git."


class Declared(NamedTuple):
    """A file of declarations.

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
    return declared_at(Path(str(_folder(package) / name)), shared=shared)


def declared_at(place: Path, *, shared: bool = False) -> Declared:
    """What a YAML file declares.

    Parameters
    ----------
    shared
        Whether what several entries have in common may stand there once.

    Raises
    ------
    CodeListError
        It is not there, not YAML, or not keys and values.
    """
    file = _place(place)
    try:
        found = read_document(text_of(place), shared=shared)
    except YamlFault as fault:
        what, remedy = ("The file is not there.", _RESTORE) if fault.missing else (fault.what, fault.remedy)
        raise CodeListError(what, file=file, line=fault.line, field=fault.key, remedy=remedy) from None
    if found.root is None or not isinstance(found.values, dict):
        raise CodeListError("This is not a list of names and what they declare.", file=file, line=1, remedy=_RESTORE)
    return Declared(file, {str(key): value for key, value in found.values.items()}, dict(lines_of(found.root)))


@functools.cache
def words_of(package: str, name: str) -> Mapping[str, Mapping[str, str]]:
    """The words of a package, in both languages, by key.

    Raises
    ------
    CodeListError
        As `declared_in`; or words are missing in one language.
    """
    return words_at(declared_in(package, name))


def words_at(declared: Declared) -> Mapping[str, Mapping[str, str]]:
    """The words of a file, in both languages, by key.

    Raises
    ------
    CodeListError
        Words are missing in one language.
    """
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


def words_in(package: str, name: str, key: str, language: str, values: Mapping[str, object]) -> str:
    """Words of a package in one language, as `filled_in` says.

    Raises
    ------
    CodeListError
        There are no such words, or they have braces that nothing is put in place of.
    """
    return filled_in(declared_in(package, name), words_of(package, name), key, language, values)


def filled_in(
    declared: Declared, known: Mapping[str, Mapping[str, str]], key: str, language: str, values: Mapping[str, object]
) -> str:
    """Words in one language, with ``{name}`` filled in from `values`; as they are written where there are none.

    Parameters
    ----------
    declared, known
        The file, and the words that stand there.

    Raises
    ------
    CodeListError
        There are no such words, or they have braces that nothing is put in place of.
    """
    if key not in known or language not in known[key]:
        remedy = f'Add them to {declared.file}: {key}: {{sv: "…", en: "…"}}.'
        raise CodeListError(f"There are no words {key!r} in {language!r}.", file=declared.file, field=key, remedy=remedy)
    said = known[key][language]
    if not values:
        return said
    try:
        return said.format(**values)
    except (LookupError, ValueError, AttributeError, TypeError) as error:
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
