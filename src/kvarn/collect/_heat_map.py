"""A county's municipalities × months as a picture: colour, and a sign for those who see no colours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from kvarn.collect._overview import STATUSES, Status

__all__ = ["CODES", "Picture", "heat_map", "sign"]

# The classes of the style sheet, and of the table's cells.
CODES: Mapping[Status, str] = dict(zip(STATUSES, "alcrmn", strict=True))
PITCH = 14
CELL = 12
NAMES = 122
HEAD = 14
# What is drawn on the cell, from its upper left corner: triangle, circle, cross, nothing (a frame is all), dash.
_SIGNS: Mapping[Status, str] = {
    "late": "m6 2.5 4 7h-8z",
    "corrected": "m3 6a3 3 0 1 0 6 0a3 3 0 1 0-6 0",
    "rejected": "m3 3 6 6m0-6-6 6",
    "not yet due": "m3.5 6h5",
}


class Picture(NamedTuple):
    """What the template draws.

    Attributes
    ----------
    months
        Places of the columns' heads.
    names
        The municipalities' names, each with its place.
    paths
        Class and outline of everything of one status, cells (``f a``) and signs on them (``s l``).
    """

    width: int
    height: int
    months: Sequence[tuple[int, str]]
    names: Sequence[tuple[int, str]]
    paths: Sequence[tuple[str, str]]


def heat_map(names: Sequence[str], statuses: Sequence[Sequence[Status]], months: Sequence[str]) -> Picture:
    """The picture of municipalities (rows, named) × months (columns, by their letters)."""
    cells: dict[Status, list[str]] = defaultdict(list)
    for row, own in enumerate(statuses):
        for column, status in enumerate(own):
            cells[status].append(f"M{NAMES + column * PITCH} {HEAD + row * PITCH}")
    paths = [path for status in STATUSES if cells[status] for path in _paths(status, cells[status])]
    return Picture(
        width=NAMES + len(months) * PITCH,
        height=HEAD + len(names) * PITCH,
        months=[(NAMES + column * PITCH + CELL // 2, letter) for column, letter in enumerate(months)],
        names=[(HEAD + row * PITCH + CELL - 2, name) for row, name in enumerate(names)],
        paths=paths,
    )


def sign(status: Status) -> Sequence[tuple[str, str]]:
    """One cell alone, for the legend: class and outline of what is drawn."""
    return _paths(status, ["M0 0"])


def _paths(status: Status, corners: Sequence[str]) -> list[tuple[str, str]]:
    code = CODES[status]
    # A frame is drawn on its line, so it is smaller by that line's width.
    outline = "m1 1h10v10h-10z" if status == "missing" else f"h{CELL}v{CELL}h-{CELL}z"
    drawn = [(f"f {code}", "".join(f"{corner}{outline}" for corner in corners))]
    if status in _SIGNS:
        drawn.append((f"s {code}", "".join(f"{corner}{_SIGNS[status]}" for corner in corners)))
    return drawn
