"""Metadata: code lists, variables, measures, tables and texts, each in Swedish and English.

Languages are data here: a chart or table asks for a label and never spells one.
"""

from kvarn.metadata._codelists import (
    FROM_OFFICIAL,
    CodeList,
    codelist,
    own_codelist,
    parts_not_imported,
    valid_codes,
    valid_procedures,
)
from kvarn.metadata._counted import COUNTED
from kvarn.metadata._findings import FindingKind, finding_kinds
from kvarn.metadata._import import Comparison, ImportedList, import_codelist
from kvarn.metadata._imported import (
    has_official_list,
    imported_lists,
    require_lists_alone,
    short_lists,
    sources_of_lists,
)
from kvarn.metadata._list_states import Stamp, lists_held, stamp
from kvarn.metadata._programme import (
    Language,
    Measure,
    Quantile,
    Ratio,
    Standardised,
    SumOf,
    TableDefinition,
    Variable,
    classification,
    languages,
    measure,
    table,
    tables,
    tables_beside,
    text,
    variable,
    variables,
)
from kvarn.metadata._published import read_codelist
from kvarn.metadata._register import Change, RegisterColumn, RegisterTable, codes_of_periods, register_table, register_tables
from kvarn.metadata._rules import KVA_PARTS, WITH_NUMBERS, Importable, has_official_form, most_detailed
from kvarn.metadata._short_lists import whole_enough
from kvarn.programme import CODELISTS, use_project

__all__ = [
    "CODELISTS",
    "COUNTED",
    "FROM_OFFICIAL",
    "KVA_PARTS",
    "WITH_NUMBERS",
    "Change",
    "CodeList",
    "Comparison",
    "FindingKind",
    "Importable",
    "ImportedList",
    "Language",
    "Measure",
    "Quantile",
    "Ratio",
    "RegisterColumn",
    "RegisterTable",
    "Stamp",
    "Standardised",
    "SumOf",
    "TableDefinition",
    "Variable",
    "classification",
    "codelist",
    "codes_of_periods",
    "finding_kinds",
    "has_official_form",
    "has_official_list",
    "import_codelist",
    "imported_lists",
    "languages",
    "lists_held",
    "measure",
    "most_detailed",
    "own_codelist",
    "parts_not_imported",
    "read_codelist",
    "register_table",
    "register_tables",
    "require_lists_alone",
    "short_lists",
    "sources_of_lists",
    "stamp",
    "table",
    "tables",
    "tables_beside",
    "text",
    "use_project",
    "valid_codes",
    "valid_procedures",
    "variable",
    "variables",
    "whole_enough",
]
