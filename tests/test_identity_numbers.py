"""Identity numbers as files are named by them: hidden however they are written, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvarn.errors import InputError
from kvarn.identity_numbers import has_identity_number, without_identity_numbers

# Of nobody: the date is a century old, and a reserve number is what a care provider gives.
NUMBERS = (
    "191212121212",
    "19121212-1212",
    "121212+1212",
    "19121212_1212",
    "19121272 1212",
    "1912-12-12-1212",
    "19121212T123",
    "121212-T123",
    "19121212_A001",
)
NAMES = (
    "KHSL1_0114_202301.txt",
    "KHSL2_0114_202301_0002.txt",
    "2024-01-15T1231.csv",
    "20240115T123100.csv",
    "1_0114_20230112345678.txt",
)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("name", ["{}", "DEATH_0114_202301_{}.txt", "till {} och mer"])
def test_a_number_is_hidden_however_it_is_written(number: str, name: str) -> None:
    assert without_identity_numbers(name.format(number)) == name.format("•" * len(number))


@pytest.mark.parametrize("name", NAMES)
def test_what_is_none_stays(name: str) -> None:
    assert without_identity_numbers(name) == name


@pytest.mark.parametrize("number", ["191212121212", "19121212_1212", "19121212T123"])
def test_what_can_be_one_is_told(number: str) -> None:
    assert has_identity_number(f"restricted/{number}/x")


@pytest.mark.parametrize("folder", ["20240115-1231", "202401151231"])
def test_a_folder_named_by_a_moment_is_named_as_it_is(folder: str) -> None:
    file = Path("deliveries") / folder / "DEATH_20240115-1231.txt"
    assert InputError("Wrong.", file=file).where == f"deliveries/{folder}/DEATH_•••••••••••••.txt"
    assert InputError("Wrong.", file=Path("19121212-1212") / "a.txt").where == "•••••••••••••/a.txt"
