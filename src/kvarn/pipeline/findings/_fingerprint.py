"""What stands for rows of the register where a figure would tell of persons."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

__all__ = ["fingerprint", "how_many"]

_LENGTH = 12


def fingerprint(rows: Iterable[Sequence[object]]) -> str:
    """A short hash over rows with pseudonyms: it changes with every row, and as the pseudonyms are made with a secret key nobody
    can find the rows by trying."""
    whole = hashlib.sha256()
    for row in rows:
        whole.update(("\x1f".join(map(str, row)) + "\n").encode())
    return whole.hexdigest()[:_LENGTH]


def how_many(persons: int, threshold: int | None) -> str:
    """A number of persons as it may be told outside the restricted folder: not one below the threshold; without one, none."""
    return "no" if persons == 0 else f"{persons:,}" if threshold is not None and persons >= threshold else "some"
