"""Text files: encodings, separators, quotation marks. Nothing is held in memory but a row at a time."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from kvarn.errors import CodeListError
from kvarn.process.population._cells import AS_DOWNLOADED, Unknown
from kvarn.process.population._grid import BUFFER
from kvarn.process.population._headings import Row, find_headings
from kvarn.process.population._regions import Regions

__all__ = ["ENCODINGS", "encoding_of", "separator_in_words", "separator_of", "text_rows"]

_SEPARATORS = {";": "semicolons", ",": "commas", "\t": "tabs"}
_BINARY = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f]")
_CHUNK = 2**20
# What messages call them. Windows writes ISO 8859-1 with characters of its own where that has none.
ENCODINGS = {"utf-8-sig": "UTF-8", "utf-16": "UTF-16", "cp1252": "ISO 8859-1"}


def encoding_of(path: Path, *, in_lines: bool = True) -> str:
    """The encoding of a text file.

    Raises
    ------
    CodeListError
        It is no text.
    """
    utf_8 = codecs.getincrementaldecoder("utf-8")()
    fits = {"utf-8-sig": True, "cp1252": True}
    cp1252 = codecs.getincrementaldecoder("cp1252")()
    if in_lines:
        _require_lines(path)
    with path.open("rb") as file:
        if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
        file.seek(0)
        while chunk := file.read(_CHUNK):
            if _BINARY.search(chunk):
                raise _not_text(path)
            for name, decoder in (("utf-8-sig", utf_8), ("cp1252", cp1252)):
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    fits[name] = False
        try:
            utf_8.decode(b"", final=True)
        except UnicodeDecodeError:
            fits["utf-8-sig"] = False
    found = [name for name, fit in fits.items() if fit]
    if not found:
        raise _not_text(path)
    return found[0]


def _require_lines(path: Path) -> None:
    """Refuse a text without line ends, which would be held in memory as one row."""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            if len(chunk) == _CHUNK and b"\n" not in chunk and b"\r" not in chunk:
                raise _not_text(path)


def _not_text(path: Path) -> CodeListError:
    return CodeListError(
        "The file is neither text nor a workbook, PX or JSON-stat file that can be read.", file=path, remedy=AS_DOWNLOADED
    )


def separator_of(path: Path, encoding: str, regions: Regions) -> str:
    """The separator by which the file has headings; the most frequent one where it has none by any."""
    for separator in _SEPARATORS:
        try:
            find_headings(list(islice(text_rows(path, encoding, separator), BUFFER)), regions)
        except (Unknown, CodeListError):
            continue
        return separator
    try:
        with path.open(encoding=encoding, newline="") as file:
            first = file.read(4096)
    except UnicodeDecodeError:
        raise _not_text(path) from None
    return max(_SEPARATORS, key=first.count)


def separator_in_words(separator: str) -> str:
    """The separator's name."""
    return _SEPARATORS[separator]


def text_rows(path: Path, encoding: str, separator: str) -> Iterator[Row]:
    """The rows, each with the number of its first line.

    Raises
    ------
    CodeListError
        A row cannot be cut into fields.
    """
    begins = 1
    try:
        with path.open(encoding=encoding, newline="") as file:
            reader = csv.reader(file, delimiter=separator, strict=True)
            for cells in reader:
                yield begins, cells
                begins = reader.line_num + 1
    except csv.Error as error:
        raise CodeListError(
            f"The row cannot be cut into fields: {error}.",
            file=path,
            line=begins,
            remedy="Correct the quotation marks of the row, or download the file again.",
        ) from None
    except UnicodeDecodeError:
        raise _not_text(path) from None
