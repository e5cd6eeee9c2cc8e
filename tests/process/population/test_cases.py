"""The cases from the field, where they are present: what each is expected to become."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kvarn.errors import CodeListError
from kvarn.process import read_population

CASES = Path(os.environ.get("KVARN_SHARED_CASES", Path(__file__).parents[4] / "shared" / "cases"))
pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="the cases are not here")

SAME = {
    "02-population-content-in-heading": 1,
    "03-population-title-above": 1,
    "04-population-long": 2,
    "05-population-riket-and-lan": 1,
    "06-population-footnotes-below": 1,
    "08-population-code-lost-its-zero": 1,
}


def test_01_a_hole_is_refused_with_region_sex_and_ages() -> None:
    with pytest.raises(CodeListError, match="0114 Upplands Väsby: women 65–69"):
        read_population(CASES / "01-population-hole" / "population.csv")


@pytest.mark.parametrize("case", SAME)
def test_02_to_08_are_taken_in(case: str) -> None:
    frame = read_population(CASES / case / "population.csv")
    assert len(frame) == 202 * SAME[case]
    assert set(frame["municipality"]) == {114}
    of_2019 = frame[frame["year"] == 2019]
    assert int(of_2019[(of_2019["sex"] == 2) & (of_2019["age"] == 0)]["population"].iloc[0]) in {300, 303}


def test_07_several_files_are_one_population() -> None:
    folder = CASES / "07-population-several-files"
    frame = read_population(folder)
    assert sorted(set(frame["year"])) == [2018, 2019, 2020, 2021]
    assert frame.equals(read_population([folder / "b-2020-2021.csv", folder / "a-2018-2019.csv"]))
    assert frame.equals(read_population(folder / "*.csv"))
