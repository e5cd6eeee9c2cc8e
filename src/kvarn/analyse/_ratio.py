"""Rates and shares: decimal text, computed with whole numbers alone and rounded half up."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from kvarn.analyse._classification import OF_PROCEDURE, listed, total
from kvarn.analyse._columns import FIGURES
from kvarn.errors import InputError
from kvarn.metadata import Ratio, own_codelist
from kvarn.metadata import measure as measure_named

__all__ = ["NOT_APPLICABLE", "NOT_AVAILABLE", "decimal_text", "mean", "rate", "share"]

NOT_APPLICABLE = "."
NOT_AVAILABLE = ".."


def decimal_text(numerator: int, denominator: int, *, factor: int = 1, decimals: int = 0) -> str:
    """``factor × numerator / denominator`` as decimal text, rounded half up; ``.`` where the denominator is nought.

    >>> decimal_text(1, 8, factor=100, decimals=1), decimal_text(1, 16, factor=100, decimals=1)
    ('12.5', '6.3')
    """
    if denominator == 0:
        return NOT_APPLICABLE
    scaled = numerator * factor * 10**decimals
    rounded = (2 * scaled + denominator) // (2 * denominator)
    if decimals == 0:
        return str(rounded)
    whole, part = divmod(rounded, 10**decimals)
    return f"{whole}.{part:0{decimals}d}"


def rate(measure: str, counted: pd.DataFrame, inhabitants: pd.DataFrame) -> pd.DataFrame:
    """Persons per so many inhabitants, as ``programme/measures.yml`` defines the measure (its ``ratio``).

    Parameters
    ----------
    measure
        Such as ``persons_per_1000``.
    counted, inhabitants
        Frames of `Register`: the numerator and the denominator. A variable that only one of them has is taken at the
        other's total.

    Returns
    -------
    pandas.DataFrame
        One row for each cell of either frame, and for each category that only the numerator is classified by.
        ``value`` is decimal text, ``.`` where nobody lives, ``..`` where either is not available; ``contributors`` are the
        persons in the numerator.

    Raises
    ------
    InputError
        The measure is not a ratio, or the frames hold other measures than it is made of.
    """
    return _ratio(measure, counted, inhabitants)


def share(measure: str, part: pd.DataFrame, of: pd.DataFrame) -> pd.DataFrame:
    """A part in per cent of its whole, as ``programme/measures.yml`` defines the measure (its ``ratio``).

    As `rate`; the whole is taken at the total of every classification of procedures, so that
    ``share("share_of_persons_with_procedure", part=kinds, of=kinds)`` is each kind's share of any procedure.
    """
    return _ratio(measure, part, of)


def mean(measure: str, summed: pd.DataFrame, persons: pd.DataFrame) -> pd.DataFrame:
    """An amount of each person on average, as ``programme/measures.yml`` defines the measure (its ``ratio``).

    As `rate`: ``mean("months_per_person", register.count_person_months(…), register.count_persons(…))``.
    """
    return _ratio(measure, summed, persons)


def _ratio(measure: str, numerator: pd.DataFrame, denominator: pd.DataFrame) -> pd.DataFrame:
    declared = measure_named(measure)
    ratio = declared.ratio
    if ratio is None:
        raise InputError(f"The measure {measure!r} is not a ratio.", field="measure", remedy="Give it one in measures.yml.")
    _check_measures(measure, ratio, numerator, denominator)
    variables = [name for name in numerator.columns if name not in FIGURES]
    whole = _in_every_category(_at_total(denominator, numerator), numerator, variables)
    joined = numerator.merge(whole[[*variables, "value"]], on=variables, how="outer", suffixes=("", "_of"))
    values = [
        NOT_AVAILABLE
        if NOT_AVAILABLE in (above, below)
        else decimal_text(int(above), int(below), factor=ratio.factor, decimals=declared.decimals)
        for above, below in zip(joined["value"].fillna(0), joined["value_of"].fillna(0), strict=True)
    ]
    return pd.DataFrame(
        {
            **{name: joined[name] for name in variables},
            "measure": measure,
            "value": values,
            "contributors": joined["contributors"].fillna(0).astype("Int64"),
        }
    )


def _at_total(denominator: pd.DataFrame, numerator: pd.DataFrame) -> pd.DataFrame:
    whole = denominator
    for name in [name for name in denominator.columns if name not in FIGURES]:
        if name in OF_PROCEDURE or name not in numerator.columns:
            whole = whole[whole[name] == total(name)].drop(columns=name)
    return whole


def _in_every_category(whole: pd.DataFrame, numerator: pd.DataFrame, variables: Sequence[str]) -> pd.DataFrame:
    """The whole beside each category that the numerator can have: where nobody was counted, the ratio is nought.

    Of an official list only the codes that the numerator has: ten thousand are never used.
    """
    for name in variables:
        if name not in whole.columns:
            shown = {*own_codelist(listed(name).name).codes, *numerator[name]}
            whole = whole.merge(pd.DataFrame({name: [code for code in listed(name).codes if code in shown]}), how="cross")
    return whole


def _check_measures(measure: str, ratio: Ratio, numerator: pd.DataFrame, denominator: pd.DataFrame) -> None:
    for frame, wanted in ((numerator, ratio.numerator), (denominator, ratio.denominator)):
        found = sorted(set(frame["measure"]))
        if found and found != [wanted]:
            raise InputError(
                f"{measure} is made of {ratio.numerator} and {ratio.denominator}, not of {', '.join(found)}.",
                field="measure",
                remedy=f"Give {ratio.numerator} first and {ratio.denominator} second.",
            )
