"""Disclosure control over all tables of an edition taken as one system of linked cells.

`system` says which cells there are and how they hang together, `primary` which tell of somebody. `suppression` withholds those
and what has to go with them, or `perturbation` changes all figures a little by chance; `written` attacks what comes out, and
`memory` keeps it for all that follows. `protect_tables` is the way through; `protect_order` that of a custom order.
"""

from typing import TYPE_CHECKING

from kvarn.base.late_imports import when_asked_for

if TYPE_CHECKING:
    from kvarn.analyse.disclosure._order import ProtectedOrder, protect_order
    from kvarn.analyse.disclosure._protect import protect_tables

__all__ = ["ProtectedOrder", "protect_order", "protect_tables"]

__getattr__ = when_asked_for(
    __name__,
    {
        "ProtectedOrder": "kvarn.analyse.disclosure._order",
        "protect_order": "kvarn.analyse.disclosure._order",
        "protect_tables": "kvarn.analyse.disclosure._protect",
    },
)
