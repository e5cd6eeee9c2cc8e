"""Two folders of published files: for each file, identical, or where it is another."""

from __future__ import annotations

import itertools
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]

from kvarn.base.published_cells import read_published_cells
from kvarn.disseminate.pdf_reading import opened_pdf, page_texts
from kvarn.errors import InputError

__all__ = ["FileVerdict", "compare_files"]

_AROUND = 30


@dataclass(frozen=True)
class FileVerdict:
    """A file's name, and where it is another; empty where it is identical."""

    name: str
    where: str = ""


def compare_files(published: Path, again: Path) -> Iterator[FileVerdict]:
    """Every file of either folder, by name."""
    names = sorted({path.relative_to(top).as_posix() for top in (published, again) for path in top.rglob("*") if path.is_file()})
    for name in names:
        before, now = published / name, again / name
        if not now.is_file():
            yield FileVerdict(name, "it is not made again")
        elif not before.is_file():
            yield FileVerdict(name, "it is made now, and was not published")
        elif before.read_bytes() == now.read_bytes():
            yield FileVerdict(name)
        else:
            yield FileVerdict(name, _where(name, before, now))


def _where(name: str, before: Path, now: Path) -> str:
    try:
        if name.startswith("data/") and before.suffix == ".csv":
            found = _in_table(before, now)
        elif before.suffix == ".xlsx":
            found = _in_workbook(before, now)
        elif before.suffix == ".pdf":
            found = _in_pdf(before, now)
        else:
            found = _in_text(before.read_text(encoding="utf-8"), now.read_text(encoding="utf-8"))
    except (InputError, ValueError, zipfile.BadZipFile, OSError):
        found = None
    return found or _in_bytes(before.read_bytes(), now.read_bytes())


def _in_table(before: Path, now: Path) -> str | None:
    old, new = read_published_cells(before), read_published_cells(now)
    for key in dict.fromkeys((*old.cells, *new.cells)):
        was, has = old.cells.get(key), new.cells.get(key)
        if old.names == new.names and was != has:
            shown = (one.text if one else "no such cell" for one in (was, has))
            return f"cell {', '.join(key)}: {' was published, and made again '.join(shown)}"
    return _in_text(before.read_text(encoding="utf-8"), now.read_text(encoding="utf-8"))


def _in_workbook(before: Path, now: Path) -> str | None:
    old, new = (openpyxl.load_workbook(path, read_only=True) for path in (before, now))
    for sheet in dict.fromkeys((*old.sheetnames, *new.sheetnames)):
        if sheet not in old.sheetnames or sheet not in new.sheetnames:
            return f"the sheet {sheet!r} is in one of them alone"
        rows = itertools.zip_longest(*(book[sheet].iter_rows(values_only=True) for book in (old, new)), fillvalue=())
        for number, (was, has) in enumerate(rows, 1):
            for column, (one, other) in enumerate(itertools.zip_longest(was, has), 1):
                if one != other:
                    cell = f"{openpyxl.utils.get_column_letter(column)}{number}"
                    return f"sheet {sheet!r}, cell {cell}: {one!r} was published, and made again {other!r}"
    return None


def _in_pdf(before: Path, now: Path) -> str | None:
    texts = []
    for path in (before, now):
        with opened_pdf(path) as document:
            texts.append(list(page_texts(document)))
    for page, (was, has) in enumerate(itertools.zip_longest(*texts, fillvalue=""), 1):
        if was != has:
            return f"page {page}, {_in_text(was, has)}"
    return None


def _in_text(before: str, now: str) -> str | None:
    for line, (was, has) in enumerate(itertools.zip_longest(before.split("\n"), now.split("\n")), 1):
        if was is None or has is None:
            return f"line {line}: {'made now, and was not published' if was is None else 'not made again'}"
        if was != has:
            place = next(
                (at for at, (one, other) in enumerate(zip(was, has, strict=False)) if one != other), min(len(was), len(has))
            )
            start = max(0, place - _AROUND)
            return f"line {line}: {was[start : place + _AROUND]!r} was published, and made again {has[start : place + _AROUND]!r}"
    return None


def _in_bytes(before: bytes, now: bytes) -> str:
    place = next(
        (at for at, (one, other) in enumerate(zip(before, now, strict=False)) if one != other), min(len(before), len(now))
    )
    return f"byte {place + 1:,} of {len(before):,}"
