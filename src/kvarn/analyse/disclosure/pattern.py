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
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from kvarn import metadata
from kvarn.analyse._columns import OPTIONAL
from kvarn.analyse._files import SECRET, replace_file
from kvarn.analyse.disclosure.system import Cell, cells_of
from kvarn.errors import InputError

__all__ = ["Earlier", "join_earlier", "keep_pattern"]

_SECRET_FOLDER = 0o700


@dataclass
class Earlier:
    """What earlier editions tell about the cells of this one.

    Attributes
    ----------
    tables
        This edition's tables, with the rows of earlier ones that it has not.
    published, withheld
        Cells that an earlier edition has published; those that were only ever withheld.
    revised
        Cells whose figure is another now, with the difference. Whoever holds both editions knows it.
    """

    tables: dict[str, pd.DataFrame]
    published: set[Cell] = field(default_factory=set)
    withheld: set[Cell] = field(default_factory=set)
    revised: dict[Cell, int] = field(default_factory=dict)


def keep_pattern(
    folder: Path, tables: Mapping[str, pd.DataFrame], withheld: Collection[Cell], certificate: Mapping[str, Any]
) -> str:
    """Keep what was published and what was not; the hash of both, which the certificate carries too."""
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
    complete = {"cells_sha256": digest.hexdigest(), **certificate}
    text = json.dumps(complete, indent=2, ensure_ascii=False) + "\n"
    replace_file(folder / "certificate.json", text.encode(), mode=SECRET)
    return digest.hexdigest()


def join_earlier(tables: Mapping[str, pd.DataFrame], folders: Sequence[Path]) -> Earlier:
    """Lay the tables beside what earlier editions (oldest first) have published of the same measures and years.

    Raises
    ------
    InputError
        An earlier edition has kept nothing.
    """
    found = Earlier(dict(tables))
    now = {cell: value for name, table in tables.items() for cell, value in _values(name, table)}
    for folder in folders:
        kept = sorted(folder.glob("*.parquet"))
        if not kept:
            raise InputError(
                "The earlier edition has kept no record of what it published.",
                file=folder,
                remedy="Restore its restricted/<edition>/disclosure folder, or take it out of disclosure.earlier.",
            )
        programme = {table.name for table in metadata.tables()}
        for path in [path for path in kept if path.stem in programme]:
            _join_table(found, path.stem, pq.read_table(path).to_pandas(), now)
    found.withheld -= found.published
    return found


def _join_table(found: Earlier, name: str, earlier: pd.DataFrame, now: Mapping[Cell, str]) -> None:
    status, values = earlier["status"].tolist(), earlier["value"].tolist()
    new_rows, revised = [], set()
    for cell, row in cells_of(name, earlier):
        (found.withheld if status[row] else found.published).add(cell)
        if cell not in now:
            new_rows.append((cell, row))
        elif now[cell] != values[row] and now[cell].isdigit() and values[row].isdigit():
            found.revised[cell] = int(now[cell]) - int(values[row])
            revised.add((cell.measure, cell.year))
    # Figures of before and after a revision do not add up with one another.
    rows = [row for cell, row in new_rows if (cell.measure, cell.year) not in revised]
    if not rows:
        return
    columns = [*metadata.table(name).variables, "measure", "value", "contributors"]
    extra = earlier.iloc[rows]
    kept = [*columns, *(name for name in OPTIONAL if name in extra.columns)]
    extra = extra[kept] if set(columns) <= set(extra.columns) else extra.iloc[:0]
    known = found.tables.get(name)
    joined = extra if known is None else pd.concat([known, extra], ignore_index=True)
    keys = [*metadata.table(name).variables, "measure"]
    found.tables[name] = joined.drop_duplicates(keys, keep="first").reset_index(drop=True)


def _values(name: str, table: pd.DataFrame) -> list[tuple[Cell, str]]:
    values = table["value"].tolist()
    return [(cell, values[row]) for cell, row in cells_of(name, table)]
