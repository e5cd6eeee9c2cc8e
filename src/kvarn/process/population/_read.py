"""One population file, of whatever type: what it is is seen from what it holds, not from its name."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from pathlib import Path

from kvarn.errors import CodeListError
from kvarn.process.population import _json, _px, _text, _workbook
from kvarn.process.population._cells import AS_DOWNLOADED, PopulationFile
from kvarn.process.population._cube import Cube, read_cube
from kvarn.process.population._grid import Grid, read_grid
from kvarn.process.population._headings import Headings, Row
from kvarn.process.population._records import require_unchanged
from kvarn.process.population._regions import Regions

__all__ = ["read_file"]

_MOST_BYTES = 512 * 2**20
# JSON and PX are read whole.
_MOST_BYTES_WHOLE = 32 * 2**20
_START = 4096
_OTHER_TYPES = {
    b"\xd0\xcf\x11\xe0": ("an old workbook (.xls)", "Save it as .xlsx or CSV."),
    b"%PDF": ("a PDF", AS_DOWNLOADED),
    b"PAR1": ("a Parquet file", AS_DOWNLOADED),
    b"\x1f\x8b": ("compressed (gzip)", "Unpack it."),
}


def read_file(path: Path, wanted: Collection[int] | None = None) -> PopulationFile:
    """Read one file: CSV (comma, semicolon, tab), workbook (.xlsx), PX, JSON-stat or PxWeb's JSON.

    Parameters
    ----------
    wanted
        The years whose figures are wanted; all by default.

    Raises
    ------
    CodeListError
        It cannot be read as a population. The error names file, line or cell, field and remedy.
    """
    try:
        if not path.is_file():
            what = "it is a folder" if path.is_dir() else "there is no such file" if not path.exists() else "it is no file"
            raise CodeListError(f"The population cannot be read: {what}.", file=path, remedy="Correct the path.")
        size = path.stat().st_size
        if size > _MOST_BYTES:
            raise CodeListError(
                f"The population file is larger than {_MOST_BYTES // 2**20} MB.", file=path, remedy="Divide it by years."
            )
        with path.open("rb") as file:
            start = file.read(_START)
            file.seek(0)
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        require_unchanged(path, sha256)
        return _read(path, start, sha256, size, wanted)
    except OSError as error:
        raise CodeListError(
            f"The population cannot be read: {error.strerror or error}.",
            file=path,
            remedy="Correct the path, or who may read it.",
        ) from None


def _read(path: Path, start: bytes, sha256: str, size: int, wanted: Collection[int] | None) -> PopulationFile:
    if not start.strip():
        raise CodeListError("The population file is empty.", file=path, remedy=AS_DOWNLOADED)
    for magic, (what, remedy) in _OTHER_TYPES.items():
        if start.startswith(magic):
            raise CodeListError(f"The file is {what}.", file=path, remedy=remedy)
    regions = Regions()
    if start.startswith(b"PK"):
        return _from_workbook(path, sha256, regions, wanted)
    # JSON may be one long line.
    is_json = start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")
    encoding = _text.encoding_of(path, in_lines=not is_json)
    begin = start.decode(encoding, "replace").lstrip("\ufeff \t\r\n")
    if begin.startswith("<"):
        raise CodeListError("The file is a web page (HTML or XML).", file=path, remedy=AS_DOWNLOADED)
    if is_json or _px.looks_like_px(begin):
        if size > _MOST_BYTES_WHOLE:
            raise CodeListError(
                f"The file is larger than {_MOST_BYTES_WHOLE // 2**20} MB.", file=path, remedy="Divide it by years."
            )
        text = path.read_text(encoding=encoding)
        if is_json:
            return _from_json(path, sha256, text, regions, wanted)
        return _from_cube(path, sha256, f"PX, {_text.ENCODINGS[encoding]}", _px.read_px(path, text), regions, wanted)
    separator = _text.separator_of(path, encoding, regions)
    kind = f"CSV with {_text.separator_in_words(separator)}, {_text.ENCODINGS[encoding]}"
    return _from_rows(path, sha256, kind, _text.text_rows(path, encoding, separator), regions, wanted)


def _from_json(path: Path, sha256: str, text: str, regions: Regions, wanted: Collection[int] | None) -> PopulationFile:
    document = _json.parse_json(path, text)
    if _json.is_pxweb_table(document):
        return _from_rows(path, sha256, "PxWeb JSON", _json.pxweb_rows(path, document), regions, wanted)
    return _from_cube(path, sha256, "JSON-stat", _json.read_json_stat(path, document), regions, wanted)


def _from_rows(
    path: Path, sha256: str, kind: str, rows: Iterator[Row], regions: Regions, wanted: Collection[int] | None
) -> PopulationFile:
    place = _Columns()
    grid = read_grid(rows, regions, path, place.of, wanted=wanted, ragged=False, told=place.told)
    return _from_grid(path, sha256, kind, grid, regions, place)


class _Columns:
    """Where a figure stands: line and heading, or the sheet's cell."""

    def __init__(self, sheet: str | None = None) -> None:
        self._sheet = sheet
        self._names: list[str] = []

    def told(self, headings: Headings) -> None:
        """Remember the headings."""
        self._names = list(headings.names)

    def of(self, line: int, column: int) -> tuple[int | None, str | None]:
        """The line and field of an error."""
        if self._sheet is None:
            return line, self._names[column] if column < len(self._names) else None
        from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]

        return None, f"sheet {self._sheet!r}, cell {get_column_letter(column + 1)}{line}"


def _figure(number: int, _: int) -> tuple[int | None, str | None]:
    return None, f"figure {number:,}"


def _from_workbook(path: Path, sha256: str, regions: Regions, wanted: Collection[int] | None) -> PopulationFile:
    with _workbook.opened_workbook(path) as book:
        sheet = _workbook.sheet_of_population(path, book, regions)
        place = _Columns(sheet)
        grid = read_grid(
            _workbook.sheet_rows(path, book, sheet), regions, path, place.of, wanted=wanted, ragged=True, told=place.told
        )
    return _from_grid(path, sha256, f"workbook, sheet {sheet!r}", grid, regions, place)


def _from_grid(path: Path, sha256: str, kind: str, grid: Grid, regions: Regions, place: _Columns) -> PopulationFile:
    notes = (*grid.notes, *_zeros(regions))
    return PopulationFile(path, sha256, f"{kind}; {grid.layout}", tuple(sorted(grid.years)), grid.cells, notes, place.of)


def _from_cube(
    path: Path, sha256: str, kind: str, cube: Cube, regions: Regions, wanted: Collection[int] | None
) -> PopulationFile:
    cells, years = read_cube(cube, regions, path, wanted=wanted)
    return PopulationFile(path, sha256, kind, tuple(sorted(years)), cells, _zeros(regions), _figure)


def _zeros(regions: Regions) -> tuple[str, ...]:
    lost = regions.lost_zeros
    if not lost:
        return ()
    return (f"{len(lost)} codes of regions have lost their leading zero: {lost[0]!r} is read as '0{lost[0]}'",)
