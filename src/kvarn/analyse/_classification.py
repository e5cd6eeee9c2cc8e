"""Classifications as counting needs them: what is the total, what is a part of what, which codes a value belongs to.

Every definition comes from the code lists of `kvarn.metadata`; nothing here knows an age limit or a procedure.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping

from kvarn.errors import InputError
from kvarn.metadata import CodeList, classification

__all__ = [
    "OF_PERSON",
    "OF_PROCEDURE",
    "children",
    "children_of",
    "codes_of_age",
    "codes_of_key",
    "codes_of_procedure",
    "codes_within",
    "is_empty",
    "listed",
    "position",
    "total",
    "with_all_above",
]

OF_PERSON = ("sex", "age")
# These classify procedures, not persons: the whole that a share is of never carries them.
OF_PROCEDURE = ("weekday", "kind", "procedure_group", "procedure", "profession", "cooperation")
# The column of the procedures' code list that tells which category of these variables a procedure has.
_COLUMN_OF_PROCEDURE = {"kind": "kind", "procedure_group": "group"}
_OLDEST = 130


def listed(name: str) -> CodeList:
    """The code list of a classification variable.

    Raises
    ------
    InputError
        The variable has none: only ``year`` is so.
    """
    codes = classification(name)
    if codes is None:
        raise InputError(f"{name!r} has no code list and cannot be classified by.", field=name)
    return codes


def total(name: str) -> str | None:
    """The code that all others are parts of (``T``, or ``00`` for the region); None where the list has no such code."""
    return listed(name).total


def children(name: str, code: str) -> tuple[str, ...]:
    """The categories that `code` is divided into. A profession that is not accepted in deliveries is left out."""
    return _children(listed(name), code)


def children_of(name: str) -> Callable[[str], tuple[str, ...]]:
    """`children` of one variable, for whoever asks of many codes: the list is looked up once."""
    return functools.partial(_children, listed(name))


# An official list can be imported at any time, so what is remembered is remembered of a list, never of its name.
@functools.lru_cache(maxsize=4096)
def _children(codes: CodeList, code: str) -> tuple[str, ...]:
    return tuple(child for child in codes.children(code) if codes.by_code[child].get("accepted", "true") == "true")


def position(name: str, code: str) -> int:
    """The place of a code in the order in which it is shown.

    Raises
    ------
    InputError
        The code is not on the list.
    """
    try:
        return listed(name).positions[code]
    except KeyError:
        raise InputError(
            f"The code {code!r} is not on the code list of {name!r}.",
            field=name,
            remedy="Correct the table or the frame, or add the code to the list with both labels.",
        ) from None


def with_all_above(name: str, code: str) -> tuple[str, ...]:
    """A code and every code that it is a part of."""
    return _with_all_above(listed(name), code)


def _with_all_above(codes: CodeList, code: str) -> tuple[str, ...]:
    above = codes.parent(code)
    return (code,) if above is None else (code, *_with_all_above(codes, above))


def codes_of_key(name: str) -> dict[int, tuple[str, ...]]:
    """The codes that a number of the register belongs to: sex 1, month 3 or municipality 114 and all that is above
    it."""
    codes = listed(name)
    numbered = [code for code in codes.leaves if code.isdigit() and codes.parent(code) is not None]
    return {int(code): with_all_above(name, code) for code in numbered}


def codes_of_age() -> dict[int, tuple[str, ...]]:
    """The age groups that each age in years belongs to, by the limits in the code list."""
    limits = [(row["code"], int(row["from_age"]), int(row["to_age"] or _OLDEST)) for row in listed("age").rows]
    return {age: tuple(code for code, least, most in limits if least <= age <= most) for age in range(_OLDEST + 1)}


def codes_of_procedure(name: str) -> dict[str, tuple[str, ...]]:
    """The categories of ``procedure``, ``procedure_group`` or ``kind`` that each procedure on the code list belongs
    to."""
    procedures, categories = listed("procedure"), listed(name)
    column = _COLUMN_OF_PROCEDURE.get(name, "code")
    return {code: _with_all_above(categories, procedures.by_code[code][column]) for code in procedures.leaves}


def is_empty(name: str, code: str) -> bool:
    """Whether a group or kind has no procedure on the list, so that everybody knows that nothing is counted in it."""
    return name in _COLUMN_OF_PROCEDURE and code != total(name) and not codes_within(name, code)


def codes_within(name: str, code: str) -> tuple[str, ...]:
    """The procedures that a group or kind of procedure consists of; none where `name` is another variable."""
    if name not in _COLUMN_OF_PROCEDURE or code == total(name):
        return ()
    return _procedures_by(listed("procedure"), _COLUMN_OF_PROCEDURE[name]).get(code, ())


@functools.lru_cache(maxsize=16)
def _procedures_by(procedures: CodeList, column: str) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for leaf in procedures.leaves:
        found.setdefault(procedures.by_code[leaf][column], []).append(leaf)
    return {category: tuple(leaves) for category, leaves in found.items()}
