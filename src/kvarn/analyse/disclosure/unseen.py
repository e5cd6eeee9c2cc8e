"""Wholes that stand in no table, and tie what they are divided into: men and women come to as many as all age groups do.

A custom order may leave out a total, or a group between two levels, and still have all that it consists of, twice: by two
classifications, say groups and kinds of procedures. Each of the two tells of the other what the total would.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import permutations

from kvarn.analyse._classification import listed
from kvarn.analyse.disclosure.cell import Cell
from kvarn.analyse.disclosure.relation import Division, Relation

__all__ = ["relations_of_unseen", "unseen_wholes"]


def unseen_wholes(cells: Collection[Cell]) -> Iterator[Cell]:
    """What some of the cells are parts of, and is none of them, in the order of the cells."""
    above: dict[tuple[str, str], str | None] = {}
    found: dict[Cell, None] = {}
    for cell in cells:
        for place, (name, code) in enumerate(cell.categories):
            if (name, code) not in above:
                above[name, code] = _above(name, code)
            parent = above[name, code]
            between = ((name, parent),) if parent is not None else ()
            whole = Cell(cell.measure, cell.year, (*cell.categories[:place], *between, *cell.categories[place + 1 :]))
            if whole not in cells:
                found[whole] = None
    yield from found


def _above(name: str, code: str) -> str | None:
    """The category above one; None where that is the total."""
    codes = listed(name)
    parent = codes.parent(code) if code in codes.by_code else None
    return None if parent in (None, codes.total) else parent


def relations_of_unseen(whole: Cell, divisions: Callable[[Cell], Sequence[Division]]) -> Iterator[Relation]:
    """What ties the parts of a whole that stands in no table: whatever is a part is no more than what covers it."""
    found = divisions(whole)
    for one, other in permutations(found, 2):
        if one.missing:
            continue
        if one.additive and other.additive and not other.missing:
            if found.index(one) < found.index(other):
                yield _less(one.parts, other.parts, exact=True)
        elif other.additive:
            yield _less(one.parts, other.parts)
        else:
            yield from (_less(one.parts, (part,)) for part in other.parts)


def _less(cover: Sequence[Cell], parts: Sequence[Cell], *, exact: bool = False) -> Relation:
    terms = dict.fromkeys(cover, 1)
    for part in parts:
        terms[part] = terms.get(part, 0) - 1
    return Relation(tuple((cell, entry) for cell, entry in terms.items() if entry), exact)
