"""Figures that stand twice: a column, a block of rows or a year that was copied over another is complete, and wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kvarn.process.population._cells import OLDEST, PopulationFile
from kvarn.process.population._inhabited import COUNTRY
from kvarn.process.population._regions import name_of
from kvarn.process.population._where import at

__all__ = ["require_no_copies"]

# Two series of figures are the same by chance where nearly all are zero, or where they are few.
_LEAST_FIGURES = 100
_LEAST_DIFFERENT = 5
_SEXES = {1: "men", 2: "women"}
_EVERYWHERE = "of every municipality"


def require_no_copies(files: Sequence[PopulationFile], figures: pd.DataFrame) -> None:
    """Refuse a population in which one part repeats another, figure by figure.

    Compared are the years, and the sexes, single ages and municipalities of all years, each with its like; the last two of a
    country, where they are large enough to differ.

    Parameters
    ----------
    figures
        ``year``, ``region``, ``sex``, ``age``, ``value`` of municipalities, sexes and single ages, once each.

    Raises
    ------
    CodeListError
        Naming both parts, and the place of the first figure of the later one.
    """
    largest = figures.groupby("year")["value"].sum().max()
    for part in (["year"], ["year", "sex"], *([["year", "region"], ["year", "age"]] if largest >= COUNTRY else [])):
        others = [name for name in ("region", "sex", "age") if name not in part]
        wide = figures.pivot_table(index=part, columns=others, values="value", aggfunc="first", fill_value=-1)
        enough = (wide.gt(0).sum(axis="columns") >= _LEAST_FIGURES) & (_different(wide) >= _LEAST_DIFFERENT)
        firsts: dict[bytes, Any] = {}
        repeated = []
        for key, series in zip(wide.index[enough], wide.to_numpy()[enough], strict=True):
            first = firsts.setdefault(series.tobytes(), key)
            if first != key:
                repeated.append((key, first))
        if not repeated:
            continue
        later, first = (_key(part, key) for key in repeated[0])
        row = figures[(figures[part] == pd.Series(later)).all(axis="columns")].iloc[0]
        more = f" (and {len(repeated) - 1} more)" if len(repeated) > 1 else ""
        raise at(
            files,
            row,
            f"The figures of {_words(later)} are those of {_words(first)}, each of the {wide.shape[1]:,}{more}: "
            "one was copied over the other.",
            remedy="Download the table again, and leave the file as it is.",
        )


def _different(wide: pd.DataFrame) -> NDArray[np.int64]:
    """How many different figures each row holds."""
    ordered = np.sort(wide.to_numpy(), axis=1)
    changes: NDArray[np.int64] = (ordered[:, 1:] != ordered[:, :-1]).sum(axis=1)
    return changes + 1


def _key(part: Sequence[str], value: Any) -> dict[str, int]:
    return dict(zip(part, map(int, value if isinstance(value, tuple) else (value,)), strict=True))


def _words(key: dict[str, int]) -> str:
    """``women 2022``, ``age 66 in 2022``, ``0114 Upplands Väsby in 2022``, ``2022``."""
    year = key["year"]
    if "sex" in key:
        return f"{_SEXES[key['sex']]} {_EVERYWHERE} in {year}"
    if "region" in key:
        return f"{name_of(key['region'])} in {year}"
    if "age" in key:
        return f"age {key['age']}{'+' if key['age'] == OLDEST else ''} {_EVERYWHERE} in {year}"
    return f"all ages and municipalities in {year}"
