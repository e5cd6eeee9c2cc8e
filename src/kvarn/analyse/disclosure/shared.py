"""What kinds, groups and codes of procedures have in common: all three classify a procedure by its code alone.

A group that lies wholly within one kind is a part of that kind, though no list says so: kind less group is what is left, and
where its codes are counted too, exactly them. Kinds together contain all groups of which every code is of one of these kinds.
What is counted by two of the three at once (the treating procedures of one group) is the codes that both have.
"""

from __future__ import annotations

import functools
import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, permutations
from typing import Any

from kvarn import metadata
from kvarn.analyse._classification import codes_of_procedure
from kvarn.analyse.disclosure.cell import Cell
from kvarn.analyse.disclosure.relation import Relation

__all__ = ["Shared", "shared_by_code"]

_KINDS, _GROUPS, _CODES, _BOTH = "kind", "procedure_group", "procedure", "kind and procedure_group"
_BY_CODE = (_KINDS, _GROUPS, _CODES)
# Of more categories than these only one at a time is taken for a cover: their sets would be too many.
_FEW = 5


@dataclass(frozen=True)
class Shared:
    """A relation; and where one cell covers the others, what it leaves over can be computed as a difference, and what they come
    to beyond it as an overlap."""

    relation: Relation
    difference: tuple[Cell, tuple[Cell, ...]] | None = None
    overlap: tuple[Cell, tuple[Cell, ...]] | None = None


@dataclass(frozen=True)
class _Cover:
    """Some cells, each with a sign, that come to exactly these codes."""

    terms: Mapping[Cell, int]
    codes: frozenset[str]


def shared_by_code(cells: Collection[Cell]) -> Iterator[Shared]:
    """What ties cells that are counted by kind, by group, by both and by code, in the same place."""
    places: dict[Cell, list[Cell]] = defaultdict(list)
    for cell in cells:
        if names := [name for name, _ in cell.categories if name in _BY_CODE]:
            place = cell
            for name in names:
                place = place.having(name, None)
            places[place].append(cell)
    # A register without such a list has no cells of it.
    within = _within() if places else {}
    everything_listed = frozenset().union(*within.values())
    for place, here in places.items():
        by: dict[str, list[Cell]] = defaultdict(list)
        of: dict[Cell, frozenset[str]] = {}
        for cell in here:
            pairs = [pair for pair in cell.categories if pair[0] in _BY_CODE]
            by[_family([name for name, _ in pairs])].append(cell)
            if all(pair in within for pair in pairs):
                of[cell] = everything_listed.intersection(*(within[pair] for pair in pairs))
        codes = _one_of_each(by[_CODES], of)
        yield from _alike(by[_CODES], of)
        if not by[_BOTH] and not (by[_KINDS] and by[_GROUPS]):
            continue
        if "procedure" in metadata.measure(place.measure).additive:
            everything = _Cover({place: 1}, everything_listed) if place in cells else None
            yield from _of_counts(everything, by[_KINDS], [*by[_GROUPS], *by[_BOTH]], codes, of)
            yield from _of_counts(everything, by[_GROUPS], [*by[_KINDS], *by[_BOTH]], codes, of)
            # Of the codes of a kind or a group the list says that they are its parts, and of what is both it does not.
            yield from _of_counts(None, by[_BOTH], (), codes, of, by_codes_alone=True)
            if by[_BOTH]:
                yield from _equal(sorted((cell for cell in here if cell in of), key=lambda cell: (len(of[cell]), str(cell))), of)
        else:
            for one, other in permutations((_KINDS, _GROUPS, _BOTH), 2):
                yield from _of_persons(by[one], by[other], codes, of)
            yield from _of_persons(by[_BOTH], codes, (), of, by_codes_alone=True)


def _family(names: Sequence[str]) -> str:
    """Which of these a cell is counted by; what is counted by a code and more is that code, or nothing."""
    return _CODES if _CODES in names else _BOTH if len(names) > 1 else names[0]


def _one_of_each(cells: Sequence[Cell], of: Mapping[Cell, frozenset[str]]) -> list[Cell]:
    """One cell for each code: that which is counted by the code alone, where there is one."""
    found: dict[frozenset[str], Cell] = {}
    for cell in sorted(cells, key=lambda cell: len(cell.categories)):
        if of.get(cell):
            found.setdefault(of[cell], cell)
    return [*found.values()]


