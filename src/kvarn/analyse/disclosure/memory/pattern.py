"""What an edition has given away is remembered, so that no later one uncovers what it withheld.

``restricted/<edition>/disclosure/`` keeps ``<table>.parquet`` (the counts of each table, true, with the status each was
published with) and ``certificate.json`` (a hash of the cells, the rules, the widths and the versions of what reckoned
them).
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kvarn import metadata
from kvarn.analyse._columns import PUBLISHED
from kvarn.analyse._not_reported import with_zero_where_nothing_was_reported
from kvarn.analyse.disclosure.dominance import COLUMNS
from kvarn.analyse.disclosure.functions import parts_of
from kvarn.analyse.disclosure.kept_quantiles import Quantiles
from kvarn.analyse.disclosure.memory.categories import CATEGORIES, meanings, require_categories
from kvarn.analyse.disclosure.memory.kept import Memory, pattern_hash, quantiles_kept
from kvarn.analyse.disclosure.system import Cell, cells_of
from kvarn.analyse.disclosure.written.audit import Published, read_csv
from kvarn.base.files import SECRET, replace_file
from kvarn.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Earlier",
    "is_pattern_of",
    "is_published_as",
    "join_earlier",
    "keep_pattern",
    "longer",
    "values_of",
]

_SECRET_FOLDER = 0o700


@dataclass
class Earlier:
    """What earlier editions and orders tell about the cells of this one.

    Attributes
    ----------
    tables, now
        This edition's tables, with the rows of earlier ones that it has not; and the names of its own.
    published, withheld
        Cells whose figure is out already; those that were only ever withheld.
    revised
        Cells whose figure is another now, with the difference. Whoever holds both editions knows it.
    joined
        The cells that only an earlier one has, with the place of its memory.
    memories
        What they have kept, the newest first.
    quantiles
        The quantiles of counts that have not been revised since.
    """

    tables: dict[str, pd.DataFrame]
    now: tuple[str, ...] = ()
    published: set[Cell] = field(default_factory=set)
    withheld: set[Cell] = field(default_factory=set)
    revised: dict[Cell, int] = field(default_factory=dict)
    joined: dict[Cell, int] = field(default_factory=dict)
    memories: tuple[Memory, ...] = ()
    quantiles: Quantiles = field(default_factory=Quantiles)


def keep_pattern(
    folder: Path, tables: Mapping[str, pd.DataFrame], withheld: Collection[Cell], certificate: Mapping[str, Any]
) -> str:
    """Keep what was published and what was not; the hash of both, which the certificate carries too."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder.mkdir(mode=_SECRET_FOLDER, parents=True, exist_ok=True)
    digest = hashlib.sha256()
    for old in sorted(folder.glob("*.parquet")):
        if old.stem not in tables:
            old.unlink()
    for name, table in tables.items():
        frame = table.assign(status=["X" if cell in withheld else "" for cell, _ in cells_of(name, table)])
        for row in frame.itertuples(index=False):
            digest.update(("\x1f".join([name, *map(str, row)]) + "\n").encode())
        sheet = io.BytesIO()
        pq.write_table(pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None), sheet)
        replace_file(folder / f"{name}.parquet", sheet.getvalue(), mode=SECRET)
    complete = {"cells_sha256": digest.hexdigest(), CATEGORIES: meanings(tables), **certificate}
    text = json.dumps(complete, indent=2, ensure_ascii=False) + "\n"
    replace_file(folder / "certificate.json", text.encode(), mode=SECRET)
    return digest.hexdigest()


def join_earlier(tables: Mapping[str, pd.DataFrame], memories: Sequence[Memory]) -> Earlier:
    """Lay the tables beside what earlier editions and orders (newest first) have given away of the same measures and years.

    A figure that has been revised since is known by its newest value; what was published of it before is not what stands
    there now, so it is judged anew. Figures that only an older memory has are joined as long as nothing has been revised in one
    of their categories: of the rest, figures of before and after a revision need not add up with one another, and they are held
    to the relations of their own register alone (`memory.versions`). What was withheld stays withheld. The tables that
    `Memory.beside` names must be declared (``metadata.tables_beside``).

    Raises
    ------
    InputError
        An earlier edition has kept nothing, or has categories that the lists have no longer as they were.
    """
    found = Earlier(dict(tables), tuple(tables), memories=tuple(memories))
    newest = {cell: value for name, table in tables.items() for cell, _, value in values_of(name, table)}
    seen = set()
    for place, memory in enumerate(memories):
        kept = {name: _kept_table(path) for name, path in memory.tables().items()}
        if not kept:
            raise InputError(
                "The earlier edition has kept no record of what it published.",
                file=memory.folder,
                remedy="Restore its restricted/<edition>/disclosure folder, or take it out of disclosure.earlier.",
            )
        require_categories(memory.name, memory.folder, kept)
        # By which rules they were withheld is another question (`memory.then`).
        same = pattern_hash(memory.folder)
        if same is None or same not in seen:
            found.withheld |= _join(found, kept, newest, place)
        seen.add(same)
        _join_quantiles(found.quantiles, quantiles_kept(memory.folder), kept, newest)
    found.withheld -= found.published
    found.quantiles.withheld -= found.quantiles.shown
    return found


