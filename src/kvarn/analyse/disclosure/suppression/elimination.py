"""Secondary suppression by elimination: no withheld cell may be a combination of published ones.

Cells are gone through in the order of the wish to publish them; each is published unless a secret cell would then lie in
the span of what is published (Langsrud 2024, Secondary cell suppression by Gaussian elimination). Whole numbers modulo a
large prime are exact.
"""

from __future__ import annotations

import functools
import heapq
from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np

from kvarn.analyse.disclosure.suppression.linear import Flags, LinearSystem, Row

__all__ = ["PRIME", "Secrets", "Space", "coordinates", "eliminate"]

PRIME = 2**61 - 1
# Any fixed numbers will do that no table has reason to combine: powers of a generator-like constant.
_SCATTER = 0x9E3779B97F4A7C15 % PRIME


class Space:
    """The span of rows, kept so that any row can be reduced by it."""

    def __init__(self) -> None:
        self._rows: dict[int, Row] = {}
        self._order: dict[int, int] = {}

    def reduce(self, row: Row) -> Row:
        """What is left of a row once everything in the span is taken from it; nothing when it lies in the span."""
        order, rows = self._order, self._rows
        left = dict(row)
        waiting = [(order[column], column) for column in left if column in order]
        heapq.heapify(waiting)
        while waiting:
            _, pivot = heapq.heappop(waiting)
            times = left.pop(pivot, 0)
            if not times:
                continue
            for column, entry in rows[pivot].items():
                if column == pivot:
                    continue
                held = left.get(column)
                now = ((held or 0) - times * entry) % PRIME
                if now:
                    left[column] = now
                    if held is None and column in order:
                        heapq.heappush(waiting, (order[column], column))
                elif held is not None:
                    del left[column]
        return left

    def add(self, reduced: Row, pivot: int) -> Row:
        """Take a reduced row in, by one of its columns; the row as it is kept, with 1 in that column."""
        inverse = pow(reduced[pivot], -1, PRIME)
        row = {column: entry * inverse % PRIME for column, entry in reduced.items()}
        self._order[pivot] = len(self._order)
        self._rows[pivot] = row
        return row


def coordinates(linear: LinearSystem, extra: Iterable[Row] = ()) -> list[Row]:
    """Each column as a combination of free ones, by all equations: rows of hierarchical contrasts."""
    space = Space()
    left_out = {pivot for _, pivot in linear.given_equations}
    # An equation among parts that are reckoned themselves follows from the others, if those come first.
    equations = sorted(linear.given_equations, key=lambda given: sum(column in left_out for column in given[0]))
    for equation, pivot in [*equations, *((row, -1) for row in extra)]:
        reduced = space.reduce({column: entry % PRIME for column, entry in equation.items()})
        if reduced:
            space.add(reduced, pivot if pivot in reduced else max(reduced, key=lambda column: (linear.values[column], -column)))
    return [space.reduce({column: 1}) for column in range(len(linear.cells))]


class Secrets:
    """The secret cells, reduced by all that is published, to be found by what they are proportional to."""

    def __init__(self, rows: dict[int, Row]) -> None:
        self.rows = rows
        self.standing: dict[int, set[int]] = defaultdict(set)
        self._found: dict[int, set[int]] = defaultdict(set)
        self._hash: dict[int, int] = {}
        for secret, row in rows.items():
            for column in row:
                self.standing[column].add(secret)
            self._note(secret)

    def has_multiple_of(self, row: Row) -> bool:
        """Whether one of them is a multiple of a row, modulo the prime."""
        return bool(self._found.get(_direction(row)))

    def publish(self, row: Row, pivot: int) -> None:
        """Reduce every secret by a row that has 1 in its pivot."""
        for secret in self.standing.pop(pivot, ()):
            self._forget(secret)
            mine = self.rows[secret]
            times = mine.pop(pivot)
            for column, entry in row.items():
                if column == pivot:
                    continue
                held = mine.get(column)
                now = ((held or 0) - times * entry) % PRIME
                if now:
                    mine[column] = now
                    if held is None:
                        self.standing[column].add(secret)
                elif held is not None:
                    del mine[column]
                    self.standing[column].discard(secret)
            self._note(secret)

    def _note(self, secret: int) -> None:
        self._hash[secret] = _direction(self.rows[secret])
        self._found[self._hash[secret]].add(secret)

    def _forget(self, secret: int) -> None:
        found = self._found[self._hash[secret]]
        found.discard(secret)
        if not found:
            del self._found[self._hash[secret]]


@functools.cache
def _scatter(column: int) -> int:
    return pow(_SCATTER, column + 1, PRIME)


def _direction(row: Row) -> int:
    """The same number for every multiple of a row."""
    if not row:
        return -1
    first = min(row)
    summed = sum(entry * _scatter(column) for column, entry in row.items())
    return hash((first, summed * pow(row[first], -1, PRIME) % PRIME))


def eliminate(linear: LinearSystem, order: Sequence[int], extra: Iterable[Row] = ()) -> Flags:
    """The columns to withhold so that no primary one is a combination of the published ones.

    Parameters
    ----------
    order
        The columns that could be published, dearest first. Whatever is fixed comes first and is published regardless.
    extra
        Further equations that hold in these figures, such as a total of which all parts but one are nought.
    """
    rows = coordinates(linear, extra)
    secrets = Secrets({int(column): dict(rows[column]) for column in np.flatnonzero(linear.primary)})
    space = Space()
    withheld = linear.primary.copy()
    for column in order:
        reduced = space.reduce(rows[column])
        if not reduced:
            continue
        if secrets.has_multiple_of(reduced) and not linear.fixed[column]:
            withheld[column] = True
            continue
        # The column that fewest secrets hold has fewest to be reckoned anew.
        pivot = min(reduced, key=lambda held: (len(secrets.standing.get(held, ())), held))
        secrets.publish(space.add(reduced, pivot), pivot)
    return withheld
