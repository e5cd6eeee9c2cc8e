"""How cells hang together: sums, nests, divisions, and linear relations of any other kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kvarn.analyse.disclosure.cell import Cell

__all__ = ["Division", "Nest", "Relation", "Sum", "less"]


@dataclass(frozen=True)
class Sum:
    """`total` is exactly the sum of `parts`."""

    total: Cell
    parts: tuple[Cell, ...]

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The total and its parts."""
        return (self.total, *self.parts)


@dataclass(frozen=True)
class Nest:
    """Each of `parts` is at most `total`, and where they cover it, `total` is at most their sum. Distinct persons are
    so."""

    total: Cell
    parts: tuple[Cell, ...]
    covering: bool


@dataclass(frozen=True)
class Relation:
    """A sum of coefficients times cells that is zero (`exact`), or zero or more: what no sum and no nest can say."""

    terms: tuple[tuple[Cell, int], ...]
    exact: bool

    def holds(self, values: Mapping[Cell, int]) -> bool:
        """Whether it is true of the figures: a relation that is not ties nothing."""
        come_to = sum(entry * values[cell] for cell, entry in self.terms)
        return come_to == 0 if self.exact else come_to >= 0


@dataclass(frozen=True)
class Division:
    """A whole, and everything that covers it: the parts that are cells, and those that are none and may not be nil.

    `additive` says that nothing is in two parts; `nested` that whatever is in a part is in the whole, and `covered` that whatever
    is in the whole is in a part. Who is new in a municipality need not be new in its county, and who is continuing in the county
    need not be so in any of its municipalities.
    """

    whole: Cell
    parts: tuple[Cell, ...]
    missing: tuple[Cell, ...] = ()
    additive: bool = False
    nested: bool = True
    covered: bool = True


def less(cover: Iterable[Cell], parts: Iterable[Cell], *, exact: bool = False) -> Relation:
    """That some cells come to no less than others; or to the same (`exact`)."""
    terms: dict[Cell, int] = {}
    for cells, sign in ((cover, 1), (parts, -1)):
        for cell in cells:
            terms[cell] = terms.get(cell, 0) + sign
    return Relation(tuple((cell, entry) for cell, entry in terms.items() if entry), exact)
