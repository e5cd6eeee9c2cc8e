"""Reserve numbers are counted and not followed; a person with two numbers becomes one."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from kvarn.errors import InputError
from kvarn.process import accounts, read_corrections

from .store import Intake, number, pseudonym, read

FIRST, SECOND, LAST = number("19300101", 2), number("19310101", 3), number("19320101", 4)
OTHER = number("19500101", 6)
RESERVE = "19400229A012"


def corrections(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "corrections.csv"
    path.write_text("\n".join(("from,to", *lines)) + "\n", encoding="utf-8")
    return path


def test_a_reserve_number_is_one_person_in_each_municipality_and_month(tmp_path: Path) -> None:
    intake = Intake(tmp_path)
    intake.months("0114", 2019, 1, [RESERVE, OTHER])
    intake.months("0114", 2019, 2, [RESERVE, OTHER])
    intake.months("0180", 2019, 1, [RESERVE])
    intake.acts("0114", 2019, 1, [(RESERVE, "2019-01-05", "DT019", "XS919", ""), (RESERVE, "2019-01-06", "DT019", "XS919", "")])
    register = intake.write().register()
    persons = pd.read_parquet(register / "persons.parquet").set_index("pseudonym")
    reserve = {pseudonym(f"{RESERVE}{place}{period}") for place, period in (("0114", 201901), ("0114", 201902), ("0180", 201901))}
    assert set(persons.index) == reserve | {pseudonym(OTHER)}
    assert persons.loc[sorted(reserve), ["sex", "birth_year", "followable"]].drop_duplicates().to_numpy().tolist() == [
        [1, 1940, False]
    ]
    assert persons.loc[pseudonym(OTHER), "followable"]
    months = read(register, "person_months", 2019)
    assert len(months) == 5
    january = persons.loc[pseudonym(f"{RESERVE}0114201901"), "person"]
    assert months[months["person"] == january][["month", "municipality", "age"]].to_numpy().tolist() == [[1, 114, 79]]
    assert read(register, "procedures", 2019)["person"].tolist() == [january, january]
    assert accounts(register, intake.collected, 2019)["duplicates"].sum() == 0


def test_a_person_whose_day_of_birth_is_not_known_has_a_sex_and_a_year_of_birth(tmp_path: Path) -> None:
    unknown = [number("19500060", 1), number("19510075", 2), number("19520660", 3)]
    intake = Intake(tmp_path)
    intake.months("0114", 2019, 1, unknown)
    register = intake.write().register()
    persons = pd.read_parquet(register / "persons.parquet").set_index("pseudonym")
    told = persons.loc[[pseudonym(one) for one in unknown], ["sex", "birth_year", "followable"]].to_numpy().tolist()
    assert told == [[1, 1950, True], [2, 1951, True], [1, 1952, True]]
    assert sorted(read(register, "person_months", 2019)["age"]) == [67, 68, 69]


def test_both_numbers_of_a_person_get_the_pseudonym_sex_and_birth_year_of_the_last(tmp_path: Path) -> None:
    intake = Intake(tmp_path)
    intake.months("0114", 2018, 1, [FIRST, OTHER])
    intake.months("0114", 2019, 1, [SECOND])
    intake.acts("0114", 2019, 1, [(FIRST, "2019-01-05", "DT019", "XS919", ""), (SECOND, "2019-01-05", "DT019", "XS919", "")])
    joined = intake.write().register(corrections=corrections(tmp_path, f"{FIRST},{SECOND}", f"{SECOND},{LAST}"))
    persons = pd.read_parquet(joined / "persons.parquet").set_index("pseudonym")
    assert set(persons.index) == {pseudonym(LAST), pseudonym(OTHER)}
    assert persons.loc[pseudonym(LAST), ["sex", "birth_year", "followable"]].tolist() == [2, 1932, True]
    assert read(joined, "person_months", 2019)["age"].tolist() == [2019 - 1932]
    assert read(joined, "procedures", 2019)["person"].nunique() == 1
    apart = intake.register("apart")
    assert len(pd.read_parquet(apart / "persons.parquet")) == 3


def test_person_months_that_become_equal_are_kept_once_and_accounted_for(tmp_path: Path) -> None:
    intake = Intake(tmp_path)
    intake.months("0114", 2019, 1, [OTHER, FIRST, SECOND])
    register = intake.write().register(corrections=corrections(tmp_path, f"{FIRST},{SECOND}"))
    months = read(register, "person_months", 2019)
    assert sorted(months["line"]) == [1, 2]
    assert read(register, "duplicates", 2019).to_numpy().tolist() == [[1, 3, 1, 2]]
    account = accounts(register, intake.collected, 2019)
    assert account[["accepted", "in_register", "duplicates"]].to_numpy().tolist() == [[3, 2, 1]]


def test_chains_are_followed_to_the_number_in_force(tmp_path: Path) -> None:
    path = corrections(tmp_path, f"{SECOND},{LAST}", "", f"{FIRST}, {SECOND}")
    assert read_corrections(path) == {FIRST: LAST, SECOND: LAST}


@pytest.mark.parametrize(
    ("lines", "line", "said"),
    [
        ([f"{FIRST},{SECOND}", f"{FIRST},{LAST}"], 3, "line 2 already"),
        ([f"{OTHER},{LAST}", f"{FIRST},{SECOND}", f"{SECOND},{FIRST}"], 3, "circle: 3, 4"),
        ([f"{FIRST},{FIRST}"], 2, "replace itself"),
        ([f"{FIRST},{SECOND[2:]}"], 2, "12 digits"),
        ([f"{RESERVE},{SECOND}"], 2, "reserve number"),
        ([f"{FIRST},{SECOND[:-1]}{(int(SECOND[-1]) + 1) % 10}"], 2, "check digit"),
        ([f"{FIRST};{SECOND}"], 2, "1 fields"),
        ([f"{FIRST},{SECOND},{LAST}"], 2, "3 fields"),
    ],
)
def test_a_wrong_correction_is_refused_with_its_line_and_without_the_number(
    tmp_path: Path, lines: list[str], line: int, said: str
) -> None:
    with pytest.raises(InputError) as caught:
        read_corrections(corrections(tmp_path, *lines))
    assert caught.value.line == line
    assert said in str(caught.value)
    assert caught.value.remedy
    for secret in (FIRST, SECOND, LAST, RESERVE, SECOND[2:], SECOND[:-1]):
        assert secret not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"old,new\n", b"from;to\n", b"from,to\n\xff\xfe,1\n", b'from,to\n"1\x002\n'])
def test_a_file_that_holds_no_corrections_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "corrections.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"corrections\.csv"):
        read_corrections(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_corrections(tmp_path / "nothing.csv")
