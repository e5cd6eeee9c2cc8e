"""Wholes that are taken for the sum of their parts, since hardly anyone is in two: written apart from the protector's `nearly`.

It is no relation that anyone can state: somebody may be in two parts. But whoever assumes that nobody is will mostly be right, so
that the attack assumes it too, wherever it is true.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from kvarn import metadata
from kvarn.analyse.disclosure.written.line import Line
from kvarn.analyse.disclosure.written.noughts import within_a_nought
from kvarn.analyse.disclosure.written.relations import Covering, Key, coverings

__all__ = ["lines_taken_for_sums"]

_Kind = tuple[str, frozenset[str]]


def lines_taken_for_sums(counts: Mapping[Key, int], share: float) -> list[Line[Key]]:
    """That wholes are what their parts come to, as far as it is true.

    Parameters
    ----------
    counts
        The true figure of each count.
    share
        It is assumed of kinds of parts, such as persons by region, that all together come to no more than this share beyond their
        wholes, as far as anything tells; of none, where it is 0.
    """
    if not share:
        return []
    noughts = {key for key, value in counts.items() if value == 0}
    found = [one for one in coverings(set(counts)) if _may_overlap(one)]
    wholes: Counter[_Kind] = Counter()
    beyond: Counter[_Kind] = Counter()
    for one in found:
        if _is_complete(one, counts, noughts):
            wholes[_kind(one)] += counts[one.whole]
            beyond[_kind(one)] += sum(counts.get(part, 0) for part in one.parts) - counts[one.whole]
    nearly = [one for one in found if beyond[_kind(one)] <= share * wholes[_kind(one)]]
    return list(_lines(nearly, counts, noughts))


def _lines(taken: list[Covering], counts: Mapping[Key, int], noughts: set[Key]) -> Iterator[Line[Key]]:
    for one in taken:
        there = [part for part in one.parts if part in counts]
        left = counts[one.whole] - sum(counts[part] for part in there)
        complete = _is_complete(one, counts, noughts)
        if there and (left == 0 if complete else left >= 0):
            yield Line({one.whole: 1.0, **dict.fromkeys(there, -1.0)}, exact=complete)


def _may_overlap(one: Covering) -> bool:
    of_one_measure = all(part[0] == one.whole[0] for part in one.parts)
    return not one.apart and len(one.parts) > 1 and of_one_measure and metadata.measure(one.whole[0]).subject != "public"


def _is_complete(one: Covering, counts: Mapping[Key, int], noughts: set[Key]) -> bool:
    return all(part in counts or within_a_nought(part, noughts) for part in one.parts)


def _kind(one: Covering) -> _Kind:
    return one.whole[0], frozenset(name for name, _ in {*one.parts[0][2]} ^ {*one.whole[2]})
