"""No compute notebook can put a number of its own into a table: each is counted again before anything is protected."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kvarn import analyse, metadata
from kvarn.analyse import validate_tables
from kvarn.analyse._tables import read_tables
from kvarn.errors import ConsistencyError, InputError
from kvarn.pipeline import Production, counted_again
from kvarn.pipeline.counted_again import require_counted_again

pytestmark = pytest.mark.end_to_end

SECRET = [
    (table.name, measure)
    for table in metadata.tables()
    for measure in table.measures
    if metadata.measure(measure).subject != "public"
]
RATES = "standardised-rates-by-region"
Change = Callable[[pd.DataFrame], pd.DataFrame]


@pytest.fixture(scope="module")
def saved(production: Production) -> dict[str, pd.DataFrame]:
    return read_tables(production.workspace.tables)


@pytest.fixture(scope="module")
def register(production: Production) -> Iterator[analyse.Register]:
    edition = production.edition
    with analyse.open_register(
        production.workspace.name,
        engine=edition.engine,
        behind=edition.disclosure.behind,
        care=edition.data.care,
        project=production.root,
    ) as opened:
        yield opened


@pytest.fixture
def counted_once(register: analyse.Register, monkeypatch: pytest.MonkeyPatch) -> None:
    """Plants are in what was saved, and not in the register: its counts are made for the first of them alone."""
    monkeypatch.setattr(counted_again.analyse, "open_register", lambda *_, **__: nullcontext(register))


def test_what_the_notebooks_of_the_project_save_is_what_kvarn_counts(production: Production) -> None:
    require_counted_again(production)


@pytest.mark.usefixtures("counted_once")
@pytest.mark.parametrize(("name", "measure"), SECRET)
def test_one_figure_of_any_measure_that_is_another_is_told_and_never_shown(
    name: str, measure: str, production: Production, saved: dict[str, pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    planted = saved[name].copy()
    row = planted.index[(planted["measure"] == measure) & planted["value"].str.match(r"\d")][-1]
    planted.loc[row, "value"] = f"98764{planted.loc[row, 'value']}"
    monkeypatch.setattr(counted_again, "read_tables", lambda _: {name: planted})
    with pytest.raises(ConsistencyError, match="A figure is not what kvarn counts") as error:
        require_counted_again(production)
    said = str(error.value)
    assert f"{name}: {measure}, year {planted.loc[row, 'year']}" in said and ".ipynb" in said and "98764" not in said


def _limit_of_another(table: pd.DataFrame) -> pd.DataFrame:
    """The count of one place as the lower limit of another: it is still below the rate, so that the order tells nothing."""
    row = table.index[(table["measure"] == "standardised_lower") & (table["region"] == "01") & (table["sex"] == "T")][0]
    return table.assign(value=table["value"].mask(table.index == row, "3.0"))


def _a_person_more_behind(table: pd.DataFrame) -> pd.DataFrame:
    of_persons = (table["measure"] == "persons") & (table["region"].str.len() == 4) & (table["sex"] == "T")
    row = table.index[of_persons & table["value"].str.match(r"[1-9]")][0]
    changed = table.copy()
    changed.loc[row, "contributors"] += 1
    return changed


HIDDEN: dict[str, tuple[Change, str]] = {
    "the figure of one place in a limit of another": (_limit_of_another, "A figure is not what kvarn counts"),
    "the persons behind a figure": (_a_person_more_behind, "What stands behind a figure"),
    "the order of the rows": (lambda table: table.iloc[::-1].reset_index(drop=True), "The rows of a table"),
    "a row twice": (lambda table: pd.concat([table, table.tail(1)], ignore_index=True), "The rows of a table"),
    "a row left out": (lambda table: table.drop(index=table.index[5]).reset_index(drop=True), "The rows of a table"),
    "a year that is none": (lambda table: table.assign(year=table["year"].mask(table.index == 0, 1003)), "The rows of a table"),
    "a column of what is counted besides": (lambda table: table.assign(largest=3), "The columns of a table"),
    "the order of the columns": (lambda table: table[table.columns[::-1]], "The columns of a table"),
}


@pytest.mark.usefixtures("counted_once")
@pytest.mark.parametrize("hidden", HIDDEN)
def test_whatever_a_table_could_hide_in_is_held_to_what_kvarn_counts(
    hidden: str, production: Production, saved: dict[str, pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    change, said = HIDDEN[hidden]
    monkeypatch.setattr(counted_again, "read_tables", lambda _: {RATES: change(saved[RATES])})
    with pytest.raises(ConsistencyError, match=said) as error:
        require_counted_again(production)
    assert "geography.ipynb" in str(error.value) and RATES in str(error.value)


@pytest.mark.usefixtures("counted_once")
def test_a_measure_that_kvarn_cannot_count_by_the_variables_of_its_table_is_refused(
    production: Production, saved: dict[str, pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counted_again, "read_tables", lambda _: {RATES: saved[RATES]})

    def none_such(*_: object) -> None:
        raise counted_again._NothingCounts

    monkeypatch.setattr(counted_again._Again, "frame", none_such)
    with pytest.raises(ConsistencyError, match="Nothing accounts for the measure persons"):
        require_counted_again(production)


@pytest.mark.parametrize("figure", ["29.80001363", "29.8 ", "29", "029.8", "29.80", "2.98e1", "-1.0", "1_0.0", "٢٩.٨"])
def test_a_figure_has_the_decimals_of_its_measure_and_no_more(
    figure: str, saved: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    planted = saved[RATES].copy()
    row = planted.index[(planted["measure"] == "standardised_upper") & (planted["region"] == "01")][0]
    planted.loc[row, "value"] = figure
    _write(planted, tmp_path)
    with pytest.raises(ConsistencyError, match="A figure of standardised_upper is not written with 1 decimal") as error:
        validate_tables(tmp_path)
    assert "region 01" in str(error.value) and "half up" in str(error.value)


def _write(table: pd.DataFrame, folder: Path, schema: pa.Schema | None = None) -> None:
    whole = {"year": pa.int32(), "contributors": pa.int64()}
    schema = schema or pa.schema([(name, whole.get(name, pa.string())) for name in table.columns])
    read = pa.Table.from_pandas(table, schema=schema, preserve_index=False).replace_schema_metadata(None)
    pq.write_table(read, folder / f"{RATES}.parquet")


def _with_an_index(read: pa.Table) -> pa.Table:
    """Its rows named by pandas, which reads the names back as no column of the table."""
    named = read.append_column("__index_level_0__", pa.array([f"haninge {row}" for row in range(len(read))]))
    return named.replace_schema_metadata(
        {"pandas": '{"index_columns": ["__index_level_0__"], "columns": [], "column_indexes": []}'}
    )


FILES: dict[str, tuple[Callable[[pa.Table], pa.Table], str]] = {
    "another column": (lambda read: read.append_column("haninge", pa.array(["3"] * len(read))), "does not declare"),
    "a note": (lambda read: read.replace_schema_metadata({"haninge": "3 persons"}), "carries more than its cells"),
    "a dictionary": (
        lambda read: read.set_column(
            read.schema.get_field_index("sex"), "sex", pa.compute.dictionary_encode(read.column("sex").combine_chunks())
        ),
        "sex in another type",
    ),
    "an index": (lambda read: _with_an_index(read), "does not declare"),
    "a column less": (lambda read: read.drop_columns(["sex"]), "lacks the column sex"),
    "a year as text": (lambda read: read.set_column(0, "year", read.column("year").cast(pa.string())), "year in another type"),
}


@pytest.mark.parametrize("file", FILES)
def test_a_file_that_carries_more_than_its_cells_is_not_read(file: str, saved: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    change, said = FILES[file]
    _write(saved[RATES], tmp_path)
    path = tmp_path / f"{RATES}.parquet"
    assert set(read_tables(tmp_path)) == {RATES}
    pq.write_table(change(pq.read_table(path)), path)
    with pytest.raises(InputError, match=said) as error:
        read_tables(tmp_path)
    assert str(path) in str(error.value) and "save_table" in str(error.value)
