"""An extract gives what was decided, to whom it was decided, under pseudonyms of its own, and the log tells."""

from __future__ import annotations

import contextvars
import csv
import datetime as dt
import hashlib
import re
import shutil
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb
import pandas as pd
import pytest
import yaml
from csvw import CSVW
from pydantic import BaseModel

from kvarn import metadata
from kvarn.edition import Workspace
from kvarn.errors import EditionError, InputError, KvarnError
from kvarn.pipeline.actions import KEY as KEY_OF_PIPELINE
from kvarn.process import create_key, derived_key, read_key
from kvarn.process.extracts import Request, make_extract, read_request
from kvarn.process.extracts import _make as making
from tests.commands import kvarn

from .make_register import YEARS, decoded, make_register

PROJECT = Path(__file__).parents[2]
EXAMPLE = PROJECT / "params" / "extracts" / "example.yml"
TODAY = dt.date(2024, 10, 1)
GOOD = """\
project: falls
recipient: The University
purpose: Falls and training
decision: Dnr 1.2-3/2024
decided: 2024-09-10
valid_until: 2025-12-31
edition: demo
years: [2018, 2019, 2020]
variables:
  persons: [sex, birth_year]
  person_months: [month, municipality, age]
  procedures: [date, municipality, county, procedure, profession, further_professions]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "params" / "extracts").mkdir(parents=True)
    (tmp_path / "_quarto.yml").touch()
    make_register(Workspace(tmp_path, "demo").register, derived_key("kvarn demo"))
    return tmp_path


def written(project: Path, text: str = GOOD, name: str = "x.yml") -> Path:
    path = project / "params" / "extracts" / name
    path.write_text(text, encoding="utf-8")
    return path


def extract(project: Path, text: str = GOOD) -> Path:
    return make_extract(written(project, text), today=TODAY)


def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)


def log(project: Path) -> list[dict[str, str]]:
    with (project / "restricted" / "extracts" / "log.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def own_pseudonym(register_pseudonym: str, project: str, key: bytes) -> str:
    """As the definition says, by itself."""
    own = hashlib.blake2b(project.encode(), digest_size=32, key=key, person=b"kvarn extract").digest()
    return hashlib.blake2b(register_pseudonym.encode(), digest_size=16, key=own).hexdigest()


def names_of(project: Path, name: str = "falls") -> Mapping[int, str]:
    """The project's pseudonym of each person."""
    persons = pd.read_parquet(Workspace(project, "demo").register / "persons.parquet")
    key = derived_key("kvarn demo")
    return {row.person: own_pseudonym(row.pseudonym, name, key) for row in persons.itertuples()}


def rows_of(project: Path, name: str) -> pd.DataFrame:
    """A table of the register with its codes, and the project's pseudonyms."""
    register = Workspace(project, "demo").register
    frame = duckdb.sql(decoded(register, name)).df()
    persons = pd.read_parquet(register / "persons.parquet")[["person", "sex", "birth_year"]]
    return frame.merge(persons, on="person").assign(project_person=lambda rows: rows["person"].map(names_of(project)))


def as_texts(frame: pd.DataFrame, columns: list[str]) -> list[list[str]]:
    return sorted(frame[columns].astype(str).to_numpy().tolist())


