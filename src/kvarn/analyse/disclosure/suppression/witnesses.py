"""Tables of whole numbers that could be the true one, kept from one search to the next.

Whoever has found such a table need not find it again: while all that it moves is withheld, it fits what is published, whatever
else is withheld or published by then. Whether it does is told by arithmetic alone, each time that it is called upon, so that
it does not matter who found it.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from scipy import sparse

from kvarn.analyse.disclosure.suppression.linear import Flags, LinearSystem, Numbers

__all__ = ["Witnesses"]


class Witnesses:
    """How tables that fit differ from the true one, in the columns of a linear system."""

    def __init__(self) -> None:
        self._columns: list[Numbers] = []
        self._by: list[Numbers] = []
        self._known: set[bytes] = set()

    def add(self, columns: Numbers, by: Numbers) -> None:
        """One more table: it differs in these columns, by these whole numbers."""
        moved = by != 0
        columns, by = columns[moved].astype(np.int64), by[moved].astype(np.int64)
        key = columns.tobytes() + by.tobytes()
        if len(columns) and key not in self._known:
            self._known.add(key)
            self._columns.append(columns)
            self._by.append(by)

    def within(self, number: int) -> Witnesses:
        """What the tables are in the first so many columns: they fit there too, as long as what the others are made of does."""
        found = Witnesses()
        for columns, by in zip(self._columns, self._by, strict=True):
            found.add(columns[columns < number], by[columns < number])
        return found

    def fitting(self, linear: LinearSystem, unknown: Flags) -> sparse.csr_matrix:
        """The tables (rows) that fit when these columns are unknown and the others have their true values.

        A table that moves what is known, breaks an equation or a bound, or lets a cell be less than everybody knows it to be, is
        left out.
        """
        tables = self._matrix(len(unknown))
        fits = tables[:, np.flatnonzero(~unknown)].getnnz(axis=1) == 0
        broken = (linear.equations @ tables.T).tocsc()
        broken.eliminate_zeros()
        fits &= broken.getnnz(axis=0) == 0
        fits &= _without_negative(linear.bounds @ tables.T, linear.bounds @ linear.values)
        fits &= _without_negative(tables.T, linear.values - np.minimum(linear.floors, linear.values))
        return tables[np.flatnonzero(fits)]

    def _matrix(self, number: int) -> sparse.csr_matrix:
        lengths = [len(columns) for columns in self._columns]
        starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        columns, by = _joined(self._columns), _joined(self._by)
        return sparse.csr_matrix((by, columns, starts), shape=(len(lengths), number))


def _joined(parts: Iterable[Numbers]) -> Numbers:
    return np.concatenate([np.zeros(0, dtype=np.int64), *parts])


def _without_negative(change: sparse.spmatrix, room: Numbers) -> Flags:
    """For each column of a change of some rows, whether no row goes down by more than its room."""
    entries = change.tocoo()
    fine = np.ones(change.shape[1], dtype=bool)
    fine[entries.col[entries.data < -np.asarray(room)[entries.row]]] = False
    return fine
