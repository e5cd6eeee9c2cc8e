"""Primary suppression: which cells tell of somebody by themselves.

The rules are parameters of the edition (`kvarn.edition.Disclosure`); their defaults are assumptions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kvarn import metadata
from kvarn.analyse.disclosure.system import Cell, Sum, System
from kvarn.edition import Disclosure

__all__ = ["Problem", "primary_suppression"]

REMAINDER = "remainder"


@dataclass
class Problem:
    """What has to be protected, and all that an attacker can calculate with.

    Attributes
    ----------
    system
        The cells of all tables.
    primary
        The cells that must not be published.
    hidden
        Differences between cells that stand in no table and must not become known either, with their values.
    sums
        The system's sums, and those that tie the hidden differences to the cells.
    floors
        The least that an attacker knows a withheld cell to be; a cell that is not named here is at least 1, as
        noughts are shown.
    """

    system: System
    primary: frozenset[Cell]
    hidden: Mapping[Cell, int]
    sums: tuple[Sum, ...]
    floors: Mapping[Cell, int]

    def value(self, cell: Cell) -> int:
        """The true figure of a cell or of a hidden difference."""
        return self.hidden[cell] if cell in self.hidden else self.system.values[cell]


def primary_suppression(system: System, rules: Disclosure) -> Problem:
    """Apply the primary rules to every cell.

    - persons from 1 up to, not including, ``threshold``; a nought is shown;
    - procedures of fewer than ``contributors`` persons;
    - the difference between two cells, when it is a number of persons from 1 up to, not including, ``threshold``:
      persons without a procedure, say. It stands in no table, but whoever sees both cells can compute it.
    """
    primary = frozenset(cell for cell in system.values if _tells(system, cell, rules))
    hidden: dict[Cell, int] = {}
    sums = list(system.sums)
    for number, (whole, parts) in enumerate(system.differences):
        if system.public(whole):
            continue
        left = system.values[whole] - sum(system.values[part] for part in parts)
        if _difference_tells(whole, left, rules):
            rest = Cell(f"{whole.measure} {REMAINDER}", whole.year, ((REMAINDER, f"{number:06d}"),))
            hidden[rest] = left
            sums.append(Sum(whole, (*parts, rest)))
    return Problem(system, primary, hidden, tuple(sums), dict.fromkeys(hidden, 0))


def _tells(system: System, cell: Cell, rules: Disclosure) -> bool:
    subject = metadata.measure(cell.measure).subject
    value = system.values[cell]
    if subject == "persons":
        return 0 < value < rules.threshold
    if subject == "procedures":
        behind = system.contributors[cell]
        return value > 0 and (behind is None or behind < rules.contributors)
    return False


def _difference_tells(whole: Cell, left: int, rules: Disclosure) -> bool:
    # Fewer procedures than contributors wanted have too few persons behind them; for more, nobody has counted the
    # persons.
    procedures = metadata.measure(whole.measure).subject == "procedures"
    return 0 < left < (rules.contributors if procedures else rules.threshold)
