"""Parquet beside CSV: the same cells, the same bytes each time, and nothing in it that the other files do not say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from kvarn import metadata
from kvarn.disseminate.database import write_jsonstat
from kvarn.disseminate.database.jsonstat_examine import faults_of_about
from kvarn.disseminate.database.read import parquet_texts, read_parquet, read_sdmx
from kvarn.disseminate.database.sdmx import write_sdmx
from kvarn.disseminate.parquet import write_parquet
from kvarn.disseminate.protected import ProtectedTables
from kvarn.edition import Edition
from kvarn.errors import InputError

PROJECT = Path(__file__).parents[2]
TABLE = "persons-by-month"


def demo(**changes: Any) -> Edition:
    values = yaml.safe_load((PROJECT / "params" / "demo.yml").read_text(encoding="utf-8"))
    return Edition.model_validate(values | changes)


def test_every_cell_is_that_of_the_other_formats(few_tables: ProtectedTables, tmp_path: Path) -> None:
    for name in few_tables.names():
        variables = tuple(metadata.table(name).variables)
        file = write_parquet(few_tables[name], demo(), tmp_path / f"{name}.parquet")
        assert read_parquet(file, variables) == read_sdmx(write_sdmx(few_tables[name], demo(), tmp_path / "a.csv"), variables)


def test_a_database_reads_it_as_it_is_and_in_small_groups_of_rows(few_tables: ProtectedTables, tmp_path: Path) -> None:
    name = "months-by-region"
    file = write_parquet(few_tables[name], demo(), tmp_path / "a.parquet")
    cells = read_parquet(file, tuple(metadata.table(name).variables))
    counted, summed = duckdb.execute(
        "SELECT count(*), sum(value) FROM read_parquet($1) WHERE status = ''", [str(file)]
    ).fetchall()[0]
    published = [value for value, _ in cells.values() if value is not None]
    assert counted == len(published) and round(summed, 3) == round(float(sum(published)), 3)
    about = pq.read_metadata(file)
    assert max(about.row_group(place).num_rows for place in range(about.num_row_groups)) <= 10_000


def test_a_program_finds_types_and_what_the_table_is(few_tables: ProtectedTables, tmp_path: Path) -> None:
    file = write_parquet(few_tables[TABLE], demo(), tmp_path / "a.parquet")
    read = pq.read_table(file)
    assert read.schema.field("year").type == pa.int16() and read.schema.field("value").type == pa.float64()
    assert read.schema.field("month").type == pa.string() and read.column("synthetic").unique().to_pylist() == [True]
    about, texts = parquet_texts(file)
    assert about["title_en"] == few_tables[TABLE].title("en") and json.loads(about["notes_sv"])[0].startswith("Syntetiska data")
    assert {"01", "persons", "year"} <= texts
    assert "synthetic" not in pq.read_table(write_parquet(few_tables[TABLE], demo(synthetic=False), file)).column_names


def test_the_same_table_gives_the_same_bytes_and_no_version_of_pandas_or_arrow_stands_in_its_metadata(
    few_tables: ProtectedTables, tmp_path: Path
) -> None:
    one, other = (write_parquet(few_tables[TABLE], demo(), tmp_path / name) for name in ("a.parquet", "b.parquet"))
    assert one.read_bytes() == other.read_bytes()
    assert pq.read_metadata(one).metadata.keys() == {key.encode() for key in parquet_texts(one)[0]}
    assert not {b"pandas", b"ARROW:schema"} & pq.read_metadata(one).metadata.keys()


@pytest.fixture
def told(few_tables: ProtectedTables, tmp_path: Path) -> dict[str, Any]:
    return {
        language: json.loads(
            write_jsonstat(few_tables[TABLE], demo(), language, tmp_path / f"{language}.json").read_text("utf-8")
        )
        for language in ("sv", "en")
    }


@pytest.mark.parametrize(
    "changed",
    [
        *({"title_en": "Seven persons"}, {"more": "7"}, {"notes_sv": '["7 personer."]'}, {"notes_en": "["}, {"stage_sv": "Slut"}),
        # A piece of a note is none, and there are no other languages.
        *({"notes_sv": "[]"}, {"notes_en": "[]"}),
        *({"notes_sv": '["2"]'}, {"notes_de": '["7"]'}, {"stage_de": "7"}, {"stage_sv": "S"}, {"notes_sv": "[7]"}),
    ],
)
def test_what_the_file_says_of_itself_and_no_other_file_says_is_refused(
    few_tables: ProtectedTables, told: dict[str, Any], tmp_path: Path, changed: dict[str, str]
) -> None:
    about, _ = parquet_texts(write_parquet(few_tables[TABLE], demo(), tmp_path / "a.parquet"))
    assert list(faults_of_about(about, told)) == []
    assert list(faults_of_about(about | changed, told))


def test_what_is_no_parquet_or_has_other_columns_or_a_cell_twice_is_refused(few_tables: ProtectedTables, tmp_path: Path) -> None:
    variables = tuple(metadata.table(TABLE).variables)
    file = write_parquet(few_tables[TABLE], demo(), tmp_path / "a.parquet")
    table = pq.read_table(file)
    for wrong in (table.append_column("more", pa.array([1] * len(table))), pa.concat_tables([table, table.slice(0, 1)])):
        pq.write_table(wrong, tmp_path / "b.parquet")
        with pytest.raises(InputError, match=r"other columns|occurs twice"):
            read_parquet(tmp_path / "b.parquet", variables)
    # Of a synthetic edition each row is marked, and of any other none: the gate says which it is.
    assert read_parquet(file, variables, synthetic=True)
    real = write_parquet(few_tables[TABLE], demo(synthetic=False), tmp_path / "real.parquet")
    for of, said in ((real, True), (file, False)):
        with pytest.raises(InputError, match="other columns"):
            read_parquet(of, variables, synthetic=said)
    (tmp_path / "b.parquet").write_bytes(file.read_bytes()[:-4])
    with pytest.raises(InputError, match="not a Parquet file"):
        read_parquet(tmp_path / "b.parquet", variables)
