"""What a published quantile tells of the counts that it is made of, as anyone can state it who knows how it is computed.

Of 21 persons of whom a quarter at most have fewer than twelve months, sixteen have all twelve: so many were there in each month.
In general so many persons have the amount or more, so many the amount or less; and whoever has that many months was in so many.
How many of a cell have an amount or more adds up over its parts, whether a quantile of theirs is shown or not: of the women at
most as many have fewer than twelve months as of all, less those of the men.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Set
from dataclasses import dataclass
from fractions import Fraction

from kvarn import metadata
from kvarn.analyse._classification import children, total
from kvarn.analyse.disclosure.written.key import Key, at
from kvarn.analyse.disclosure.written.line import Line

__all__ = ["REACHED", "lines_of_quantiles"]

# How many have an amount or more, and how many of those are in one category of what it is summed over: they stand in no table.
REACHED = "reached"
_AMOUNT = "amount"


@dataclass(frozen=True)
class _Kind:
    """What quantiles are of, and among whom."""

    of: str
    among: str

    def group(self, key: Key) -> tuple[int, tuple[tuple[str, str], ...]]:
        """Where the persons of a count add up to those of others."""
        additive = metadata.measure(self.among).additive
        return key[1], tuple(pair for pair in key[2] if pair[0] not in additive)

    def reached(self, key: Key, amount: int) -> Key:
        """Those of a count of persons who have this amount or more."""
        return at((f"{self.of} {REACHED}", key[1], key[2]), _AMOUNT, str(amount))

    def told_of(self, key: Key) -> set[Key]:
        """The counts of which something follows."""
        return {key, (self.of, *key[1:]), *self.months(key).values()}

    def months(self, key: Key) -> dict[str, Key]:
        """The counts of persons in each category of what the amount is summed over."""
        summed = metadata.measure(self.of).sum_of
        whole = None if summed is None else total(summed.over)
        if summed is None or whole is None:
            return {}
        return {code: at((summed.measure, *key[1:]), summed.over, code) for code in children(summed.over, whole)}


def lines_of_quantiles(
    figures: Mapping[Key, str], known: Mapping[Key, int], unknown: Set[Key] | None = None
) -> Iterator[Line[Key]]:
    """The relations that published quantiles make between counts, as far as one of these is `unknown`, where that is said. No
    line has a number of its own, so that of a rank is told as a share of the persons."""
    amounts: dict[tuple[_Kind, object], set[int]] = defaultdict(set)
    persons: dict[tuple[_Kind, object], set[Key]] = defaultdict(set)
    for (measure, year, categories), text in sorted(figures.items()):
        declared = metadata.measure(measure).quantile
        if declared is None or not text.isdigit():
            continue
        among = (declared.among, year, categories)
        if not known.get(among, 0):
            continue
        kind, amount = _Kind(declared.of, declared.among), int(text)
        place = kind, kind.group(among)
        most = len(kind.months(among)) or amount + 1
        amounts[place] |= {one for one in (amount, amount + 1) if 1 < one <= most}
        persons[place].add(among)
        yield from _of_rank(kind, among, amount, known[among], declared.share, most)
    counts = {*known, *(unknown or ())}
    for where, those in _by_group({kind for kind, _ in persons}, counts).items():
        if where in persons:
            persons[where] |= those
    for (kind, group), cells in persons.items():
        if unknown is not None and not any(kind.told_of(key) & unknown for key in cells):
            continue
        _add_above(cells, metadata.measure(kind.among).additive)
        for key in sorted(cells):
            yield from _of_amounts(kind, key, sorted(amounts[kind, group]), counts)
            yield from _of_parts(kind, key, amounts[kind, group], cells)


def _by_group(kinds: Set[_Kind], counts: Set[Key]) -> Mapping[tuple[_Kind, object], Set[Key]]:
    """The counts of persons by where they add up."""
    found: dict[tuple[_Kind, object], set[Key]] = defaultdict(set)
    of_measure: dict[str, list[_Kind]] = defaultdict(list)
    for kind in kinds:
        of_measure[kind.among].append(kind)
    for key in counts:
        for kind in of_measure.get(key[0], ()):
            found[kind, kind.group(key)].add(key)
    return found


def _of_rank(kind: _Kind, among: Key, amount: int, persons: int, share: tuple[int, int], most: int) -> Iterator[Line[Key]]:
    """How many have the amount or more, and how many have more."""
    rank = -(-persons * share[0] // share[1])
    if amount > 1:
        yield Line({kind.reached(among, amount): 1, among: -Fraction(persons - rank + 1, persons)}, exact=False)
    if amount + 1 <= most:
        yield Line({kind.reached(among, amount + 1): -1, among: Fraction(persons - rank, persons)}, exact=False)


def _of_amounts(kind: _Kind, key: Key, amounts: list[int], counts: Set[Key]) -> Iterator[Line[Key]]:
    """The more they have, the fewer have it; and together they have so much."""
    reached = [kind.reached(key, amount) for amount in amounts]
    yield from (Line({one: 1, more: -1}, exact=False) for one, more in zip([key, *reached], reached, strict=False))
    of, months = (kind.of, *key[1:]), kind.months(key)
    if of in counts:
        steps = [amount - before for before, amount in zip([1, *amounts], amounts, strict=False)]
        yield Line({of: 1, key: -1, **{one: -step for one, step in zip(reached, steps, strict=True)}}, exact=False)
        if months:
            further = [amount - before for before, amount in zip(amounts, [*amounts[1:], len(months) + 1], strict=True)]
            at_first = amounts[0] - 1 if amounts else len(months)
            yield Line({of: -1, key: at_first, **dict(zip(reached, further, strict=True))}, exact=False)
    if not counts.isdisjoint(months.values()):
        for amount, those in zip(amounts, reached, strict=True):
            yield from _of_months(key, of, months, amount, those)


def _of_months(key: Key, of: Key, months: Mapping[str, Key], amount: int, those: Key) -> Iterator[Line[Key]]:
    """Whoever has that many months was in so many; and whoever has fewer was in no more."""
    if amount == len(months):
        yield from (Line({month: 1, those: -1}, exact=False) for month in months.values())
        return
    there = {code: (f"{those[0]} {REACHED}", those[1], (*those[2], (REACHED, code))) for code in months}
    for code, month in months.items():
        yield Line({those: 1, there[code]: -1}, exact=False)
        yield Line({month: 1, there[code]: -1}, exact=False)
        yield Line({key: 1, those: -1, month: -1, there[code]: 1}, exact=False)
    yield Line({**dict.fromkeys(there.values(), 1), those: -amount}, exact=False)
    yield Line({**dict.fromkeys(there.values(), 1), of: -1, key: amount - 1, those: 1 - amount}, exact=False)


def _of_parts(kind: _Kind, key: Key, amounts: Collection[int], cells: Collection[Key]) -> Iterator[Line[Key]]:
    """Those who have an amount or more are so in the parts of a whole."""
    held = dict(key[2])
    for variable in metadata.measure(kind.among).additive:
        whole = held.get(variable, total(variable))
        parts = [at(key, variable, code) for code in children(variable, whole)] if whole is not None else []
        if any(part in cells for part in parts):
            for amount in sorted(amounts):
                those = {kind.reached(part, amount): -1 for part in parts}
                yield Line({kind.reached(key, amount): 1, **those}, exact=True)


def _add_above(cells: set[Key], additive: Collection[str]) -> None:
    """Add all that something of these is a part of."""
    left = list(cells)
    while left:
        key = left.pop()
        for variable, code in [pair for pair in key[2] if pair[0] in additive]:
            rows = metadata.codelist(metadata.variable(variable).codelist or variable)
            parent = rows.by_code[code].get("parent") if code in rows.by_code else None
            whole = at(key, variable, None if parent in (None, "", total(variable)) else parent)
            if whole not in cells:
                cells.add(whole)
                left.append(whole)
