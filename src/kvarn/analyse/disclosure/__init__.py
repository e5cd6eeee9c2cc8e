"""Disclosure control over all tables of an edition taken as one system of linked cells.

`system` says which cells there are and how they hang together, `primary` which tell of somebody, `secondary` which
have to go with them, and `audit` attacks the outcome. `protect_tables` is the way through; `protect_order` that
of a custom order.
"""

from kvarn.analyse.disclosure._protect import protect_tables
from kvarn.analyse.disclosure.ordered import ProtectedOrder, protect_order

__all__ = ["ProtectedOrder", "protect_order", "protect_tables"]
