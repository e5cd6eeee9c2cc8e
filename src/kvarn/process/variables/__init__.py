"""The variable list: what every column of the register and every field of the deliveries is, in both languages."""

from kvarn.process.variables._csvw import csvw
from kvarn.process.variables._listed import Code, Listed, ListedTable, Share, codes_of, listed_column
from kvarn.process.variables._page import Part, VariableList, page
from kvarn.process.variables._register_check import check_register, missing_shares, parquet
from kvarn.process.variables._words import word
from kvarn.process.variables._write import span, write_privately, write_variable_list

__all__ = [
    "Code",
    "Listed",
    "ListedTable",
    "Part",
    "Share",
    "VariableList",
    "check_register",
    "codes_of",
    "csvw",
    "listed_column",
    "missing_shares",
    "page",
    "parquet",
    "span",
    "word",
    "write_privately",
    "write_variable_list",
]