def _alike(cells: Sequence[Cell], of: Mapping[Cell, frozenset[str]]) -> Iterator[Shared]:
    """Those of the same code, by whatever else they are counted, are the same."""
    first = {of[cell]: cell for cell in _one_of_each(cells, of)}
    for cell in cells:
        if of.get(cell) and first[of[cell]] != cell:
            yield Shared(Relation(((first[of[cell]], 1), (cell, -1)), exact=True))


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
    *,
    by_codes_alone: bool = False,
) -> Iterator[Shared]:
    """Whatever codes are left of the cover once all that is counted within it is taken away come to nought or more."""
    counted = {leaf: cell for cell in codes for leaf in of.get(cell, ()) if len(of[cell]) == 1}
    for cover in _covers(everything, [cell for cell in covering if of.get(cell)], of):
        left = cover.codes - counted.keys()
        pure = _apart(
            [cell for cell in inside if (mine := of.get(cell, frozenset()) - counted.keys()) and mine <= left], of, counted
        )
        if not pure and not (by_codes_alone and not cover.codes.isdisjoint(counted)):
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


def _equal(cells: Sequence[Cell], of: Mapping[Cell, frozenset[str]]) -> Iterator[Shared]:
    """Whatever else is the same by the code list alone: each cell that smaller ones come to, with signs."""
    for terms in _equations(tuple(of[cell] for cell in cells)):
        yield Shared(Relation(tuple((cells[place], entry) for place, entry in terms), exact=True))


@functools.lru_cache(maxsize=64)
def _equations(sets: tuple[frozenset[str], ...]) -> tuple[tuple[tuple[int, int], ...], ...]:
    """The sums of some of these sets, times whole numbers, that come to nothing: all others follow from them.

    By elimination: each set is reduced by those before it, and says nothing new where nothing is left of it.
    """
    basis: dict[str, tuple[dict[str, Fraction], dict[int, Fraction]]] = {}
    found = []
    for place, codes in enumerate(sets):
        left, made = dict.fromkeys(codes, Fraction(1)), {place: Fraction(1)}
        while left and (first := min(left)) in basis:
            other, of_other = basis[first]
            times = left[first] / other[first]
            for into, taken in ((left, other), (made, of_other)):
                _take(into, taken, times)
        if left:
            basis[min(left)] = left, made
        else:
            scale = math.lcm(*(entry.denominator for entry in made.values()))
            found.append(tuple(sorted((one, int(entry * scale)) for one, entry in made.items())))
    return tuple(found)


def _take(into: dict[Any, Fraction], taken: Mapping[Any, Fraction], times: Fraction) -> None:
    for key, entry in taken.items():
        into[key] = into.get(key, Fraction(0)) - times * entry
        if not into[key]:
            del into[key]


def _apart(cells: Sequence[Cell], of: Mapping[Cell, frozenset[str]], counted: Collection[str]) -> list[Cell]:
    """As much of these as has nothing in common but codes that are counted, the largest first."""
    found: list[Cell] = []
    taken: set[str] = set()
    for cell in sorted(cells, key=lambda cell: -len(of[cell])):
        mine = of[cell].difference(counted)
        if taken.isdisjoint(mine):
            found.append(cell)
            taken |= mine
    return found


def _covers(everything: _Cover | None, cells: Sequence[Cell], of: Mapping[Cell, frozenset[str]]) -> Iterator[_Cover]:
    """One category or several together; and the whole without them."""
    for number in range(1, len(cells) + 1 if len(cells) <= _FEW else 2):
        for some in combinations(cells, number):
            codes = frozenset().union(*(of[cell] for cell in some))
            yield _Cover(dict.fromkeys(some, 1), codes)
            if everything is not None and codes != everything.codes:
                yield _Cover({**everything.terms, **dict.fromkeys(some, -1)}, everything.codes - codes)


def _of_persons(
    covering: Sequence[Cell],
    inside: Sequence[Cell],
    codes: Sequence[Cell],
    of: Mapping[Cell, frozenset[str]],
    *,
    by_codes_alone: bool = False,
) -> Iterator[Shared]:
    """Persons can be counted by several codes: each part is no more than what covers it, and all together are no less.

    `by_codes_alone` says that what is inside is counted by codes, so that what they come to beyond the whole is an overlap.
    """
    for whole in [cell for cell in covering if of.get(cell)]:
        parts = [cell for cell in inside if of.get(cell) and of[cell] <= of[whole]]
        yield from (Shared(Relation(((whole, 1), (part, -1)), exact=False), (whole, (part,))) for part in parts)
        touching = [cell for cell in (*inside, *codes) if not of.get(cell, frozenset()).isdisjoint(of[whole])]
        of_lists = [cell for cell in touching if cell in inside]
        rest = of[whole].difference(*(of[cell] for cell in of_lists))
        cover = [*of_lists, *(cell for cell in touching if cell not in inside and not rest.isdisjoint(of[cell]))]
        if of_lists and of[whole] <= frozenset().union(*(of[cell] for cell in cover)):
            overlap = (whole, tuple(cover)) if by_codes_alone and len(cover) > 1 else None
            yield Shared(Relation(((whole, -1), *((cell, 1) for cell in cover)), exact=False), overlap=overlap)
