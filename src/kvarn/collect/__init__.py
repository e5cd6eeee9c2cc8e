"""Collect (GSBPM 4): delivery files become validated deliveries, and every file gets a receipt."""

from kvarn.collect._due import FIRST_YEAR_OF_DUE_DATES, due_date
from kvarn.collect._fingerprints import fingerprints
from kvarn.collect._intake import arrival_dates, take_in
from kvarn.collect._layouts import Field, Layout, layouts
from kvarn.collect._receipts import receipt_schema
from kvarn.collect._rows import ValidCodes
from kvarn.collect._rules import Rule, rules

__all__ = [
    "FIRST_YEAR_OF_DUE_DATES",
    "Field",
    "Layout",
    "Rule",
    "ValidCodes",
    "arrival_dates",
    "due_date",
    "fingerprints",
    "layouts",
    "receipt_schema",
    "rules",
    "take_in",
]
