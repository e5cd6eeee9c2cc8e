"""What kinds, groups and codes of procedures have in common: all three classify a procedure by its code alone.

A group that lies wholly within one kind is a part of that kind, though no list says so: kind less group is what is left, and
where its codes are counted too, exactly them. Kinds together contain all groups of which every code is of one of these kinds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from kvarn import metadata
from kvarn.analyse._classification import codes_of_procedure
from kvarn.analyse.disclosure.cell import Cell
from kvarn.analyse.disclosure.relation import Relation

__all__ = ["Shared", "shared_by_code"]

_LISTS = ("kind", "procedure_group")
_BY_CODE = (*_LISTS, "procedure")
# Of more categories than these only one at a time is taken for a cover: their sets would be too many.
_FEW = 5


@dataclass(frozen=True)
class Shared:
    """A relation; and where one cell covers the others, what it leaves over can be computed as a difference."""

    relation: Relation
    difference: tuple[Cell, tuple[Cell, ...]] | None = None


@dataclass(frozen=True)
class _Cover:
    """Some cells, each with a sign, that come to exactly these codes."""

    terms: Mapping[Cell, int]
    codes: frozenset[str]


def shared_by_code(cells: Collection[Cell]) -> Iterator[Shared]:
    """What ties cells that are counted by kind to those that are counted by group, in the same place."""
    places: dict[Cell, dict[str, list[Cell]]] = defaultdict(lambda: defaultdict(list))
    for cell in cells:
        names = [name for name, _ in cell.categories if name in _BY_CODE]
        if len(names) == 1:
            places[cell.having(names[0], None)][names[0]].append(cell)
    # A register without such a list has no cells of it.
    within = _within() if places else {}
    everything_listed = frozenset().union(*within.values())
    for place, by in places.items():
        if by.keys() < set(_LISTS):
            continue
        of = {cell: within[pair] for name in _BY_CODE for cell in by[name] for pair in cell.categories if pair in within}
        for one, other in (_LISTS, _LISTS[::-1]):
            if "procedure" in metadata.measure(place.measure).additive:
                everything = _Cover({place: 1}, everything_listed) if place in cells else None
                yield from _of_counts(everything, by[one], by[other], by["procedure"], of)
            else:
                yield from _of_persons(by[one], by[other], by["procedure"], of)


def _within() -> dict[tuple[str, str], frozenset[str]]:
    """The codes of each category on the code list."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for name in _BY_CODE:
        for leaf, categories in codes_of_procedure(name).items():
            for category in categories:
                found[name, category].add(leaf)
    return {category: frozenset(leaves) for category, leaves in found.items()}


def _of_counts(
    everything: _Cover | None,
    covering: Sequence[Cell],
    inside: Sequence[Cell],
    codes: Sequence[Cell],
    of: Mapping[Cell, frozenset[str]],
) -> Iterator[Shared]:
    """Whatever codes are left of the cover once all that is counted within it is taken away come to nought or more."""
    counted = {leaf: cell for cell in codes for leaf in of.get(cell, ()) if len(of[cell]) == 1}
    for cover in _covers(everything, [cell for cell in covering if cell in of], of):
        left = cover.codes - counted.keys()
        pure = [cell for cell in inside if (mine := of.get(cell, frozenset()) - counted.keys()) and mine <= left]
        if not pure:
            continue
        terms = dict(cover.terms)
        for cell in pure:
            terms[cell] = terms.get(cell, 0) - 1
            left -= of[cell]
        # A code of such a group was taken away with it, whether it is of this kind or of another.
        twice = {leaf for cell in pure for leaf in of[cell]}
        for leaf, cell in counted.items():
            entry = (leaf in twice) - (leaf in cover.codes)
            terms[cell] = terms.get(cell, 0) + entry
        relation = Relation(tuple((cell, entry) for cell, entry in terms.items() if entry), exact=not left)
        whole = [cell for cell, entry in relation.terms if entry > 0]
        parts = tuple(cell for cell, entry in relation.terms if entry < 0)
        yield Shared(relation, (whole[0], parts) if len(whole) == 1 and left else None)


def _covers(everything: _Cover | None, cells: Sequence[Cell], of: Mapping[Cell, frozenset[str]]) -> Iterator[_Cover]:
    """One category or several together; and the whole without them."""
    for number in range(1, len(cells) + 1 if len(cells) <= _FEW else 2):
        for some in combinations(cells, number):
            codes = frozenset().union(*(of[cell] for cell in some))
            yield _Cover(dict.fromkeys(some, 1), codes)
            if everything is not None and codes != everything.codes:
                yield _Cover({**everything.terms, **dict.fromkeys(some, -1)}, everything.codes - codes)


def _of_persons(
    covering: Sequence[Cell], inside: Sequence[Cell], codes: Sequence[Cell], of: Mapping[Cell, frozenset[str]]
) -> Iterator[Shared]:
    """Persons can be counted by several codes: each part is no more than what covers it, and all together are no less."""
    for whole in [cell for cell in covering if cell in of]:
        parts = [cell for cell in inside if cell in of and of[cell] <= of[whole]]
        yield from (Shared(Relation(((whole, 1), (part, -1)), exact=False), (whole, (part,))) for part in parts)
        touching = [cell for cell in (*inside, *codes) if not of.get(cell, frozenset()).isdisjoint(of[whole])]
        of_lists = [cell for cell in touching if cell in inside]
        rest = of[whole].difference(*(of[cell] for cell in of_lists))
        cover = [*of_lists, *(cell for cell in touching if cell not in inside and not rest.isdisjoint(of[cell]))]
        if of_lists and of[whole] <= frozenset().union(*(of[cell] for cell in cover)):
            yield Shared(Relation(((whole, -1), *((cell, 1) for cell in cover)), exact=False))
