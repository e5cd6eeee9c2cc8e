"""What tables cut finer than any of them does, and what they leave out beside what they have.

Procedures by weekday and procedures by sex tell nothing of each other but in their totals; and yet each is made of the procedures
of each sex on each weekday, and so is whatever else is counted of both. The days that a table does not have are what is left of
the week. Both are unknowns of the attack, as far as they are not too many.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from itertools import combinations

from kvarn import metadata
from kvarn.analyse._classification import children_of, is_empty, listed, total, with_all_above
from kvarn.analyse.disclosure.written.key import Key, at

__all__ = ["cut_finer", "left_out"]

# So many are laid beside what is published, of the tables that cut one another into fewest first.
_MOST = 4000
# Finer than by so many variables nobody cuts.
_DEEPEST = 5
# What a table leaves out is one category or some; of a list of places or codes it has hardly any.
_FEW, _LONG = 12, 60
Categories = tuple[tuple[str, str], ...]


def left_out(counts: Iterable[Key]) -> set[Key]:
    """The categories that stand in no table beside some that do: then they come to the whole together."""
    there: dict[tuple[Key, str, str], set[str]] = defaultdict(set)
    for key in counts:
        for name, code in key[2]:
            if (above := _above(name, code)) is not None:
                there[at(key, name, None), name, above].add(code)
    found: set[Key] = set()
    for (whole, name, above), codes in there.items():
        missing = [code for code in children_of(name)(above) if code not in codes and not is_empty(name, code)]
        if len(missing) <= _FEW:
            found.update(at(whole, name, code) for code in missing)
    return found


def cut_finer(counts: Collection[Key], first: Collection[Key] = ()) -> set[Key]:
    """What two tables' cells have in common, of one year and of measures that hang together, as far as no table has it.

    Parameters
    ----------
    first
        What is new: where it is told only cells that have to do with it are cut, by the others and by one another.
    """
    shapes: dict[tuple[str, int], dict[frozenset[str], list[Key]]] = defaultdict(lambda: defaultdict(list))
    for key in counts:
        shapes[_family(key[0]), key[1]][frozenset(name for name, _ in key[2])].append(key)
    new = {(_family(key[0]), key[1], frozenset(name for name, _ in key[2])) for key in first}
    pairs = []
    for (family, year), of in shapes.items():
        for one, other in combinations(sorted(of, key=sorted), 2):
            if one <= other or other <= one or len(one | other) > _DEEPEST:
                continue
            if new and not any((family, year, shape) in new for shape in (one, other)):
                continue
            pairs.append((len(of[one]) * len(of[other]), sorted(one), sorted(other), of[one], of[other]))
    found: set[Key] = set()
    for _, _, _, ones, others in sorted(pairs, key=lambda pair: pair[:3]):
        crossed = _crossed(ones, others, _MOST - len(found))
        if crossed is not None:
            found |= crossed.difference(counts)
    return found


def _family(measure: str) -> str:
    """The persons that a measure counts, or counts something of."""
    return metadata.measure(measure).behind or measure


def _crossed(ones: Sequence[Key], others: Sequence[Key], most: int) -> set[Key] | None:
    """Each cell with each other that it can have something in common with; None where these are more than so many."""
    common = sorted({name for name, _ in ones[0][2]} & {name for name, _ in others[0][2]})
    near: dict[tuple[str, ...], list[Key]] = defaultdict(list)
    for other in others:
        near[_place(other, common)].append(other)
    found: set[Key] = set()
    for one in ones:
        for other in near[_place(one, common)]:
            categories = _both(one, other)
            if categories is not None:
                found |= {(measure, one[1], categories) for measure in (one[0], other[0])}
        if len(found) > most:
            return None
    return found


def _place(key: Key, names: Iterable[str]) -> tuple[str, ...]:
    """The highest category that a cell is in, of each of these: cells of different ones have nothing in common."""
    held = dict(key[2])
    return tuple(_chain(name, held[name])[-1] for name in names)


def _both(one: Key, other: Key) -> Categories | None:
    """The categories of what two cells have in common; None where they are apart."""
    held = dict(one[2])
    for name, code in other[2]:
        mine = held.setdefault(name, code)
        if mine != code and mine in _chain(name, code):
            held[name] = code
        elif mine != code and code not in _chain(name, mine):
            return None
    return tuple(sorted(held.items()))


def _chain(name: str, code: str) -> tuple[str, ...]:
    """A category and those that it is a part of, but for the total."""
    codes = listed(name)
    if code not in codes.by_code:
        return (code,)
    return tuple(one for one in with_all_above(name, code) if one != total(name))


def _above(name: str, code: str) -> str | None:
    """The category just above one, the total among them; None where the list is too long, or does not know it."""
    codes = listed(name)
    above = codes.parent(code) if code in codes.by_code else None
    return above if above is not None and len(codes.children(above)) <= _LONG else None
