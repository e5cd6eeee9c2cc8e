"""Several checks, and everything that any of them refuses told at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from kvarn.errors import KvarnError

__all__ = ["at_once", "together"]


_Error = TypeVar("_Error", bound=KvarnError)


def at_once(*checks: Callable[[], object]) -> None:
    """Make every check, whether or not one before it has refused something.

    Raises
    ------
    KvarnError
        What the first that refuses something says, with what the others say as its notes.
    """
    refused: list[KvarnError] = []
    for check in checks:
        try:
            check()
        except KvarnError as error:
            refused.append(error)
    if refused:
        raise together(refused)


def together(errors: Sequence[_Error]) -> _Error:
    """The first of several errors, with the others as its notes; what was said already is not said again."""
    leading, *others = errors
    told = {str(leading), *getattr(leading, "__notes__", ())}
    for error in others:
        for said in (str(error), *getattr(error, "__notes__", ())):
            if said not in told:
                told.add(said)
                leading.add_note(said)
    return leading
