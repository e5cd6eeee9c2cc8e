"""Who had care: whom the municipality has reported as such, or of whom it has reported a procedure, too."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from kvarn.analyse import Register, rate, validate_tables
from kvarn.analyse._columns import LARGEST
from kvarn.analyse._tables import complete_table, write_table
from kvarn.errors import ConsistencyError, InputError

from .registers import Act, Month, write_register

# The second is reported in January alone, and has a procedure in March; the third has procedures and nothing else.
PERSONS = [(2, 1940), (1, 1950), (2, 1938)]
MONTHS: list[Month] = [(0, 2018, 1, 114), (0, 2023, 1, 114), (0, 2023, 2, 114), (1, 2023, 1, 114)]
ACTS: list[Act] = [
    (0, "2023-01-05", 114, "DT019", "XS919", ""),
    (1, "2023-03-05", 114, "DT019", "XS919", ""),
    (1, "2023-03-09", 114, "DT019", "XS919", ""),
    (2, "2023-03-05", 114, "DT019", "XS919", ""),
    (2, "2023-03-06", 180, "DT019", "XS919", ""),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_register(tmp_path / "register", PERSONS, MONTHS, ACTS, years=(2018, 2023))


def counted(frame: pd.DataFrame, name: str) -> dict[str, int]:
    return {str(code): int(value) for code, value in zip(frame[name], frame["value"], strict=True)}


def test_with_procedures_persons_are_those_reported_and_those_treated(folder: Path) -> None:
    reported, both = Register(folder), Register(folder, care="reported_or_procedure")
    of_region = [counted(register.count_persons(["year", "region"], [2023]), "region") for register in (reported, both)]
    assert of_region == [{"00": 2, "01": 2, "0114": 2}, {"00": 3, "01": 3, "0114": 3, "0180": 1}]
    of_month = [counted(register.count_persons(["year", "month"], [2023]), "month") for register in (reported, both)]
    assert of_month == [{"T": 2, "01": 2, "02": 1}, {"T": 3, "01": 2, "02": 1, "03": 2}]
    procedures = [counted(register.count_procedures(["year", "region"], [2023]), "region") for register in (reported, both)]
    assert procedures[0] == procedures[1]


def test_person_months_and_their_largest_contributors_follow(folder: Path) -> None:
    months = Register(folder, behind="largest", care="reported_or_procedure").count_person_months(["year", "region"], [2023])
    country = months[months["region"] == "00"].iloc[0]
    assert country["value"] == 5 and country["contributors"] == 3
    # In March the third was treated in two municipalities: one month in the country, one in each of them.
    assert [int(country[name]) for name in LARGEST] == [2, 4, 5, 6]


def test_years_without_procedures_are_as_reported(folder: Path) -> None:
    both = Register(folder, care="reported_or_procedure")
    assert counted(both.count_persons(["year", "region"], [2018]), "region") == {"00": 1, "01": 1, "0114": 1}


def test_more_persons_with_a_procedure_than_with_care_stop_the_run_and_say_what_can_be_done(folder: Path, tmp_path: Path) -> None:
    for care, contradicts in (("reported", True), ("reported_or_procedure", False)):
        register = Register(folder, care=care)  # type: ignore[arg-type]
        tables = tmp_path / care
        tables.mkdir()
        by = ["year", "sex", "age"]
        persons, population = register.count_persons(by, [2023]), register.population(by, [2023])
        with_procedure = register.count_persons_with_procedure(["year", "month"], [2023])
        per_1000 = rate("persons_per_1000", persons, population)
        everyone = complete_table("persons-by-year-sex-age", persons, population, per_1000)
        months = complete_table("procedures-by-month", with_procedure, register.count_procedures(["year", "month"], [2023]))
        write_table(tables / "persons-by-year-sex-age.parquet", everyone)
        write_table(tables / "procedures-by-month.parquet", months)
        if contradicts:
            with pytest.raises(ConsistencyError, match="larger than its whole") as caught:
                validate_tables(tables)
            assert "data.care" in str(caught.value.remedy)
        else:
            validate_tables(tables)


def test_what_care_cannot_be_is_refused(folder: Path) -> None:
    with pytest.raises(InputError, match="care 'imagined'"):
        Register(folder, care="imagined")  # type: ignore[arg-type]
