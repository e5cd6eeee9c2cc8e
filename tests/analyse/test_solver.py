"""HiGHS now and then loses its way among tables that fit: then it is asked in another way."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from scipy import sparse

from kvarn.analyse.disclosure.suppression.programmes import Block

# Four cells, each under bounds of its own and all under one together; the primal simplex ends this "unknown", from the start too.
BOUNDS = [
    (-630, 0),
    (-610, 1),
    (-622, 2),
    (-630, 3),
    (-18, 0),
    (-18, 1),
    (-18, 2),
    (-18, 3),
    (-12, 0),
    (-8, 1),
    (-11, 2),
    (-9, 3),
]
LEAST = [(3, 0), (1, 1), (3, 2), (1, 3)]
TRUTH = np.array([3, 2, 4, 3])
MOST = np.array([6.0, 4.0, 6.0, 5.0])


def test_the_greatest_sum_is_found_where_the_primal_simplex_does_not_find_it() -> None:
    rows = [[-1.0 if at == place else 0.0 for at in range(4)] for _, place in BOUNDS]
    rows += [[1.0 if at == place else 0.0 for at in range(4)] for _, place in LEAST]
    rows.append([1.0] * 4)
    lower = np.array([bound for bound, _ in (*BOUNDS, *LEAST)] + [-28], dtype=float)
    matrix = sparse.csr_matrix(np.array(rows))
    linear: Any = SimpleNamespace(values=TRUTH, floors=np.ones(4, dtype=np.int64), ups=np.zeros(4, dtype=np.int64))
    block = Block(linear, np.arange(4), sparse.csr_matrix((0, 4)), matrix)
    block.leave_room(matrix @ TRUTH - lower)
    block.limit(np.arange(4), np.ones(4), MOST)
    assert block.reach(np.arange(4), 1.0).sum() == 21.0
    assert block.reach(np.arange(4), -1.0).sum() == 8.0
