"""What is out already: the files of earlier editions and of custom orders, and what the office remembers of them.

Whoever attacks a publication holds them too. A figure of theirs that is still true counts as known; of a measure and year in
which something has been revised since, figures of before and after do not add up, and only those that stand as they stood
are laid together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from kvarn import metadata
from kvarn.analyse.disclosure.memory.kept import Memory
from kvarn.analyse.disclosure.memory.out import kept_history, memories_from
from kvarn.analyse.disclosure.memory.releases import Release
from kvarn.analyse.disclosure.memory.versions import epochs
from kvarn.analyse.disclosure.written.audit import Published
from kvarn.analyse.disclosure.written.relations import Key, parts_of_function, parts_of_ratio
from kvarn.analyse.disclosure.written.secrecy import true_counts
from kvarn.edition import Disclosure, Edition, Workspace
from kvarn.errors import ConsistencyError, DisclosureError
from kvarn.pipeline.attack._data import (
    database_cells,
    explorer_cells,
    labelled_cells,
    open_data_cells,
    variables_of,
    workbook_cells,
)
from kvarn.pipeline.attack._words import Words

__all__ = ["OutBefore", "counts_of_then", "kept_counts", "lay_together", "memories", "out_before", "read_figures"]

# A file of both languages, as JSON-stat was written once, among them.
_DATABASE = (".px", ".sdmx.csv", ".json")


@dataclass
class OutBefore:
    """What laying earlier publications beside this one came to.

    Attributes
    ----------
    files
        How many files were read.
    revised, by_few
        Cells that both show, with another figure; those counts of persons of which the two differ by fewer persons than may be
        told of. Nobody can avoid that who corrects a figure: they are reported, and not refused.
    """

    files: int = 0
    revised: set[Key] = field(default_factory=set)
    by_few: set[Key] = field(default_factory=set)


def read_figures(folder: Path, into: Published, place: str = "") -> tuple[dict[str, int], dict[str, list[str]]]:
    """Read every file of figures of a publication or an order.

    Returns
    -------
    dict, dict
        The number of cells by format; and the texts outside the tables of each workbook, by its language.

    Raises
    ------
    DisclosureError
        A file cannot be read.
    ConsistencyError
        A cell is another figure in one of them.
    """
    counted = dict.fromkeys(("csv", "csv with labels", "parquet", "px", "sdmx", "json-stat", "explorer", "xlsx"), 0)
    texts: dict[str, list[str]] = {}
    words = Words()
    variables = {path.stem: variables_of(path) for path in sorted((folder / "data").glob("*.csv"))}

    def see(file: Path, cells: Iterator[tuple[Key, str, str]] | list[tuple[Key, str, str]], kind: str) -> None:
        name = place + file.relative_to(folder).as_posix()
        for key, value, status in cells:
            into.see(key, value, status, name)
            counted[kind] += 1

    for table in variables:
        see(folder / "data" / f"{table}.csv", open_data_cells(folder / "data" / f"{table}.csv", words), "csv")
    for table, names in variables.items():
        parquet = folder / "data" / f"{table}.parquet"
        if parquet.is_file():
            see(parquet, database_cells(parquet, names, words), "parquet")
        for ending, kind in zip(_DATABASE, ("px", "sdmx", "json-stat"), strict=True):
            path = folder / "database" / f"{table}{ending}"
            if path.is_file():
                see(path, database_cells(path, names, words), kind)
        for path in sorted(folder.glob(f"database/*/{table}.json")):
            see(path, database_cells(path, names, words), "json-stat")
    for path in sorted(folder.glob("data/*/*.csv")):
        try:
            cells = list(labelled_cells(path, variables[path.stem], Words(path.parent.name)))
        except DisclosureError:
            # A category can be called otherwise today than in an earlier edition, whose table with codes has been read.
            if not place:
                raise
            continue
        see(path, cells, "csv with labels")
    for path in sorted(folder.glob("database/*/index.html")):
        see(path, explorer_cells(path, variables, words), "explorer")
    for path in sorted(folder.glob("*/tables.xlsx")):
        cells, texts[path.parent.name] = workbook_cells(path, Words(path.parent.name))
        see(path, cells, "xlsx")
    return counted, texts


def out_before(work: Workspace, edition: Edition) -> Iterator[tuple[str, Path]]:
    """The publications that are out and lie here: released editions and delivered orders of the same register."""
    out = kept_history(work.history, work.releases, work.orders)
    for name in dict.fromkeys(one.edition for one in out if isinstance(one, Release)):
        folder = Workspace(work.root, name).publication
        if (folder / "data").is_dir():
            yield f"publications/{name}/", folder
    for name in sorted({one.order for one in out if not isinstance(one, Release)}):
        if (work.delivered_orders / name / "data").is_dir():
            yield f"publications/orders/{name}/", work.delivered_orders / name


def memories(work: Workspace, edition: Edition) -> list[Memory]:
    """What released editions and orders have kept of themselves, the newest first."""
    return memories_from(kept_history(work.history, work.releases, work.orders))


def counts_of_then(work: Workspace, edition: Edition) -> dict[str, Mapping[Key, int]]:
    """The true counts behind what lies at each place of `out_before`."""
    found: dict[str, Mapping[Key, int]] = {}
    for epoch in epochs(memories(work, edition)):
        order = epoch[0].table is not None
        place = f"publications/orders/{epoch[0].name.split('/')[1]}/" if order else f"publications/{epoch[0].name}/"
        tables = {f"{one.name}/{path.stem}": pq.read_table(path).to_pandas() for one in epoch for path in one.tables().values()}
        # Of an order that was delivered several times the newest lies there.
        found.setdefault(place, true_counts(tables))
    return found


def kept_counts(work: Workspace, edition: Edition) -> dict[str, pd.DataFrame]:
    """The true counts that earlier editions and orders have kept."""
    return {
        f"{memory.name}/{path.stem}": pq.read_table(path).to_pandas()
        for memory in memories(work, edition)
        for path in sorted(memory.folder.glob("*.parquet"))
    }


def lay_together(
    published: Published,
    before: Published,
    truth: Mapping[Key, str],
    rules: Disclosure,
    into: OutBefore,
    then: Mapping[Key, int] | None = None,
) -> None:
    """Add to what is published now what was published before, as far as it is still true.

    Parameters
    ----------
    truth
        The figures of today, withheld ones included: what anyone may take an old figure for.
    then
        The true counts that the earlier figures were made of, as far as they are remembered. A median, a rate or a share is a
        function of the counts of its own edition: of others it says nothing.
    """
    counts = {**{key: number for key, value in before.figures.items() if (number := _number(value)) is not None}, **(then or {})}
    for key, value in before.figures.items():
        now = truth.get(key)
        if now is not None and now != value and _number(now) is not None and key in published.figures:
            into.revised.add(key)
            if _by_few(key, value, now, rules):
                into.by_few.add(key)
    stale = {(key[0], key[1]) for key, value in before.figures.items() if key in truth and truth[key] != value}
    for key, value in before.figures.items():
        still = truth.get(key) == value or (key not in truth and (key[0], key[1]) not in stale)
        if still and all(_is_same(part, counts, truth, stale) for part in (*parts_of_ratio(key), *parts_of_function(key))):
            _see(published, key, value, before.shown_in[key], known=key in truth)
    for key in before.gaps - before.figures.keys():
        if key in truth or (key[0], key[1]) not in stale:
            published.see(key, "", "X", before.withheld_in[key])


def _is_same(part: Key, then: Mapping[Key, int], truth: Mapping[Key, str], stale: Collection[tuple[str, int]]) -> bool:
    """Whether a count that an earlier figure was made of is the same today."""
    if part not in truth:
        return (part[0], part[1]) not in stale
    return part not in then or str(then[part]) == truth[part] or _number(truth[part]) is None


def _see(published: Published, key: Key, value: str, place: str, *, known: bool) -> None:
    """Add a figure that was published before.

    One that is not `known` today, and that an order and an edition show otherwise, has been revised between them: the first that
    was seen stays. One that is known, and was the same then, is shown wrong in what is published now.
    """
    try:
        published.see(key, value, "", place)
    except ConsistencyError:
        if known:
            raise


def _by_few(key: Key, before: str, now: str, rules: Disclosure) -> bool:
    old, new = _number(before), _number(now)
    if old is None or new is None or metadata.measure(key[0]).subject != "persons" or metadata.measure(key[0]).is_function:
        return False
    return abs(new - old) < rules.threshold


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() else None
