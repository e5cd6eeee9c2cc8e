"""What anyone can state who holds two publications: a whole has no more new persons than its parts together.

Written apart from the protector's `memory.arrivals`: it goes from the figures that were revised, and states for each whole what
the attacker would write down who has seen the list of late deliveries.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from kvarn.analyse.disclosure.written.line import Line
from kvarn.analyse.disclosure.written.relations import Covering, Key, coverings

__all__ = ["Counted", "lines_between"]

# Of so many parts each is tried as the one that lost something, and as the one that did not.
_SEVERAL = 8


@dataclass(frozen=True)
class Counted:
    """The counts of one register, and the name that each has among all registers: where two share a name, nothing was revised."""

    counts: Mapping[Key, int]
    names: Mapping[Key, Key]
    covered: list[Covering] = field(init=False, default_factory=list)

    def coverings(self) -> list[Covering]:
        """The wholes with all that covers them, found once."""
        if not self.covered:
            self.covered.extend(coverings(set(self.counts)))
        return self.covered


def lines_between(first: Counted, second: Counted) -> Iterator[Line[Key]]:
    """What came to each whole, and what was lost, against what came to its parts and what they lost."""
    other = {key: name != second.names[key] for key, name in first.names.items() if key in second.names}
    if not any(other.values()):
        return
    touched: dict[object, set[bool]] = defaultdict(set)
    for key, is_other in other.items():
        for category in key[2]:
            touched[key[0], key[1], category].add(is_other)
    quiet = {place for place, seen in touched.items() if seen == {False}}
    for now, then in ((first, second), (second, first)):
        for covering in now.coverings():
            if other.get(covering.whole, False) or (covering.apart and covering.whole in other):
                yield from _lines(covering, now, then, quiet)


def _lines(covering: Covering, now: Counted, then: Counted, quiet: set[object]) -> Iterator[Line[Key]]:
    """What the whole has more now is no more than came to the parts: as narrow as is true of the figures."""
    held, came, unseen_before, new = {}, {}, False, False
    for part in covering.parts:
        if part not in now.names or part not in then.names:
            unseen_before = True
            if _is_quiet(covering.whole, part, quiet):
                continue
            if part not in now.names:
                return
            new = True
            held[part] = came[part] = {now.names[part]: 1.0}
        elif now.names[part] != then.names[part]:
            held[part], came[part] = {now.names[part]: 1.0}, {}
            if covering.apart or now.counts[part] > then.counts[part]:
                came[part] = {now.names[part]: 1.0, then.names[part]: -1.0}
    if covering.apart and not new:
        # Nothing is in two parts, so that what came to the whole is exactly what came to them.
        yield from _if_true(covering, came, now, then, exact=True) if unseen_before else ()
        return
    if narrowest := _if_true(covering, came, now, then):
        yield from narrowest
        return
    if len(came) <= _SEVERAL:
        for part in came:
            yield from _if_true(covering, came | {part: held[part]}, now, then)
            yield from _if_true(covering, held | {part: came[part]}, now, then)
    yield from _if_true(covering, held, now, then)


def _is_quiet(whole: Key, part: Key, quiet: set[object]) -> bool:
    """Whether nothing that is counted in the part's own category has been revised, as far as anyone sees."""
    own = set(part[2]) - set(whole[2])
    return bool(own) and all((part[0], part[1], category) in quiet for category in own)


def _if_true(
    covering: Covering, parts: Mapping[Key, Mapping[Key, float]], now: Counted, then: Counted, *, exact: bool = False
) -> list[Line[Key]]:
    terms: dict[Key, float] = {}
    if now.names[covering.whole] != then.names[covering.whole]:
        terms = {now.names[covering.whole]: -1.0, then.names[covering.whole]: 1.0}
    for of_part in parts.values():
        terms |= of_part
    figures = {
        one.names[key]: one.counts[key] for one in (now, then) for key in (covering.whole, *covering.parts) if key in one.names
    }
    come_to = sum(entry * figures[name] for name, entry in terms.items())
    return [Line(terms, exact)] if terms and (come_to == 0 if exact else come_to >= 0) else []
