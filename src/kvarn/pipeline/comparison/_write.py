"""A comparison in a few lines, as a page and as data."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple
from pathlib import Path

from kvarn.base.files import SECRET, replace_file
from kvarn.collect.safekeeping import private_folder
from kvarn.disseminate.templates import render, style
from kvarn.errors import EditionError
from kvarn.pipeline.comparison._cells import KINDS, CellChange, largest
from kvarn.pipeline.comparison._compare import Comparison
from kvarn.pipeline.comparison._made_of import PARTS

__all__ = [
    "CELLS",
    "COMPARISONS",
    "PAGE",
    "cell_row",
    "place_for",
    "require_place",
    "summary",
    "write_comparison",
    "written_as_csv",
]

COMPARISONS, PAGE = "comparisons", "comparison.html"
_WRITTEN = ("tables.csv", "cells.csv", "texts.csv", "made-of.csv", PAGE)
_SAID, _SHOWN = 5, 100
CELLS = ("table", "kind", "year", "measure", "cell", "before", "now", "difference", "per_cent")
"""The columns of what has become of each cell."""
_TABLES = {
    "both": "in both",
    "new": "new",
    "gone": "gone",
    "otherwise": "classified otherwise, or synthetic in one of them alone: its cells are not compared",
}
_PARTS = {
    "parameter": "parameters",
    "method": "definitions, units, labels, titles and notes",
    "notebook": "notebooks",
    "input": "inputs",
    "deliveries": "deliveries",
    "code": "kvarn's own code",
    "library": "libraries",
}


def place_for(comparison: Comparison, root: Path, into: Path | None) -> Path:
    """Where the comparison is written: where the user says; else in ``build/comparisons``, or under ``restricted/`` where one of
    the publications is not released.

    Raises
    ------
    EditionError
        It would lie in ``publications/``, or a comparison with something unreleased elsewhere than under ``restricted/``.
    """
    name = f"{comparison.before.name}-and-{comparison.now.name}"
    place = into if into is not None else root / ("restricted" if comparison.secret else "build") / COMPARISONS / name
    unreleased = [one.name for one in (comparison.before, comparison.now) if not one.released]
    require_place(place, root, "--into", unreleased)
    if place.exists() and not place.is_dir():
        raise EditionError("There is a file where the folder is to be.", file="--into", remedy="Give another folder.")
    others = sorted(path.name for path in place.iterdir() if path.name not in _WRITTEN) if place.is_dir() else []
    if others:
        raise EditionError(
            f"There is something else in the folder: {others[0]}.",
            file="--into",
            remedy="Give a new or empty folder.",
        )
    return place


def require_place(place: Path, root: Path, option: str, unreleased: Sequence[str]) -> None:
    """Refuse a place among the publications, and of what is not released any that is not under ``restricted/``.

    Raises
    ------
    EditionError
        It is refused.
    """
    real = place.absolute().resolve()
    if real.is_relative_to((root / "publications").resolve()):
        raise EditionError("This is no publication, and does not lie among them.", file=option, remedy="Give another place.")
    if unreleased and not real.is_relative_to((root / "restricted").resolve()):
        raise EditionError(
            f"What is said of something unreleased ({', '.join(dict.fromkeys(unreleased))}) stays under restricted/.",
            file=option,
            remedy=f"Give a place under restricted/, or leave {option} out.",
        )


def write_comparison(comparison: Comparison, folder: Path) -> Path:
    """Write ``comparison.html``, ``tables.csv``, ``cells.csv``, ``texts.csv`` and ``made-of.csv``; the page's place.

    What is not for everybody is its owner's alone.
    """
    (private_folder(folder) if comparison.secret else folder).mkdir(parents=True, exist_ok=True)
    tables = ((one.table, one.kind, one.compared, *one.counts.values()) for one in comparison.tables)
    cells = (cell_row(one) for one in comparison.changes)
    made_of = map(astuple, (*comparison.made_of, *comparison.files))
    data = {
        "tables.csv": written_as_csv(("table", "kind", "compared", *KINDS), tables),
        "cells.csv": written_as_csv(CELLS, cells),
        "texts.csv": written_as_csv(("language", "document", "heading", "kind", "before", "now"), map(astuple, comparison.texts)),
        "made-of.csv": written_as_csv(("part", "name", "before", "now"), made_of),
        PAGE: _page(comparison),
    }
    for name, content in data.items():
        mode = SECRET if comparison.secret else 0o644
        replace_file(folder / name, content.encode(), mode=mode, usual=not comparison.secret)
    return folder / PAGE


def summary(comparison: Comparison) -> Iterator[str]:
    """The comparison in a few lines."""
    if comparison.same:
        yield f"{comparison.before.name} and {comparison.now.name} are the same, file for file."
        return
    yield f"From {comparison.before.name} to {comparison.now.name}:"
    yield f"  tables: {_tables_said(comparison)}"
    counts = comparison.counts
    compared = sum(table.compared for table in comparison.tables)
    yield f"  cells: {compared:,} in both; " + ", ".join(f"{counts[kind]:,} {said}" for kind, said in KINDS.items())
    for said, in_per_cent in (("by amount", False), ("in per cent", True)):
        for number, one in enumerate(largest(comparison.changes, _SAID, in_per_cent=in_per_cent)):
            if not number:
                yield f"  largest revisions {said}:"
            yield f"    {one.table}, {one.year}, {one.measure}, {one.cell}: {one.before} → {one.now} ({_by(one)})"
    yield f"  texts: {_number(len(comparison.texts), 'difference')}"
    for part, said in _PARTS.items():
        differ = [one.name for one in comparison.made_of if one.part == part]
        if differ:
            listed = ", ".join(differ[:_SAID]) + (" …" if len(differ) > _SAID else "")
            yield f"  {said}: {_number(len(differ), 'difference')} ({listed})"
    yield f"  files of other bytes, or in one of them alone: {len(comparison.files):,}"


def _tables_said(comparison: Comparison) -> str:
    named = {kind: [one.table for one in comparison.tables if one.kind == kind] for kind in _TABLES}
    said = [f"{len(named['both'])} in both"]
    return "; ".join(
        [*said, *(f"{_TABLES[kind]}: {', '.join(named[kind])}" for kind in ("new", "gone", "otherwise") if named[kind])]
    )


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def _by(one: CellChange) -> str:
    """By how much, with its sign."""
    assert one.difference is not None
    return f"{one.difference:+,f}" + ("" if one.per_cent is None else f", {one.per_cent:+,f} %")


def cell_row(one: CellChange) -> tuple[object, ...]:
    """What has become of a cell, as `CELLS` has it."""
    numbers = ("" if value is None else f"{value:f}" for value in (one.difference, one.per_cent))
    return (one.table, one.kind, one.year, one.measure, one.cell, one.before, one.now, *numbers)


def written_as_csv(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Rows below their header as CSV."""
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return sheet.getvalue()


def _page(comparison: Comparison) -> str:
    cells = {kind: [one for one in comparison.changes if one.kind == kind] for kind in KINDS}
    return render(
        "comparison.html.j2",
        style=style("page.css") + style("comparison.css"),
        comparison=comparison,
        kinds=KINDS,
        kinds_of_tables=_TABLES,
        parts=_PARTS,
        made_of={part: [one for one in comparison.made_of if one.part == part] for part in PARTS},
        cells=cells,
        largest=largest(comparison.changes, _SHOWN, in_per_cent=False),
        by=_by,
        shown=_SHOWN,
    )
