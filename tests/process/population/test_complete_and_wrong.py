"""A population that is complete and agrees with its totals, and of which a part is copied over another or is zero."""

from __future__ import annotations

import dataclasses
import random
from array import array

import numpy as np
import pytest

from kvarn import metadata
from kvarn.errors import CodeListError
from kvarn.process import import_population, read_files
from kvarn.process.population._cells import PopulationFile

LARGE = ("0115", "0180", "1480")


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> PopulationFile:
    """Two years of every municipality; in old age and in small municipalities many figures are zero or the same."""
    metadata.use_project(None)
    chance = random.Random(5)
    lines = ["region;ålder;kön;2021;2022"]
    for code in sorted(metadata.valid_codes("municipality", 2022)):
        size = 3000 if code in LARGE else chance.choice([15, 150])
        for age in range(101):
            most = size * (1 if code in LARGE else 1 - age / 101)
            for sex in ("män", "kvinnor"):
                figures = f"{int(chance.random() * most)};{int(chance.random() * most)}"
                lines.append(f"{code};{age if age < 100 else '100+'};{sex};{figures}")
    path = tmp_path_factory.mktemp("country") / "population.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (file,) = read_files(path)
    return file


def test_what_chance_repeats_is_no_copy(country: PopulationFile) -> None:
    import_population([country], None)


def _changed(country: PopulationFile, value: np.ndarray) -> PopulationFile:
    cells = dataclasses.replace(country.cells, value=array(country.cells.value.typecode, value.tolist()))
    return dataclasses.replace(country, cells=cells)


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("age == 57", "No man in the whole country is 57 years old in 2021 (and 1 more such)"),
        ("age == 31 and sex == 2 and year == 2022", "No woman in the whole country is 31 years old in 2022"),
        ("region == 180 and age > 64", "0180 Stockholm has no men aged 70–79 in 2021 (and 3 more such)"),
        ("region == 1480 and age < 10 and sex == 2", "1480 Göteborg has no women aged 0–9 in 2021"),
    ],
)
def test_ages_at_which_nobody_lives_are_refused(country: PopulationFile, where: str, said: str) -> None:
    frame = country.cells.frame()
    with pytest.raises(CodeListError) as caught:
        import_population([_changed(country, np.where(frame.eval(where), 0, frame["value"]))], None)
    assert said in caught.value.what and caught.value.line is not None and caught.value.remedy is not None


@pytest.mark.parametrize(
    ("to", "of", "said"),
    [
        (
            {"year": 2022},
            {"year": 2021},
            ("all ages and municipalities in 2022", "all ages and municipalities in 2021", "58,580"),
        ),
        (
            {"year": 2022, "sex": 2},
            {"year": 2021, "sex": 2},
            ("women of every municipality in 2022", "women of every municipality in 2021", "29,290"),
        ),
        ({"year": 2021, "sex": 1}, {"year": 2021, "sex": 2}, ("women of every", "men of every municipality in 2021", "29,290")),
        (
            {"age": 66},
            {"age": 65},
            ("age 66 of every municipality in 2021", "age 65 of every municipality in 2021", "580 (and 1 more)"),
        ),
        ({"region": 180}, {"region": 115}, ("0180 Stockholm in 2021", "0115 Vallentuna in 2021", "202 (and 1 more)")),
        (
            {"region": 1480, "year": 2022},
            {"region": 1480, "year": 2021},
            ("1480 Göteborg in 2022", "1480 Göteborg in 2021", "202:"),
        ),
    ],
)
def test_a_part_that_repeats_another_is_refused_with_both_and_its_place(
    country: PopulationFile, to: dict[str, int], of: dict[str, int], said: tuple[str, str, str]
) -> None:
    frame = country.cells.frame()

    def of_part(part: dict[str, int]) -> np.ndarray:
        return np.logical_and.reduce([frame[name] == code for name, code in part.items()])

    value = frame["value"].to_numpy().copy()
    value[of_part(to)] = value[of_part(of)]
    with pytest.raises(CodeListError) as caught:
        import_population([_changed(country, value)], None)
    assert all(words in caught.value.what for words in said)
    assert caught.value.line is not None and caught.value.remedy is not None
