"""What `save_table` refuses, completes and keeps."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from kvarn import metadata
from kvarn.analyse import save_table, validate_tables, years_of
from kvarn.analyse._tables import complete_table, read_tables
from kvarn.errors import ConsistencyError, InputError, KvarnError

from .registers import all_accepted

TABLE = "persons-by-month"


def frame(*rows: tuple[int, str, str, int], measure: str = "persons") -> pd.DataFrame:
    """Year, month, sex, value."""
    given = pd.DataFrame(rows, columns=["year", "month", "sex", "value"])
    given.insert(3, "measure", measure)
    return given.assign(contributors=given["value"])


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "_quarto.yml").touch()
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    return tmp_path


def test_a_table_is_completed_with_noughts_sorted_and_kept_for_its_owner_alone(project: Path) -> None:
    kept = save_table(TABLE, frame((2023, "T", "T", 9), (2023, "02", "1", 4)), edition="tiny")
    path = project / "restricted" / "tiny" / "tables" / f"{TABLE}.parquet"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [held.name for held in path.parent.iterdir()] == [path.name], "nothing half-written beside it"
    read = pq.read_table(path).to_pandas()
    assert read["value"].tolist() == kept["value"].tolist()
    definition = metadata.table(TABLE)
    assert len(kept) == len(definition.order("month")) * len(definition.order("sex"))
    assert kept["value"].astype(int).sum() == 13
    assert kept.loc[kept["value"] == "0", "contributors"].eq(0).all()
    order = list(metadata.codelist("month").codes)
    assert [order.index(code) for code in kept["month"]] == sorted(order.index(code) for code in kept["month"])


def test_the_order_of_what_is_given_changes_no_byte(project: Path) -> None:
    path = project / "restricted" / "tiny" / "tables" / f"{TABLE}.parquet"
    rows = [(2023, "T", "T", 9), (2022, "02", "1", 4), (2023, "02", "1", 4)]
    save_table(TABLE, frame(*rows), edition="tiny")
    first = path.read_bytes()
    save_table(TABLE, frame(*rows[:1]), frame(*reversed(rows[1:])), edition="tiny")
    assert path.read_bytes() == first


def test_a_rate_where_nobody_lives_does_not_apply() -> None:
    persons = pd.DataFrame(
        {"year": [2023], "region": ["0114"], "age": ["T"], "measure": ["persons"], "value": [5], "contributors": [5]}
    )
    inhabitants = persons.assign(measure="population", value=100, contributors=None)
    per_1000 = persons.assign(measure="persons_per_1000", value="50.0")
    name = "rates-by-municipality"
    table = complete_table(name, persons, inhabitants, per_1000, all_accepted(name))
    table = table[table["measure"].isin(["persons", "population", "persons_per_1000"])]
    there = table[(table["region"] == "0114") & (table["age"] == "T")].set_index("measure")
    elsewhere = table[(table["region"] == "0115") & (table["age"] == "T")].set_index("measure")
    assert there["value"].to_dict() == {"persons": "5", "population": "100", "persons_per_1000": "50.0"}
    assert elsewhere["value"].to_dict() == {"persons": "0", "population": "0", "persons_per_1000": "."}
    assert table.loc[table["measure"] == "population", "contributors"].isna().all()


def test_categories_that_the_table_does_not_show_are_left_out() -> None:
    ages = ["T", "0-64", "65+", "65-79", "80+", "65-69"]
    given = pd.DataFrame({"year": 2023, "region": "00", "sex": "T", "age": ages, "measure": "persons", "value": 4})
    name = "persons-by-municipality-sex-age"
    table = complete_table(name, given.assign(contributors=4), all_accepted(name))
    assert "65-69" not in set(table["age"])
    table = table[table["measure"] == "persons"]
    assert table["value"].astype(int).sum() == 4 * 5


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        (frame((2023, "T", "T", 9)).drop(columns="sex"), InputError, "sex"),
        (frame((2023, "T", "T", 9)).drop(columns="contributors"), InputError, "contributors"),
        (frame((2023, "T", "T", 9)).assign(kind="T"), InputError, "kind"),
        (frame((2023, "T", "T", 9), measure="population"), InputError, "persons"),
        (frame((2023, "13", "T", 9)), InputError, "'13'"),
        (frame((2023, "T", "3", 9)), InputError, "'3'"),
        (frame((2023, "T", "T", 9), (2023, "T", "T", 9)), ConsistencyError, "twice"),
    ],
)
def test_what_does_not_fit_the_programme_is_refused_and_not_kept(
    project: Path, given: pd.DataFrame, error: type[KvarnError], said: str
) -> None:
    with pytest.raises(error) as caught:
        save_table(TABLE, given, edition="tiny")
    assert said in caught.value.what
    assert caught.value.remedy
    assert not (project / "restricted" / "tiny" / "tables" / f"{TABLE}.parquet").exists()


def test_a_table_of_no_frames_is_refused() -> None:
    with pytest.raises(InputError, match="No frame"):
        complete_table(TABLE)


def test_a_frame_may_have_its_columns_in_any_order(project: Path) -> None:
    given = frame((2023, "T", "T", 9))
    kept = save_table(TABLE, given[sorted(given.columns)], edition="tiny")
    assert list(kept.columns) == ["year", "month", "sex", "measure", "value", "contributors"]


def test_a_table_that_is_not_in_the_programme_is_refused(project: Path) -> None:
    with pytest.raises(InputError, match="persons-by-mouth"):
        save_table("persons-by-mouth", frame((2023, "T", "T", 9)), edition="tiny")


def test_a_folder_with_no_table_or_a_strange_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no statistical tables"):
        validate_tables(tmp_path)
    frame((2023, "T", "T", 9)).to_parquet(tmp_path / "mine.parquet")
    with pytest.raises(InputError, match="mine"):
        read_tables(tmp_path)


@pytest.mark.parametrize(
    ("table", "first_year", "years"),
    [
        ("persons-by-month", 2017, (2017, 2018, 2019, 2020)),
        ("procedures-by-group", 2017, (2019, 2020)),
        ("procedures-by-group", 2020, (2020,)),
        ("procedures-by-code", 2017, (2020,)),
    ],
)
def test_a_table_covers_its_own_span_of_years(table: str, first_year: int, years: tuple[int, ...]) -> None:
    assert years_of(table, first_year, 2020) == years
