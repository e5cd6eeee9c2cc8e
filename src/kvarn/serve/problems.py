"""What a request asks for and cannot have: an answer of its own kind (RFC 7807), never a defect."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Iterable

__all__ = ["Problem", "nearest", "quoted"]

_SHOWN = 80
# Comparing takes the product of both lengths, and what is asked for can be as long as a request.
_COMPARED = 100


class Problem(Exception):
    """Something that is told to whoever asked.

    Parameters
    ----------
    status
        The HTTP status: 400 where the request is wrong, 404 where there is no such thing, 413 where it is too long.
    title
        What is wrong, in a few words.
    detail
        Which variable, code or name it is, and the nearest one that there is.
    """

    def __init__(self, status: int, title: str, detail: str) -> None:
        self.status = status
        self.title = title
        self.detail = detail
        super().__init__(status, title, detail)


def nearest(asked: str, there: Iterable[str]) -> str:
    """A sentence that begins with a space and names the nearest of what is there; empty where nothing is near."""
    by_folded = {one.casefold(): one for one in there}
    wanted = asked[:_COMPARED].casefold()
    near = difflib.get_close_matches(wanted, by_folded, n=5, cutoff=0.5)
    # Of codes that are as near, the one that begins alike: in a hierarchy it lies beside what was meant.
    best = max(near, key=lambda one: _alike(one, wanted), default=None)
    return "" if best is None else f" The nearest is {quoted(by_folded[best])}."


def _alike(one: str, other: str) -> int:
    """How many signs two texts have in common at their beginning."""
    return sum(1 for _ in itertools.takewhile(lambda signs: signs[0] == signs[1], zip(one, other, strict=False)))


def quoted(asked: str) -> str:
    """What somebody has asked for, as it can stand in an answer: printable and not long."""
    shown = asked if len(asked) <= _SHOWN else f"{asked[:_SHOWN]}…"
    return "'" + "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in shown) + "'"
