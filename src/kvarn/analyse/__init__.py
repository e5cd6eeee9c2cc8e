"""GSBPM 6, Analyse: the register becomes statistical tables, validated as a whole and then protected as a whole."""

from typing import TYPE_CHECKING

from kvarn.base.late_imports import when_asked_for

if TYPE_CHECKING:
    from kvarn.analyse._accepted_files import accepted_files, check_protected_tables, check_table, check_unprotected_tables
    from kvarn.analyse._open_register import open_register
    from kvarn.analyse._order import Coarser, coarser_orders, count_order, require_parts
    from kvarn.analyse._ratio import NOT_APPLICABLE, NOT_AVAILABLE, decimal_text, mean, rate, share
    from kvarn.analyse._register import Register
    from kvarn.analyse._revisions import write_revisions
    from kvarn.analyse._standardised import standardised
    from kvarn.analyse._tables import save_table, years_of
    from kvarn.analyse._validate import validate_tables
    from kvarn.analyse.disclosure import ProtectedOrder, protect_order, protect_tables

__all__ = [
    "NOT_APPLICABLE",
    "NOT_AVAILABLE",
    "Coarser",
    "ProtectedOrder",
    "Register",
    "accepted_files",
    "check_protected_tables",
    "check_table",
    "check_unprotected_tables",
    "coarser_orders",
    "count_order",
    "decimal_text",
    "mean",
    "open_register",
    "protect_order",
    "protect_tables",
    "rate",
    "require_parts",
    "save_table",
    "share",
    "standardised",
    "validate_tables",
    "write_revisions",
    "years_of",
]

__getattr__ = when_asked_for(
    __name__,
    {
        "accepted_files": "kvarn.analyse._accepted_files",
        "check_protected_tables": "kvarn.analyse._accepted_files",
        "check_table": "kvarn.analyse._accepted_files",
        "check_unprotected_tables": "kvarn.analyse._accepted_files",
        "open_register": "kvarn.analyse._open_register",
        "Coarser": "kvarn.analyse._order",
        "coarser_orders": "kvarn.analyse._order",
        "count_order": "kvarn.analyse._order",
        "require_parts": "kvarn.analyse._order",
        "NOT_APPLICABLE": "kvarn.analyse._ratio",
        "NOT_AVAILABLE": "kvarn.analyse._ratio",
        "decimal_text": "kvarn.analyse._ratio",
        "mean": "kvarn.analyse._ratio",
        "rate": "kvarn.analyse._ratio",
        "share": "kvarn.analyse._ratio",
        "Register": "kvarn.analyse._register",
        "write_revisions": "kvarn.analyse._revisions",
        "standardised": "kvarn.analyse._standardised",
        "save_table": "kvarn.analyse._tables",
        "years_of": "kvarn.analyse._tables",
        "validate_tables": "kvarn.analyse._validate",
        "ProtectedOrder": "kvarn.analyse.disclosure",
        "protect_order": "kvarn.analyse.disclosure",
        "protect_tables": "kvarn.analyse.disclosure",
    },
)
