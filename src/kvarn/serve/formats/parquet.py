"""Parquet: a row a cell, with codes and names of every variable."""

from __future__ import annotations

import io
import json

import numpy as np

from kvarn.serve.formats.options import Options
from kvarn.serve.selection import Chosen

__all__ = ["write_parquet"]


def write_parquet(chosen: Chosen, language: str, options: Options) -> bytes:
    """Columns: of each variable its codes (``region``) and names (``region_label``), ``value``, ``status`` and ``synthetic``.

    ``value`` is null where there is none, and ``status`` has the symbol. The file's metadata have title, source and notes.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    table, places, cells = chosen.table, chosen.places(), chosen.cells
    columns, after = {}, cells
    for one in chosen.variables:
        after //= len(one.codes)
        indices = pa.array(np.arange(cells, dtype=np.int32) // after % len(one.codes))
        columns[one.name] = pa.DictionaryArray.from_arrays(indices, pa.array(one.codes))
        columns[f"{one.name}_label"] = pa.DictionaryArray.from_arrays(indices, pa.array(one.labels(language)))
    symbols = table.symbols[places]
    columns["value"] = pa.array(table.values[places], mask=symbols != 0)
    columns["status"] = pa.DictionaryArray.from_arrays(pa.array(symbols.astype(np.int32)), pa.array(table.symbol_list))
    columns["synthetic"] = pa.array(np.full(cells, table.synthetic))
    about = {
        "id": table.id,
        "title": table.labels[language],
        "source": table.sources[language],
        "updated": table.updated,
        "language": language,
        "notes": json.dumps([*chosen.fixed(language), *table.notes[language]], ensure_ascii=False),
    }
    written = io.BytesIO()
    pq.write_table(pa.table(columns).replace_schema_metadata(about), written, compression="zstd")
    return written.getvalue()
