"""Metadata: code lists, variables, measures, tables and texts, each in Swedish and English.

Languages are data here: a chart or table asks for a label and never spells one.
"""

from kvarn.metadata._codelists import CodeList, codelist, valid_procedures
from kvarn.metadata._programme import (
    Language,
    Measure,
    Quantile,
    Ratio,
    Standardised,
    SumOf,
    TableDefinition,
    Variable,
    languages,
    measure,
    table,
    tables,
    text,
    variable,
)

__all__ = [
    "CodeList",
    "Language",
    "Measure",
    "Quantile",
    "Ratio",
    "Standardised",
    "SumOf",
    "TableDefinition",
    "Variable",
    "codelist",
    "languages",
    "measure",
    "table",
    "tables",
    "text",
    "valid_procedures",
    "variable",
]
