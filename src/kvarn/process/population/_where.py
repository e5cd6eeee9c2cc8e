"""The words for one figure of several files, and the error about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from kvarn.errors import CodeListError
from kvarn.process.population._cells import ALL_AGES, OLDEST, PopulationFile
from kvarn.process.population._regions import name_of

__all__ = ["about", "at", "listed_files"]

_SEXES = {0: "both sexes", 1: "men", 2: "women"}


def about(row: pd.Series[Any]) -> str:
    """Year, region, sex and age of a figure, for messages."""
    age = "all ages" if row["age"] == ALL_AGES else f"age {row['age']}{'+' if row['age'] == OLDEST else ''}"
    return f"{row['year']}, {name_of(int(row['region']))}, {_SEXES[int(row['sex'])]}, {age}"


def at(files: Sequence[PopulationFile], row: pd.Series[Any], what: str, *, remedy: str) -> CodeListError:
    """An error about a figure, with the place where it stands."""
    one: PopulationFile = files[row["file"]]
    return one.error(what, int(row["line"]), int(row["column"]), remedy=remedy)


def listed_files(files: Sequence[PopulationFile]) -> str:
    """The files, for an error about all of them."""
    return ", ".join(str(one.path) for one in files)
