"""The cell-key method: how a figure is changed by chance, in the same way wherever it stands.

Fraser & Wooton (2005), *A proposed method for confidentialising tabular output to protect against differencing*
(Australian Bureau of Statistics): every person has a secret key, a cell's key is the sum of its persons' keys, and the
change is looked up in a table by the cell's count and key. The table is the one of maximum entropy among those that
leave the expected figure what it is, change no figure by more than a bound and no nought at all, and make no small
count: Marley & Leaver (2011); Giessing (2016), *Computational issues in the design of transition probabilities and
disclosure risk estimation for additive noise*, Privacy in Statistical Databases, 237-251.
"""

from __future__ import annotations

import functools
import hashlib
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kvarn.analyse._record_keys import KEYS

__all__ = ["PerturbationTable", "Transition", "draw_of", "draws_of", "perturbation_table", "perturbed_total"]

_Reals = npt.NDArray[np.float64]
_NEARLY = 1e-9
_COUNTS, _TOTALS = b"kvarn counts", b"kvarn totals"


@dataclass(frozen=True)
class Transition:
    """By how much a count can be changed. A draw below ``upto[i]``, and not below the one before, means ``changes[i]``."""

    changes: tuple[int, ...]
    upto: tuple[int, ...]

    @property
    def probabilities(self) -> tuple[float, ...]:
        """The chance of each change."""
        return tuple((up - before) / KEYS for up, before in zip(self.upto, (0, *self.upto), strict=False))

    def drawn(self, draw: int) -> int:
        """The change that a draw (`draw_of` a key) stands for."""
        return self.changes[bisect_right(self.upto, draw)]


@dataclass(frozen=True)
class PerturbationTable:
    """The transitions of every count.

    Attributes
    ----------
    greatest
        No count is changed by more.
    least
        No count from 1 up to, not including, this comes out.
    rows
        The transitions of the counts 1, 2, …; the last is that of all greater counts too.
    """

    greatest: int
    least: int
    rows: tuple[Transition, ...]

    def transition(self, count: int) -> Transition:
        """How a count, 1 or more, can be changed."""
        return self.rows[min(count, len(self.rows)) - 1]

    def perturbed(self, count: int, key: int) -> int:
        """A count of persons as it is published. Nought stays nought."""
        return 0 if count == 0 else count + self.transition(count).drawn(draw_of(key))


@functools.lru_cache(maxsize=64)
def perturbation_table(greatest: int, variance: float, least: int) -> PerturbationTable:
    """The table of these parameters.

    Every count has the transition of maximum entropy among those with mean 0 and a variance of at most `variance`. For
    a small count there may be none, as it must jump over what may not come out; then it has the one of least variance.

    Parameters
    ----------
    greatest
        As in `PerturbationTable`; at least `least`.
    variance
        Of the change of a count, more than 0.
    least
        As in `PerturbationTable`; 1 or more.
    """
    if greatest < least or variance <= 0:
        raise ValueError("greatest must be at least least, and variance more than nought")
    rows = []
    for count in range(1, greatest + least + 1):
        changes = [change for change in range(-greatest, greatest + 1) if count + change == 0 or count + change >= least]
        chances = _of_most_entropy(np.array(changes, dtype=np.float64), variance)
        upto = [round(float(up) * KEYS) for up in np.cumsum(chances)]
        rows.append(Transition(tuple(changes), (*upto[:-1], KEYS)))
    return PerturbationTable(greatest, least, tuple(rows))


