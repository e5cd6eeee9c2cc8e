"""The register that process makes is the register that is declared: file by file and column by column."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest
from csvw import CSVW

from kvarn import metadata
from kvarn.edition import Workspace
from kvarn.metadata import register_tables
from kvarn.process import derived_key, write_population
from kvarn.process.extracts import make_extract
from kvarn.process.variables import check_register, write_variable_list

from .make_register import decoded
from .store import Intake, number

YEARS = (2018, 2019)
RESERVE = "19500101R230"
EXTRACT = """\
project: falls
recipient: The University
purpose: Falls and training
decision: Dnr 1.2-3/2024
decided: 2024-09-10
valid_until: 2099-12-31
edition: demo
years: [2018, 2019]
variables:
  persons: [sex, birth_year, followable]
  person_months: [month, municipality, county, age]
  procedures: [date, municipality, county, age, procedure, profession, further_professions]
"""


@pytest.fixture
def register(tmp_path: Path) -> Path:
    """A register of two years, made by the code that makes every register."""
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "_quarto.yml").touch()
    intake = Intake(tmp_path)
    people = [number(f"19{30 + one}0101", 100 + one) for one in range(20)]
    for year in YEARS:
        for municipality in ("0114", "2584"):
            intake.months(municipality, year, 3, [*people, people[0], RESERVE])
    for municipality in ("0114", "2584"):
        further = ("", "XS910", "XS910 XS918")
        acts = [(who, f"2019-03-{day:02}", "DT019", "XS919", further[day % 3]) for day, who in enumerate([*people, RESERVE], 1)]
        intake.acts(municipality, 2019, 3, acts)
    made = intake.write().register("restricted/demo/register", key=derived_key("kvarn demo"))
    regions = metadata.codelist("region").leaves
    lines = [f"{code},{age},{sex},1,1" for code in regions for age in (*range(100), "100+") for sex in ("män", "kvinnor")]
    (tmp_path / "population.csv").write_text("\n".join(["region,ålder,kön,2018,2019", *lines]) + "\n", encoding="utf-8")
    write_population(tmp_path / "population.csv", YEARS, made / "population.parquet")
    return made


def test_every_column_of_the_register_is_declared_and_every_declared_column_is_there(register: Path) -> None:
    check_register(register, YEARS)
    declared = {table.file: [column.name for column in table.columns if not column.partition] for table in register_tables()}
    found = {}
    for path in register.rglob("*.parquet"):
        found[re.sub(r"year=\d{4}", "year={year}", str(path.relative_to(register)))] = pq.read_schema(path).names
    assert found == declared


def test_the_registers_rows_are_as_the_variable_list_describes_them(register: Path, tmp_path: Path) -> None:
    into = tmp_path / "variables"
    write_variable_list(register, YEARS, into, synthetic=True)
    for table in register_tables():
        duckdb.sql(f"COPY ({decoded(register, table.name)} ORDER BY ALL) TO '{into / table.name}.csv' (HEADER)")
    read = CSVW(str(into / "variables.csvw.json"), validate=True)
    assert read.is_valid, [str(warning.message) for warning in read.warnings]


def test_an_extract_holds_the_registers_rows_with_their_codes(register: Path, tmp_path: Path) -> None:
    params = tmp_path / "params" / "extracts" / "falls.yml"
    params.parent.mkdir(parents=True)
    params.write_text(EXTRACT, encoding="utf-8")
    folder = make_extract(params)
    assert folder == Workspace(tmp_path, "demo").extracts / "falls" / "demo"
    given = pd.read_csv(folder / "procedures.csv", dtype=str, keep_default_na=False)
    source = duckdb.sql(decoded(register, "procedures")).df()
    source["date"] = source["date"].astype(str).str[:10]
    for name, digits in (("municipality", 4), ("county", 2)):
        source[name] = source[name].astype(str).str.zfill(digits)
    columns = ["year", "date", "municipality", "county", "age", "procedure", "profession", "further_professions"]
    assert sorted(given[columns].to_numpy().tolist()) == sorted(source[columns].astype(str).to_numpy().tolist())
    persons = pd.read_csv(folder / "persons.csv")
    assert (~persons["followable"]).sum() == 4
    read = CSVW(str(folder / "csv-metadata.json"), validate=True)
    assert read.is_valid, [str(warning.message) for warning in read.warnings]
