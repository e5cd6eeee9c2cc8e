"""Whoever keeps everything that was ever published, and thinks of the procedures of each finest kind themselves."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from tests.analyse.chain import FINEST, YEAR, Codes, Office, Publication, Register, needs, needs_up

_ROUNDED = 1e-6


def told(office: Office) -> set[str]:
    """The secrets of every publication that somebody can tell more closely than its rules allow, but for the reported ones.

    He knows which figures that he has of two registers are the same in both, withheld or not, and nothing else of what was
    revised.
    """
    registers = list(dict.fromkeys(one.register for one in office.published))
    unknown = {(register, of): place for place, (register, of) in enumerate((r, of) for r in registers for of in FINEST)}
    cells = {
        register: {cell for one in office.published if one.register == register for cell in one.shown} for register in registers
    }
    rows, low, high = [], [], []

    def row(terms: Iterable[tuple[Register, Codes, int]]) -> np.ndarray:
        found = np.zeros(len(unknown))
        for register, cell, sign in terms:
            for of in FINEST:
                found[unknown[register, of]] += sign * (set(cell) <= set(of))
        return found

    for one in office.published:
        for cell, value in one.shown.items():
            rows.append(row([(one.register, cell, 1)]))
            low.append(1 if value is None else value)
            high.append(math.inf if value is None else value)
    for before, after in itertools.combinations(registers, 2):
        for cell in cells[before] & cells[after]:
            if before.figures(cell)[0] == after.figures(cell)[0]:
                rows.append(row([(before, cell, 1), (after, cell, -1)]))
                low.append(0)
                high.append(0)
    true = np.array(rows) @ [register.figures(of)[0] for register, of in unknown]
    assert ((low <= true) & (true <= high)).all(), "the attacker takes for true what is not"
    constraint = LinearConstraint(np.array(rows), low, high)
    found = set()
    for (register, cell), (width, up) in _secrets(office.published).items():
        least, most = (_end(row([(register, cell, sign)]), constraint) for sign in (1, -1))
        value = register.figures(cell)[0]
        if (-most - least < width or -most < value + up - _ROUNDED) and (said := _named(cell)) not in office.risks:
            found.add(f"{said}: {value} is between {least} and {-most}, and needs {width}, and {up} upwards")
    return found


def _secrets(published: list[Publication]) -> dict[tuple[Register, Codes], tuple[int, float]]:
    """What was a secret when it was withheld, with its width and its room upwards, and was shown in no publication."""
    out = {(cell, value) for one in published for cell, value in one.shown.items() if value is not None}
    found: dict[tuple[Register, Codes], tuple[int, float]] = {}
    for one in published:
        for cell, value in one.shown.items():
            width, up = needs(one.register, cell, one.rules), needs_up(one.register, cell, one.rules)
            if value is None and width and (cell, one.register.figures(cell)[0]) not in out:
                before = found.get((one.register, cell), (0, 0.0))
                found[one.register, cell] = max(width, before[0]), max(up, before[1])
    return found


def _end(costs: np.ndarray, constraint: LinearConstraint) -> float:
    solved = milp(costs, constraints=constraint, integrality=np.ones(len(costs)), bounds=Bounds(0, np.inf))
    return float(round(solved.fun)) if solved.status == 0 else -math.inf


def _named(cell: Codes) -> str:
    return ", ".join(["procedures", str(YEAR), *(f"{name} {code}" for name, code in cell)])
