"""What the tables lose by either method, so that the office can choose: the same figures for both, table by table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kvarn import metadata
from kvarn.analyse._ratio import decimal_text
from kvarn.analyse._record_keys import KEYS
from kvarn.analyse._tables import SYMBOLS
from kvarn.analyse.disclosure.cell_key import Perturbed, table_of
from kvarn.analyse.disclosure.dominance import largest_of
from kvarn.analyse.disclosure.functions import parts_of, too_few_persons
from kvarn.analyse.disclosure.primary import primary_suppression
from kvarn.analyse.disclosure.secondary import protection
from kvarn.analyse.disclosure.system import Cell, cells_of
from kvarn.edition import Disclosure
from kvarn.errors import DisclosureError

__all__ = ["Change", "changes_of", "expected_loss", "loss_by_perturbation", "loss_by_suppression", "non_additivity"]

_PARTS_OF_A_PER_CENT = 10**6


@dataclass(frozen=True)
class Change:
    """How one count differs from the true one."""

    true: int
    shown: int

    @property
    def size(self) -> int:
        """Without its sign."""
        return abs(self.shown - self.true)


def changes_of(name: str, table: pd.DataFrame, perturbed: Perturbed) -> list[Change]:
    """The counts of a table that tell of somebody and are not nought."""
    values = perturbed.system.values
    cells = [cell for cell, _ in cells_of(name, table) if values.get(cell) and not perturbed.system.public(cell)]
    return [Change(values[cell], perturbed.counts[cell]) for cell in cells]


def loss_by_perturbation(changes: Sequence[Change]) -> dict[str, int | str]:
    """How many counts are changed, and how much: on average, at most, and in proportion to the true figure."""
    number = len(changes)
    changed = sum(change.size > 0 for change in changes)
    relative = sum(change.size * 100 * _PARTS_OF_A_PER_CENT // change.true for change in changes)
    return {
        "counts": number,
        "changed": changed,
        "changed_per_cent": decimal_text(changed, number, factor=100, decimals=1),
        "mean_absolute_change": decimal_text(sum(change.size for change in changes), number, decimals=2),
        "greatest_absolute_change": max((change.size for change in changes), default=0),
        "mean_relative_change_per_cent": decimal_text(relative, number * _PARTS_OF_A_PER_CENT, decimals=1),
    }


def expected_loss(cells: Iterable[Cell], values: Mapping[Cell, int], rules: Disclosure) -> dict[str, int | str]:
    """What the method cell-key can be expected to change of counts of persons: without keys no more can be told.

    Empty where its parameters do not fit the rules. Totals are left out: how far they move depends on who has most of them.
    """
    if rules.model_copy(update={"method": "cell-key"}).contradiction is not None:
        return {}
    number = changed = moved = 0
    for cell in cells:
        if metadata.measure(cell.measure).subject != "persons" or not values[cell]:
            continue
        row = table_of(cell, rules).transition(values[cell])
        chances = [up - before for up, before in zip(row.upto, (0, *row.upto), strict=False)]
        number += 1
        changed += sum(chance for change, chance in zip(row.changes, chances, strict=True) if change)
        moved += sum(abs(change) * chance for change, chance in zip(row.changes, chances, strict=True))
    return {
        "counts_of_persons": number,
        "changed_per_cent": decimal_text(changed, number * KEYS, factor=100, decimals=1),
        "mean_absolute_change": decimal_text(moved, number * KEYS, decimals=2),
        "greatest_absolute_change": rules.cell_key.greatest,
    }


def loss_by_suppression(tables: Mapping[str, pd.DataFrame], perturbed: Perturbed, rules: Disclosure) -> dict[str, dict[str, int]]:
    """How many figures of each table the method suppression would withhold: none where it would refuse the edition."""
    system = perturbed.system
    try:
        problem = primary_suppression(system, rules, largest_of(tables, rules))
        withheld = problem.primary | protection(problem).secondary
    except DisclosureError:
        return {}
    found = {}
    for name, table in tables.items():
        values = table["value"].tolist()
        gone = 0
        for cell, row in cells_of(name, table):
            parts = parts_of(cell)
            if parts is None:
                gone += cell in withheld
            elif values[row] not in SYMBOLS:
                gone += any(part in withheld for part in parts) or too_few_persons(cell, system.values, rules)
        found[name] = {"cells": len(table), "withheld": gone}
    return found


def non_additivity(perturbed: Perturbed) -> dict[str, Any]:
    """By how much published parts miss their published total at most, and how many parts come out above their whole."""
    shown, system = perturbed.counts, perturbed.system
    misses = [(abs(shown[of.total] - sum(shown[part] for part in of.parts)), str(of.total)) for of in system.sums]
    secret = [miss for miss, of in zip(misses, system.sums, strict=True) if not system.public(of.total)]
    largest, total = max(secret, key=lambda miss: (miss[0], miss[1]), default=(0, None))
    above = sum(shown[part] > shown[nest.total] for nest in system.nests for part in nest.parts)
    return {
        "sums": len(secret),
        "sums_that_do_not_add_up": sum(miss > 0 for miss, _ in secret),
        "largest_non_additivity": largest,
        "of_the_total": total,
        "parts_above_their_whole": above,
    }
