"""The open data with labels, read back by their labels alone: by other code than wrote them."""

from __future__ import annotations

import csv
import functools
import re
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path

from kvarn import metadata
from kvarn.disseminate.database.read import Cells
from kvarn.errors import InputError

__all__ = ["read_labelled", "unguarded"]

_WITH_CODE = re.compile(r"(?P<label>.*) \((?P<code>[^()]+)\)", re.DOTALL)
_GUARDED = re.compile(r"'(?='?[=+\-@\t\r])")
_HEADS = {"sv": ("Mått", "Värde", "Symbol"), "en": ("Measure", "Value", "Symbol")}


def read_labelled(path: Path, variables: tuple[str, ...], measures: tuple[str, ...], language: str) -> Cells:
    """Every cell by the codes of `variables`, in their order, and its measure's.

    Raises
    ------
    InputError
        A column is missing, a label stands for nothing, a value is no number, or a cell stands there twice.
    """
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = [[unguarded(cell) for cell in row] for row in csv.reader(lines)]
    header, body = (rows[0], rows[1:]) if rows else ([], [])
    measure, value, symbol = (_column(header, one, path) for one in _HEADS[language])
    code_of = [_codes(header, name, language, path) for name in variables]
    named = {metadata.measure(name).label(language): name for name in measures}
    cells: dict[tuple[str, ...], tuple[Decimal | None, str]] = {}
    for line, row in enumerate(body, 2):
        if len(row) != len(header):
            raise _unreadable(path, line, "The row has another number of fields than the header.")
        codes = (*(code(row) for code in code_of), named.get(row[measure]))
        if None in codes:
            raise _unreadable(path, line, "A label stands for no category and no measure.")
        key = tuple(map(str, codes))
        if key in cells:
            raise _unreadable(path, line, "The cell stands there twice.")
        cells[key] = (_number(row[value], path, line), row[symbol])
    return cells


def unguarded(text: str) -> str:
    """A text without the apostrophe that keeps a spreadsheet program from taking it for a formula."""
    return text[1:] if _GUARDED.match(text) else text


def _codes(header: Sequence[str], name: str, language: str, path: Path) -> Callable[[Sequence[str]], str | None]:
    """How the code of a variable is told from a row: by its label, which a column of codes beside it must not contradict."""
    declared = metadata.variable(name)
    column = _column(header, declared.label(language), path)
    listed = declared.codes
    if listed is None:
        return lambda row: row[column]
    beside = header.index(declared.code[language]) if declared.code else None
    by_label = {declared.category(code, language): code for code in reversed(listed.codes)}

    # A table says the same labels over and over.
    @functools.cache
    def code(written: str, said: str | None) -> str | None:
        with_code = _WITH_CODE.fullmatch(written)
        bare = with_code["label"] if with_code is not None and with_code["code"] in listed.by_code else written
        if said is not None:
            return said if said in listed.by_code and declared.category(said, language) == bare else None
        return by_label.get(written) if bare == written or with_code is None else with_code["code"]

    return lambda row: code(row[column], None if beside is None else row[beside])


def _column(header: Sequence[str], head: str, path: Path) -> int:
    if head not in header:
        raise _unreadable(path, 1, f"There is no column {head!r}.")
    return header.index(head)


def _number(text: str, path: Path, line: int) -> Decimal | None:
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        raise _unreadable(path, line, "A value is no number.") from None


def _unreadable(path: Path, line: int, why: str) -> InputError:
    return InputError(why, file=path, line=line, remedy="Make the product again; if it recurs, report it.")
