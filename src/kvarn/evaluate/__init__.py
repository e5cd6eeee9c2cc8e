"""Evaluate (GSBPM 8): the logs of the phases become quality indicators, which are published like any other table."""

from kvarn.evaluate._by_municipality import deliveries_by_municipality
from kvarn.evaluate._deliveries import deliveries_by_year, open_collection, read_collection

__all__ = ["deliveries_by_municipality", "deliveries_by_year", "open_collection", "read_collection"]
