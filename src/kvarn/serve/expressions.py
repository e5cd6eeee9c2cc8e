"""Selection expressions of PxWebApi 2.

``*``, ``01*``, ``??``, ``TOP(3)``, ``BOTTOM(3)``, ``FROM(2020)``, ``TO(2020)`` and ``RANGE(2021,2023)``.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence

from kvarn.serve.problems import Problem, nearest, quoted

__all__ = ["chosen_codes", "split_codes"]

_COUNTED = re.compile(r"(TOP|BOTTOM)\(\s*([1-9]\d{0,8})\s*(?:,\s*(\d{1,9})\s*)?\)", re.IGNORECASE)
_OPEN_ENDED = re.compile(r"(FROM|TO)\(([^,()]+)\)", re.IGNORECASE)
_RANGE = re.compile(r"RANGE\(([^,()]+),([^,()]+)\)", re.IGNORECASE)
# Longer than any code; a pattern takes time to be understood.
_LONGEST, _MOST = 200, 1_000
_CALL = re.compile(r"(TOP|BOTTOM|FROM|TO|RANGE)\(", re.IGNORECASE)


def split_codes(text: str) -> list[str]:
    """The codes and expressions of a list with commas between them.

    A comma within round or square brackets separates nothing; square brackets around an item are taken away, so that a code may
    hold a comma: ``[TOP(2,1)]``, ``RANGE(2021,2023)``, ``[a,b]``.
    """
    items, item, within = [], "", ""
    for sign in text:
        if sign == "," and not within:
            items.append(item)
            item = ""
            continue
        if not within and sign in "[(":
            within = "]" if sign == "[" else ")"
        elif sign == within:
            within = ""
        item += sign
    stripped = [one.strip() for one in [*items, item]]
    return [one[1:-1] if one.startswith("[") and one.endswith("]") else one for one in stripped if one]


def chosen_codes(variable: str, codes: Sequence[str], asked: Sequence[str], *, time: bool = False) -> tuple[str, ...]:
    """The codes that are asked for, in the order of the variable, each once.

    Parameters
    ----------
    variable
        Its code, for what is said of a mistake.
    time
        Whether the codes are periods, of which ``TOP`` means the latest.

    Raises
    ------
    Problem
        A code is not there, or what looks like an expression is none.
    """
    exact, known = _places(tuple(codes))
    places: set[int] = set()
    expressions = 0
    for one in dict.fromkeys(asked):
        if one in exact:
            places.add(exact[one])
        elif one.casefold() in known:
            places.add(known[one.casefold()])
        else:
            expressions += 1
            if expressions > _MOST:
                said = f"The variable {quoted(variable)} has more than {_MOST:,} expressions."
                raise Problem(400, "Illegal selection expression", said)
            places.update(_expanded(variable, codes, known, one, time))
    return tuple(codes[place] for place in sorted(places))


@functools.lru_cache(maxsize=1_000)
def _places(codes: tuple[str, ...]) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """The place of each code, as it is written and in small letters: there the first of those that are alike."""
    exact = {code: place for place, code in enumerate(codes)}
    return exact, {code.casefold(): place for code, place in reversed(exact.items())}


def _expanded(variable: str, codes: Sequence[str], known: Mapping[str, int], asked: str, time: bool) -> range | list[int]:
    last = len(codes)
    if _CALL.match(asked):
        if counted := _COUNTED.fullmatch(asked):
            # Of what has an order in time, the top is the latest.
            from_end = (counted[1].upper() == "TOP") == time
            count, offset = int(counted[2]), int(counted[3] or 0)
            return (
                range(max(0, last - offset - count), max(0, last - offset)) if from_end else range(last)[offset : offset + count]
            )
        if found := _OPEN_ENDED.fullmatch(asked):
            place = _place(variable, codes, known, found[2])
            return range(place, last) if found[1].upper() == "FROM" else range(place + 1)
        if found := _RANGE.fullmatch(asked):
            first, second = sorted(_place(variable, codes, known, code) for code in found.groups())
            return range(first, second + 1)
    elif "*" in asked or "?" in asked:
        return _matching(variable, codes, asked)
    else:
        raise _no_such_code(variable, codes, asked)
    raise Problem(
        400,
        "Illegal selection expression",
        f"The variable {quoted(variable)} has the expression {quoted(asked)}; write TOP(n), TOP(n,offset), BOTTOM(n), "
        "FROM(code), TO(code) or RANGE(code,code).",
    )


def _matching(variable: str, codes: Sequence[str], asked: str) -> list[int]:
    if len(asked) > _LONGEST:
        raise _no_such_code(variable, codes, asked)
    if "*" in asked.strip("*") or asked.startswith("**") or asked.endswith("**"):
        raise Problem(
            400,
            "Illegal selection expression",
            f"The variable {quoted(variable)} has the expression {quoted(asked)}; "
            "* stands at the beginning, at the end, or at both.",
        )
    pattern = re.compile("".join({"*": ".*", "?": "."}.get(sign, re.escape(sign)) for sign in asked), re.IGNORECASE | re.DOTALL)
    found = [place for place, code in enumerate(codes) if pattern.fullmatch(code)]
    if not found:
        raise _no_such_code(variable, codes, asked)
    return found


def _place(variable: str, codes: Sequence[str], known: Mapping[str, int], code: str) -> int:
    place = known.get(code.strip().casefold())
    if place is None:
        raise _no_such_code(variable, codes, code.strip())
    return place


def _no_such_code(variable: str, codes: Sequence[str], asked: str) -> Problem:
    said = f"The variable {quoted(variable)} has no code {quoted(asked)}.{nearest(asked, codes)}"
    return Problem(400, "Non-existent value", said)
