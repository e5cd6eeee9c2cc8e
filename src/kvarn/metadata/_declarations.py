"""The YAML files of this package as their models: every mistake in one is said with its file, line and key."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from kvarn.base.model_faults import first_fault
from kvarn.base.package_files import Declared, declared_in
from kvarn.errors import CodeListError

__all__ = ["declaration", "mistake", "model_at", "models_of", "nearest", "require_known", "require_languages"]

_M = TypeVar("_M", bound=BaseModel)
_PACKAGE = "kvarn.metadata"
_LANGUAGES = ("sv", "en")


def declaration(name: str) -> Declared:
    """What ``<name>.yml`` declares; what several entries have in common may stand there once."""
    return declared_in(_PACKAGE, f"{name}.yml", shared=True)


def models_of(name: str, model: type[_M]) -> Mapping[str, _M]:
    """Everything that ``<name>.yml`` declares, by name, in its order.

    Raises
    ------
    CodeListError
        A key is missing, unknown or misspelt, or a value is of the wrong kind.
    """
    declared = declaration(name)
    return {one: model_at(declared, one, fields, model) for one, fields in declared.values.items()}


def model_at(declared: Declared, key: str, fields: Any, model: type[_M], **more: Any) -> _M:
    """What is declared at a dotted key, which ends in the name of the declared.

    Parameters
    ----------
    more
        Fields that are not taken from the file.

    Raises
    ------
    CodeListError
        See `models_of`.
    """
    name = key.rpartition(".")[2]
    if not isinstance(fields, dict):
        raise mistake(declared, key, f"{name!r} is declared by nothing.", "Give it keys of its own, as the others have.")
    if "name" in fields:
        raise mistake(declared, f"{key}.name", "There is no key 'name' here.", "Take it out: the name stands before the colon.")
    try:
        return model.model_validate({**fields, **more, "name": name})
    except ValidationError as error:
        written = [one.removeprefix(f"{key}.") for one in declared.lines if one.startswith(f"{key}.")]
        fault = first_fault(error, model, written, whole=repr(name))
        remedy = fault.remedy or "See how the others are declared."
        raise mistake(declared, f"{key}.{fault.key}" if fault.key else key, fault.what, remedy) from None


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


def mistake(declared: Declared, key: str, what: str, remedy: str) -> CodeListError:
    """Something wrong at a dotted key of a file."""
    return CodeListError(what, file=declared.file, line=declared.line(key), field=key, remedy=remedy)


def nearest(name: str, known: list[str]) -> str:
    """What was perhaps meant, else what there is."""
    near = difflib.get_close_matches(name, known, n=1)
    return f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(known)}."
