"""The published figures, computed again by plain pandas from the delivery files."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from kvarn import metadata

pytestmark = pytest.mark.end_to_end


def read(source: Path, kind: str) -> pd.DataFrame:
    rows = []
    for path in sorted((source / "deliveries").rglob(f"{kind}_*.txt")):
        _, municipality, period = path.stem.split("_")
        for line in path.read_text(encoding="utf-8").splitlines():
            fields = line.split(";")
            rows.append([municipality, int(period[:4]), int(period[4:]), *fields, *[""] * (12 - len(fields))])
    frame = pd.DataFrame(rows).rename(columns={0: "municipality", 1: "year", 2: "month", 4: "number"})
    frame["sex"] = frame["number"].str[10].astype(int).mod(2).map({0: "2", 1: "1"})
    frame["age"] = frame["year"] - frame["number"].str[:4].astype(int)
    return frame


@pytest.fixture(scope="module")
def persons(source: Path) -> pd.DataFrame:
    return read(source, "KHSL1")


@pytest.fixture(scope="module")
def procedures(source: Path) -> pd.DataFrame:
    return read(source, "KHSL2").rename(columns={6: "code", 7: "profession"})


def published(publication: Path, table: str) -> pd.DataFrame:
    frame = pd.read_csv(publication / "data" / f"{table}.csv", dtype=str, keep_default_na=False)
    return frame.assign(year=frame["year"].astype(int))


def compare(frame: pd.DataFrame, counted: pd.Series, keys: list[str], measure: str) -> int:
    """Every published count is the counted one; returns how many were compared."""
    shown = frame[(frame["measure"] == measure) & (frame["status"] == "")].set_index(keys)["value"].astype(int)
    expected = counted.reindex(shown.index, fill_value=0)
    pd.testing.assert_series_equal(shown, expected.astype(int), check_names=False)
    return len(shown)


def within(code: str, age: int) -> bool:
    row = metadata.codelist("age").by_code[code]
    return int(row["from_age"]) <= age <= int(row["to_age"] or 200)


def by_age(frame: pd.DataFrame, codes: list[str]) -> pd.DataFrame:
    return pd.concat([frame[frame["age"].map(lambda age, code=code: within(code, age))].assign(age_group=code) for code in codes])


def by_sex(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([frame, frame.assign(sex="T")])


def test_persons_by_year_sex_and_age(publication: Path, persons: pd.DataFrame) -> None:
    codes = list(metadata.codelist("age").codes)
    counted = by_sex(by_age(persons, codes)).groupby(["year", "sex", "age_group"])["number"].nunique()
    counted.index.names = ["year", "sex", "age"]
    frame = published(publication, "persons-by-year-sex-age")
    assert compare(frame, counted, ["year", "sex", "age"], "persons") > 80


def test_persons_by_month(publication: Path, persons: pd.DataFrame) -> None:
    monthly = persons.assign(month=persons["month"].map("{:02d}".format))
    counted = by_sex(pd.concat([monthly, monthly.assign(month="T")])).groupby(["year", "month", "sex"])["number"].nunique()
    assert compare(published(publication, "persons-by-month"), counted, ["year", "month", "sex"], "persons") > 100


def test_persons_by_municipality_sex_and_age(publication: Path, persons: pd.DataFrame) -> None:
    frame = published(publication, "persons-by-municipality-sex-age")
    year = persons[persons["year"] == frame["year"].iloc[0]]
    levels = pd.concat(
        [year.assign(region="00"), year.assign(region=year["municipality"].str[:2]), year.assign(region=year["municipality"])]
    )
    counted = (
        by_sex(by_age(levels, ["T", "0-64", "65+", "65-79", "80+"]))
        .groupby(["year", "region", "sex", "age_group"])["number"]
        .nunique()
    )
    counted.index.names = ["year", "region", "sex", "age"]
    assert compare(frame, counted, ["year", "region", "sex", "age"], "persons") > 1000


def test_procedures_by_group(publication: Path, procedures: pd.DataFrame) -> None:
    groups = {row["code"]: row["group"] for row in metadata.codelist("procedure").rows if "group" in row}
    grouped = procedures.assign(procedure_group=procedures["code"].map(groups))
    both = by_sex(pd.concat([grouped, grouped.assign(procedure_group="T")]))
    keys = ["year", "sex", "procedure_group"]
    frame = published(publication, "procedures-by-group")
    assert compare(frame, both.groupby(keys)["number"].size(), keys, "procedures") > 20
    assert compare(frame, both.groupby(keys)["number"].nunique(), keys, "persons_with_procedure") > 20


def test_persons_with_a_procedure_by_kind(publication: Path, procedures: pd.DataFrame) -> None:
    kinds = {row["code"]: row["kind"] for row in metadata.codelist("procedure").rows if "kind" in row}
    sorted_ = procedures.assign(kind=procedures["code"].map(kinds))
    keys = ["year", "sex", "kind"]
    counted = by_sex(pd.concat([sorted_, sorted_.assign(kind="T")])).groupby(keys)["number"].nunique()
    assert compare(published(publication, "persons-with-procedure-by-kind"), counted, keys, "persons_with_procedure") == 18


def test_procedures_by_profession_count_a_joint_procedure_in_each(publication: Path, procedures: pd.DataFrame) -> None:
    taking_part = [column for column in procedures.columns if column == "profession" or (isinstance(column, int) and column > 7)]
    long = procedures.reset_index(names="procedure_id").melt(
        id_vars=["procedure_id", "year", "number"], value_vars=taking_part, value_name="code_of_profession"
    )
    long = long[long["code_of_profession"].fillna("").ne("")].drop_duplicates(["procedure_id", "code_of_profession"])
    keys = ["year", "profession"]
    counted = long.rename(columns={"code_of_profession": "profession"}).groupby(keys)["procedure_id"].nunique()
    total = procedures.groupby("year").size()
    total.index = pd.MultiIndex.from_product([total.index, ["T"]], names=keys)
    frame = published(publication, "procedures-by-profession")
    assert compare(frame, pd.concat([counted, total]), keys, "procedures") > 10


def test_rates_are_persons_over_population(publication: Path, persons: pd.DataFrame, source: Path) -> None:
    """In municipalities, counties and the country, of all ages and of 65 and older."""
    frame = published(publication, "rates-by-municipality")
    year = frame["year"].iloc[0]
    population = pd.read_csv(source / "population.csv", dtype=str)
    population["region"] = population["region"].str[:4]
    population["years"] = population["ålder"].str.removesuffix("+").astype(int)
    population["held"] = population[f"X{year}"].astype(int)
    cared_for = persons[persons["year"] == year]
    shown = frame[(frame["measure"] == "persons_per_1000") & (frame["status"] == "")]
    assert len(shown) > 100
    assert set(shown["age"]) == {"T", "65+"} and set(shown["region"].str.len()) == {2, 4}
    for row in shown.itertuples():
        of_age = 65 if row.age == "65+" else 0
        within_region = "" if row.region == "00" else row.region
        counted = cared_for[cared_for["municipality"].str.startswith(within_region) & (cared_for["age"] >= of_age)]
        everyone = population[population["region"].str.startswith(within_region) & (population["years"] >= of_age)]
        expected = 1000 * counted["number"].nunique() / everyone["held"].sum()
        assert float(row.value) == pytest.approx(expected, abs=0.0501)


def test_population_is_the_file_s(publication: Path, source: Path) -> None:
    frame = published(publication, "persons-by-year-sex-age")
    population = pd.read_csv(source / "population.csv", dtype=str)
    for year in sorted(frame["year"].unique()):
        shown = frame[
            (frame["measure"] == "population") & (frame["year"] == year) & (frame["sex"] == "T") & (frame["age"] == "T")
        ]
        assert int(shown["value"].iloc[0]) == population[f"X{year}"].astype(int).sum()


def accepted(source: Path, year: int) -> dict[str, dict[str, set[int]]]:
    """The months of which there is a file, by file type and municipality: all of them are right, and so accepted."""
    found: dict[str, dict[str, set[int]]] = {"KHSL1": {}, "KHSL2": {}}
    for path in (source / "deliveries").rglob(f"KHSL?_*_{year}*.txt"):
        kind, municipality, period = path.stem.split("_")
        found[kind].setdefault(municipality, set()).add(int(period[4:]))
    return found


@pytest.mark.parametrize(
    ("table", "kind", "of"),
    [
        ("persons-by-municipality-sex-age", "KHSL1", "persons"),
        ("rates-by-municipality", "KHSL1", "persons"),
        ("months-by-region", "KHSL1", "persons"),
        ("standardised-rates-by-region", "KHSL1", "persons"),
        ("procedures-by-region", "KHSL2", "procedures"),
    ],
)
def test_a_region_has_figures_exactly_where_files_were_delivered_and_says_of_how_many_months(
    publication: Path, source: Path, table: str, kind: str, of: str
) -> None:
    frame = published(publication, table)
    files = accepted(source, frame["year"].iloc[0])[kind]
    regions = metadata.codelist("region")
    public = {"population", "municipalities", f"municipalities_{of}", f"months_{of}"}
    silent = 0
    for region in regions.codes:
        within_it = [code for code in regions.leaves if code.startswith(region.removeprefix("00"))]
        delivered = [len(files[code]) for code in within_it if code in files]
        rows = frame[frame["region"] == region]
        told = rows[rows["measure"].isin(public - {"population"})].groupby("measure")["value"].unique()
        assert {name: list(values) for name, values in told.items()} == {
            "municipalities": [str(len(within_it))],
            f"municipalities_{of}": [str(len(delivered))],
            f"months_{of}": [str(sum(delivered))],
        }
        secret = rows[~rows["measure"].isin(public)]
        if delivered:
            counts = secret[secret["measure"].isin(["persons", "procedures", "persons_with_procedure", "person_months"])]
            assert ".." not in set(counts["status"]), region
        else:
            silent += 1
            assert set(secret["status"]) == {".."}, region
    assert silent > 3


def test_a_year_and_month_of_which_there_are_files_is_never_not_available(publication: Path) -> None:
    for table in ("persons-by-month", "procedures-by-month"):
        assert ".." not in set(published(publication, table)["status"])
