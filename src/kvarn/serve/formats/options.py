"""How a format is written: the ``outputFormatParams`` of PxWebApi 2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kvarn.serve.problems import Problem, nearest, quoted

__all__ = ["OPTIONS", "Options", "read_options"]

_NAMES = ("UseCodes", "UseTexts", "UseCodesAndTexts")
_SEPARATORS = {"SeparatorTab": "\t", "SeparatorSpace": " ", "SeparatorSemicolon": ";"}
OPTIONS = (*_NAMES, "IncludeTitle", *_SEPARATORS)
"""Every option that there is."""


@dataclass(frozen=True)
class Options:
    """What is chosen of a format.

    Attributes
    ----------
    categories
        ``UseCodes``, ``UseTexts`` or ``UseCodesAndTexts``.
    title
        Whether the title stands above the table.
    """

    categories: str = "UseTexts"
    title: bool = False
    separator: str = ","


def read_options(asked: Sequence[str], allowed: frozenset[str], name: str) -> Options:
    """The options of a format.

    Parameters
    ----------
    allowed
        Those that the format has.
    name
        What the format is called.

    Raises
    ------
    Problem
        There is no such option, the format does not have it, or two contradict each other.
    """
    known = {one.casefold(): one for one in OPTIONS}
    chosen = []
    for one in asked:
        if (option := known.get(one.casefold())) is None:
            said = f"There is no outputFormatParams {quoted(one)}.{nearest(one, OPTIONS)}"
            raise Problem(400, "Unsupported output format", said)
        if option not in allowed:
            raise Problem(400, "Unsupported output format", f"The format {name} does not have the option {option}.")
        chosen.append(option)
    for group in (_NAMES, tuple(_SEPARATORS)):
        if len(both := [option for option in group if option in chosen]) > 1:
            raise Problem(400, "Unsupported output format", f"Choose one of {' and '.join(both)}.")
    return Options(
        next((one for one in _NAMES if one in chosen), "UseTexts"),
        "IncludeTitle" in chosen,
        next((sign for one, sign in _SEPARATORS.items() if one in chosen), ","),
    )
