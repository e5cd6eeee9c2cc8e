"""An attacker who holds the published CSV files and nothing else. Written apart from the protector: shares no code with it."""

from __future__ import annotations

import csv
import math
from fractions import Fraction
from pathlib import Path

# The sums that anyone can read off the categories.
AGES = {"T": ["0-64", "65+"], "65+": ["65-79", "80+"]}
SEXES = {"T": ["1", "2"]}

Key = tuple[str, str]  # sex, age
Line = list[tuple[Key, int]]


def published(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def lines() -> list[Line]:
    """Every sum over sex and over age, as a line of coefficients that comes to nought."""
    ages = ["T", "0-64", "65+", "65-79", "80+"]
    found: list[Line] = [[(("T", age), 1), *(((sex, age), -1) for sex in SEXES["T"])] for age in ages]
    found += [
        [((sex, whole), 1), *(((sex, part), -1) for part in parts)] for sex in ("T", "1", "2") for whole, parts in AGES.items()
    ]
    return found


def known_exactly(cells: dict[Key, int | None]) -> set[Key]:
    """The suppressed cells (None) of one region whose value follows: by elimination, or by bounds with at least 1 in each."""
    known = dict(cells)
    found: set[Key] = set()
    while True:
        new = _by_elimination(known) | _by_bounds(known)
        if not new:
            return found
        # The attacker goes on with what he has found; its value does not matter for what follows, only that it is known.
        found |= {key for key, _ in new}
        known.update(dict(new))


def _equations(known: dict[Key, int | None]) -> list[tuple[dict[Key, int], int]]:
    equations = []
    for line in lines():
        if any(key not in known for key, _ in line):
            continue
        unknown = {key: sign for key, sign in line if known[key] is None}
        right = -sum(sign * value for key, sign in line if (value := known[key]) is not None)
        if unknown:
            equations.append((unknown, right))
    return equations


def _by_elimination(known: dict[Key, int | None]) -> set[tuple[Key, int]]:
    keys = sorted(key for key, value in known.items() if value is None)
    rows = [[Fraction(unknown.get(key, 0)) for key in keys] + [Fraction(right)] for unknown, right in _equations(known)]
    place = 0
    for column in range(len(keys)):
        pivot = next((number for number in range(place, len(rows)) if rows[number][column]), None)
        if pivot is None:
            continue
        rows[place], rows[pivot] = rows[pivot], rows[place]
        rows[place] = [held / rows[place][column] for held in rows[place]]
        for number, row in enumerate(rows):
            if number != place and row[column]:
                rows[number] = [mine - row[column] * other for mine, other in zip(row, rows[place], strict=True)]
        place += 1
    alone = [row for row in rows if sum(bool(held) for held in row[:-1]) == 1]
    return {(keys[next(n for n, held in enumerate(row[:-1]) if held)], int(row[-1])) for row in alone}


def _by_bounds(known: dict[Key, int | None]) -> set[tuple[Key, int]]:
    low = {key: 1.0 for key, value in known.items() if value is None}
    high = dict.fromkeys(low, math.inf)
    equations = _equations(known)
    changed = True
    while changed:
        changed = False
        for unknown, right in equations:
            for key, sign in unknown.items():
                others = [(other, held) for other, held in unknown.items() if other != key]
                least = sum(held * (low[other] if held > 0 else high[other]) for other, held in others)
                most = sum(held * (high[other] if held > 0 else low[other]) for other, held in others)
                ends = sorted([(right - least) / sign, (right - most) / sign])
                if ends[0] > low[key] or ends[1] < high[key]:
                    low[key], high[key] = max(low[key], ends[0]), min(high[key], ends[1])
                    changed = True
    return {(key, int(low[key])) for key in low if low[key] == high[key]}
