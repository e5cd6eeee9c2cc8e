"""The accepted rows of a batch, and how they are written: the columns keep their few distinct values once (dictionaries)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from kvarn.collect._deliveries import Delivery
from kvarn.collect._layouts import Layout, layouts
from kvarn.collect._lines import Counts, Lines, Mask
from kvarn.collect._recognition import Recognised

__all__ = ["ROW_GROUP", "accepted_rows", "rows_writer", "schema_of", "write_rows"]

# Rows of a Parquet row group. It decides the bytes written.
ROW_GROUP = 500_000
_WORD = pa.dictionary(pa.int32(), pa.string())
_WHEN: Mapping[str, Sequence[tuple[str, pa.DataType]]] = {
    "periods": (("year", pa.int16()), ("month", pa.int8())),
    "events": (("date", pa.date32()),),
}


def schema_of(layout: Layout) -> pa.Schema:
    """The columns of the accepted rows of a file type: where each comes from, about whom it is, when, and its codes."""
    codes = [(field.role, _WORD) for field in layout.codes]
    first = [("file", pa.int32()), ("line", pa.int32()), ("municipality", _WORD), ("identity_number", _WORD)]
    return pa.schema([*first, *_WHEN[layout.rows], *codes])


def rows_writer(path: Path, file_type: str) -> pq.ParquetWriter:
    """A writer of accepted rows. In the file, text columns are ordinary text."""
    schema = schema_of(layouts()[file_type])
    words = [field.name for field in schema if field.type == _WORD]
    return pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=1,
        store_schema=False,
        use_dictionary=words,
        column_encoding={name: "DELTA_BINARY_PACKED" for name in schema.names if name not in words},
        dictionary_pagesize_limit=2**24,
        write_statistics=["file", "municipality", "identity_number", "year", "month", "date"],
    )


def write_rows(writer: pq.ParquetWriter, table: pa.Table) -> None:
    """Write what `accepted_rows` gave: each of its chunks becomes a row group, with the distinct values of that chunk."""
    for chunk in table.to_batches():
        writer.write_batch(chunk, row_group_size=ROW_GROUP)


def accepted_rows(
    layout: Layout,
    lines: Lines,
    deliveries: Sequence[Delivery],
    recognised: Recognised | None,
    judged: pa.Table,
    rejected: Mask,
) -> pa.Table:
    """Put the accepted rows of accepted files together, in the order of the batch.

    Parameters
    ----------
    judged
        The rows that were accepted one by one: ``row``, ``identity_number`` and the columns of the type, and of events ``day``.
    rejected
        For each delivery whether it is rejected.
    """
    schema = schema_of(layout)
    merge = _Merge(lines, recognised, judged["row"].to_numpy(), rejected)
    judged = judged.filter(pa.array(merge.kept_judged))
    place = lines.place[merge.rows]
    municipalities = pa.array([d.municipality for d in deliveries], pa.string()).dictionary_encode()
    columns: dict[str, Any] = {
        "file": np.array([d.number for d in deliveries], np.int32)[place],
        "line": lines.line[merge.rows],
        "municipality": (municipalities.dictionary, municipalities.indices.to_numpy()[place]),
    }
    people = recognised and (recognised.identity_numbers, recognised.person)
    columns["identity_number"] = merge.words(people, judged["identity_number"])
    if layout.rows == "periods":
        columns["year"] = np.array([d.year for d in deliveries], np.int16)[place]
        columns["month"] = np.array([d.month for d in deliveries], np.int8)[place]
    else:
        first_days = np.array([np.datetime64(f"{d.year:04}-{d.month:02}-01", "D") for d in deliveries]).astype(np.int32)
        day = merge.column(recognised and recognised.day, judged["day"].to_numpy(), np.uint8)
        columns["date"] = pa.array(first_days[place] + day - np.int32(1)).view(pa.date32())
    for name in (field.role for field in layout.codes):
        known = None
        if recognised is not None and recognised.tails is not None and recognised.tail is not None:
            known = (recognised.tails.fields[name], recognised.tail)
        columns[name] = merge.words(known, judged[name])
    chunks = [
        pa.record_batch([_slice(columns[field.name], field.type, first) for field in schema], schema=schema)
        for first in range(0, len(place), ROW_GROUP)
    ]
    return pa.Table.from_batches(chunks, schema)


class _Merge:
    """Where the recognised rows and the rows judged one by one come among the accepted."""

    def __init__(self, lines: Lines, recognised: Recognised | None, judged: Counts, rejected: Mask) -> None:
        taken: Mask = np.zeros(len(lines), np.bool_)
        recognised_rows = np.zeros(0, np.int64) if recognised is None else recognised.rows
        taken[recognised_rows] = True
        taken[judged] = True
        if rejected.any():
            taken &= ~rejected[lines.place]
        self.rows: Counts = np.flatnonzero(taken)
        self.kept_judged: Mask = taken[judged]
        self._kept: Mask | None = None if taken[recognised_rows].all() else taken[recognised_rows]
        judged = judged[self.kept_judged]
        self._at_judged: Counts = np.searchsorted(self.rows, judged)
        recognised_here: Mask = np.ones(len(self.rows), np.bool_)
        recognised_here[self._at_judged] = False
        self._at_recognised = recognised_here

    def column(self, recognised: npt.NDArray[Any] | None, judged: npt.NDArray[Any], kind: type[Any]) -> npt.NDArray[Any]:
        """One column of the accepted rows."""
        if recognised is not None and self._kept is not None:
            recognised = recognised[self._kept]
        if recognised is not None and not len(judged):
            return recognised.astype(kind, copy=False)
        merged = np.empty(len(self.rows), kind)
        if recognised is not None:
            merged[self._at_recognised] = recognised
        merged[self._at_judged] = judged
        return merged

    def words(self, recognised: tuple[pa.Array, npt.NDArray[Any]] | None, judged: pa.ChunkedArray) -> tuple[pa.Array, Any]:
        """A column of text, as its distinct values and the place of each row's value among them."""
        known = pa.array([], pa.string()) if recognised is None else _one(recognised[0])
        encoded = pa.concat_arrays([known, _one(judged)]).dictionary_encode()
        place = encoded.indices.fill_null(0).to_numpy()
        own = None if recognised is None else place[: len(known)][recognised[1]]
        return encoded.dictionary, self.column(own, place[len(known) :], np.int32)


def _one(array: Any) -> pa.Array:
    whole = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    return whole.cast(pa.string())


def _slice(column: Any, kind: pa.DataType, first: int) -> pa.Array:
    """Some of a column's rows, with the distinct values that occur in them."""
    if not isinstance(column, tuple):
        return pa.array(column[first : first + ROW_GROUP], kind)
    values, place = column[0], column[1][first : first + ROW_GROUP]
    used: Mask = np.zeros(len(values), np.bool_)
    used[place] = True
    if used.all():
        return pa.DictionaryArray.from_arrays(pa.array(place, pa.int32()), values)
    numbered = np.cumsum(used, dtype=np.int32) - np.int32(1)
    return pa.DictionaryArray.from_arrays(pa.array(numbered[place]), values.filter(pa.array(used)))
