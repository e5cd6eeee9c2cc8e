"""Collect (GSBPM 4): delivery files become validated deliveries, and every file gets a receipt."""

from typing import TYPE_CHECKING

from kvarn.base.late_imports import when_asked_for

if TYPE_CHECKING:
    from kvarn.collect._collected import collect_year, delivery_log
    from kvarn.collect._deaths import read_deaths
    from kvarn.collect._doors import warning_of_modes
    from kvarn.collect._fewer import FewerRows, far_fewer_rows
    from kvarn.collect._fingerprints import fingerprint, ledger_state
    from kvarn.collect._intake import Outcome, forget_unless_same, take_in
    from kvarn.collect._layouts import Field, Layout, layouts
    from kvarn.collect._ledger import Entry, version_of_ledger
    from kvarn.collect._mark import keep_mark
    from kvarn.collect._overview_files import waiting_files, write_overview
    from kvarn.collect._passed_over import PassedOver
    from kvarn.collect._receipts import receipt_schema
    from kvarn.collect._rows import ValidCodes
    from kvarn.collect._rules import Rule, rules
    from kvarn.collect._sources import of_a_synthetic_register
    from kvarn.collect._terms import Terms
    from kvarn.collect._why_rejected import in_few_words, why_rejected, why_remarked
    from kvarn.collect._without_care import WithoutCare, procedures_without_care
    from kvarn.edition import due_date, first_year_of_due_dates

__all__ = [
    "Entry",
    "FewerRows",
    "Field",
    "Layout",
    "Outcome",
    "PassedOver",
    "Rule",
    "Terms",
    "ValidCodes",
    "WithoutCare",
    "collect_year",
    "delivery_log",
    "due_date",
    "far_fewer_rows",
    "fingerprint",
    "first_year_of_due_dates",
    "forget_unless_same",
    "in_few_words",
    "keep_mark",
    "layouts",
    "ledger_state",
    "of_a_synthetic_register",
    "procedures_without_care",
    "read_deaths",
    "receipt_schema",
    "rules",
    "take_in",
    "version_of_ledger",
    "waiting_files",
    "warning_of_modes",
    "why_rejected",
    "why_remarked",
    "write_overview",
]

__getattr__ = when_asked_for(
    __name__,
    {
        "collect_year": "kvarn.collect._collected",
        "delivery_log": "kvarn.collect._collected",
        "ledger_state": "kvarn.collect._fingerprints",
        "read_deaths": "kvarn.collect._deaths",
        "warning_of_modes": "kvarn.collect._doors",
        "FewerRows": "kvarn.collect._fewer",
        "far_fewer_rows": "kvarn.collect._fewer",
        "fingerprint": "kvarn.collect._fingerprints",
        "Outcome": "kvarn.collect._intake",
        "forget_unless_same": "kvarn.collect._intake",
        "take_in": "kvarn.collect._intake",
        "Field": "kvarn.collect._layouts",
        "Layout": "kvarn.collect._layouts",
        "layouts": "kvarn.collect._layouts",
        "Entry": "kvarn.collect._ledger",
        "version_of_ledger": "kvarn.collect._ledger",
        "keep_mark": "kvarn.collect._mark",
        "waiting_files": "kvarn.collect._overview_files",
        "write_overview": "kvarn.collect._overview_files",
        "PassedOver": "kvarn.collect._passed_over",
        "receipt_schema": "kvarn.collect._receipts",
        "ValidCodes": "kvarn.collect._rows",
        "Rule": "kvarn.collect._rules",
        "rules": "kvarn.collect._rules",
        "of_a_synthetic_register": "kvarn.collect._sources",
        "Terms": "kvarn.collect._terms",
        "in_few_words": "kvarn.collect._why_rejected",
        "why_rejected": "kvarn.collect._why_rejected",
        "why_remarked": "kvarn.collect._why_rejected",
        "WithoutCare": "kvarn.collect._without_care",
        "procedures_without_care": "kvarn.collect._without_care",
        "due_date": "kvarn.edition",
        "first_year_of_due_dates": "kvarn.edition",
    },
)
