"""What a file of the programme declares, as a model: every mistake in it is said with its file, line and key."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from kvarn.base.model_faults import first_fault
from kvarn.base.package_files import Declared
from kvarn.errors import CodeListError

__all__ = ["mistake", "model_at", "whole_model"]

_M = TypeVar("_M", bound=BaseModel)


def model_at(declared: Declared, key: str, fields: Any, model: type[_M], *, called: str = "name", **more: Any) -> _M:
    """What is declared at a dotted key, which ends in the name of the declared.

    Parameters
    ----------
    called
        The model's own field for that name.
    more
        Fields that are not taken from the file.

    Raises
    ------
    CodeListError
        A key is missing, unknown or misspelt, or a value is of the wrong kind.
    """
    name = key.rpartition(".")[2]
    if not isinstance(fields, dict):
        raise mistake(declared, key, f"{name!r} is declared by nothing.", "Give it keys of its own, as the others have.")
    if called in fields:
        what = f"There is no key {called!r} here."
        raise mistake(declared, f"{key}.{called}", what, "Take it out: the name stands before the colon.")
    try:
        return model.model_validate({**fields, **more, called: name})
    except ValidationError as error:
        written = [one.removeprefix(f"{key}.") for one in declared.lines if one.startswith(f"{key}.")]
        fault = first_fault(error, model, written, whole=repr(name))
        remedy = fault.remedy or "See how the others are declared."
        raise mistake(declared, f"{key}.{fault.key}" if fault.key else key, fault.what, remedy) from None


def whole_model(declared: Declared, model: type[_M]) -> _M:
    """A file as one model.

    Raises
    ------
    CodeListError
        See `model_at`.
    """
    try:
        return model.model_validate(declared.values)
    except ValidationError as error:
        fault = first_fault(error, model, list(declared.lines), whole="the file")
        line = declared.lines.get(fault.at) if fault.at is not None else 1
        remedy = fault.remedy or "Correct it, or restore the file from git."
        raise CodeListError(fault.what, file=declared.file, line=line, field=fault.key or None, remedy=remedy) from None


def mistake(declared: Declared, key: str, what: str, remedy: str) -> CodeListError:
    """Something wrong at a dotted key of a file."""
    return CodeListError(what, file=declared.file, line=declared.line(key), field=key, remedy=remedy)
