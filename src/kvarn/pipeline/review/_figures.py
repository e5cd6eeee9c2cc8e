"""Which figures changed most: from what has been released, and within the edition from the year before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from kvarn.analyse.disclosure.memory.releases import Release
from kvarn.base.published_cells import PublishedCells, read_published_cells
from kvarn.edition import Edition, Workspace
from kvarn.pipeline.comparison import CellChange, Comparison, Published, compare, find_publication, largest

__all__ = ["compared_with", "year_on_year"]

# So many figures of each kind stand on the page.
MOST = 30


def compared_with(released: Sequence[Release], now: Published, work: Workspace, edition: Edition) -> list[dict[str, Any]]:
    """The candidate beside the last released edition of its year, and beside that of the year before, as far as they lie here."""
    found = []
    for year, why in ((edition.reference_year, "the same year"), (edition.reference_year - 1, "the year before")):
        of_year = [one for one in released if one.reference_year == year]
        # The nearest comes first.
        found.append(_beside(of_year[0], why, now, work) if of_year else {"of": why, "edition": None})
    return found


def _beside(release: Release, why: str, now: Published, work: Workspace) -> dict[str, Any]:
    about = {"of": why, "edition": release.edition, "number": release.number, "stage": release.stage}
    folder = Workspace(work.root, release.edition).publication
    if not (folder / "index.html").is_file():
        return {**about, "not_compared": f"publications/{release.edition} does not lie here"}
    before = find_publication(str(folder), work.root)
    if not before.released:
        return {**about, "not_compared": f"publications/{release.edition} is not as it was released"}
    return {**about, "not_compared": None, **_in_figures(compare(before, now))}


def _in_figures(comparison: Comparison) -> dict[str, Any]:
    return {
        "tables": [
            {"table": one.table, "is": one.kind, "cells_in_both": one.compared, **one.counts} for one in comparison.tables
        ],
        "by_amount": [_row(one) for one in largest(comparison.changes, MOST, in_per_cent=False)],
        "in_per_cent": [_row(one) for one in largest(comparison.changes, MOST, in_per_cent=True)],
        "shown_otherwise": [_row(one) for one in comparison.changes if one.kind in ("withheld", "shown", "symbol")][:MOST],
        "texts": len(comparison.texts),
        "methods": [
            {"name": one.name, "before": one.before, "now": one.now} for one in comparison.made_of if one.part == "method"
        ],
    }


def year_on_year(data: Path, edition: Edition) -> dict[str, Any]:
    """How the edition's year differs from the year before, by the published figures of the edition itself."""
    changes: list[CellChange] = []
    for path in sorted(data.glob("*.csv")):
        changes += _from_year_before(path.stem, read_published_cells(path), str(edition.reference_year))
    return {
        "years": [edition.reference_year - 1, edition.reference_year],
        "by_amount": [_row(one) for one in largest(changes, MOST, in_per_cent=False)],
        "in_per_cent": [_row(one) for one in largest(changes, MOST, in_per_cent=True)],
    }


def _from_year_before(table: str, cells: PublishedCells, year: str) -> Iterator[CellChange]:
    place = cells.names.index("year")
    before = str(int(year) - 1)
    for key, now in cells.cells.items():
        if key[place] == year:
            was = cells.cells.get((*key[:place], before, *key[place + 1 :]))
            if was is not None and was != now and not (was.status or now.status):
                measure, where = cells.of(key, "measure"), cells.in_words(key)
                yield CellChange(table, "revised", int(year), measure, where, was.text, now.text)


def _row(one: CellChange) -> dict[str, Any]:
    return {
        "table": one.table,
        "year": one.year,
        "measure": one.measure,
        "cell": one.cell,
        "before": one.before,
        "now": one.now,
        "difference": None if one.difference is None else f"{one.difference:+f}",
        "per_cent": None if one.per_cent is None else f"{one.per_cent:+f}",
    }
