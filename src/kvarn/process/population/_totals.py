"""Totals that a file has (the country, counties, both sexes, all ages) against the sums of their parts."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from kvarn import metadata
from kvarn.process.population._cells import COUNTRY, NOT_AVAILABLE, OLDEST, PopulationFile
from kvarn.process.population._where import about, at

__all__ = ["allowed_difference", "require_agreement"]

_AMONG_MUNICIPALITIES = 100
_AGES = OLDEST + 1
Counts = npt.NDArray[np.int64]

_OF_NOISE = (
    " Statistics Sweden may change figures of the year by chance so that they do not add up: then say by how much at most "
    "(data.population_noise, or kvarn population --noise)."
)


def allowed_difference(noise: int, parts: int) -> int:
    """By how much a total may differ from the sum of its parts where every figure may have been changed by up to `noise`.

    No total can differ by more than the changes of all its parts and its own; and as they vary by chance, one of many parts
    differs by far less: three times the root of their number (with changes of at most `noise` their standard deviation is at
    most `noise`).
    """
    return min(noise * (parts + 1), math.ceil(3 * noise * math.sqrt(parts + 1)))


def require_agreement(
    files: Sequence[PopulationFile],
    single: pd.DataFrame,
    totals: pd.DataFrame,
    year: int,
    *,
    noise: int,
    changed_by_chance: bool,
) -> None:
    """Compare every total of a year with the sum of its parts.

    A county or the country is compared where all its municipalities are there; else it must not be less than those that are.

    Raises
    ------
    CodeListError
        A total is not the sum of its parts: the first that is not, the difference, and how many there are.
    """
    totals = totals[totals["value"] != NOT_AVAILABLE]
    if totals.empty:
        return
    regions = np.sort(single["region"].unique())
    sums = _sums(single, regions)
    expected, parts, whole = (np.zeros(len(totals), np.int64) for _ in range(3))
    valid = np.array(sorted(int(code) for code in metadata.valid_codes("municipality", year)))
    # The place of everybody (sex 0, age −1) is the last of each axis.
    sex = np.where(totals["sex"] == 0, 2, totals["sex"] - 1)
    age = np.where(totals["age"] < 0, _AGES, totals["age"])
    inner = np.where(sex == 2, 2, 1) * np.where(age == _AGES, _AGES, 1)
    for region in totals["region"].unique():
        here = (totals["region"] == region).to_numpy()
        within = _within(regions, region)
        expected[here] = sums[within].sum(axis=0)[sex[here], age[here]]
        parts[here] = within.sum() * inner[here]
        whole[here] = within.sum() == _within(valid, region).sum() or region >= _AMONG_MUNICIPALITIES
    values = totals["value"].to_numpy(dtype=np.int64)
    difference = values - expected
    allowed = np.array([allowed_difference(noise, int(number)) for number in parts])
    wrong = np.where(whole == 1, abs(difference) > allowed, difference < -allowed)
    if not wrong.any():
        return
    place = int(wrong.argmax())
    row, by = totals.iloc[place], int(difference[place])
    more = f" {int(wrong.sum()) - 1:,} further totals disagree." if wrong.sum() > 1 else ""
    compared = f" (by {allowed[place]:,} at most with noise {noise})" if noise else ""
    raise at(
        files,
        row,
        f"The total is not the sum of its parts{compared}: {about(row)} is {values[place]:,}, its parts "
        f"{expected[place]:,}: a difference of {by:+,}.{more}",
        remedy="Download it again." + (_OF_NOISE if changed_by_chance else ""),
    )


def _within(regions: npt.NDArray[np.int64], region: int) -> npt.NDArray[np.bool_]:
    if region == COUNTRY:
        return np.ones(len(regions), bool)
    within: npt.NDArray[np.bool_] = regions == region if region >= _AMONG_MUNICIPALITIES else regions // 100 == region
    return within


def _sums(single: pd.DataFrame, regions: npt.NDArray[np.int64]) -> Counts:
    """Inhabitants by municipality, sex (men, women, both) and age (0 … 100, all)."""
    cube = np.zeros((len(regions), 3, _AGES + 1), np.int64)
    place = np.searchsorted(regions, single["region"])
    cube[place, single["sex"] - 1, single["age"]] = single["value"]
    cube[:, 2, :] = cube[:, :2, :].sum(axis=1)
    cube[:, :, _AGES] = cube[:, :, :_AGES].sum(axis=2)
    return cube