def is_pattern_of(folder: Path, tables: Mapping[str, pd.DataFrame]) -> bool:
    """Whether a folder keeps exactly the secret counts of these tables, each with its figure of today."""
    kept = {path.stem: _kept_table(path) for path in sorted(folder.glob("*.parquet"))}
    if not kept or not kept.keys() <= tables.keys():
        return False
    before = {cell: value for name, table in kept.items() for cell, _, value in values_of(name, table)}
    now = {cell: value for name, table in tables.items() for cell, _, value in values_of(name, table)}
    return before == {cell: value for cell, value in now.items() if _is_secret_count(cell.measure) and value.isdigit()}


def is_published_as(folder: Path, data: Path) -> bool:
    """Whether what a folder keeps is what stands in published CSV files: each figure shown, each secret withheld."""
    published = Published()
    read_csv(data, published)
    for path in sorted(folder.glob("*.parquet")):
        table = _kept_table(path)
        figures = table.get(PUBLISHED, table["value"])
        silent = table["value"].tolist()
        for (cell, row, value), status, figure in zip(values_of(path.stem, table), table["status"], figures, strict=True):
            key = (cell.measure, cell.year, cell.categories)
            if value != silent[row]:
                if key in published.figures or key not in published.not_available:
                    return False
                continue
            shown = published.figures.get(key)
            # By cell-key nothing is withheld, and a row of noughts may be left out.
            left_out = PUBLISHED in table and figure == "0" and shown is None
            as_kept = shown is None and key in published.gaps if status else shown == figure or left_out
            if not as_kept:
                return False
    return True


def _is_secret_count(name: str) -> bool:
    declared = metadata.measure(name)
    return declared.subject != "public" and not declared.is_function


def _join(found: Earlier, kept: Mapping[str, pd.DataFrame], newest: dict[Cell, str], place: int) -> set[Cell]:
    """Join one memory, and return what it has withheld; `newest` holds every cell's newest figure, and learns of those that
    only this one has."""
    withheld = set()
    rows = [(name, row, cell, value) for name, table in kept.items() for cell, row, value in values_of(name, table)]
    status = {name: table["status"].tolist() for name, table in kept.items()}
    before = {cell: value for _, _, cell, value in rows}
    revised = {cell for cell, value in before.items() if _is_other(newest.get(cell, value), value)}
    for cell in revised:
        found.revised.setdefault(cell, int(newest[cell]) - int(before[cell]))
    years = {(cell.measure, cell.year) for cell in revised}
    places = {(cell.measure, cell.year, pair) for cell in revised for pair in cell.categories}
    new = {
        cell
        for cell in before.keys() - newest.keys()
        if (cell.measure, cell.year) not in years
        or any((cell.measure, cell.year, pair) not in places for pair in cell.categories)
    }
    chosen: dict[str, list[int]] = {}
    for name, row, cell, _ in rows:
        if status[name][row]:
            withheld.add(cell)
        elif cell not in revised:
            found.published.add(cell)
        if cell in new:
            chosen.setdefault(name, []).append(row)
    found.joined |= dict.fromkeys(new, place)
    newest.update({cell: before[cell] for cell in new})
    for name, numbers in chosen.items():
        found.tables[name] = longer(name, found.tables.get(name), kept[name].iloc[numbers])
    return withheld


def _join_quantiles(found: Quantiles, kept: Quantiles, tables: Mapping[str, pd.DataFrame], newest: Mapping[Cell, str]) -> None:
    """Join the quantiles of one memory, as far as the counts that they were made of are those of today."""
    if not (kept.shown or kept.withheld):
        return
    before = {cell: value for name, table in tables.items() for cell, _, value in values_of(name, table)}
    same = {cell for cell, value in before.items() if newest.get(cell) == value}
    for cells, into in ((kept.shown, found.shown), (kept.withheld, found.withheld)):
        into |= {cell for cell in cells if same.issuperset(parts_of(cell) or ())}


def _is_other(now: str, before: str) -> bool:
    return now != before and now.isdigit() and before.isdigit()


def _kept_table(path: Path) -> pd.DataFrame:
    import pyarrow.parquet as pq

    table: pd.DataFrame = pq.read_table(path).to_pandas()
    return table


def longer(name: str, known: pd.DataFrame | None, extra: pd.DataFrame) -> pd.DataFrame:
    """A table with the rows of before behind its own."""
    import pandas as pd

    wanted = [*metadata.table(name).variables, "measure", "value", "contributors"]
    columns = [column for column in extra.columns if column in (*wanted, *COLUMNS)]
    joined = extra[columns] if known is None else pd.concat([known, extra[columns]], ignore_index=True)
    return joined.drop_duplicates([*metadata.table(name).variables, "measure"], keep="first").reset_index(drop=True)


def values_of(name: str, table: pd.DataFrame) -> list[tuple[Cell, int, str]]:
    """Each cell of a table with its row and its figure; zero where nothing was accepted."""
    values = with_zero_where_nothing_was_reported(table)
    return [(cell, row, values[row]) for cell, row in cells_of(name, table)]
