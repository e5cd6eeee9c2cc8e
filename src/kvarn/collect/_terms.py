"""The terms on which deliveries are taken in: the codes that are right each year, and the limits."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kvarn.collect._fewer import FewerRows
from kvarn.collect._rows import ValidCodes
from kvarn.programme import Programme, current_programme

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Terms"]


@dataclass(frozen=True)
class Terms:
    """How deliveries are judged.

    Attributes
    ----------
    codes
        The codes that are right in a year.
    share_limit
        A file is rejected whole when a larger share of its rows than this is bad.
    fewer_rows
        From where on a delivery that is accepted gets a remark, because it holds far fewer rows than those before it. No verdict
        depends on it.
    deaths
        Known dates of death (`read_deaths`).
    synthetic
        Whether the deliveries are synthetic: receipts say so, and kvarn's own list, which they are made from, is enough to
        judge them by. Of real deliveries a file with a code that nobody could check waits for the list of its year.
    version
        Whatever else a verdict depends on, such as the version of the program.
    """

    codes: Callable[[int], ValidCodes]
    share_limit: float = 0.05
    fewer_rows: FewerRows = field(default_factory=FewerRows)
    deaths: pa.Table | None = field(default=None, compare=False)
    synthetic: bool = False
    version: str = ""

    def rulebook(self, year: int | None) -> str:
        """The fingerprint of everything that a verdict depends on: a file judged by another rulebook is judged anew."""
        return _rulebook(self, year or 0, current_programme())


@functools.cache
def _rulebook(terms: Terms, year: int, programme: Programme) -> str:
    codes = terms.codes(year)
    known = {name: sorted(value) if isinstance(value, frozenset) else value for name, value in vars(codes).items()}
    known["listed"] = {name: sorted(of) for name, of in codes.listed.items()}
    whole = hashlib.sha256(json.dumps([known, terms.share_limit, terms.version, terms.synthetic], sort_keys=True).encode())
    if terms.deaths is not None:
        for column in terms.deaths.to_pydict().values():
            whole.update(repr(column).encode())
    for declared in programme.files_of_intake:
        whole.update(declared.read_bytes())
    return whole.hexdigest()
