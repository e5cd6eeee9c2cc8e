"""With an official list imported, codes outside kvarn's own are counted, shown when they occur, and protected."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from kvarn import metadata
from kvarn.analyse import Register, protect_tables, share, validate_tables
from kvarn.analyse._tables import complete_table, write_table
from kvarn.analyse.disclosure.system import Cell, system_of
from kvarn.edition import Disclosure

from .registers import write_register

# Of no chapter rule's group but `other`; the last is never given.
OFFICIAL = ("JX901", "JX902", "JX903", "JX904")
GIVEN = {"DT019": 30, "JX901": 2, "JX902": 9, "JX903": 12}


def take_in(root: Path, codes: list[str]) -> None:
    source = root / "official.csv"
    source.write_text("kod;titel\n" + "".join(f"{code};Åtgärd {code}\n" for code in codes), encoding="utf-8")
    metadata.import_codelist(source, name="procedure", year=2023, into=root / metadata.CODELISTS, short="for the test")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "_quarto.yml").touch()
    (tmp_path / "notebooks").mkdir()
    metadata.use_project(tmp_path)
    yield tmp_path
    metadata.use_project(None)


@pytest.fixture
def tables(project: Path) -> dict[str, pd.DataFrame]:
    take_in(project, [*GIVEN, *OFFICIAL[-1:]])
    persons = [(1 + number % 2, 1940) for number in range(30)]
    months = [(who, 2023, 1, 114) for who in range(30)]
    acts = [(who, "2023-01-05", 114, code, "XS919", "") for code, often in GIVEN.items() for who in range(often)]
    register = Register(write_register(project / "register", persons, months, acts))
    made = {}
    for table, by in {
        "procedures-by-code": ["year", "procedure"],
        "procedures-by-group": ["year", "sex", "procedure_group"],
        "persons-by-month": ["year", "month", "sex"],
    }.items():
        frames = (
            [register.count_persons(by, [2023])]
            if table == "persons-by-month"
            else [register.count_procedures(by, [2023]), register.count_persons_with_procedure(by, [2023])]
        )
        made[table] = complete_table(table, *frames)
    return made


def value(table: pd.DataFrame, measure: str, **codes: str) -> str:
    for name, code in {**codes, "measure": measure}.items():
        table = table[table[name] == code]
    assert len(table) == 1
    return str(table["value"].iloc[0])


def test_a_table_has_our_own_codes_and_those_that_occur(tables: dict[str, pd.DataFrame]) -> None:
    by_code = tables["procedures-by-code"]
    assert set(by_code["procedure"]) == set(metadata.own_codelist("procedure").codes) | {"JX901", "JX902", "JX903"}
    assert value(by_code, "procedures", procedure="JX902") == "9"
    assert value(by_code, "procedures", procedure="DT021") == "0"
    order = list(metadata.codelist("procedure").codes)
    places = [order.index(code) for code in by_code["procedure"]]
    assert places == sorted(places)


def test_a_code_that_no_rule_places_counts_in_the_group_of_others(tables: dict[str, pd.DataFrame]) -> None:
    assert value(tables["procedures-by-group"], "procedures", sex="T", procedure_group="other") == "23"


def test_a_group_is_exactly_the_sum_of_its_codes_although_nil_is_left_out(tables: dict[str, pd.DataFrame]) -> None:
    system = system_of(tables)
    group = Cell("procedures", 2023, (("procedure_group", "other"),))
    parts = [one.parts for one in system.sums if one.total == group and one.parts[0].code("procedure")]
    assert [[part.code("procedure") for part in some] for some in parts] == [["JX901", "JX902", "JX903"]]


def test_a_small_code_cannot_be_computed_from_its_group_although_nil_is_left_out(
    project: Path, tables: dict[str, pd.DataFrame]
) -> None:
    (project / "tables").mkdir()
    for name, table in tables.items():
        write_table(project / "tables" / f"{name}.parquet", table)
    validate_tables(project / "tables")
    protect_tables(
        project / "tables",
        project / "protected",
        disclosure=Disclosure(threshold=4, contributors=4),
        synthetic=True,
        report=project / "report.json",
    )
    shown = {name: pd.read_csv(project / "protected" / f"{name}.csv", dtype=str, keep_default_na=False) for name in tables}
    by_code = shown["procedures-by-code"]
    for measure in ("procedures", "persons_with_procedure"):
        assert value(by_code, measure, procedure="JX901") == ""
    withheld = [code for code in ("JX901", "JX902", "JX903") if value(by_code, "procedures", procedure=code) == ""]
    group = value(shown["procedures-by-group"], "procedures", sex="T", procedure_group="other")
    assert len(withheld) > 1 or group == "", "the group less its other codes would be the small one"


def test_ten_thousand_codes_do_not_slow_the_system_of_cells(project: Path) -> None:
    codes = [f"{one}{two}{number:03}" for one in "ABCD" for two in "XYZ" for number in range(1, 880)]
    take_in(project, codes)
    listed = metadata.codelist("procedure")
    assert len(listed.codes) > 10_000
    years, groups = range(2019, 2024), metadata.codelist("procedure-group").codes
    rows = [
        (year, sex, group, measure, "0", 0)
        for year in years
        for sex in ("1", "2", "T")
        for group in groups
        for measure in ("procedures", "persons_with_procedure")
    ]
    by_group = pd.DataFrame(rows, columns=["year", "sex", "procedure_group", "measure", "value", "contributors"])
    measures = ("procedures", "persons_with_procedure")
    rows_of_codes = [(2023, code, measure, "0", 0) for code in listed.codes for measure in measures]
    by_code = pd.DataFrame(rows_of_codes, columns=["year", "procedure", "measure", "value", "contributors"])
    start = time.process_time()
    system = system_of({"procedures-by-group": by_group, "procedures-by-code": by_code})
    assert len(system.values) > 20_000
    assert time.process_time() - start < 10


def test_a_share_has_our_own_codes_and_those_that_occur(project: Path) -> None:
    take_in(project, [*GIVEN, *OFFICIAL[-1:]])
    columns = ["year", "kind", "procedure", "measure", "value", "contributors"]
    part = pd.DataFrame([(2023, "T", "JX902", "persons_with_procedure", 5, 5)], columns=columns)
    whole = pd.DataFrame([(2023, "T", "T", "persons_with_procedure", 20, 20)], columns=columns)
    shares = share("share_of_persons_with_procedure", part=part, of=whole)
    of_any = shares[shares["kind"] == "T"].set_index("procedure")["value"]
    assert of_any["JX902"] == "25.0"
    assert set(of_any.index) == {*metadata.own_codelist("procedure").codes, "JX902"}