# --- what is refused -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("before", "after", "line", "key", "said"),
    [
        ("purpose: Falls and training\n", "", None, "purpose", "'purpose' is missing"),
        ("decision: Dnr 1.2-3/2024\n", "", None, "decision", "'decision' is missing"),
        ("valid_until: 2025-12-31\n", "", None, "valid_until", "'valid_until' is missing"),
        ("recipient: The University\n", "", None, "recipient", "'recipient' is missing"),
        ("purpose: Falls and training", "purpose: ''", 3, "purpose", "should say something"),
        ("purpose: Falls and training", "purpose: '  '", 3, "purpose", "should say something"),
        ("purpose: Falls and training", "purpose:", 3, "purpose", "should be text"),
        ("decision: Dnr 1.2-3/2024", "decision: =HYPERLINK(1)", 4, "decision", "formula"),
        ("decision: Dnr 1.2-3/2024", 'decision: "Dnr\\n1"', 4, "decision", "one line"),
        ("valid_until: 2025-12-31", "valid_until: soon", 6, "valid_until", "date"),
        ("valid_until: 2025-12-31", "valid_until: 2025-02-30", 6, "valid_until", "no date that exists"),
        ("valid_until: 2025-12-31", "valid_until: 2024-09-30", 6, "valid_until", "was valid until 2024-09-30"),
        ("valid_until: 2025-12-31", "valid_until: 2024-01-01", 6, "valid_until", "end before it was decided"),
        ("decided: 2024-09-10", "decided: 2024-10-02", 5, "decided", "has not come yet"),
        ("variables:", "fromat: csv\nvariables:", 9, "fromat", "no key 'fromat'"),
        ("project: falls", "project: parameters", 1, "project", "another name"),
        ("project: falls", "project: Falls/../..", 1, "project", "small letters"),
        ("edition: demo", "edition: ../demo", 7, "edition", "small letters"),
        ("years: [2018, 2019, 2020]", "years: 2019", 8, "years", "should be a list"),
        ("years: [2018, 2019, 2020]", "years: []", 8, "years", "at least one"),
        ("years: [2018, 2019, 2020]", "years: [2019, 2019]", 8, "years", "once"),
        ("years: [2018, 2019, 2020]", "years: [2006]", 8, "years", "before 2007"),
        ("years: [2018, 2019, 2020]", "years: [2018]", 8, "years", "reported from 2019"),
        ("[sex, birth_year]", "[sex, pseudonym]", 10, "variables.persons", "never leaves the register"),
        ("[month, municipality, age]", "[month, person]", 11, "variables.person_months", "never leaves the register"),
        ("[month, municipality, age]", "[month, file]", 11, "variables.person_months", "never leaves the register"),
        ("[date, municipality,", "[line, municipality,", 12, "variables.procedures", "never leaves the register"),
        ("[month, municipality, age]", "[munipality]", 11, "variables.person_months", "did you mean 'municipality'"),
        ("[month, municipality, age]", "[month, month]", 11, "variables.person_months", "once"),
        ("  persons: [sex", "  person: [sex", 10, "variables.person", "no key 'person'"),
        ("  persons: [sex", "  identity_numbers: [identity_number]\n  persons: [sex", 10, "variables.identity_numbers", "no key"),
    ],
)
def test_a_mistake_is_refused_with_its_line(
    project: Path, before: str, after: str, line: int | None, key: str | None, said: str
) -> None:
    assert before in GOOD
    with pytest.raises(EditionError) as caught:
        extract(project, GOOD.replace(before, after))
    assert said in caught.value.what
    assert (caught.value.line, caught.value.key) == (line, key)
    assert caught.value.file
    assert caught.value.remedy
    assert caught.value.exit_status == 2
    assert not (project / "restricted" / "extracts").exists()


@pytest.mark.parametrize(
    ("added", "line", "key", "said"),
    [
        ("coarsening: {age: 1}", 13, "coarsening.age", "2 to 50"),
        ("coarsening: {age: grups}", 13, "coarsening.age", "`groups`"),
        ("coarsening: {age: true}", 13, "coarsening.age", "`groups`"),
        ("coarsening: {age: 5}", 13, "coarsening.age", "year of birth would tell the age"),
        ("coarsening: {birth_year: 5}", 13, "coarsening.birth_year", "age would tell the year of birth"),
        ("coarsening: {date: week}", 13, "coarsening.date", "'month', 'quarter' or 'year'"),
        ("coarsening: {municipality: region}", 13, "coarsening.municipality", "'county'"),
        ("coarsening: {ages: 5}", 13, "coarsening.ages", "no key 'ages'"),
        ("only: {municipality: ['0113']}", 13, "only.municipality", "not on its code list (did you mean"),
        ("only: {municipality: [0114]}", 13, "only.municipality", "quotation marks"),
        ("only: {procedure: [XX000]}", 13, "only.procedure", "not on its code list"),
        ("only: {sex: ['T']}", 13, "only.sex", "not on its code list"),
        ("conditions: {sv: [Ja.], en: []}", 13, "conditions", "as many in Swedish"),
        ("format: xlsx", 13, "format", "'csv' or 'parquet'"),
        ("project: again", 13, "project", "given twice"),
    ],
)
def test_an_impossible_wish_is_refused_with_its_line(project: Path, added: str, line: int, key: str, said: str) -> None:
    with pytest.raises(EditionError) as caught:
        extract(project, GOOD + added + "\n")
    assert said in caught.value.what
    assert (caught.value.line, caught.value.key) == (line, key)
    assert not (project / "restricted" / "extracts").exists()


