"""Counts that are not available because nothing was accepted: published as ``..``, and zero to whoever knows why.

Nothing of a municipality that reported nothing is in any total, so everybody who adds up takes its figure for zero. So does
disclosure control, wherever it reads counts: in the tables of today, in what editions and orders keep, and in what is published.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from kvarn.analyse._ratio import NOT_AVAILABLE

__all__ = ["NOTHING", "was_not_reported", "with_zero_where_nothing_was_reported"]

NOTHING = "0"


def was_not_reported(value: str, contributors: Any) -> bool:
    """Whether a count is ``..`` since nothing was accepted: nobody stands behind it, and that is known (0, and not empty)."""
    return value == NOT_AVAILABLE and not pd.isna(contributors) and int(contributors) == 0


def with_zero_where_nothing_was_reported(table: pd.DataFrame) -> list[str]:
    """The values of a table, each as disclosure control reads it."""
    pairs = zip(table["value"].tolist(), table["contributors"].tolist(), strict=True)
    return [NOTHING if was_not_reported(value, behind) else value for value, behind in pairs]
