"""Amounts of one person: sums and quantiles of a distribution, and what is told where there is no year before."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pandas as pd

from kvarn.analyse._classification import listed, total
from kvarn.analyse._columns import COUNTED
from kvarn.analyse._ratio import NOT_AVAILABLE

__all__ = ["months_and_persons", "quantile_of", "without_year_before"]

_CONTINUITY = "continuity"


def months_and_persons(distribution: pd.DataFrame, cell: Sequence[str]) -> pd.DataFrame:
    """The sum of all amounts in each cell as ``months``, and the ``persons`` behind it.

    Parameters
    ----------
    distribution
        The columns of `cell`, ``amount`` and the ``persons`` who had it.
    """
    weighed = distribution.assign(months=distribution["amount"] * distribution["persons"])
    summed: pd.DataFrame = weighed.groupby(list(cell), as_index=False)[["months", "persons"]].sum()
    return summed


def quantile_of(distribution: pd.DataFrame, cell: Sequence[str], share: tuple[int, int]) -> pd.DataFrame:
    """The least ``amount`` in each cell that at least a share of the ``persons`` do not exceed.

    The inverse of the empirical distribution function (type 1 of Hyndman & Fan 1996, Sample quantiles in statistical
    packages, The American Statistician 50), in whole numbers: the same on every engine.
    """
    part, whole = share
    ordered = distribution.sort_values([*cell, "amount"])
    groups = ordered.groupby(list(cell))["persons"]
    ordered = ordered.assign(up_to=groups.cumsum(), everyone=groups.transform("sum"))
    reached = ordered[ordered["up_to"] * whole >= ordered["everyone"] * part]
    first = reached.drop_duplicates(list(cell))
    return first[[*cell, "amount", "everyone"]].rename(columns={"everyone": "persons"}).reset_index(drop=True)


def without_year_before(everyone: pd.DataFrame, by: Sequence[str], year: int) -> pd.DataFrame:
    """All persons as the total, and not available for every category of new and continuing persons."""
    whole = everyone.assign(**{_CONTINUITY: total(_CONTINUITY)})
    names = [name for name in by if name != "year"]
    categories = [listed(name).children("T") if name == _CONTINUITY else listed(name).codes for name in names]
    unknown = pd.DataFrame(itertools.product(*categories), columns=names)
    unknown = unknown.assign(year=year, measure="persons", value=NOT_AVAILABLE)
    both = pd.concat([whole.astype({"value": object}), unknown], ignore_index=True)
    told = [name for name in ("contributors", *COUNTED) if name in both.columns]
    return both[[*by, "measure", "value", *told]].astype(dict.fromkeys(told, "Int64"))