def perturbed_total(total: int, persons: int, shown: int, largest: int, key: int, at_most: int | None = None) -> int:
    """A total of what one person can have several of, such as procedures, as it is published.

    Two changes come together. The total follows the number of persons, from `persons` to `shown`, as if each had the
    mean; and it is moved by up to what the person with most has beyond the one that everybody has, evenly to both sides
    (a single top contributor, as in Giessing & Tent 2019, *Concepts for generalising tools implementing the cell key
    method to the case of continuous variables*). So the expected figure is the true one, the change is at most
    ``greatest + 1`` times `largest`, those shown have at least one each, and nothing is left where nobody is. What
    falls between two whole numbers becomes one of them by chance, in proportion.

    Parameters
    ----------
    total, persons, largest
        The true total, the persons behind it, and what the one with most has.
    shown
        The persons as they are published.
    key
        The cell's key: the same cell is changed in the same way everywhere.
    at_most
        How many one person can have, where there is a limit (the months of a year): the total stays within it.
    """
    if shown == 0 or persons == 0:
        return 0
    # Everything in parts of `persons`, and of KEYS.
    reach = (largest - 1) * min(persons, shown)
    if at_most is not None:
        reach = min(reach, shown * (at_most * persons - total))
    side, fraction = draws_of(key, total)
    moved = total * shown * KEYS + reach * (2 * side + 1 - KEYS)
    return (2 * moved + (2 * fraction + 1) * persons) // (2 * persons * KEYS)


def draw_of(key: int) -> int:
    """The number, evenly from 0 to 2**32, not including, by which a count is changed that has this key.

    It is no sum, as keys are: with the same persons added to two cells, their changes would else be tied by one number.
    """
    return int.from_bytes(hashlib.blake2b(key.to_bytes(8, "big"), digest_size=4, key=_COUNTS).digest(), "big")


def draws_of(key: int, total: int) -> tuple[int, int]:
    """Two numbers evenly from 0 to 2**32, not including, that a key and a total stand for, beside the change of the count.

    The same persons have other totals in each month: one number for all of them would tell them all.
    """
    written = key.to_bytes(8, "big") + total.to_bytes(8, "big")
    drawn = hashlib.blake2b(written, digest_size=8, key=_TOTALS).digest()
    return int.from_bytes(drawn[:4], "big"), int.from_bytes(drawn[4:], "big")


def _of_most_entropy(changes: _Reals, variance: float) -> _Reals:
    """The chances of `changes` with mean 0, a variance of at most `variance` if that can be, and maximum entropy."""
    free = _with_mean_nought(changes, 0.0)
    if _variance(changes, free) <= variance:
        return free
    nearest = _nearest(changes)
    if _variance(changes, nearest) >= variance * (1 - _NEARLY):
        return nearest

    def beyond(curvature: float) -> float:
        return _variance(changes, _with_mean_nought(changes, curvature)) - variance

    curvature = _root(beyond, -1.0, 0.0)
    return _with_mean_nought(changes, curvature)


def _with_mean_nought(changes: _Reals, curvature: float) -> _Reals:
    """Chances in proportion to ``exp(slope × change + curvature × change²)``: the form that maximum entropy takes."""

    def chances(slope: float) -> _Reals:
        exponents = slope * changes + curvature * changes**2
        weights = np.exp(exponents - exponents.max())
        found: _Reals = weights / weights.sum()
        return found

    slope = _root(lambda slope: float(changes @ chances(slope)), -1.0, 1.0)
    return chances(slope)


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    """Where an increasing function is nought, looked for ever further out."""
    from scipy.optimize import brentq

    while function(low) > 0:
        low *= 2
    while high > 0 and function(high) < 0:
        high *= 2
    return float(brentq(function, low, high, xtol=1e-14, rtol=1e-14))


def _nearest(changes: _Reals) -> _Reals:
    """Mean 0 and as little variance as can be: the change of nought, or the nearest on either side."""
    chances = np.zeros(len(changes))
    if 0.0 in changes:
        chances[changes == 0] = 1.0
        return chances
    below, above = changes[changes < 0].max(), changes[changes > 0].min()
    chances[changes == below], chances[changes == above] = above / (above - below), -below / (above - below)
    return chances


def _variance(changes: Sequence[float] | _Reals, chances: _Reals) -> float:
    return float(np.asarray(changes) ** 2 @ chances)
