"""Tables that are too sparse to be protected: told by the rules alone, before other cells are sought.

Where nearly everything is secret, or secrets cross one another in four classifications, to find what to withhold beside them
takes hours, and what is left is of no use. The limits are measured (seconds of one processor), not derived:

| what hangs together by sums | sums a secret is in | time |
|---|---|---|
| 4,537 secret of 5,932 (76 %) | 2.3 | 11 |
| 1,721 secret of 2,581 (67 %) | 1.9 | 60 |
| 5,942 secret of 6,895 (86 %) | 2.4 | none in 400 |
| 2,793 secret of 8,696 (32 %), in parts of 969 | 3.0 | 34 |
| 2,255 secret of 11,704 (19 %) | 3.1 | about 100 |
| 266 secret of 3,067 (9 %) | 4.0 | 10 |
| 852 secret of 2,910 (29 %) | 4.0 | 3 for each secret |
| 33,260 secret of 113,256 (29 %) in all | | none in 420 |
| some 4,500 secret of 10,296 (44 %) in all | | 51 |
| some 6,300 secret of 14,000 (45 %) in all | | 109 |
| some 9,000 secret of 20,000 (45 %) in all | | 256 |
| 13,578 secret of 29,952 (45 %) in all | | none in some minutes |
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse import csgraph

from kvarn.analyse.disclosure.primary import Problem
from kvarn.analyse.disclosure.report import coarsening
from kvarn.analyse.disclosure.suppression.linear import linear_system
from kvarn.errors import DisclosureError

__all__ = ["Crowd", "crowds", "hopeless", "refuse_hopeless"]

# In one system of sums: nearly all of very many.
_VERY_MANY, _NEARLY_ALL = 5_000, 0.8
# Many, where each is in four sums or nearly so.
_MANY, _CROSSING, _OFTEN = 500, 3.5, 0.2
_OR_ELSE = "or count fewer classifications together"
# In all tables together: so many, and so large a share of the cells.
_IN_ALL = ((20_000, 0.25), (8_000, 0.4))


@dataclass(frozen=True)
class Crowd:
    """Cells that hang together by sums: how many could be withheld, how many are secret by the rules, and how many sums one of
    the latter is in on average."""

    cells: int
    secret: int
    crossing: float

    @property
    def share(self) -> float:
        """How much of it is secret."""
        return self.secret / self.cells

    @property
    def hopeless(self) -> bool:
        """Whether nothing good can be expected of looking for what to withhold beside the secrets."""
        nearly_all = self.secret >= _VERY_MANY and self.share >= _NEARLY_ALL
        return nearly_all or (self.secret >= _MANY and self.crossing >= _CROSSING and self.share >= _OFTEN)


def crowds(problem: Problem) -> list[Crowd]:
    """What hangs together by sums and has a secret, the one with most first. Zeros and what is published anyway bind nothing."""
    linear = linear_system(problem)
    free = ~linear.fixed
    equations = abs(linear.equations).tocsc()[:, free]
    number, label = csgraph.connected_components(sparse.bmat([[None, equations], [equations.T, None]]), directed=False)
    of_cell = label[equations.shape[0] :]
    secret, sums = linear.primary[free], np.diff(equations.indptr)
    cells = np.bincount(of_cell, minlength=number)
    secrets = np.bincount(of_cell, weights=secret, minlength=number)
    crossing = np.bincount(of_cell, weights=secret * sums, minlength=number)
    found = [Crowd(int(cells[one]), int(secrets[one]), float(crossing[one] / secrets[one])) for one in np.flatnonzero(secrets)]
    return sorted(found, key=lambda crowd: (-crowd.secret, -crowd.cells))


def hopeless(found: Sequence[Crowd]) -> bool:
    """Whether one of them is hopeless, or all together are."""
    cells, secret = sum(crowd.cells for crowd in found), sum(crowd.secret for crowd in found)
    return any(crowd.hopeless for crowd in found) or any(secret >= most and secret >= share * cells for most, share in _IN_ALL)


def refuse_hopeless(problem: Problem, tables: Mapping[str, pd.DataFrame], reasons: Mapping[str, Sequence[str]]) -> None:
    """Refuse what is too sparse by the rules alone.

    Parameters
    ----------
    reasons
        Why each row is withheld by the rules alone; of `tables`, or of an order's alone.

    Raises
    ------
    DisclosureError
        With the table of which most is secret, its share, and the classification that would gain most by being coarser.
    """
    if not hopeless(crowds(problem)):
        return
    number = {name: sum(reason == "primary" for reason in of) for name, of in reasons.items()}
    name = max(number, key=lambda name: number[name])
    share = sum(map(bool, reasons[name])) / max(len(reasons[name]), 1)
    raise DisclosureError(
        "The tables are too sparse to be protected: by the rules of the edition alone (disclosure.threshold, contributors) "
        f"{len(problem.primary):,} cells are secret, and {share:.0%} of the rows of this table are withheld before any other.",
        where=name,
        remedy=coarsening(name, tables[name], reasons[name], or_else=_OR_ELSE),
    )
