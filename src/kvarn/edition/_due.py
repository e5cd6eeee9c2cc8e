"""When a month's file is due."""

from __future__ import annotations

import calendar
import datetime as dt

from kvarn.programme import current_programme

__all__ = ["MONTHS_IN_YEAR", "due_date", "first_year_of_due_dates", "last_day"]

MONTHS_IN_YEAR = 12


def first_year_of_due_dates() -> int:
    """The year from whose months on files are due on a day."""
    return current_programme().about.due.first_year


def due_date(year: int, month: int) -> dt.date:
    """The last day on which a month's file is in time: the last of the month that ``programme.yml`` says (``due``)."""
    later = year * MONTHS_IN_YEAR + month - 1 + current_programme().about.due.months_after
    due_year, due_month = divmod(later, MONTHS_IN_YEAR)
    return dt.date(due_year, due_month + 1, calendar.monthrange(due_year, due_month + 1)[1])


def last_day(year: int, month: int) -> dt.date:
    """The last day on which nobody misses a month's file: its due date; before there were any, the end of the month."""
    if year >= first_year_of_due_dates():
        return due_date(year, month)
    return dt.date(year, month, calendar.monthrange(year, month)[1])