def test_an_extract_without_variables_is_refused(project: Path) -> None:
    with pytest.raises(EditionError, match="No variable is asked for"):
        extract(project, GOOD.split("variables:")[0] + "variables: {persons: []}\n")


def test_an_extract_can_be_made_on_its_last_day_and_not_on_the_day_after(project: Path) -> None:
    params = written(project)
    assert make_extract(params, today=dt.date(2025, 12, 31)).is_dir()
    with pytest.raises(EditionError, match="was valid until 2025-12-31"):
        make_extract(params, today=dt.date(2026, 1, 1))
    assert len(log(project)) == 1


def test_an_extract_that_is_not_there_is_refused_with_a_near_name(project: Path) -> None:
    written(project, name="falls.yml")
    with pytest.raises(EditionError, match="no such extract") as caught:
        make_extract(project / "params" / "extracts" / "fals.yml", today=TODAY)
    assert "falls.yml" in str(caught.value.remedy)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("edition: demo", "edition: 1999", "has no register"),
        ("years: [2018, 2019, 2020]", "years: [2020, 2021]", "no person_months for 2021"),
    ],
)
def test_what_the_register_does_not_have_is_refused(project: Path, before: str, after: str, said: str) -> None:
    with pytest.raises(KvarnError, match=said):
        extract(project, GOOD.replace(before, after.replace("1999", "'1999'")))


def test_an_extract_with_nobody_in_it_is_refused_and_not_logged(project: Path) -> None:
    with pytest.raises(InputError, match="Nobody"):
        extract(project, GOOD + "only: {municipality: ['0188']}\n")
    assert not (project / "restricted" / "extracts" / "log.csv").exists()
    assert not (project / "restricted" / "extracts" / "falls" / "demo").exists()


# --- what is given ---------------------------------------------------------------------------------------------------
def test_the_tables_are_what_plain_pandas_makes_of_the_register(project: Path) -> None:
    folder = extract(project)
    months, procedures = rows_of(project, "person_months"), rows_of(project, "procedures")
    months["municipality"] = months["municipality"].astype(str).str.zfill(4)
    procedures["municipality"] = procedures["municipality"].astype(str).str.zfill(4)
    procedures["county"] = procedures["municipality"].str[:2]
    procedures["date"] = procedures["date"].astype(str)
    columns = ["project_person", "year", "month", "municipality", "age"]
    assert as_texts(table(folder, "person_months"), columns) == as_texts(months, columns)
    columns = ["project_person", "year", "date", "municipality", "county", "procedure", "profession", "further_professions"]
    assert as_texts(table(folder, "procedures"), columns) == as_texts(procedures, columns)
    columns = ["project_person", "sex", "birth_year"]
    assert as_texts(table(folder, "persons"), columns) == as_texts(months.drop_duplicates("person"), columns)


def test_only_what_was_asked_for_is_given_and_nothing_of_the_registers_own(project: Path) -> None:
    folder = extract(project)
    assert table(folder, "persons").columns.tolist() == ["project_person", "sex", "birth_year", "synthetic"]
    assert table(folder, "person_months").columns.tolist() == [
        "project_person",
        "year",
        "month",
        "municipality",
        "age",
        "synthetic",
    ]
    everything = b"".join(path.read_bytes() for path in folder.iterdir())
    persons = pd.read_parquet(Workspace(project, "demo").register / "persons.parquet")
    assert not [one for one in persons["pseudonym"] if one.encode() in everything]
    smaller = extract(project, GOOD.split("  person_months")[0])
    assert {path.name for path in smaller.iterdir() if path.suffix == ".csv"} == {"persons.csv"}


def test_the_order_of_rows_is_that_of_the_projects_pseudonyms(project: Path) -> None:
    folder = extract(project)
    names = names_of(project)
    for name in ("persons", "person_months", "procedures"):
        order = table(folder, name)["project_person"].tolist()
        assert order == sorted(order)
    registers = [names[person] for person in sorted(names)]
    assert table(folder, "persons")["project_person"].tolist() != registers


