"""The figures in the files of a publication: open data, database files and workbooks, whoever wrote them.

The database files are read by `kvarn.disseminate.database.read`, which shares nothing with their writers; the workbooks here.
"""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from kvarn import metadata
from kvarn.analyse.disclosure.written.relations import Key, name_of
from kvarn.disseminate.database.read import Cells, read_jsonstat, read_parquet, read_px, read_sdmx
from kvarn.disseminate.explorer import read_explorer
from kvarn.disseminate.labelled_reading import read_labelled
from kvarn.errors import CodeListError, DisclosureError, InputError, KvarnError
from kvarn.pipeline.attack._words import Words

__all__ = [
    "Sheets",
    "Shown",
    "database_cells",
    "explorer_cells",
    "labelled_cells",
    "open_data_cells",
    "variables_of",
    "workbook_cells",
]

# A cell, the number as text or nothing, and the symbol in its place or nothing.
Shown = tuple[Key, str, str]
Reader = Callable[[Path, tuple[str, ...]], Cells]
_DATABASE: Mapping[str, Reader] = {
    ".px": read_px,
    ".sdmx.csv": read_sdmx,
    ".json": read_jsonstat,
    ".parquet": read_parquet,
}
_BESIDE = ("measure", "value", "status", "synthetic")
_SYMBOLS = ("X", "..", ".")


def variables_of(path: Path) -> tuple[str, ...]:
    """The classification variables of a table of the open data, by its header."""
    with path.open(encoding="utf-8", newline="") as rows:
        return tuple(name for name in next(csv.reader(rows), []) if name not in _BESIDE)


def open_data_cells(path: Path, words: Words) -> Iterator[Shown]:
    """The cells of one table of the open data."""
    with path.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            codes = {name: code for name, code in row.items() if name not in (*_BESIDE, "year")}
            yield words.key(row["measure"], row["year"], codes), row["value"], row["status"]


def database_cells(path: Path, variables: tuple[str, ...], words: Words) -> Iterator[Shown]:
    """The cells of one PX, JSON-stat, SDMX or Parquet file.

    Raises
    ------
    DisclosureError
        It cannot be read: what nobody can read cannot be audited.
    """
    read = next(read for ending, read in _DATABASE.items() if path.name.endswith(ending))
    try:
        cells = read(path, variables)
    except (InputError, KeyError, IndexError, StopIteration, json.JSONDecodeError) as error:
        why = error.what if isinstance(error, KvarnError) else f"{type(error).__name__}."
        raise _unreadable(path.name, why) from None
    yield from _shown(cells, variables, words, path.name)


def labelled_cells(path: Path, variables: tuple[str, ...], words: Words) -> Iterator[Shown]:
    """The cells of one table of the open data with labels, told by its labels.

    Raises
    ------
    DisclosureError
        It cannot be read.
    """
    try:
        cells = read_labelled(path, variables, tuple(metadata.table(path.stem).measures), words.language)
    except InputError as error:
        raise _unreadable(f"{words.language}/{path.name}", error.what) from None
    yield from _shown(cells, variables, words, path.name)


def explorer_cells(path: Path, variables: Mapping[str, tuple[str, ...]], words: Words) -> Iterator[Shown]:
    """The cells of every table of a page of the explorer.

    Raises
    ------
    DisclosureError
        It cannot be read.
    """
    try:
        tables = read_explorer(path, dict(variables))
    except (InputError, KeyError, TypeError) as error:
        why = error.what if isinstance(error, KvarnError) else f"{type(error).__name__}."
        raise _unreadable(path.name, why) from None
    for name, cells in tables.items():
        yield from _shown(cells, variables[name], words, f"{path.name}, {name}")


def _shown(cells: Cells, variables: tuple[str, ...], words: Words, place: str) -> Iterator[Shown]:
    # The same categories stand beside every measure, and the same few numbers in most cells.
    of: dict[tuple[str, ...], Key] = {}
    numbers: dict[tuple[str, Decimal], str] = {}
    for codes, (value, symbol) in cells.items():
        *categories, measure = codes
        known = of.get(codes[:-1])
        if known is None:
            by_name = dict(zip(variables, categories, strict=True))
            known = of[codes[:-1]] = words.key(measure, by_name.pop("year"), by_name)
        key = (measure, known[1], known[2])
        if value is None:
            yield key, "", symbol
            continue
        number = numbers.get((measure, value))
        if number is None:
            number = numbers[measure, value] = _as_published(key, value, place)
        yield key, number, symbol


