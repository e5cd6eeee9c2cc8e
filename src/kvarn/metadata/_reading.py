"""Reading an official list as it was downloaded: text or a workbook, in any of the usual encodings, separators and headings."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import MappingProxyType

from kvarn.errors import CodeListError

__all__ = ["FIELDS", "Line", "read_lines"]

# The columns that are understood, by their headings in lower case. Other columns are left alone.
FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "code": ("code", "key", "kod", "kvå-kod", "kva-kod", "åtgärdskod", "yrkeskod", "kommunkod"),
        "sv": ("sv", "value", "titel", "title", "svenska", "benämning", "beteckning", "klartext", "text", "namn", "kommun"),
        "en": ("en", "english", "engelska", "engelsk titel", "english title"),
        "kind": ("kind", "slag"),
        "group": ("group", "grupp"),
        "accepted": ("accepted", "godkänd"),
        "valid_from": ("valid_from", "valid from", "giltig från", "giltig fr.o.m."),
        "valid_to": ("valid_to", "valid to", "giltig till", "giltig t.o.m."),
    }
)
_REQUIRED = ("code", "sv")
_SEPARATORS = (",", ";", "\t")
# Titles and notes may stand above the headings.
_LINES_ABOVE = 20
_MOST_LINES = 200_000
_MOST_BYTES = 64 * 2**20
_MOST_UNPACKED = 512 * 2**20
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True)
class Line:
    """One row of the file: its number, and the fields that are understood, trimmed."""

    number: int
    fields: Mapping[str, str]


def read_lines(path: Path) -> list[Line]:
    """The rows of a list below its headings, empty ones left out.

    Raises
    ------
    CodeListError
        The file cannot be read, or is not a list with a column of codes and one of titles.
    """
    content = _content(path)
    rows = _sheet(path, content) if content.startswith(b"PK\x03\x04") else _text(path, content)
    columns, below = _headed(path, rows)
    lines = []
    for number, cells in islice(below, _MOST_LINES + 1):
        fields = {name: _trimmed(cells[place]) if place < len(cells) else "" for name, place in columns.items()}
        if any(fields.values()):
            lines.append(Line(number, fields))
    if not lines:
        raise CodeListError("The list is empty: nothing stands below its headings.", file=path, remedy=_AS_DOWNLOADED)
    if len(lines) > _MOST_LINES:
        raise CodeListError(f"The list has more than {_MOST_LINES:,} rows.", file=path, remedy=_AS_DOWNLOADED)
    return lines


_AS_DOWNLOADED = "Give the official list as it was downloaded, or save it as CSV in UTF-8 with the headings code and title."


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


def _text(path: Path, content: bytes) -> Iterator[tuple[int, list[str]]]:
    """The rows of a text file, with the separator that its headings tell."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # ISO 8859-1 as Windows writes it: a superset, with printable characters where ISO 8859-1 has none.
        text = content.decode("cp1252", "replace")
    if _CONTROL.search(text) or "\ufffd" in text:
        raise CodeListError("The file is neither text nor a workbook (.xlsx).", file=path, remedy=_AS_DOWNLOADED)
    separators = [one for one in _SEPARATORS if _heading(islice(_cut(path, text, one, cautious=True), _LINES_ABOVE)) is not None]
    return _cut(path, text, separators[0] if separators else ",")


def _cut(path: Path, text: str, separator: str, *, cautious: bool = False) -> Iterator[tuple[int, list[str]]]:
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


def _sheet(path: Path, content: bytes) -> Iterator[tuple[int, list[str]]]:
    """The rows of the first sheet of a workbook that has the headings, else of the first."""
    # Only workbooks need it, and it takes as long to load as all the rest.
    import openpyxl  # type: ignore[import-untyped]

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            unpacked = sum(one.file_size for one in packed.infolist())
        if unpacked > _MOST_UNPACKED:
            raise ValueError(f"unpacked it would be {unpacked // 2**20:,} MB")
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheets = [
            [(number, [_cell(value) for value in row]) for number, row in enumerate(rows, 1)]
            for rows in (islice(sheet.iter_rows(values_only=True), _MOST_LINES + _LINES_ABOVE) for sheet in book.worksheets)
        ]
    except Exception as error:
        # Whatever a damaged workbook leads openpyxl to: it has no errors of its own for it.
        raise CodeListError(f"The workbook cannot be read: {error}.", file=path, remedy=_AS_DOWNLOADED) from None
    headed = [rows for rows in sheets if _heading(rows[:_LINES_ABOVE]) is not None]
    return iter((headed or sheets or [[]])[0])


def _cell(value: object) -> str:
    if value is None:
        return ""
    # A workbook has no whole numbers, only numbers.
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _headed(path: Path, rows: Iterator[tuple[int, list[str]]]) -> tuple[Mapping[str, int], Iterator[tuple[int, list[str]]]]:
    """The columns by their field, and the rows below the headings."""
    for _, cells in islice(rows, _LINES_ABOVE):
        columns = _columns(cells)
        if columns is not None:
            return columns, rows
    known = "; ".join(f"{name}: {', '.join(FIELDS[name])}" for name in _REQUIRED)
    raise CodeListError(
        "This is not a code list: no row has the headings of a code and of a title.",
        file=path,
        line=1,
        field="headings",
        remedy=f"Name the columns in the first row. Headings that are understood: {known}.",
    )


def _heading(rows: Iterator[tuple[int, list[str]]] | Sequence[tuple[int, list[str]]]) -> int | None:
    return next((number for number, cells in rows if _columns(cells) is not None), None)


def _columns(cells: Sequence[str]) -> Mapping[str, int] | None:
    """The place of each field that the headings name, or None where they name no code or no title."""
    headings = [_trimmed(cell).casefold() for cell in cells]
    columns = {}
    for name, known in FIELDS.items():
        there = [headings.index(heading) for heading in known if heading in headings]
        if there:
            columns[name] = there[0]
    return columns if all(name in columns for name in _REQUIRED) else None


def _trimmed(text: str) -> str:
    """Without white space around it, and with single spaces in it."""
    return " ".join(text.split())
