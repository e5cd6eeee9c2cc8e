"""Disseminate (GSBPM 7): protected tables become charts, reports, spreadsheets, database files and the record of their making.

A notebook under ``notebooks/present`` begins with `open_tables`.
"""

from kvarn.disseminate.protected import Cell, ProtectedTable, ProtectedTables, open_tables

__all__ = ["Cell", "ProtectedTable", "ProtectedTables", "open_tables"]
