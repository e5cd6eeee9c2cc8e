"""Open data as Parquet: each table with its codes, for whoever reads data by a program.

The same table gives the same bytes by the same version of pyarrow, which is named at the end of the file; there is neither a
schema of Arrow's nor of pandas' in it.
"""

from __future__ import annotations

import io
import json
from pathlib import Path

from kvarn import metadata
from kvarn.disseminate.cube import source
from kvarn.disseminate.protected import ProtectedTable
from kvarn.disseminate.stage import correction_notice, stage_code, stage_name
from kvarn.disseminate.table_notes import table_notes
from kvarn.disseminate.writing import write_beside
from kvarn.edition import Edition

__all__ = ["parquet_about", "write_parquet"]

# So few that a program which looks for a region or a year passes over most of a large table.
_ROWS_OF_A_GROUP = 10_000


def write_parquet(table: ProtectedTable, edition: Edition, output: Path) -> Path:
    """Write one table as Parquet, a row a cell, in the order of the CSV file.

    Columns as there: the classification variables (codes as text, the year as a whole number), ``measure``, ``value`` (null when
    not published), ``status`` (the symbol; empty when published) and, in a synthetic edition, ``synthetic``. The file's metadata
    have what `parquet_about` says.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    frame = table.frame
    columns = {
        name: pa.array(frame[name].tolist(), pa.int16() if name == "year" else pa.string()) for name in table.definition.variables
    }
    columns["measure"] = pa.array(frame["measure"].tolist(), pa.string())
    missing = (frame["status"] != "").to_numpy()
    columns["value"] = pa.array(frame["value"].to_numpy(), pa.float64(), mask=missing)
    columns["status"] = pa.array(frame["status"].tolist(), pa.string())
    if edition.synthetic:
        columns["synthetic"] = pa.array([True] * len(frame), pa.bool_())
    whole, written = pa.table(columns), io.BytesIO()
    with pq.ParquetWriter(written, whole.schema, compression="snappy", store_schema=False) as writer:
        writer.write_table(whole, row_group_size=_ROWS_OF_A_GROUP)
        writer.add_key_value_metadata(parquet_about(table, edition))
    return write_beside(output, written.getvalue())


def parquet_about(table: ProtectedTable, edition: Edition) -> dict[str, str]:
    """What a file says of itself, by key: title, source, notes (a list as JSON) and stage in each language; day and licence."""
    about = {"id": table.definition.name, "updated": edition.publication.published.isoformat(), "stage": stage_code(edition)}
    for language in metadata.languages:
        notes = [metadata.text("synthetic.notice", language)] if edition.synthetic else []
        notes += [*filter(None, [correction_notice(edition, language)]), *table_notes(table, edition, language)]
        about[f"title_{language}"] = table.title(language)
        about[f"source_{language}"] = source(edition, language)
        about[f"stage_{language}"] = stage_name(edition, language)
        about[f"notes_{language}"] = json.dumps(notes, ensure_ascii=False)
    if edition.publication.licence:
        about["license"] = edition.publication.licence
    return about
