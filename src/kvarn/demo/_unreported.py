"""Procedures for persons whom the month's KHSL1 does not name, placed so that no count contradicts another.

Such a person has care in another month of the year in the same municipality, and takes the place of somebody of the same sex who
has one procedure in the month: as many persons of the sex have a procedure in the month as before, all with care in the year.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from kvarn.demo._procedures import Given

__all__ = ["with_unreported"]

Mask = npt.NDArray[np.bool_]


def with_unreported(
    given: Given, accepted: Mask, known: Mask, women: Mask, *, share: float, rng: np.random.Generator
) -> tuple[npt.NDArray[np.int64], list[int]]:
    """The stays whose procedures these are, when a share of the rows is about persons who are not reported; and which rows.

    Parameters
    ----------
    given
        The procedures in one municipality.
    accepted
        Whether the intake accepts that there was care, by stay and month.
    known
        Whether it knows of any care in the year when the procedures of the month arrive, by stay and month.
    women
        Whether the stay is a woman's.
    share
        Of the rows. Where too few rows can be so, it is less.
    """
    stay = given.stay.copy()
    rows: list[int] = []
    wanted = int(rng.binomial(len(stay), share))
    if not wanted:
        return stay, rows
    person_month = stay * 12 + given.month - 1
    alone = np.flatnonzero(np.bincount(person_month, minlength=accepted.size)[person_month] == 1)
    candidates = known & ~accepted
    for row in rng.permutation(alone).tolist():
        if len(rows) == wanted:
            break
        others = np.flatnonzero(candidates[:, given.month[row] - 1] & (women == women[stay[row]]))
        if len(others):
            stay[row] = rng.choice(others)
            rows.append(row)
    return stay, sorted(rows)
