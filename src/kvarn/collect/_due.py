"""When a care month's file is due: the edition has the rule, since what it publishes stands on it too."""

from __future__ import annotations

from kvarn.edition import FIRST_YEAR_OF_DUE_DATES, MONTHS_IN_YEAR, due_date

__all__ = ["FIRST_YEAR_OF_DUE_DATES", "MONTHS_IN_YEAR", "due_date"]
