"""Direct age-standardisation: what a region's rate would be with the age distribution of a standard population.

The rate is exact arithmetic on whole numbers. Its confidence interval takes the count of each age group as Poisson
distributed, so that the variance of the rate is Σ (weight / inhabitants)² × persons, and scales Byar's limits for the
total count to it: Dobson, Kuulasmaa, Eberle & Scherer (1991), *Confidence intervals for weighted sums of Poisson
parameters*, Statistics in Medicine 10, 457–462; Byar's limits in Breslow & Day (1987), *Statistical methods in cancer
research II*, p. 69. With decimals of fixed length the same figures come out on every machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from fractions import Fraction

import pandas as pd

from kvarn.analyse._columns import CELL_KEY, FIGURES, STANDARD
from kvarn.analyse._ratio import NOT_AVAILABLE, decimal_text
from kvarn.errors import InputError
from kvarn.metadata import Standardised
from kvarn.metadata import measure as measure_named

__all__ = ["standardised", "standardised_again"]

_NORMAL_97_5 = Decimal("1.959963984540054")
_EXACTLY = Context(prec=40)


@dataclass(frozen=True)
class _Group:
    """One age group of one cell: its share of the standard population is ``standard / Σ standard``."""

    persons: int
    inhabitants: int
    standard: int


def standardised(measure: str, counted: pd.DataFrame, inhabitants: pd.DataFrame, *, standard: pd.DataFrame) -> pd.DataFrame:
    """A directly age-standardised rate or a limit of its 95 per cent confidence interval.

    Parameters
    ----------
    measure
        Such as ``standardised_per_1000``, as ``programme/measures.yml`` defines it (its ``standardised``).
    counted, inhabitants
        Frames of `Register` by the same variables, ``age`` among them.
    standard
        The standard population: a frame with ``age`` and ``value``, such as
        ``register.population(["year", "age"], [reference_year])``.

    Returns
    -------
    pandas.DataFrame
        One row for each cell of `inhabitants` without the age: ``value`` is decimal text, ``..`` where an age group has
        nobody living in the region or was not reported; ``contributors`` are the persons in the numerator. Of counts with keys,
        ``standard`` keeps what the rate can be reckoned from again.

    Raises
    ------
    InputError
        The measure is not standardised, a frame has no ``age``, or the standard population lacks an age group.
    """
    declared = measure_named(measure)
    rule = declared.standardised
    if rule is None:
        raise InputError(
            f"The measure {measure!r} is not standardised.", field="measure", remedy="Give it groups in measures.yml."
        )
    for frame in (counted, inhabitants, standard):
        if "age" not in frame.columns:
            raise InputError("A standardised rate needs the age.", field="age", remedy="Count by age too.")
    weights = _weights(standard, rule)
    variables = [name for name in counted.columns if name not in (*FIGURES, "age")]
    keys = [*variables, "age"]
    joined = inhabitants.merge(counted[[*keys, "value"]], on=keys, how="left", suffixes=("_living", "_counted"))
    joined = joined[joined["age"].isin(rule.groups)].fillna({"value_counted": 0})
    keyed = CELL_KEY in counted.columns
    rows: list[tuple[object, ...]] = []
    for cell, part in joined.groupby(variables, sort=True):
        if (part["value_counted"] == NOT_AVAILABLE).any():
            rows.append((*cell, measure, NOT_AVAILABLE, 0, *([None] if keyed else [])))
            continue
        groups = {
            age: _Group(int(persons), int(living), weights[age])
            for age, persons, living in zip(part["age"], part["value_counted"], part["value_living"], strict=True)
        }
        value = _value(list(groups.values()), rule, declared.decimals)
        told = [" ".join(f"{age}:{of.inhabitants}:{of.standard}" for age, of in groups.items())] if keyed else []
        rows.append((*cell, measure, value, sum(group.persons for group in groups.values()), *told))
    frame = pd.DataFrame(rows, columns=[*variables, "measure", "value", "contributors", *([STANDARD] if keyed else [])])
    return frame.astype({"contributors": "Int64"})


def standardised_again(measure: str, standard: str, persons: Mapping[str, int]) -> str:
    """The same rate or limit of other persons in each age group.

    Parameters
    ----------
    standard
        What `standardised` keeps of a cell in the column ``standard`` when the register counts keys: each age group's inhabitants
        and its standard population, ``0-64:3402:8123456 65-79:…``.
    persons
        By age group.
    """
    declared = measure_named(measure)
    assert declared.standardised is not None
    parts = [part.split(":") for part in standard.split()]
    groups = [_Group(persons[age], int(living), int(weight)) for age, living, weight in parts]
    return _value(groups, declared.standardised, declared.decimals)


def _value(groups: list[_Group], rule: Standardised, decimals: int) -> str:
    if len(groups) != len(rule.groups) or not all(group.inhabitants for group in groups):
        return NOT_AVAILABLE
    return _text(groups, rule, decimals)


def _weights(standard: pd.DataFrame, rule: Standardised) -> Mapping[str, int]:
    found = {str(age): int(value) for age, value in zip(standard["age"], standard["value"], strict=True)}
    missing = [group for group in rule.groups if not found.get(group)]
    if missing or len(found) != len(standard):
        what = f"has nobody of {missing[0]}" if missing else "has an age group twice"
        raise InputError(
            f"The standard population {what}.", field="standard", remedy="Give one row for each age group of the measure."
        )
    return {group: found[group] for group in rule.groups}


def _text(groups: list[_Group], rule: Standardised, decimals: int) -> str:
    whole = sum(group.standard for group in groups)
    shares = [Fraction(group.standard, group.inhabitants * whole) for group in groups]
    persons = [group.persons for group in groups]
    value = sum((share * count for share, count in zip(shares, persons, strict=True)), Fraction(0))
    if rule.part != "rate":
        if not any(persons):
            # The limits are told by the spread of those who were counted.
            return NOT_AVAILABLE
        variance = sum((share**2 * count for share, count in zip(shares, persons, strict=True)), Fraction(0))
        value = max(_limit(value, variance, sum(persons), upper=rule.part == "upper"), Fraction(0))
    return decimal_text(value.numerator, value.denominator, factor=rule.factor, decimals=decimals)


def _limit(rate: Fraction, variance: Fraction, persons: int, *, upper: bool) -> Fraction:
    """Byar's limit for the number of persons, carried over to the rate in units of their standard deviations."""
    count = Decimal(persons + 1 if upper else persons)
    with localcontext(_EXACTLY):
        deviation = _NORMAL_97_5 / (3 * count.sqrt())
        base = 1 - 1 / (9 * count) + (deviation if upper else -deviation)
        byar = count * base * base * base
        ratio = variance / persons
        scale = (Decimal(ratio.numerator) / Decimal(ratio.denominator)).sqrt()
        return rate + Fraction(scale * (byar - persons))
