"""The YAML files of the programme as their models: every mistake in one is said with its file, line and key."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel

from kvarn.base.package_files import Declared
from kvarn.programme import current_programme, mistake, model_at

__all__ = ["declaration", "mistake", "model_at", "models_of", "nearest", "require_known", "require_languages"]

_M = TypeVar("_M", bound=BaseModel)
_LANGUAGES = ("sv", "en")


def declaration(name: str) -> Declared:
    """What ``<name>.yml`` declares; what several entries have in common may stand there once."""
    return current_programme().declared(name)


def models_of(name: str, model: type[_M]) -> Mapping[str, _M]:
    """Everything that ``<name>.yml`` declares, by name, in its order.

    Raises
    ------
    CodeListError
        A key is missing, unknown or misspelt, or a value is of the wrong kind.
    """
    declared = declaration(name)
    return {one: model_at(declared, one, fields, model) for one, fields in declared.values.items()}


def require_known(declared: Declared, key: str, names: Iterable[Any], known: Iterable[str], what: str) -> None:
    """Make sure that everything that is named at a key is there.

    Raises
    ------
    CodeListError
        Something is not, with what was perhaps meant.
    """
    listed = list(known)
    for name in names:
        if name not in listed:
            raise mistake(declared, key, f"There is no {what} {name!r}.", nearest(str(name), listed))


def require_languages(declared: Declared, key: str, words: Mapping[str, str]) -> None:
    """Make sure that words are there in both languages and in no other.

    Raises
    ------
    CodeListError
        They are not.
    """
    if words and set(words) != set(_LANGUAGES):
        raise mistake(declared, key, "These are not words in both languages.", 'Write {sv: "…", en: "…"}.')


def nearest(name: str, known: list[str]) -> str:
    """What was perhaps meant, else what there is."""
    near = difflib.get_close_matches(name, known, n=1)
    return f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(known)}."
