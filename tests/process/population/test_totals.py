"""Totals in a file are the sums of their parts, or the file is refused with the difference and the place."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvarn.errors import CodeListError
from kvarn.process import read_population, write_population
from kvarn.process.population._totals import allowed_difference
from tests.process.population import renderings as r
from tests.process.population.renderings import Style

WHOLE = r.with_totals(r.population())


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ((2019, "00", "1", "7"), "2019, 00 Riket, men, age 7"),
        ((2019, "00", "T", "T"), "2019, 00 Riket, both sexes, all ages"),
        ((2019, "01", "2", "100+"), "2019, 01 Stockholms län, women, age 100+"),
        ((2018, "09", "T", "50"), "2018, 09 Gotlands län, both sexes, age 50"),
        ((2018, "0180", "1", "T"), "2018, 0180 Stockholm, men, all ages"),
        ((2019, "0114", "T", "0"), "2019, 0114 Upplands Väsby, both sexes, age 0"),
    ],
)
@pytest.mark.parametrize("by", [1, -1, 1000])
def test_a_total_that_disagrees_is_refused_with_the_difference(
    small_country: Path, key: tuple[int, str, str, str], said: str, by: int
) -> None:
    wrong = WHOLE | {key: WHOLE[key] + by}
    if wrong[key] < 0:
        pytest.skip("a figure is not negative")
    table = r.long(wrong, Style())
    with pytest.raises(CodeListError) as caught:
        write_population(r.put(small_country, r.as_csv(table)), r.YEARS, small_country / "population.parquet")
    assert f"{said} is {wrong[key]:,}, its parts {WHOLE[key]:,}: a difference of {by:+,}." in caught.value.what
    assert caught.value.line == list(WHOLE).index(key) + 2
    # Changes by chance come later than these years.
    assert caught.value.remedy == "Download it again."


def test_a_changed_part_disagrees_with_its_totals(small_country: Path) -> None:
    key = (2019, "0180", "1", "40")
    wrong = WHOLE | {key: WHOLE[key] + 10}
    with pytest.raises(CodeListError, match=r"a difference of -10\. 10 further totals disagree"):
        write_population(r.put(small_country, r.as_csv(r.wide(wrong, Style()))), r.YEARS, small_country / "p.parquet")


def test_a_total_of_municipalities_that_are_not_all_there_is_not_less_than_those_that_are(small_country: Path) -> None:
    part = {key: value for key, value in WHOLE.items() if key[1] in {"00", "01", "0180"}}
    assert len(read_population(r.put(small_country, r.as_csv(r.wide(part, Style()))))) == 404
    key = (2019, "01", "1", "3")
    with pytest.raises(CodeListError, match="is not the sum of its parts"):
        read_population(r.put(small_country, r.as_csv(r.wide(part | {key: part[2019, "0180", "1", "3"] - 1}, Style()))))


def test_a_total_that_is_not_available_says_nothing(small_country: Path) -> None:
    table = [["0" if cell == "" else cell for cell in row] for row in r.wide(WHOLE, Style())]
    for row in table[1:]:
        if row[0] == "00 Riket":
            row[3:] = ["..", ".."]
    assert len(read_population(r.put(small_country, r.as_csv(table)))) == 1212


def test_noise_is_allowed_from_2025_on_where_it_is_said_and_no_more_of_it(small_country: Path) -> None:
    whole = r.with_totals(r.population([2025]))
    key = (2025, "0980", "T", "7")
    for by, noise, passes in ((2, 0, False), (2, 1, True), (3, 1, True), (4, 1, False), (40, 5, False)):
        path = r.put(small_country, r.as_csv(r.long(whole | {key: whole[key] + by}, Style())))
        if passes:
            assert len(read_population(path, noise=noise)) == 606
            continue
        with pytest.raises(CodeListError, match=f"a difference of \\+{by}"):
            read_population(path, noise=noise)
    earlier = (2019, "0980", "T", "7")
    path = r.put(small_country, r.as_csv(r.long(WHOLE | {earlier: WHOLE[earlier] + 1}, Style())))
    with pytest.raises(CodeListError, match="is not the sum of its parts"):
        read_population(path, noise=5)


def test_the_allowed_difference_grows_with_the_root_of_the_parts_and_never_beyond_what_is_possible() -> None:
    assert allowed_difference(0, 58_580) == 0
    assert allowed_difference(2, 1) == 4
    assert allowed_difference(2, 2) == 6
    assert allowed_difference(1, 58_580) < 1000
