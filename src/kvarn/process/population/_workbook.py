"""Workbooks (.xlsx), row by row."""

from __future__ import annotations

import contextlib
import zipfile
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from kvarn.errors import CodeListError
from kvarn.process.population._cells import Unknown
from kvarn.process.population._grid import BUFFER
from kvarn.process.population._headings import Row, find_headings
from kvarn.process.population._regions import Regions

__all__ = ["opened_workbook", "sheet_of_population", "sheet_rows"]

_MOST_UNPACKED = 512 * 2**20
_MOST_ROWS = 1_048_576
_MOST_COLUMNS = 2_000
_REMEDY = "Download it again, or save it as CSV."


@contextlib.contextmanager
def opened_workbook(path: Path) -> Iterator[Any]:
    """The workbook, closed afterwards.

    Raises
    ------
    CodeListError
        It is damaged, no workbook, or unreasonably large.
    """
    # Only workbooks need it, and it takes as long to load as all the rest.
    import openpyxl  # type: ignore[import-untyped]

    # Opened here, since by its name openpyxl would refuse a workbook that is called something else.
    with path.open("rb") as file:
        try:
            with zipfile.ZipFile(file) as packed:
                members = packed.infolist()
            _require_workbook(path, members)
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        except CodeListError:
            raise
        except Exception as error:
            raise _damaged(path, error) from None
        try:
            yield book
        finally:
            book.close()


def _require_workbook(path: Path, members: Sequence[zipfile.ZipInfo]) -> None:
    if not any(one.filename == "[Content_Types].xml" for one in members):
        raise CodeListError(
            "The file is an archive, not a workbook.", file=path, remedy="Unpack it, and give the files that are in it."
        )
    unpacked = sum(one.file_size for one in members)
    if unpacked > _MOST_UNPACKED:
        raise CodeListError(f"Unpacked the workbook would be {unpacked // 2**20:,} MB.", file=path, remedy=_REMEDY)


def _damaged(path: Path, error: Exception) -> CodeListError:
    # Whatever a damaged workbook leads openpyxl to: it has no errors of its own for it.
    said = " ".join(str(error).split())[:200] or type(error).__name__
    return CodeListError(f"The workbook cannot be read: {said}.", file=path, remedy=_REMEDY)


def sheet_of_population(path: Path, book: Any, regions: Regions) -> str:
    """The name of the one sheet that has headings of a population; the first sheet's where none has.

    Raises
    ------
    CodeListError
        Several have them, so that nobody can say which is meant.
    """
    names = [sheet.title for sheet in book.worksheets]
    headed = []
    for name in names:
        try:
            find_headings(list(islice(sheet_rows(path, book, name), BUFFER)), regions)
        except Unknown:
            continue
        headed.append(name)
    if len(headed) > 1:
        raise CodeListError(
            f"Several sheets of the workbook have a population: {', '.join(map(repr, headed))}.",
            file=path,
            remedy="Keep one of them, or save each as a file of its own.",
        )
    if not names:
        raise CodeListError("The workbook has no sheet.", file=path, remedy=_REMEDY)
    return str((headed or names)[0])


def sheet_rows(path: Path, book: Any, name: str) -> Iterator[Row]:
    """The rows of a sheet as text, each with its number."""
    try:
        sheet = book[name]
        # What a workbook says about its own size may be anything.
        sheet.reset_dimensions()
        rows = sheet.iter_rows(values_only=True, max_col=None)
        for number, row in enumerate(islice(rows, _MOST_ROWS), 1):
            if len(row) > _MOST_COLUMNS:
                raise CodeListError(f"The sheet has more than {_MOST_COLUMNS:,} columns.", file=path, line=number, remedy=_REMEDY)
            yield number, [_shown(value) for value in row]
    except CodeListError:
        raise
    except Exception as error:
        raise _damaged(path, error) from None


def _shown(value: object) -> str:
    if value is None:
        return ""
    # A workbook has no whole numbers, only numbers.
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
