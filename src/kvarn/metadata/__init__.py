"""Metadata: code lists, variables, measures, tables and texts, each in Swedish and English.

Languages are data here: a chart or table asks for a label and never spells one.
"""

from kvarn.metadata._codelists import CodeList, codelist, valid_procedures
from kvarn.metadata._programme import (
    Language,
    Measure,
    Ratio,
    TableDefinition,
    Variable,
    languages,
    measure,
    table,
    tables,
    text,
    variable,
)
from kvarn.metadata._register import Change, RegisterColumn, RegisterTable, register_table, register_tables

__all__ = [
    "Change",
    "CodeList",
    "Language",
    "Measure",
    "Ratio",
    "RegisterColumn",
    "RegisterTable",
    "TableDefinition",
    "Variable",
    "codelist",
    "languages",
    "measure",
    "register_table",
    "register_tables",
    "table",
    "tables",
    "text",
    "valid_procedures",
    "variable",
]
