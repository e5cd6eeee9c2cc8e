"""Places and ages where nobody lives: a zero is a figure, and what should have stood there is gone."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from kvarn.process.population._cells import AS_DOWNLOADED, OLDEST, PopulationFile
from kvarn.process.population._regions import name_of
from kvarn.process.population._where import at

__all__ = ["COUNTRY", "require_inhabitants"]

_SEXES = (1, 2)
# In a country of this size somebody has every single age, and in a municipality of the other every ten years of age.
COUNTRY = 1_000_000
_MUNICIPALITY = 1_000
_AGES_TOGETHER = 10
_JUDGED_BELOW = 90


def require_inhabitants(files: Sequence[PopulationFile], single: pd.DataFrame, year: int, *, whole_country: bool) -> None:
    """Refuse a municipality without men or women, and ages at which nobody lives in a municipality or the whole country.

    Parameters
    ----------
    single
        ``region``, ``sex``, ``age``, ``value`` of the year's municipalities, sexes and single ages, once each.

    Raises
    ------
    CodeListError
        Naming the municipality, sex and ages, and the place of the first zero.
    """
    _require_both_sexes(files, single, year)
    if whole_country:
        _require_every_age(files, single, year)
        _require_every_decade(files, single, year)


def _require_both_sexes(files: Sequence[PopulationFile], single: pd.DataFrame, year: int) -> None:
    sums = single.groupby(["region", "sex"])["value"].sum()
    empty = [key for key, value in zip(sums.index, sums.tolist(), strict=True) if value == 0]
    if not empty:
        return
    region, sex = empty[0]
    row = single[(single["region"] == region) & (single["sex"] == sex)].iloc[0]
    regions = {one for one, _ in empty}
    both = all((region, one) in set(empty) for one in _SEXES)
    who = "inhabitants" if both else {1: "men", 2: "women"}[sex]
    more = f", and {len(regions) - 1} further municipalities lack men or women" if len(regions) > 1 else ""
    raise at(files, row, f"{name_of(region)} has no {who} in {year}: every age is 0{more}.", remedy=AS_DOWNLOADED)


def _require_every_age(files: Sequence[PopulationFile], single: pd.DataFrame, year: int) -> None:
    if single["value"].sum() < COUNTRY:
        return
    sums = single[single["age"] < OLDEST].groupby(["age", "sex"])["value"].sum()
    empty = sums[sums == 0]
    if empty.empty:
        return
    age, sex = (int(code) for code in empty.index[0])
    row = single[(single["age"] == age) & (single["sex"] == sex)].iloc[0]
    more = f" (and {len(empty) - 1} more such)" if len(empty) > 1 else ""
    who = {1: "man", 2: "woman"}[sex]
    raise at(
        files, row, f"No {who} in the whole country is {age} years old in {year}{more}: every figure is 0.", remedy=AS_DOWNLOADED
    )


def _require_every_decade(files: Sequence[PopulationFile], single: pd.DataFrame, year: int) -> None:
    judged = single[single["age"] < _JUDGED_BELOW]
    size = single.groupby("region")["value"].sum()
    decades = judged.groupby(["region", "sex", judged["age"] // _AGES_TOGETHER])["value"].sum()
    empty = [
        (int(region), int(sex), int(decade))
        for (region, sex, decade), value in zip(decades.index, decades.tolist(), strict=True)
        if value == 0 and size[region] >= _MUNICIPALITY
    ]
    if not empty:
        return
    region, sex, decade = empty[0]
    first = decade * _AGES_TOGETHER
    row = single[(single["region"] == region) & (single["sex"] == sex) & (single["age"] == first)].iloc[0]
    who = {1: "men", 2: "women"}[sex]
    more = f" (and {len(empty) - 1} more such)" if len(empty) > 1 else ""
    ages = f"{first}–{first + _AGES_TOGETHER - 1}"
    raise at(files, row, f"{name_of(region)} has no {who} aged {ages} in {year}{more}: every figure is 0.", remedy=AS_DOWNLOADED)
