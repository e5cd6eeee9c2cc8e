"""Wholes that stand in no table and are what is left of others: a county and its women come to its men.

Like what is made of cells (`unseen`), such a whole is no secret to whoever has the others, so that whatever is true of it is true
of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from kvarn.analyse.disclosure.cell import Cell
from kvarn.analyse.disclosure.relation import Division, Relation, less
from kvarn.analyse.disclosure.unseen import just_above, of_measures

__all__ = ["relations_of_what_is_left"]

_Divisions = Callable[[Mapping[Cell, int]], Callable[[Cell], Sequence[Division]]]
# What a whole is left of, and what is taken from that.
_Left = tuple[Cell, tuple[Cell, ...]]


def relations_of_what_is_left(unseen: Collection[Cell], cells: Mapping[Cell, int], divisions: _Divisions) -> list[Relation]:
    """What ties cells by way of wholes that follow from them by subtraction.

    Parameters
    ----------
    unseen
        The wholes that stand in no table and are no sums of cells.
    cells
        The cells, and the wholes that are sums of them.
    divisions
        How anything is divided into given cells.
    """
    figures = dict(cells)
    left = _follow(unseen, figures, divisions)
    if not left:
        return []
    of = divisions(figures)
    found = [one for whole in left for division in of(whole) for one in _of_division(division, {whole})]
    found += [
        one
        for whole in just_above(dict.fromkeys(left, ()), cells)
        for division in of(whole)
        for one in _of_division(division, left.keys())
    ]
    found += of_measures(figures, dict.fromkeys(left, ()))
    return [one for one in dict.fromkeys(_in_cells(one, left) for one in found) if one.terms]


def _follow(unseen: Collection[Cell], figures: dict[Cell, int], divisions: _Divisions) -> dict[Cell, _Left]:
    """The wholes that are what is left of others, those of which others follow before these; `figures` learns of them."""
    left: dict[Cell, _Left] = {}
    while True:
        of, still = divisions(figures), {whole: () for whole in unseen if whole not in left}
        new: dict[Cell, _Left] = {}
        for above in just_above(still, figures):
            for one in of(above):
                if one.additive and len(one.missing) == 1 and one.missing[0] in still:
                    new.setdefault(one.missing[0], (above, one.parts))
        if not new:
            return left
        figures |= {cell: figures[above] - sum(figures[part] for part in parts) for cell, (above, parts) in new.items()}
        left |= new


def _of_division(division: Division, which: Collection[Cell]) -> Iterator[Relation]:
    """What a division tells, as far as the whole or a part is one of these."""
    whole, parts = division.whole, division.parts
    mine = parts if whole in which else [part for part in parts if part in which]
    if not mine:
        return
    if division.additive:
        yield less((whole,), parts, exact=not division.missing)
        return
    if division.nested:
        yield from (less((whole,), (part,)) for part in mine)
    if division.covered and not division.missing:
        yield less(parts, (whole,))


def _in_cells(relation: Relation, left: Mapping[Cell, _Left]) -> Relation:
    """The relation with what each whole is left of in place of it."""
    terms = dict(relation.terms)
    while inside := next((cell for cell in terms if cell in left), None):
        entry = terms.pop(inside)
        above, parts = left[inside]
        for cell, sign in ((above, entry), *((part, -entry) for part in parts)):
            terms[cell] = terms.get(cell, 0) + sign
    return Relation(tuple((cell, entry) for cell, entry in terms.items() if entry), relation.exact)