class Sheets:
    """One workbook as its reader sees it, in whatever language it is.

    Attributes
    ----------
    texts
        The texts outside the cells of the tables.
    """

    def __init__(self, path: Path, words: Words) -> None:
        self.path, self.words = path, words
        self.texts: list[str] = []
        with zipfile.ZipFile(path) as parts:
            if hidden := sorted(name for name in parts.namelist() if "comment" in name or "embeddings" in name):
                raise _unreadable(path.name, f"It has a part that no reader sees: {hidden[0]}.")

    def cells(self) -> Iterator[Shown]:
        """The cells of every table, a sheet at a time."""
        import openpyxl  # type: ignore[import-untyped]

        for sheet in openpyxl.load_workbook(self.path, read_only=True, data_only=False).worksheets:
            rows = [row for row in sheet.iter_rows(values_only=True) if any(cell is not None for cell in row)]
            start, columns = self._header(rows)
            for row in rows[: start if columns else len(rows)]:
                self.texts += [str(cell) for cell in row if cell is not None]
            if columns:
                yield from self._table(rows[start + 1 :], columns, sheet.title)

    def _header(self, rows: Sequence[tuple[Any, ...]]) -> tuple[int, dict[int, tuple[str, str]]]:
        """Which row heads the table, and what each column is: ("variable", its name) or ("measure", its name)."""
        for number, row in enumerate(rows):
            heads = [" ".join(str(cell).split()) if cell is not None else "" for cell in row]
            found = {column: kind for column, head in enumerate(heads) if head and (kind := self.words.head(head))}
            kinds = [kind for kind, _ in found.values()]
            if "measure" in kinds and "variable" in kinds and len(found) >= sum(map(bool, heads)) - 2:
                return number, found
        return len(rows), {}

    def _table(self, rows: Sequence[tuple[Any, ...]], columns: Mapping[int, tuple[str, str]], sheet: str) -> Iterator[Shown]:
        measures = {column: name for column, (kind, name) in columns.items() if kind == "measure"}
        labels = [(column, name) for column, (kind, name) in columns.items() if kind == "variable"]
        for row in rows:
            codes: dict[str, str] = {}
            for column, name in labels:
                following = row[column + 1] if column + 1 < len(row) and column + 1 not in columns else None
                codes[name] = self._code(row[column], following, name, sheet)
            _, year, categories = self.words.key("", codes.pop("year"), codes)
            for column, measure in measures.items():
                key = (measure, year, categories)
                cell = row[column]
                if cell is None or str(cell) in _SYMBOLS:
                    yield key, "", str(cell or "..")
                else:
                    yield key, _as_published(key, _number(cell, f"{self.path.name}, {sheet}"), f"{self.path.name}, {sheet}"), ""

    def _code(self, cell: Any, following: Any, variable: str, sheet: str) -> str:
        """The code that a label stands for; a code in the next column tells it, where labels are shared."""
        listed = self.words.listed(variable)
        if listed is not None and following is not None and str(following) in listed:
            return str(following)
        code = self.words.code(str(cell), variable)
        if code is None:
            raise _unreadable(f"{self.path.name}, {sheet}", f"A label of {variable} stands for no category.")
        return code


def workbook_cells(path: Path, words: Words) -> tuple[list[Shown], list[str]]:
    """The cells of a workbook's tables, and its other texts."""
    sheets = Sheets(path, words)
    cells = list(sheets.cells())
    return cells, sheets.texts


def _number(cell: Any, place: str) -> Decimal:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return Decimal(str(cell))
    raise _unreadable(place, "A cell is neither a number nor a symbol.")


def _as_published(key: Key, value: Decimal, place: str) -> str:
    """The number with its measure's decimals: one with more would tell more than the tables do."""
    try:
        decimals = metadata.measure(key[0]).decimals
    except CodeListError:
        # An earlier edition can have a measure that has another name, or is not made, today.
        return str(value)
    rounded = value.quantize(Decimal(1).scaleb(-decimals))
    if rounded != value:
        raise DisclosureError(
            "A figure is shown with more decimals than its measure has.",
            where=f"{place}: {name_of(key)}",
            remedy="Nothing has been published. Make the product again; if it recurs, report it.",
        )
    return str(rounded)


def _unreadable(place: str, why: str) -> DisclosureError:
    return DisclosureError(
        f"A published file cannot be audited. {why}",
        where=place,
        remedy="Nothing has been published. Make the product again; if it recurs, report it.",
    )
