"""Disseminate (GSBPM 7): protected tables become charts, reports, spreadsheets, database files and the record of their making.

A notebook under ``notebooks/present`` begins with `open_tables`.
"""

from typing import TYPE_CHECKING

from kvarn.base.late_imports import when_asked_for

if TYPE_CHECKING:
    from kvarn.disseminate.protected import Cell, ProtectedTable, ProtectedTables, open_tables

__all__ = ["Cell", "ProtectedTable", "ProtectedTables", "open_tables"]

__getattr__ = when_asked_for(
    __name__,
    {
        "Cell": "kvarn.disseminate.protected",
        "ProtectedTable": "kvarn.disseminate.protected",
        "ProtectedTables": "kvarn.disseminate.protected",
        "open_tables": "kvarn.disseminate.protected",
    },
)
