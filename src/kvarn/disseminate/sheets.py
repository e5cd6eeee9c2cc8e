"""Sheets of a workbook that hold what they were given, and names that Excel takes."""

from __future__ import annotations

import functools
import hashlib
import re
import unicodedata
from collections.abc import Callable, Collection
from typing import Any

from xlsxwriter.worksheet import Worksheet

from kvarn.errors import RenderingError

__all__ = ["StrictSheet", "is_sheet_name", "table_name"]

_LONGEST_NAME = 255
_LONGEST_FOOTER = 255
_LONGEST_SHEET_NAME = 31
_CELL = re.compile(r"[a-z]{1,3}\d+|r\d*(c\d*)?|c\d*", re.IGNORECASE)
_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\]|^'|'$")


def table_name(table: str, taken: Collection[str] = ()) -> str:
    """The name of an Excel table for a table of the programme: ``persons_by_month``, ``T_65_plus_by_month``.

    Excel wants a letter first, then letters, digits, points and underscores; nothing that looks like a cell (``A1``, ``R1C1``);
    255 characters at most; and no name twice, be it in capitals.

    Parameters
    ----------
    taken
        The names of the workbook's other tables.
    """
    name = "".join(one if unicodedata.category(one)[0] == "L" or one in "0123456789_." else "_" for one in table)
    if not name[:1].isalpha() or _CELL.fullmatch(name):
        name = f"T_{name}"
    if len(name) > _LONGEST_NAME:
        name = f"{name[:240]}_{hashlib.sha256(table.encode()).hexdigest()[:12]}"
    others = {one.casefold() for one in taken}
    found, number = name, 1
    while found.casefold() in others:
        number += 1
        found = f"{name[:240]}_{number}"
    return found


def is_sheet_name(name: str) -> bool:
    """Whether Excel takes this for the name of a sheet."""
    return 0 < len(name) <= _LONGEST_SHEET_NAME and not _NOT_IN_SHEET_NAMES.search(name)


class StrictSheet(Worksheet):  # type: ignore[misc]
    """A sheet on which everything is written or nothing: what XlsxWriter would leave out with a warning is an error.

    XlsxWriter returns a negative number then. Its warnings cannot be made errors where steps run in threads: which warnings
    are errors is set for all of them at once.
    """

    def set_footer(self, footer: str = "", *more: Any) -> None:
        """Set the footer."""
        if len(footer) > _LONGEST_FOOTER:
            raise _refused(self, "set_footer", f"{len(footer)} characters, of {_LONGEST_FOOTER}")
        super().set_footer(footer, *more)


def _refused(sheet: Worksheet, what: str, about: object) -> RenderingError:
    return RenderingError(
        f"The spreadsheet would leave something out: {what} refuses {str(about)[:200]}.",
        document=f"tables.xlsx, sheet {sheet.get_name()!r}",
        remedy="Two columns may have the same heading, a text may be too long, or a table may have no row: "
        "correct the table's declaration, or the words in the metadata.",
    )


def _strictly(name: str) -> Callable[..., Any]:
    plain = getattr(Worksheet, name)

    @functools.wraps(plain)
    def strict(self: StrictSheet, *arguments: Any, **named: Any) -> Any:
        result = plain(self, *arguments, **named)
        if isinstance(result, int) and result < 0:
            raise _refused(self, name, arguments)
        return result

    return strict


for _name in ("add_table", "ignore_errors", "set_column", "set_row", "write_number", "write_string", "write_url"):
    setattr(StrictSheet, _name, _strictly(_name))
