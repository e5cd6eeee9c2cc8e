"""What the synthetic register is calibrated to: published figures, and our assumptions where nothing is published.

Published figures are those of the annual statistical reports on the register for 2020–2023 and of Statistics Sweden's
population on 31 December. Everything marked *assumption* is ours: it makes the demo look like a register and says
nothing about the real one.
"""

from __future__ import annotations

from kvarn.errors import InputError

__all__ = [
    "AGES",
    "FIRST_YEAR_OF_PROCEDURES",
    "MEN",
    "WOMEN",
    "inhabitants_of",
    "persons_of",
    "share_65_and_older",
    "share_with_procedures",
    "shares_of_kinds",
]

AGES = 101  # 0–99 and "100 and older"
MEN, WOMEN = 0, 1  # indices of the sex dimension
FIRST_YEAR_OF_PROCEDURES = 2019  # HSLF-FS 2017:67

EARLIEST_YEAR, LATEST_YEAR = 2009, 2035  # 2008 had a measuring month only
SIZE_YEAR = 2023  # the last published year: the size of a register is its number of persons in this year, or what it would be

# 2020–2023 published. 2017–2019 assumption: about 400,000, with a break where monthly deliveries of procedures began.
_PERSONS = {2017: 399_000, 2018: 402_000, 2019: 383_000, 2020: 387_000, 2021: 388_000, 2022: 412_000, 2023: 414_000}
_GROWTH_BEFORE = 1.008  # assumption, for years before 2017
_GROWTH_AFTER = 1.006  # assumption, for years after the last published

# 2010–2019 published; later years rounded (assumption).
_INHABITANTS = {
    2010: 9_415_570,
    2011: 9_482_855,
    2012: 9_555_893,
    2013: 9_644_864,
    2014: 9_747_355,
    2015: 9_851_017,
    2016: 9_995_153,
    2017: 10_120_242,
    2018: 10_230_185,
    2019: 10_327_589,
    2020: 10_380_000,
    2021: 10_450_000,
    2022: 10_520_000,
    2023: 10_550_000,
}

_SHARE_65_AND_OLDER = {2021: 0.82, 2022: 338 / 412, 2023: 342 / 414}  # published; other years assumption
WOMEN_AMONG_65_AND_OLDER = 50 / 82  # published for 2021
WOMEN_BELOW_65 = 0.47  # assumption

_SHARE_WITH_PROCEDURES = {2019: 0.75, 2020: 0.75, 2021: 0.75, 2022: 0.75}  # published for 2022; 2019–2021 assumption
_SHARE_WITH_PROCEDURES_LATER = 0.82  # published for 2023

# Of the persons with a procedure: the shares with an assessing and with a treating one. 2022 and 2023 published.
_ASSESSING = {2019: 0.79, 2020: 0.80, 2021: 0.80, 2022: 0.81}
_ASSESSING_LATER = 0.82
_TREATING = 0.90
NEITHER_ASSESSING_NOR_TREATING = 0.02  # assumption

# Persons living where the municipality delivers KHSL2 (assumption); the others without procedures are persons whose
# care was given by staff outside the duty to report.
_COVERAGE_BY_KHSL2 = {2019: 0.86, 2020: 0.86, 2021: 0.86, 2022: 0.86}
_COVERAGE_BY_KHSL2_LATER = 0.94

# In Stockholm county, Norrtälje excepted, the region answers for care in ordinary housing (published for 2015). That
# leaves special housing: how much less that is, is an assumption.
COUNTY_WITHOUT_HOME_CARE, MUNICIPALITY_WITH_HOME_CARE = "01", "0188"
REMAINING_WITHOUT_HOME_CARE = 0.45


def persons_of(year: int) -> float:
    """Persons in the register in the year, at full scale."""
    if year > max(_PERSONS):
        return _PERSONS[max(_PERSONS)] * _GROWTH_AFTER ** (year - max(_PERSONS))
    earliest = min(_PERSONS)
    return _PERSONS[max(year, earliest)] / _GROWTH_BEFORE ** max(earliest - year, 0)


def inhabitants_of(year: int) -> float:
    """Inhabitants of Sweden on 31 December."""
    if year > max(_INHABITANTS):
        return _INHABITANTS[max(_INHABITANTS)] * 1.003 ** (year - max(_INHABITANTS))
    return float(_INHABITANTS[max(year, min(_INHABITANTS))])


def share_65_and_older(year: int) -> float:
    """Share of the register's persons who are 65 or older at the end of the year."""
    return _SHARE_65_AND_OLDER.get(min(year, max(_SHARE_65_AND_OLDER)), _SHARE_65_AND_OLDER[2021])


def share_with_procedures(year: int) -> float:
    """Share of the register's persons for whom procedures exist."""
    return _SHARE_WITH_PROCEDURES.get(year, _SHARE_WITH_PROCEDURES_LATER)


def coverage_by_khsl2(year: int) -> float:
    """Share of the register's persons whose municipality delivers KHSL2 that year."""
    return _COVERAGE_BY_KHSL2.get(year, _COVERAGE_BY_KHSL2_LATER)


def shares_of_kinds(year: int) -> tuple[float, float]:
    """Shares with an assessing and with a treating procedure, of the persons with any procedure."""
    return _ASSESSING.get(year, _ASSESSING_LATER), _TREATING


def check_years(first_year: int, last_year: int) -> None:
    """Refuse a series that the figures say nothing about."""
    if first_year > last_year:
        raise InputError(
            f"A synthetic register cannot begin in {first_year} and end in {last_year}.",
            field="first_year, last_year",
            remedy="Give a last year that is not before the first.",
        )
    if first_year < EARLIEST_YEAR:
        raise InputError(
            f"A synthetic register cannot begin in {first_year}: in 2008 care was reported for one month only, "
            "and what was reported before that is not declared here.",
            field="first_year",
            remedy=f"Give a first year from {EARLIEST_YEAR} to {LATEST_YEAR}.",
        )
    if last_year > LATEST_YEAR:
        raise InputError(
            f"A synthetic register cannot go on to {last_year}: so far ahead its figures say nothing.",
            field="last_year",
            remedy=f"Give a last year up to {LATEST_YEAR}.",
        )
