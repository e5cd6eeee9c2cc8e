"""Who makes up a total: the persons, and the municipalities, that have most of it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from kvarn.analyse._columns import LARGEST

__all__ = ["largest_contributors"]


def largest_contributors(of_persons: pd.DataFrame, of_municipalities: pd.DataFrame, cell: Sequence[str]) -> pd.DataFrame:
    """How much of each cell's total its largest contributor has, and its two largest together.

    Parameters
    ----------
    of_persons
        The columns of `cell`, ``amount`` (of one person) and the ``persons`` who had it.
    of_municipalities
        The columns of `cell` and ``records``, one row a municipality.

    Returns
    -------
    pandas.DataFrame
        The columns of `cell`, ``largest`` and ``two_largest`` of persons, ``largest_municipality`` and
        ``two_largest_municipalities``. Two are one where there is no second.
    """
    persons = _two_largest(of_persons, cell, "amount", of_persons["persons"] > 1)
    places = _two_largest(of_municipalities, cell, "records", of_municipalities["records"] < 0)
    frame = persons.merge(places, on=list(cell), suffixes=("", "_municipality"))
    return frame.set_axis([*cell, *LARGEST], axis="columns")


def _two_largest(amounts: pd.DataFrame, cell: Sequence[str], amount: str, again: pd.Series[bool]) -> pd.DataFrame:
    """The largest amount of each cell, and it with the next; `again` tells where the next has as much."""
    keys = list(cell)
    ordered = amounts.assign(again=again).sort_values([*keys, amount], ascending=[*(True for _ in keys), False])
    first = ordered.drop_duplicates(keys)
    second = ordered[ordered.duplicated(keys)].drop_duplicates(keys)
    both = first.merge(second[[*keys, amount]], on=keys, how="left", suffixes=("", "_next"))
    following = both[f"{amount}_next"].fillna(0).astype("int64").where(~both["again"], both[amount])
    return both[keys].assign(one=both[amount].astype("int64"), two=(both[amount] + following).astype("int64"))
