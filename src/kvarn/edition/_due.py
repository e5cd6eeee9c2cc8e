"""When a care month's file is due."""

from __future__ import annotations

import calendar
import datetime as dt

__all__ = ["FIRST_YEAR_OF_DUE_DATES", "MONTHS_IN_YEAR", "due_date", "last_day"]

MONTHS_ALLOWED = 2
MONTHS_IN_YEAR = 12
# The monthly due dates of HSLF-FS 2017:67 apply to care from this year on; before, deliveries came half-yearly.
FIRST_YEAR_OF_DUE_DATES = 2019


def due_date(year: int, month: int) -> dt.date:
    """The last day on which a care month's file is in time: the last of the second month after it (HSLF-FS 2017:67 §4)."""
    later = year * MONTHS_IN_YEAR + month - 1 + MONTHS_ALLOWED
    due_year, due_month = divmod(later, MONTHS_IN_YEAR)
    return dt.date(due_year, due_month + 1, calendar.monthrange(due_year, due_month + 1)[1])


def last_day(year: int, month: int) -> dt.date:
    """The last day on which nobody misses a care month's file: its due date; before there were any, the end of the month."""
    if year >= FIRST_YEAR_OF_DUE_DATES:
        return due_date(year, month)
    return dt.date(year, month, calendar.monthrange(year, month)[1])
