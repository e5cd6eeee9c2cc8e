"""The attacker: what can be concluded from everything that is published.

He knows every published figure, that withheld ones are whole numbers, that noughts are shown, and how the cells hang
together. He solves the sums for what they determine exactly, and narrows the rest by intervals. A later, stricter
audit (linear programming) can take the place of this module: it needs `exposed` alone.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from kvarn.analyse.disclosure.primary import Problem
from kvarn.analyse.disclosure.system import Cell, Nest, Sum
from kvarn.errors import ConsistencyError, DisclosureError

__all__ = ["audit", "determined", "exposed", "intervals"]

_PRIME = 2**61 - 1
_NO_LIMIT = float("inf")


def audit(problem: Problem, withheld: Collection[Cell]) -> None:
    """Make sure that nothing that had to be protected can be computed.

    Raises
    ------
    DisclosureError
        A primary cell is published, or its value follows exactly from what is published. The error names the cell,
        never its value.
    """
    found = sorted((problem.primary - set(withheld)) | exposed(problem, withheld), key=str)
    if found:
        raise DisclosureError(
            f"{len(found)} cell(s) that must be secret could be computed from what is published.",
            where=str(found[0]),
            remedy="Coarsen the table (fewer ages, counties instead of municipalities), or leave it out of the programme.",
        )


def exposed(problem: Problem, withheld: Collection[Cell]) -> set[Cell]:
    """The primary cells and hidden differences whose exact value follows from what is published."""
    unknown = {*withheld, *problem.hidden}
    secret = problem.primary | set(problem.hidden)
    found: set[Cell] = set()
    while True:
        solved = determined(problem.sums, unknown - found)
        open_still = unknown - found - solved
        everything = (*problem.system.values, *problem.hidden)
        limits = intervals(
            problem.sums,
            problem.system.nests,
            {cell: problem.value(cell) for cell in everything if cell not in open_still},
            {cell: problem.floors.get(cell, 1) for cell in open_still},
        )
        new = solved | {cell for cell, (least, most) in limits.items() if least == most}
        if not new:
            return found & secret
        found |= new


def determined(sums: Iterable[Sum], unknown: Collection[Cell]) -> set[Cell]:
    """The unknown cells that the sums alone determine, found by elimination modulo a large prime.

    A cell is determined if and only if the vector that picks it lies in the space of the rows (Langsrud 2024): then,
    and only then, a row of the reduced matrix holds nothing but it.
    """
    hidden = set(unknown)
    rows = []
    for relation in sums:
        row: dict[Cell, int] = {}
        for cell, sign in ((relation.total, _PRIME - 1), *((part, 1) for part in relation.parts)):
            if cell in hidden:
                row[cell] = (row.get(cell, 0) + sign) % _PRIME
        if row := {cell: value for cell, value in row.items() if value}:
            rows.append(row)
    found: set[Cell] = set()
    for block in _blocks(rows):
        found |= {next(iter(row)) for row in _reduced(block) if len(row) == 1}
    return found


def _blocks(rows: Sequence[dict[Cell, int]]) -> list[list[dict[Cell, int]]]:
    """Rows that share cells, directly or through others, belong together; the blocks can be solved apart."""
    standing: dict[Cell, list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        for cell in row:
            standing[cell].append(number)
    left = dict.fromkeys(range(len(rows)))
    blocks = []
    while left:
        waiting = [next(iter(left))]
        del left[waiting[0]]
        block = []
        while waiting:
            number = waiting.pop()
            block.append(rows[number])
            for other in (other for cell in rows[number] for other in standing[cell]):
                if other in left:
                    del left[other]
                    waiting.append(other)
        blocks.append(block)
    return blocks


def _reduced(rows: Iterable[dict[Cell, int]]) -> list[dict[Cell, int]]:
    """The reduced row echelon form."""
    pivots: dict[Cell, dict[Cell, int]] = {}
    for given in rows:
        row = dict(given)
        for cell in [cell for cell in row if cell in pivots]:
            _subtract(row, pivots[cell], cell)
        if not row:
            continue
        pivot = next(iter(row))
        inverse = pow(row[pivot], -1, _PRIME)
        row = {cell: value * inverse % _PRIME for cell, value in row.items()}
        for other in pivots.values():
            _subtract(other, row, pivot)
        pivots[pivot] = row
    return list(pivots.values())


def _subtract(row: dict[Cell, int], pivot_row: Mapping[Cell, int], pivot: Cell) -> None:
    times = row.get(pivot, 0)
    if not times:
        return
    for cell, value in pivot_row.items():
        left = (row.get(cell, 0) - times * value) % _PRIME
        if left:
            row[cell] = left
        else:
            row.pop(cell, None)


@dataclass(frozen=True)
class _Rule:
    """Each part is at most the total. `exact`: the total is their sum. `covering`: the total is at most their sum."""

    total: Cell
    parts: tuple[Cell, ...]
    exact: bool
    covering: bool


Limits = dict[Cell, tuple[int, float]]


def intervals(sums: Iterable[Sum], nests: Iterable[Nest], known: Mapping[Cell, int], floors: Mapping[Cell, int]) -> Limits:
    """The least and greatest value that each unknown cell can be seen to have.

    Parameters
    ----------
    known
        The published cells with their values.
    floors
        The unknown cells, each with the least that it is known to be.

    Raises
    ------
    ConsistencyError
        The published cells cannot all be true.
    """
    rules = [_Rule(one.total, one.parts, exact=True, covering=True) for one in sums]
    rules += [_Rule(one.total, one.parts, exact=False, covering=one.covering) for one in nests]
    rules = [rule for rule in rules if rule.total in floors or any(part in floors for part in rule.parts)]
    standing: dict[Cell, list[int]] = defaultdict(list)
    for number, rule in enumerate(rules):
        for cell in {rule.total, *rule.parts} & floors.keys():
            standing[cell].append(number)
    limits: Limits = {cell: (least, _NO_LIMIT) for cell, least in floors.items()}

    waiting, queued = deque(range(len(rules))), set(range(len(rules)))
    while waiting:
        number = waiting.popleft()
        queued.discard(number)
        for cell in _narrow(rules[number], limits, known):
            for other in standing[cell]:
                if other not in queued:
                    queued.add(other)
                    waiting.append(other)
    return limits


def _narrow(rule: _Rule, limits: Limits, known: Mapping[Cell, int]) -> list[Cell]:
    """Narrow the cells of one rule as far as it goes once; the cells that changed."""

    def limit(cell: Cell) -> tuple[int, float]:
        return limits[cell] if cell in limits else (known[cell], known[cell])

    total_least, total_most = limit(rule.total)
    parts = [limit(part) for part in rule.parts]
    least_sum = sum(least for least, _ in parts)
    most_sum = sum(most for _, most in parts)
    changed = []

    def note(cell: Cell, least: float, most: float) -> None:
        if cell in limits:
            old = limits[cell]
            new = (max(old[0], int(least)), min(old[1], most))
            if new[0] > new[1]:
                # Narrowing on would never end.
                raise ConsistencyError(
                    "The tables contradict one another, so nobody can tell what they disclose.",
                    cells=(str(rule.total), str(cell)),
                    remedy="Validate the tables before they are protected.",
                )
            if new != old:
                limits[cell] = new
                changed.append(cell)

    note(
        rule.total,
        least_sum if rule.exact else max(least for least, _ in parts),
        most_sum if rule.covering else _NO_LIMIT,
    )
    without_limit = sum(most == _NO_LIMIT for _, most in parts)
    finite_sum = sum(most for _, most in parts if most != _NO_LIMIT)
    for part, (part_least, part_most) in zip(rule.parts, parts, strict=True):
        others_limited = without_limit == (part_most == _NO_LIMIT)
        others_most = finite_sum - (0 if part_most == _NO_LIMIT else part_most)
        least = total_least - others_most if rule.covering and others_limited else 0
        note(part, least, total_most - (least_sum - part_least) if rule.exact else total_most)
    return changed
