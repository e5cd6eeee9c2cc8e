"""The population is read in every layout of Statistics Sweden's download, and refused with file, line and field."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest

from kvarn.errors import CodeListError
from kvarn.process import read_population, write_population

SHARED = Path(os.environ.get("KVARN_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
GOOD = [
    ["region", "ålder", "kön", "X2019"],
    *(
        ["0114 Upplands Väsby", "100+" if age == 100 else str(age), sex, str(271 + age)]
        for age in range(101)
        for sex in ("män", "kvinnor")
    ),
]
READ = [(2019, 114, sex, age, 271 + age) for sex in (1, 2) for age in range(101)]


def written(tmp_path: Path, rows: list[list[str]], separator: str = ",", encoding: str = "utf-8", quote: str = '"') -> Path:
    path = tmp_path / "population.csv"
    text = "".join(separator.join(f"{quote}{field}{quote}" for field in row) + "\n" for row in rows)
    path.write_bytes(text.encode(encoding))
    return path


def records(frame: pd.DataFrame) -> list[tuple[int, ...]]:
    return [tuple(map(int, row)) for row in frame.to_numpy().tolist()]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "iso-8859-1"])
def test_separators_and_encodings(tmp_path: Path, separator: str, encoding: str) -> None:
    assert records(read_population(written(tmp_path, GOOD, separator, encoding))) == READ


@pytest.mark.parametrize("region", ["0114", "0114 Upplands Väsby", "Upplands Väsby"])
@pytest.mark.parametrize("oldest", ["100", "100+", "100+ år"])
def test_regions_and_ages(tmp_path: Path, region: str, oldest: str) -> None:
    rows = [[region, oldest if row[1] == "100+" else row[1], *row[2:]] for row in GOOD[1:]]
    rows = [GOOD[0], *rows]
    assert records(read_population(written(tmp_path, rows))) == READ


def test_several_years_and_the_ones_that_are_wanted(tmp_path: Path) -> None:
    rows = [["region", "ålder", "kön", "2018", "2019"], *([*row[:3], "5", "1 271"] for row in GOOD[1:])]
    path = written(tmp_path, rows)
    both, one = records(read_population(path)), records(read_population(path, [2019]))
    assert (both[0], both[202]) == ((2018, 114, 1, 0, 5), (2019, 114, 1, 0, 1271))
    assert one == both[202:]


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (["0199 Ingenstans", "0", "män", "1"], "region"),
        (["0114", "ung", "män", "1"], "age"),
        (["0114", "101", "män", "1"], "age"),
        (["0114", "0", "annat", "1"], "sex"),
        (["0114", "0", "män", "-1"], "X2019"),
        (["0114", "0", "män", ""], "X2019"),
    ],
)
def test_a_wrong_row_is_refused_with_line_and_field(tmp_path: Path, row: list[str], field: str) -> None:
    with pytest.raises(CodeListError) as caught:
        read_population(written(tmp_path, [*GOOD, row]))
    assert (caught.value.line, caught.value.field) == (len(GOOD) + 1, field)


def test_a_row_given_twice_a_short_row_and_a_missing_year_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CodeListError, match="earlier line") as caught:
        read_population(written(tmp_path, [*GOOD, GOOD[1]]))
    assert caught.value.line == len(GOOD) + 1
    with pytest.raises(CodeListError, match="3 fields"):
        read_population(written(tmp_path, [*GOOD, ["0114", "1", "män"]]))
    with pytest.raises(CodeListError, match="2020"):
        read_population(written(tmp_path, GOOD), [2019, 2020])
    with pytest.raises(CodeListError, match="no year"):
        read_population(written(tmp_path, [["a", "b", "c"]]))
    with pytest.raises(CodeListError, match="empty"):
        read_population(written(tmp_path, []))
    with pytest.raises(CodeListError, match="cannot be read"):
        read_population(tmp_path / "nowhere.csv")


def test_a_population_without_all_municipalities_is_not_taken_in(tmp_path: Path) -> None:
    with pytest.raises(CodeListError, match="lacks 289 municipalities"):
        write_population(written(tmp_path, GOOD), [2019], tmp_path / "population.parquet")
    assert not (tmp_path / "population.parquet").exists()


def test_the_real_population_of_2019_sums_to_what_is_published(tmp_path: Path) -> None:
    path = SHARED / "population-2019-municipality-age-sex.csv"
    if not path.is_file():
        pytest.skip("the real file is not here")
    write_population(path, [2019], tmp_path / "population.parquet")
    frame = pd.read_parquet(tmp_path / "population.parquet")
    assert frame["population"].sum() == 10_327_589
    assert frame.groupby("municipality")["population"].sum().loc[[180]].tolist() == [974_073]
    assert frame[(frame["sex"] == 2) & frame["age"].between(65, 69)]["population"].sum() == 272_942
