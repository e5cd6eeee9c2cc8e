"""In what two finished publications differ: figures, texts, parameters, methods, and what they were made from."""

from kvarn.pipeline.comparison._cells import KINDS, CellChange, TableChange, compare_table, compare_tables, largest
from kvarn.pipeline.comparison._compare import Comparison, compare
from kvarn.pipeline.comparison._published import Published, find_publication
from kvarn.pipeline.comparison._write import (
    CELLS,
    cell_row,
    place_for,
    require_place,
    summary,
    write_comparison,
    written_as_csv,
)

__all__ = [
    "CELLS",
    "KINDS",
    "CellChange",
    "Comparison",
    "Published",
    "TableChange",
    "cell_row",
    "compare",
    "compare_table",
    "compare_tables",
    "find_publication",
    "largest",
    "place_for",
    "require_place",
    "summary",
    "write_comparison",
    "written_as_csv",
]
