"""What a part of a table is written as: one entry a format, and `write` for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kvarn.serve.formats.csv_file import write_csv
from kvarn.serve.formats.html_page import write_html
from kvarn.serve.formats.json_stat import write_json_stat
from kvarn.serve.formats.options import OPTIONS, Options
from kvarn.serve.formats.parquet import write_parquet
from kvarn.serve.formats.px_file import write_px
from kvarn.serve.formats.workbook import require_sheet, write_workbook
from kvarn.serve.selection import Chosen

__all__ = ["DEFAULT_FORMAT", "FORMATS", "OPTIONS", "Format", "Options"]

DEFAULT_FORMAT = "json-stat2"
"""What is written where no format is asked for."""


@dataclass(frozen=True)
class Format:
    """A format.

    Attributes
    ----------
    ending
        The end of its files' names.
    options
        The ``outputFormatParams`` that it has.
    write
        Writes a part of a table in one language.
    require
        Refuses, by a `Problem`, what it cannot hold.
    """

    ending: str
    media_type: str
    options: frozenset[str]
    write: Callable[[Chosen, str, Options], bytes]
    require: Callable[[Chosen], None] = lambda chosen: None


_TEXTS = frozenset({"UseCodes", "UseTexts", "UseCodesAndTexts", "IncludeTitle"})
FORMATS: Mapping[str, Format] = {
    "json-stat2": Format("json", "application/json", frozenset(), write_json_stat),
    "csv": Format("csv", "text/csv; charset=utf-8", _TEXTS | {"SeparatorTab", "SeparatorSpace", "SeparatorSemicolon"}, write_csv),
    "xlsx": Format(
        "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _TEXTS, write_workbook, require_sheet
    ),
    "px": Format("px", "application/octet-stream; charset=utf-8", frozenset(), write_px),
    "html": Format("html", "text/html; charset=utf-8", _TEXTS, write_html),
    "parquet": Format("parquet", "application/vnd.apache.parquet", frozenset(), write_parquet),
}
"""The formats by the name by which they are asked for."""