def test_two_projects_cannot_be_linked_and_one_project_can_follow_a_person(project: Path) -> None:
    first = set(table(extract(project), "persons")["project_person"])
    other = set(table(extract(project, GOOD.replace("project: falls", "project: falls-2")), "persons")["project_person"])
    fewer = set(table(extract(project, GOOD.replace("[2018, 2019, 2020]", "[2020]")), "persons")["project_person"])
    registers = set(pd.read_parquet(Workspace(project, "demo").register / "persons.parquet")["pseudonym"])
    assert len(first) == len(other) == 60
    assert not first & other
    assert not (first | other) & registers
    assert fewer <= first
    assert first == set(names_of(project).values())


def test_ages_dates_and_municipalities_are_coarsened_as_asked(project: Path) -> None:
    coarsening = "coarsening: {age: groups, birth_year: 10, date: quarter, municipality: county}\n"
    folder = extract(project, GOOD + coarsening)
    months = table(folder, "person_months")
    assert months.columns.tolist() == ["project_person", "year", "quarter", "county", "age", "synthetic"]
    source = rows_of(project, "person_months")
    source["quarter"] = (source["month"] - 1) // 3 + 1
    source["county"] = source["municipality"].astype(str).str.zfill(4).str[:2]
    limits = [(0, 17), (18, 64), (65, 69), (70, 74), (75, 79), (80, 84), (85, 89)]
    source["age"] = source["age"].map(lambda age: next((f"{low}-{high}" for low, high in limits if low <= age <= high), "90+"))
    columns = ["project_person", "year", "quarter", "county", "age"]
    assert as_texts(months, columns) == as_texts(source.drop_duplicates(columns), columns)
    procedures = table(folder, "procedures")
    assert procedures.columns.tolist()[:4] == ["project_person", "year", "quarter", "county"]
    assert len(procedures) == len(rows_of(project, "procedures"))
    decades = source.drop_duplicates("person").assign(born=lambda rows: rows["birth_year"] // 10 * 10)
    born = dict(zip(decades["project_person"], decades["born"].map(lambda year: f"{year}-{year + 9}"), strict=True))
    persons = table(folder, "persons")
    assert dict(zip(persons["project_person"], persons["birth_year"], strict=True)) == born


@pytest.mark.parametrize(("period", "left"), [("month", ["year", "month"]), ("year", ["year"])])
def test_dates_become_months_or_years(project: Path, period: str, left: list[str]) -> None:
    folder = extract(project, GOOD + f"coarsening: {{date: {period}}}\n")
    procedures = table(folder, "procedures")
    assert procedures.columns.tolist()[1 : len(left) + 1] == left
    assert "date" not in procedures
    assert not procedures.astype(str).apply(lambda column: column.str.contains(r"\d{4}-\d{2}-\d{2}")).any().any()
    if period == "month":
        source = rows_of(project, "procedures").assign(month=lambda rows: rows["date"].dt.month)
        columns = ["project_person", "year", "month", "procedure"]
        assert as_texts(procedures, columns) == as_texts(source, columns)
    else:
        assert "month" not in table(folder, "person_months")


def test_bands_of_ages_hold_the_age(project: Path) -> None:
    folder = extract(project, GOOD.replace("[sex, birth_year]", "[sex]") + "coarsening: {age: 5}\n")
    source = rows_of(project, "person_months").drop_duplicates(["person", "year", "age"])
    found = table(folder, "person_months").drop_duplicates(["project_person", "year", "age"])
    joined = source.assign(year=source["year"].astype(str)).merge(found, on=["project_person", "year"], suffixes=("", "_band"))
    assert len(joined) == len(source)
    for age, band in zip(joined["age"], joined["age_band"], strict=True):
        low, high = map(int, band.split("-"))
        assert low <= age <= high
        assert (low % 5, high - low) == (0, 4)


def test_codes_choose_rows_and_codes_of_procedures_choose_persons(project: Path) -> None:
    only = "only: {procedure: [PM007], profession: [XS917], sex: ['2'], municipality: ['0114', '2584']}\n"
    folder = extract(project, GOOD + only)
    source = rows_of(project, "procedures")
    where = source["municipality"].isin([114, 2584]) & (source["sex"] == 2)
    joint = (source["profession"] == "XS917") | source["further_professions"].str.split().map(lambda codes: "XS917" in codes)
    wanted = source[where & joint & (source["procedure"] == "PM007")]
    assert 0 < len(wanted) < len(source)
    columns = ["project_person", "year", "procedure", "profession", "further_professions"]
    assert as_texts(table(folder, "procedures"), columns) == as_texts(wanted, columns)
    people = set(wanted["project_person"])
    assert set(table(folder, "persons")["project_person"]) == people
    months = rows_of(project, "person_months")
    months = months[months["municipality"].isin([114, 2584]) & months["project_person"].isin(people)]
    columns = ["project_person", "year", "month"]
    assert as_texts(table(folder, "person_months"), columns) == as_texts(months, columns)
    county = extract(project, GOOD + "only: {county: ['25']}\n")
    assert set(table(county, "person_months")["municipality"]) == {"2584"}


def test_parquet_holds_the_same_rows(project: Path) -> None:
    plain = {name: table(extract(project), name) for name in ("persons", "procedures")}
    folder = extract(project, GOOD + "format: parquet\n")
    for name, expected in plain.items():
        columns = [column for column in expected.columns if column != "synthetic"]
        found = pd.read_parquet(folder / f"{name}.parquet").fillna("")
        assert found["project_person"].tolist() == expected["project_person"].tolist()
        assert as_texts(found, columns) == as_texts(expected, columns)


# --- its papers ------------------------------------------------------------------------------------------------------
def test_a_csvw_reader_finds_the_extract_valid_and_a_changed_one_not(project: Path) -> None:
    folder = extract(project, GOOD + "coarsening: {age: groups, birth_year: 5, date: quarter}\n")
    read = CSVW(str(folder / "csv-metadata.json"), validate=True)
    assert read.is_valid, [str(warning.message) for warning in read.warnings]
    months = folder / "person_months.csv"
    months.write_text(months.read_text(encoding="utf-8").replace(",18-64,", ",18-63,", 1), encoding="utf-8")
    assert not CSVW(str(folder / "csv-metadata.json"), validate=True).is_valid


def test_the_variable_list_has_the_chosen_variables_and_says_how_they_were_coarsened(project: Path) -> None:
    text = (extract(project, GOOD + "coarsening: {age: groups, birth_year: 5}\n") / "variables.html").read_text(encoding="utf-8")
    listed = set(re.findall(r'<th scope="row"><code>(\w+)</code></th>\s*<td lang="sv">', text))
    wanted = {"project_person", "year", "sex", "birth_year", "month", "municipality", "age", "date", "county", "synthetic"}
    assert listed == wanted | {"procedure", "profession", "further_professions"}
    assert "statistikens åldersgrupper" in text
    assert "bands of 5 years" in text
    assert "://" not in text


def test_the_readme_has_the_conditions_in_both_languages(project: Path) -> None:
    more = "conditions: {sv: [Förvaras i säkerhetsskåp.], en: [Kept in a safe.]}\n"
    text = (extract(project, GOOD + more) / "README.md").read_text(encoding="utf-8")
    for said in ("The University", "Falls and training", "Dnr 1.2-3/2024", "2025-12-31", "2018–2020"):
        assert text.count(said) >= 2
    assert "Förvaras i säkerhetsskåp." in text
    assert "Kept in a safe." in text
    assert "## Villkor" in text
    assert "## Conditions" in text


def test_the_sums_are_right_and_everything_is_for_the_owner_alone(project: Path) -> None:
    folder = extract(project)
    lines = (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
    assert set(sums) == {path.name for path in folder.iterdir()} - {"SHA256SUMS"}
    for name, digest in sums.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    extracts = project / "restricted" / "extracts"
    for path in [extracts, *extracts.rglob("*")]:
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path.name
        assert "spill" not in path.name
        assert "partial" not in path.name


def test_the_same_extract_gives_the_same_bytes(project: Path) -> None:
    first = {path.name: path.read_bytes() for path in extract(project).iterdir()}
    assert {path.name: path.read_bytes() for path in extract(project).iterdir()} == first


# --- the key ---------------------------------------------------------------------------------------------------------
def test_synthetic_data_are_marked_and_real_data_are_not(project: Path) -> None:
    notice = metadata.text("synthetic.notice", "sv")
    folder = extract(project)
    assert set(table(folder, "procedures")["synthetic"]) == {"true"}
    for name in ("README.md", "variables.html", "csv-metadata.json"):
        assert notice in (folder / name).read_text(encoding="utf-8")
    create_key(Workspace(project, "2020").pseudonym_key)
    key = read_key(Workspace(project, "2020").pseudonym_key)
    make_register(Workspace(project, "2020").register, key)
    folder = extract(project, GOOD.replace("edition: demo", "edition: '2020'"))
    assert "synthetic" not in table(folder, "procedures")
    for name in ("README.md", "variables.html", "csv-metadata.json"):
        assert notice not in (folder / name).read_text(encoding="utf-8")
    assert [row["synthetic"] for row in log(project)] == ["true", "false"]
    persons = pd.read_parquet(Workspace(project, "2020").register / "persons.parquet")
    expected = {own_pseudonym(one, "falls", key) for one in persons["pseudonym"]}
    assert set(table(folder, "persons")["project_person"]) == expected


def test_a_real_register_needs_the_key_that_it_was_made_with(project: Path) -> None:
    make_register(Workspace(project, "2020").register, b"k" * 32)
    text = GOOD.replace("edition: demo", "edition: '2020'")
    with pytest.raises(InputError, match="key is missing"):
        extract(project, text)
    create_key(Workspace(project, "2020").pseudonym_key)
    with pytest.raises(InputError, match="not made with this pseudonym key"):
        extract(project, text)
    assert not (project / "restricted" / "extracts" / "log.csv").exists()


def test_the_key_lies_where_the_pipeline_reads_it(tmp_path: Path) -> None:
    assert Workspace(tmp_path, "demo").pseudonym_key == tmp_path / KEY_OF_PIPELINE


# --- the log ---------------------------------------------------------------------------------------------------------
def test_the_log_tells_what_was_given_to_whom(project: Path) -> None:
    folder = extract(project)
    (row,) = log(project)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row["given"])
    assert (row["project"], row["recipient"], row["purpose"]) == ("falls", "The University", "Falls and training")
    assert (row["decision"], row["decided"], row["valid_until"]) == ("Dnr 1.2-3/2024", "2024-09-10", "2025-12-31")
    assert (row["edition"], row["years"], row["persons"], row["synthetic"]) == ("demo", "2018–2020", "60", "true")
    assert "person_months: project_person year month municipality age" in row["variables"]
    assert row["rows"].startswith(f"persons: 60; person_months: {len(table(folder, 'person_months'))}; procedures: ")
    parameters = (project / "params" / "extracts" / "x.yml").read_bytes()
    assert row["parameters_sha256"] == hashlib.sha256(parameters).hexdigest()
    assert row["outputs_sha256"] == hashlib.sha256((folder / "SHA256SUMS").read_bytes()).hexdigest()
    kept = project / "restricted" / "extracts" / "parameters" / f"{row['parameters_sha256']}.yml"
    assert kept.read_bytes() == parameters == (folder / "parameters.yml").read_bytes()


def test_every_extract_adds_a_row_and_leaves_the_earlier_ones_as_they_were(project: Path) -> None:
    extract(project)
    first = (project / "restricted" / "extracts" / "log.csv").read_bytes()
    extract(project)
    extract(project, GOOD.replace("project: falls", "project: other"))
    assert (project / "restricted" / "extracts" / "log.csv").read_bytes().startswith(first)
    assert [row["project"] for row in log(project)] == ["falls", "falls", "other"]


def test_nothing_is_put_in_place_that_is_not_in_the_log(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(log: Path, row: Mapping[str, str]) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(making, "add_to_log", full_disk)
    with pytest.raises(OSError, match="No space"):
        extract(project)
    assert not list((project / "restricted" / "extracts").rglob("*.csv"))


def test_the_log_is_written_before_the_extract_is_put_in_place(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there: list[bool] = []
    add = making.add_to_log

    def looking(log: Path, row: Mapping[str, str]) -> None:
        add(log, row)
        there.append((project / "restricted" / "extracts" / "falls" / "demo").exists())

    monkeypatch.setattr(making, "add_to_log", looking)
    assert extract(project).is_dir()
    assert there == [False]


@pytest.mark.parametrize("damage", [lambda log: log[:-5], lambda log: log.replace(b"recipient", b"r", 1), lambda log: b""])
def test_a_damaged_log_stops_the_extract_and_is_left_as_it_is(project: Path, damage: object) -> None:
    extract(project)
    path = project / "restricted" / "extracts" / "log.csv"
    damaged = damage(path.read_bytes())  # type: ignore[operator]
    path.write_bytes(damaged)
    with pytest.raises(InputError, match="log of extracts is damaged") as caught:
        extract(project, GOOD.replace("project: falls", "project: other"))
    assert caught.value.file == path
    assert path.read_bytes() == damaged
    assert not (project / "restricted" / "extracts" / "other" / "demo").exists()


def test_extracts_at_the_same_time_are_all_in_the_log(project: Path) -> None:
    names = [f"p{number}" for number in range(4)]
    paths = [written(project, GOOD.replace("project: falls", f"project: {name}"), f"{name}.yml") for name in [*names, names[0]]]
    # Each in the context of the test, in which the programme is held.
    make, today = contextvars.copy_context, {"today": TODAY}
    threads = [threading.Thread(target=make().run, args=(make_extract, path), kwargs=today) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(row["project"] for row in log(project)) == sorted([*names, names[0]])
    for name in names:
        assert (project / "restricted" / "extracts" / name / "demo" / "SHA256SUMS").is_file()


# --- the example -----------------------------------------------------------------------------------------------------
def test_the_example_is_right_and_explains_every_key() -> None:
    request, _ = read_request(EXAMPLE, TODAY)
    assert request.edition == "demo"
    text = EXAMPLE.read_text(encoding="utf-8")
    for model in (Request, *(field.annotation for field in Request.model_fields.values())):
        if isinstance(model, type) and issubclass(model, BaseModel):
            for key in model.model_fields:
                assert re.search(rf"^ *(# )?{key}:", text, re.MULTILINE), key
    assert "conditions" in yaml.safe_load(text)


def test_the_example_runs_on_the_register_of_a_demonstration(project: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8").replace("years: [2021, 2022, 2023]", f"years: {list(YEARS)}")
    folder = make_extract(written(project, text, "example.yml"))
    assert {"persons.csv", "person_months.csv", "procedures.csv"} <= {path.name for path in folder.iterdir()}


def test_a_register_that_is_damaged_is_named_by_its_file(project: Path) -> None:
    file = written(project, GOOD.replace("2025-12-31", "2099-12-31"))
    shutil.copytree(Path(__file__).parents[2] / "programme", project / "programme")
    for victim in sorted((project / "restricted").rglob("*.parquet")):
        before = victim.read_bytes()
        for content in (b"", before[: len(before) // 2], b"\x5a" * len(before)):
            victim.write_bytes(content)
            done = kvarn("extract", file.relative_to(project), folder=project)
            assert done.returncode == 1 and victim.relative_to(project).as_posix() in done.stderr, done.stderr
            assert "damaged" in done.stderr and "remedy:" in done.stderr
        victim.write_bytes(before)


def remove(log: Path) -> None:
    log.unlink()


def cut_to_its_header(log: Path) -> None:
    log.write_bytes(log.read_bytes().partition(b"\n")[0] + b"\n")


def put_back_an_older_one(log: Path) -> None:
    log.write_bytes(log.read_bytes().replace(b",falls,", b",another,"))


@pytest.mark.parametrize("lose", [remove, cut_to_its_header, put_back_an_older_one])
def test_a_log_that_is_lost_is_not_begun_anew(project: Path, lose: Callable[[Path], None]) -> None:
    folder = extract(project)
    log = project / "restricted" / "extracts" / "log.csv"
    kept = log.read_bytes()
    lose(log)
    left = log.read_bytes() if log.exists() else None
    given = {path: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(InputError, match=r"does not tell of falls/demo[^$]*Restore the log") as told:
        extract(project)
    assert told.value.file == log and (log.read_bytes() if log.exists() else None) == left
    assert {path: path.read_bytes() for path in folder.iterdir()} == given
    log.write_bytes(kept)
    extract(project)
    assert log.read_bytes().startswith(kept)
