"""Evaluate (GSBPM 8): the logs of the phases become quality indicators, which are published like any other table."""

from kvarn.evaluate._by_municipality import deliveries_by_municipality
from kvarn.evaluate._deliveries import deliveries_by_year, open_collection, read_collection
from kvarn.evaluate._items import item_non_response, open_items, read_items

__all__ = [
    "deliveries_by_municipality",
    "deliveries_by_year",
    "item_non_response",
    "open_collection",
    "open_items",
    "read_collection",
    "read_items",
]
