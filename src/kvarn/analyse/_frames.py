"""What is asked of the register, checked; and what comes of it, as a tidy frame."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from kvarn.analyse._classification import listed
from kvarn.analyse._columns import CELL_KEY, COUNTED
from kvarn.analyse._record_keys import KEYS
from kvarn.errors import InputError

__all__ = ["coded", "names_of", "wanted_years"]


def coded(counted: pd.DataFrame, by: Sequence[str], measure: str, column: str) -> pd.DataFrame:
    """Positions become codes, and columns those of a tidy frame."""
    counted = counted.sort_values(list(by), ignore_index=True)
    frame = pd.DataFrame({"year": counted["year"]})
    for name in [name for name in by if name != "year"]:
        frame[name] = counted[name].map(dict(enumerate(listed(name).codes))).astype("str")
    frame["measure"] = measure
    frame["value"] = counted[column].astype("int64")
    behind = counted["persons"] if "persons" in counted else pd.Series(pd.NA, index=counted.index)
    frame["contributors"] = behind.astype("Int64")
    if "keys" in counted:
        counted = counted.assign(**{CELL_KEY: counted["keys"] % KEYS})
    told = [name for name in COUNTED if name in counted]
    return frame[[*by, "measure", "value", "contributors"]].assign(**{name: counted[name].astype("Int64") for name in told})


def wanted_years(years: Iterable[int]) -> list[int]:
    wanted = sorted(set(years))
    if not wanted:
        raise InputError("No year was asked for.", field="years", remedy="Give the years, such as range(2020, 2024).")
    return wanted


def names_of(by: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """The variables without the year."""
    unknown = [name for name in by if name != "year" and name not in known]
    if unknown or "year" not in by or len(set(by)) != len(by):
        what = f"These cannot be classified by {unknown[0]!r}." if unknown else "Give `year` and each variable once."
        raise InputError(what, field="by", remedy=f"Known here: year, {', '.join(known)}.")
    return tuple(name for name in by if name != "year")
