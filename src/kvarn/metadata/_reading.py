"""Reading an official list as it was downloaded: text or a workbook, in any of the usual encodings, separators and headings."""

from __future__ import annotations

import codecs
import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from kvarn.errors import CodeListError
from kvarn.metadata._headings import KNOWN, REQUIRED, columns_of, looks_like_validity

__all__ = ["Line", "Listed", "read_list"]

_SEPARATORS = (",", ";", "\t")
# Titles and notes may stand above the headings.
_LINES_ABOVE = 20
_MOST_LINES = 200_000
_MOST_BYTES = 64 * 2**20
_MOST_UNPACKED = 512 * 2**20
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


Rows = Iterator[tuple[int, list[str]]]


@dataclass(frozen=True)
class Line:
    """One row of a file: its number, and the fields that are understood, trimmed."""

    file: Path
    number: int
    fields: Mapping[str, str]


@dataclass(frozen=True)
class Listed:
    """What a file lists.

    Attributes
    ----------
    lines
        Its rows below the headings, empty ones left out.
    sheet
        The sheet of a workbook that they stand on.
    other_sheets
        The sheets that have the headings of a list too, and were not read.
    not_understood
        The headings of columns that look as if they told when a code is valid, and are not understood.
    """

    lines: tuple[Line, ...]
    sheet: str | None
    other_sheets: tuple[str, ...]
    not_understood: tuple[str, ...]


def read_list(path: Path, sheet: str | None = None) -> Listed:
    """The rows of a list, from a text file or from a sheet of a workbook: the first with the headings of a list by default.

    Raises
    ------
    CodeListError
        The file cannot be read, or is not a list with a column of codes and one of titles.
    """
    content = _content(path)
    others: tuple[str, ...] = ()
    if content.startswith(b"PK\x03\x04"):
        sheet, rows, others = _sheet(path, content, sheet)
    elif sheet is not None:
        raise CodeListError("The file is text and has no sheets.", file=path, remedy="Leave --sheet out.")
    else:
        rows = _text(path, content)
    headings, columns = _headed(path, rows)
    lines = []
    for number, cells in islice(rows, _MOST_LINES + 1):
        fields = {name: _trimmed(cells[place]) if place < len(cells) else "" for name, place in columns.items()}
        if any(fields.values()):
            lines.append(Line(path, number, fields))
    if not lines:
        raise CodeListError("The list is empty: nothing stands below its headings.", file=path, remedy=_AS_DOWNLOADED)
    if len(lines) > _MOST_LINES:
        raise CodeListError(f"The list has more than {_MOST_LINES:,} rows.", file=path, remedy=_AS_DOWNLOADED)
    return Listed(tuple(lines), sheet, others, looks_like_validity(headings, columns))


_AS_DOWNLOADED = (
    "Give the official list as it was downloaded, or save it as CSV in UTF-8 with the headings code and title "
    "(docs/deliveries.md, code lists)."
)


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise CodeListError(
            f"The list cannot be read: {error.strerror or error}.", file=path, remedy="Give the path of the official list."
        ) from None
    if len(content) > _MOST_BYTES:
        raise CodeListError(f"The list is larger than {_MOST_BYTES // 2**20} MB.", file=path, remedy=_AS_DOWNLOADED)
    return content


def _text(path: Path, content: bytes) -> Rows:
    """The rows of a text file, with the separator that its headings tell."""
    # Spreadsheets call UTF-16 "Unicode text".
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        # ISO 8859-1 as Windows writes it: a superset, with printable characters where ISO 8859-1 has none.
        text = content.decode("cp1252", "replace")
    if _CONTROL.search(text) or "\ufffd" in text:
        raise CodeListError("The file is neither text nor a workbook (.xlsx).", file=path, remedy=_AS_DOWNLOADED)
    separators = [one for one in _SEPARATORS if _has_headings(_cut(path, text, one, cautious=True))]
    return _cut(path, text, separators[0] if separators else ",")


def _cut(path: Path, text: str, separator: str, *, cautious: bool = False) -> Rows:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    begins = 1
    try:
        for cells in reader:
            yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        if not cautious:
            raise CodeListError(
                f"The row cannot be cut into fields: {error}.",
                file=path,
                line=begins,
                remedy="Correct the quotation marks of the row, or save the list as CSV anew.",
            ) from None


def _sheet(path: Path, content: bytes, wanted: str | None) -> tuple[str, Rows, tuple[str, ...]]:
    """The sheet that is wanted, else the first of a workbook that has the headings, else the first; and the others that have."""
    # Only workbooks need it, and it takes as long to load as all the rest.
    import openpyxl  # type: ignore[import-untyped]

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            unpacked = sum(one.file_size for one in packed.infolist())
        if unpacked > _MOST_UNPACKED:
            raise ValueError(f"unpacked it would be {unpacked // 2**20:,} MB")
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheets = {
            sheet.title: [
                (number, [_cell(value) for value in row])
                for number, row in enumerate(islice(sheet.iter_rows(values_only=True), _MOST_LINES + _LINES_ABOVE), 1)
            ]
            for sheet in book.worksheets
        }
    except Exception as error:
        # Whatever a damaged workbook leads openpyxl to: it has no errors of its own for it.
        raise CodeListError(f"The workbook cannot be read: {error}.", file=path, remedy=_AS_DOWNLOADED) from None
    if wanted is not None and wanted not in sheets:
        names = ", ".join(sheets)
        raise CodeListError(f"The workbook has no sheet {wanted!r}.", file=path, remedy=f"Give one of its sheets: {names}.")
    headed = [title for title, rows in sheets.items() if _has_headings(rows)]
    read = wanted or next(iter([*headed, *sheets]), "")
    return read, iter(sheets.get(read, [])), tuple(title for title in headed if title != read)


def _cell(value: object) -> str:
    if value is None:
        return ""
    # A workbook has no whole numbers, only numbers.
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _headed(path: Path, rows: Rows) -> tuple[list[str], Mapping[str, int]]:
    """The headings, and the columns by their field; the rows below them are left."""
    for _, cells in islice(rows, _LINES_ABOVE):
        columns = columns_of(cells)
        if columns is not None:
            return cells, columns
    known = "; ".join(f"{name}: {', '.join(KNOWN[name])}" for name in REQUIRED)
    raise CodeListError(
        "This is not a code list: no row has the headings of a code and of a title.",
        file=path,
        line=1,
        field="headings",
        remedy=f"Name the columns in the first row. Headings that are understood: {known} (docs/deliveries.md, code lists).",
    )


def _has_headings(rows: Iterable[tuple[int, list[str]]]) -> bool:
    return any(columns_of(cells) is not None for _, cells in islice(rows, _LINES_ABOVE))


def _trimmed(text: str) -> str:
    """Without white space around it, and with single spaces in it."""
    return " ".join(text.split())
