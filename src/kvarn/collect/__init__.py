"""Collect (GSBPM 4): delivery files become validated deliveries, and every file gets a receipt."""

from kvarn.collect._due import FIRST_YEAR_OF_DUE_DATES, due_date
from kvarn.collect._fingerprints import fingerprints
from kvarn.collect._intake import arrival_dates, take_in
from kvarn.collect._layouts import Field, Layout, layouts
from kvarn.collect._overview import overview_csv, overview_rows, unplaced_files
from kvarn.collect._overview_page import overview_page
from kvarn.collect._receipt_page import receipt_page
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
    "overview_csv",
    "overview_page",
    "overview_rows",
    "receipt_page",
    "receipt_schema",
    "rules",
    "take_in",
    "unplaced_files",
]
