"""How the codes of a list are parts of one another: disclosure control adds them up as the list says, so it must be true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from kvarn.errors import CodeListError

__all__ = ["check_levels"]

_OLDEST = 10_000
_WHOLE = "T"
Rows = Sequence[Mapping[str, str]]


def check_levels(name: str, rows: Rows, lines: Mapping[str, int], file: Path, *, one: bool = False) -> None:
    """Make sure that every code but one is a part of another on the list, and that ages divide what they are parts of.

    Parameters
    ----------
    rows, lines
        The list's rows, and the line of each code.
    one
        Whether nothing may stand between the whole and the most detailed codes.

    Raises
    ------
    CodeListError
        There is a whole and no column with parents, or more than `one` level; a code has a parent that is not on the list, that
        is itself, or none though another code has none already; or the ages below one leave some out or overlap.
    """
    if rows and "parent" not in rows[0] and _WHOLE in lines:
        what = f"The code {_WHOLE!r} is there, and no column says that the others are parts of it."
        remedy = f"Add the column parent, with {_WHOLE} for each other code, or take the row out: the whole is added by itself."
        raise _wrong(what, _WHOLE, lines, file, remedy)
    if not rows or "parent" not in rows[0]:
        return
    parents = {row["code"]: row["parent"] for row in rows}
    outside = {parent for parent in parents.values() if parent and parent not in parents}
    # The counties are parts of a country that stands on no list of its own.
    tops = [code for code, parent in parents.items() if not parent] + sorted(outside)
    for code, parent in parents.items():
        if parent == code or _in_circle(code, parents):
            raise _wrong(f"The code {code!r} is a part of itself.", code, lines, file, "Write the code that it is a part of.")
    # A list without a whole, such as that of file types, divides nothing.
    if len(tops) > 1 and (any(parents.values()) or _WHOLE in parents):
        wrong = next(
            code for code in reversed(list(parents)) if parents[code] in tops[1:] or (not parents[code] and code != tops[0])
        )
        what = f"The code {wrong!r} is no part of {tops[0]!r}, so that nobody would know that it adds up to it."
        raise _wrong(what, wrong, lines, file, f"Write {tops[0]} as its parent, or another code that is a part of it.")
    if one and (between := [code for code, parent in parents.items() if parent and parents.get(parent)]):
        what = (
            f"The code {between[0]!r} is a part of {parents[between[0]]!r}, which is itself a part: this list can have one level."
        )
        remedy = f"Write {tops[0]} as its parent, and take the level between out: disclosure control could not add it up."
        raise _wrong(what, between[0], lines, file, remedy)
    if one and any(parents.values()) and tops[0] != _WHOLE:
        what = f"The whole of this list is {tops[0]!r}, and not {_WHOLE!r}."
        raise _wrong(what, next(iter(parents)), lines, file, f"Write {_WHOLE} for it, in code and in parent.")
    if name == "age":
        _require_ages_divided(rows, lines, file)


def _in_circle(code: str, parents: Mapping[str, str]) -> bool:
    seen = set()
    while code in parents and code not in seen:
        seen.add(code)
        code = parents[code]
    return code in seen


def _require_ages_divided(rows: Rows, lines: Mapping[str, int], file: Path) -> None:
    spans = {row["code"]: _span(row, lines, file) for row in rows}
    for code, (first, last) in spans.items():
        below = sorted(spans[row["code"]] for row in rows if row["parent"] == code)
        if not below:
            continue
        ends = [first - 1, *(end for _, end in below)]
        if ends[-1] != last or any(begin != end + 1 for (begin, _), end in zip(below, ends, strict=False)):
            what = f"The ages that are parts of {code!r} do not divide it: they leave ages out, or overlap."
            raise _wrong(what, code, lines, file, "Correct from_age, to_age and parent of the codes below it.")


def _span(row: Mapping[str, str], lines: Mapping[str, int], file: Path) -> tuple[int, int]:
    try:
        first, last = int(row["from_age"]), int(row["to_age"] or _OLDEST)
    except ValueError:
        raise _wrong(
            "The ages are no whole numbers.", row["code"], lines, file, "Write from_age, and to_age or nothing."
        ) from None
    if first > last:
        raise _wrong("The ages end before they begin.", row["code"], lines, file, "Correct from_age and to_age.")
    return first, last


def _wrong(what: str, code: str, lines: Mapping[str, int], file: Path, remedy: str) -> CodeListError:
    return CodeListError(what, file=file, line=lines[code], field=code, remedy=remedy)
