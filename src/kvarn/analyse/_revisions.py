"""Revisions: what an edition says otherwise than the one before it, cell by cell, as both are published."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kvarn import metadata
from kvarn.base.files import replace_file
from kvarn.errors import InputError

__all__ = ["Revision", "list_revisions", "write_revisions"]

_FIGURES = ("value", "status", "synthetic")
_Key = tuple[str, ...]


@dataclass(frozen=True)
class Revision:
    """One cell that two editions show in two ways: figures, or the symbol in place of one.

    Attributes
    ----------
    cell
        Its categories in words: ``month 03, sex T``.
    """

    table: str
    year: int
    measure: str
    cell: str
    before: str
    now: str


def list_revisions(protected: Path, previous: Path) -> tuple[list[Revision], dict[tuple[str, int], int]]:
    """Every cell of both editions that has changed, and how many cells were compared for each table and year.

    Parameters
    ----------
    protected, previous
        Folders of protected tables, ``<table>.csv``: of this edition, and as the edition before published them. A table
        that only one of them has, or that is classified otherwise now, is not compared; neither is a synthetic edition
        with a real one.

    Raises
    ------
    InputError
        A file of the previous edition is not a protected table.
    """
    found: list[Revision] = []
    compared: dict[tuple[str, int], int] = {}
    for table in metadata.tables():
        now, before = (_read(folder / f"{table.name}.csv") for folder in (protected, previous))
        if now is None or before is None or now[0] != before[0]:
            continue
        names = [name for name in now[0] if name not in (*_FIGURES, "year", "measure")]
        for key, (year, measure, codes, value) in now[1].items():
            if key not in before[1]:
                continue
            compared[table.name, year] = compared.get((table.name, year), 0) + 1
            earlier = before[1][key][3]
            if value != earlier:
                cell = ", ".join(f"{name} {code}" for name, code in zip(names, codes, strict=True))
                found.append(Revision(table.name, year, measure, cell, earlier, value))
    return found, compared


def write_revisions(protected: Path, previous: Path | None, into: Path) -> int:
    """List the revisions beside the protected tables, and return how many there are.

    Writes ``revisions.csv`` (``table``, ``year``, ``measure``, ``cell``, ``before``, ``now``; one row a revised cell) and
    ``revisions-by-table.csv`` (``table``, ``year``, ``compared``, ``revised``; one row a table and year that both
    editions have) into the folder `into`. Without an earlier edition both have no rows. All of it is public.
    """
    found, compared = list_revisions(protected, previous) if previous is not None and previous.is_dir() else ([], {})
    revised: dict[tuple[str, int], int] = {}
    for one in found:
        revised[one.table, one.year] = revised.get((one.table, one.year), 0) + 1
    into.mkdir(parents=True, exist_ok=True)
    listed = [(one.table, one.year, one.measure, one.cell, one.before, one.now) for one in found]
    _write(into / "revisions.csv", ("table", "year", "measure", "cell", "before", "now"), listed)
    counted = [(table, year, number, revised.get((table, year), 0)) for (table, year), number in compared.items()]
    _write(into / "revisions-by-table.csv", ("table", "year", "compared", "revised"), counted)
    return len(found)


def _read(path: Path) -> tuple[Sequence[str], Mapping[_Key, tuple[int, str, Sequence[str], str]]] | None:
    if not path.is_file():
        return None
    with path.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines)
        header = list(rows.fieldnames or ())
        if not {"year", "measure", "value", "status"} <= set(header):
            raise InputError(
                "This is not a protected table.",
                file=path,
                remedy="Restore the publication of the year before, or move its folder away.",
            )
        names = [name for name in header if name not in _FIGURES]
        return header, dict(_cells(rows, names))


def _cells(rows: csv.DictReader[str], names: Sequence[str]) -> Iterator[tuple[_Key, tuple[int, str, Sequence[str], str]]]:
    codes_of = [name for name in names if name not in ("year", "measure")]
    for row in rows:
        codes = [row[name] for name in codes_of]
        yield tuple(row[name] for name in names), (int(row["year"]), row["measure"], codes, row["status"] or row["value"])


def _write(path: Path, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    replace_file(path, sheet.getvalue().encode())
