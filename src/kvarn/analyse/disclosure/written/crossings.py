"""What tables cut finer than any of them does, and what they leave out beside what they have.

Events by weekday and events by sex tell nothing of each other but in their totals; and yet each is made of the events of each sex
on each weekday, and so is whatever else is counted of both. The days that a table does not have are what is left of the week.
Both are unknowns of the attack, as far as they are not too many.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import combinations

from kvarn import metadata
from kvarn.analyse._classification import children_of, is_empty, listed, total, with_all_above
from kvarn.analyse.disclosure.written.key import Key, at

__all__ = ["finer_than_tables"]

# So many are laid beside what is published: of more the attack would take too long.
_MOST = 1500
# Finer than by so many variables nobody cuts.
_DEEPEST = 5
# What a table leaves out is one category or some; of a list of places or codes it has hardly any.
_FEW, _LONG = 12, 60
Categories = tuple[tuple[str, str], ...]
Shape = tuple[str, int, frozenset[str]]


def finer_than_tables(
    counts: Collection[Key], first: Collection[Key], wholes_of: Callable[[Collection[Key]], set[Key]]
) -> set[Key]:
    """What is left out of tables, what is cut finer than in any, and the wholes of both: what is fewest first, up to a limit.

    Parameters
    ----------
    first
        What is new: where it is told only cells that have to do with it are cut, by the others and by one another.
    wholes_of
        All that some counts are parts of.
    """
    found: set[Key] = set()

    def take(chunks: Iterable[set[Key]], most: int) -> None:
        for chunk in sorted(chunks, key=lambda chunk: (len(chunk), min(chunk, default=()))):
            # Each is in, or too many: the wholes of those that are too many need not be found.
            if len(found) + len(chunk.difference(counts, found)) > most:
                continue
            new = (chunk | wholes_of(chunk)).difference(counts, found)
            if len(found) + len(new) <= most:
                found.update(new)

    take(left_out(counts), _MOST // 2)
    take(cut_finer({*counts, *found}, first), _MOST)
    return found


def left_out(counts: Iterable[Key]) -> list[set[Key]]:
    """The categories that stand in no table beside some that do, table by table: then they come to the whole together."""
    there: dict[tuple[Key, str, str], set[str]] = defaultdict(set)
    for key in counts:
        for name, code in key[2]:
            if (above := _above(name, code)) is not None:
                there[at(key, name, None), name, above].add(code)
    found: dict[tuple[Shape, str], set[Key]] = defaultdict(set)
    for (whole, name, above), codes in there.items():
        missing = [code for code in children_of(name)(above) if code not in codes and not is_empty(name, code)]
        if 0 < len(missing) <= _FEW:
            found[_shape(whole), name].update(at(whole, name, code) for code in missing)
    return list(found.values())


def cut_finer(counts: Collection[Key], first: Collection[Key] = ()) -> list[set[Key]]:
    """What the cells of two tables have in common, of one year and of measures that hang together, pair by pair."""
    shapes: dict[Shape, list[Key]] = defaultdict(list)
    for key in sorted(counts):
        shapes[_shape(key)].append(key)
    new = {_shape(key) for key in first}
    found, chains = [], _Chains()
    for one, other in combinations(sorted(shapes, key=lambda shape: (*shape[:2], sorted(shape[2]))), 2):
        ours, theirs = one[2], other[2]
        if one[:2] != other[:2] or ours <= theirs or theirs <= ours or len(ours | theirs) > _DEEPEST:
            continue
        if not new or one in new or other in new:
            found.append(_crossed(shapes[one], shapes[other], chains))
    return [crossed for crossed in found if crossed]


def _shape(key: Key) -> Shape:
    """What is counted of whom, and by what."""
    return _family(key[0]), key[1], frozenset(name for name, _ in key[2])


def _family(measure: str) -> str:
    """The persons that a measure counts, or counts something of."""
    return metadata.measure(measure).behind or measure


class _Chains(dict[tuple[str, str], tuple[str, ...]]):
    """A category and those that it is a part of, but for the total; each is looked up once."""

    def __missing__(self, pair: tuple[str, str]) -> tuple[str, ...]:
        name, code = pair
        if code not in listed(name).by_code:
            return self.setdefault(pair, (code,))
        return self.setdefault(pair, tuple(one for one in with_all_above(name, code) if one != total(name)))


def _crossed(ones: Sequence[Key], others: Sequence[Key], chains: _Chains) -> set[Key]:
    """Each cell with each other that it can have something in common with; nothing where these are too many."""
    common = sorted({name for name, _ in ones[0][2]} & {name for name, _ in others[0][2]})
    near: dict[tuple[str, ...], list[Key]] = defaultdict(list)
    for other in others:
        near[_place(other, common, chains)].append(other)
    found: set[Key] = set()
    for one in ones:
        for other in near[_place(one, common, chains)]:
            categories = _both(one, other, chains)
            if categories is not None:
                found |= {(measure, one[1], categories) for measure in (one[0], other[0])}
        if len(found) > _MOST:
            return set()
    return found


def _place(key: Key, names: Iterable[str], chains: _Chains) -> tuple[str, ...]:
    """The highest category that a cell is in, of each of these: cells of different ones have nothing in common."""
    held = dict(key[2])
    return tuple(chains[name, held[name]][-1] for name in names)


def _both(one: Key, other: Key, chains: _Chains) -> Categories | None:
    """The categories of what two cells have in common; None where they are apart."""
    held = dict(one[2])
    for name, code in other[2]:
        mine = held.setdefault(name, code)
        if mine != code and mine in chains[name, code]:
            held[name] = code
        elif mine != code and code not in chains[name, mine]:
            return None
    return tuple(sorted(held.items()))


def _above(name: str, code: str) -> str | None:
    """The category just above one, the total among them; None where the list is too long, or does not know it."""
    codes = listed(name)
    above = codes.parent(code) if code in codes.by_code else None
    return above if above is not None and len(codes.children(above)) <= _LONG else None
