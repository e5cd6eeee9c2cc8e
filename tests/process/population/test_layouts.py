"""Whatever the layout, the same population is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kvarn.errors import CodeListError
from kvarn.process import read_files, read_population, write_population
from tests.process.population import renderings as r
from tests.process.population.renderings import Style

PEOPLE = r.population()
WHOLE = r.with_totals(PEOPLE)
CODES = Style(regions="code", ages="0")


def records(path: Path) -> dict[tuple[int, ...], int]:
    frame = read_population(path)
    return {tuple(map(int, row[:4])): int(row[4]) for row in frame.to_numpy().tolist()}


TRUTH = {(year, int(region), int(sex), int(age.removesuffix("+"))): n for (year, region, sex, age), n in PEOPLE.items()}


def spaced(value: int) -> str:
    return f"{value:,}".replace(",", "\u00a0")


def by_age(unit: str) -> r.Table:
    style = Style()
    head = ["region", "kön", "år", *(f"{age} {unit}".strip() for age in r.AGES)]
    stubs = dict.fromkeys(key[:3] for key in PEOPLE)
    rows = [[style.region(g), style.sex(s), str(y), *(str(PEOPLE[y, g, s, age]) for age in r.AGES)] for y, g, s in stubs]
    return [head, *rows]


LAYOUTS: dict[str, Callable[[], bytes]] = {
    "csv, a column a year": lambda: r.as_csv(r.wide(PEOPLE, Style())),
    "csv, contents in the heading, with BOM": lambda: r.as_csv(r.wide(PEOPLE, Style(year="contents")), encoding="utf-8-sig"),
    "csv, as R writes it": lambda: r.as_csv(r.wide(PEOPLE, Style(year="X2019", regions="name", ages="0"))),
    "csv in English, tabs": lambda: r.as_csv(r.wide(WHOLE, Style(language="en", year="contents")), separator="\t"),
    "with title and footnotes, ISO 8859-1": lambda: r.as_csv(
        r.around(r.wide(WHOLE, Style()), Style(title=True, footnotes=True)), separator=";", encoding="iso-8859-1", end="\r\n"
    ),
    "UTF-16 from a spreadsheet": lambda: r.as_csv(r.wide(PEOPLE, Style()), separator="\t", encoding="utf-16"),
    "csv2, one figure a row": lambda: r.as_csv(r.long(WHOLE, Style())),
    "csv3, codes": lambda: r.as_csv(r.long(PEOPLE, CODES), quoted=False),
    "lost zeros": lambda: r.as_csv(r.wide(PEOPLE, Style(regions="lost")), separator=";"),
    "spaces between thousands": lambda: r.as_csv(r.wide(WHOLE, Style(digits=spaced)), separator=";"),
    "a column for each sex and year": lambda: r.as_csv(r.by_sex(PEOPLE, Style())),
    "the same with contents": lambda: r.as_csv(r.by_sex(PEOPLE, Style(year="contents", language="en"))),
    "other order of columns": lambda: r.as_csv([row[::-1] for row in r.wide(WHOLE, Style())], separator=";"),
    "other order of rows": lambda: r.as_csv([r.wide(WHOLE, Style())[0], *r.wide(WHOLE, Style())[:0:-1]]),
    "empty columns to the right": lambda: r.as_csv([[*row, "", ""] for row in r.wide(PEOPLE, Style())], separator=";"),
    "empty lines at the end": lambda: r.as_csv(r.wide(PEOPLE, Style())) + b"\n\n,,,,\n",
    "workbook": lambda: r.as_workbook(r.wide(WHOLE, Style(ages="0"))),
    "workbook that lost zeros": lambda: r.as_workbook(r.wide(PEOPLE, Style(regions="code", ages="0"))),
    "workbook, one figure a row": lambda: r.as_workbook(r.around(r.long(PEOPLE, Style()), Style(title=True, footnotes=True))),
    "workbook of PxWeb": lambda: r.as_pxweb_workbook(WHOLE, Style()),
    "workbook of PxWeb with codes and texts": lambda: r.as_pxweb_workbook(WHOLE, Style(), doubled=True),
    "workbook with two rows of headings": lambda: r.as_two_level_workbook(PEOPLE, Style()),
    "ages in the columns": lambda: r.as_csv(by_age("år")),
    "ages in the columns, bare": lambda: r.as_csv(by_age("")),
    "an empty line between two regions": lambda: r.as_csv(r.wide(PEOPLE, Style())).replace(
        b'"0180 Stockholm"', b'\n"0180 Stockholm"', 1
    ),
    "PX": lambda: r.as_px(WHOLE, Style()),
    "PX, one contents, UTF-8": lambda: r.as_px(PEOPLE, Style(language="en"), contents=False, encoding="utf-8"),
    "JSON-stat 2": lambda: r.as_json_stat(WHOLE, Style()),
    "JSON-stat 2, sparse": lambda: r.as_json_stat(PEOPLE, Style(), sparse=True),
    "JSON-stat 1": lambda: r.as_json_stat(PEOPLE, Style(language="en"), version=1),
    "JSON of PxWeb": lambda: r.as_pxweb_json(WHOLE, Style()),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_same_population(small_country: Path, layout: str) -> None:
    # What a file is is seen from what it holds: the name says nothing.
    assert records(r.put(small_country, LAYOUTS[layout]())) == TRUTH


def test_every_layout_gives_the_same_bytes(small_country: Path) -> None:
    made = set()
    for layout in ("csv2, one figure a row", "workbook of PxWeb", "PX", "JSON-stat 2"):
        write_population(r.put(small_country, LAYOUTS[layout]()), r.YEARS, small_country / "population.parquet")
        made.add((small_country / "population.parquet").read_bytes())
    assert len(made) == 1


@pytest.mark.parametrize(
    "region", ["0114", "0114 Upplands Väsby", "Upplands Väsby", "UPPLANDS VÄSBY", "0114  Upplands Väsby", "114"]
)
@pytest.mark.parametrize("oldest", ["100", "100+", "100+ år", "100 år och äldre", "100 years or older", "100 +"])
@pytest.mark.parametrize("sexes", [("män", "kvinnor"), ("Men", "Women"), ("1", "2"), ("Males", "Females"), ("M", "K")])
def test_words_for_regions_ages_and_sexes(tmp_path: Path, region: str, oldest: str, sexes: tuple[str, str]) -> None:
    rows = [[region, oldest if age == 100 else str(age), sex, "3"] for age in range(101) for sex in sexes]
    frame = read_population(r.put(tmp_path, r.as_csv([["region", "ålder", "kön", "2019"], *rows])))
    assert len(frame) == 202
    assert set(frame["municipality"]) == {114}


def test_other_contents_are_left_aside_and_said_to_be(small_country: Path) -> None:
    table = [[*row, "-5"] for row in r.wide(PEOPLE, Style(year="contents"))]
    table[0][-1] = "Folkökning 2019"
    path = r.put(small_country, r.as_csv(table))
    assert records(path) == TRUTH
    assert "columns left aside: 'Folkökning 2019'" in read_files(path)[0].notes


def test_rows_of_other_contents_are_left_aside(small_country: Path) -> None:
    table = r.long(PEOPLE, Style())
    both = [["tabellinnehåll", *table[0]]]
    for row in table[1:]:
        both += [["Folkmängd", *row], ["Folkökning", *row[:-1], "-3"]]
    assert records(r.put(small_country, r.as_csv(both))) == TRUTH


def test_a_further_variable_that_is_a_total_everywhere_does_no_harm(small_country: Path) -> None:
    table = [["samtliga", *row] for row in r.wide(PEOPLE, Style())]
    table[0][0] = "civilstånd"
    assert records(r.put(small_country, r.as_csv(table))) == TRUTH


def test_a_municipality_that_did_not_exist_in_the_year_is_left_out_where_it_has_no_figures(small_country: Path) -> None:
    table = r.wide(PEOPLE, Style())
    gone = [["0115 Vallentuna", row[1], row[2], "..", "0"] for row in table[1:203]]
    assert records(r.put(small_country, r.as_csv(table + gone))) == TRUTH
    gone[7][3] = "1"
    with pytest.raises(CodeListError, match="no municipality of 2018"):
        read_population(r.put(small_country, r.as_csv(table + gone)))


def test_several_files_a_folder_and_a_pattern(small_country: Path) -> None:
    folder = small_country / "several"
    folder.mkdir()
    parts = [{key: value for key, value in PEOPLE.items() if key[0] == year} for year in r.YEARS]
    r.put(folder, r.as_csv(r.wide(parts[0], Style())), "a.csv")
    r.put(folder, r.as_pxweb_workbook(parts[1], Style()), "b.xlsx")
    r.put(folder, b"nothing to do with it", "notes.md")
    r.put(folder, b"{}", "a.record.json.bak")
    for given in (folder, f"{folder}/*", [folder / "a.csv", folder / "b.xlsx"], [folder, folder / "a.csv"]):
        frame = read_population(given)
        assert {tuple(map(int, row[:4])): int(row[4]) for row in frame.to_numpy().tolist()} == TRUTH
    # Men in one file and women in another are a whole population, too.
    by_sex = [{key: value for key, value in PEOPLE.items() if key[2] == sex} for sex in "12"]
    paths = [r.put(small_country, r.as_csv(r.wide(part, Style())), f"{n}.csv") for n, part in enumerate(by_sex)]
    assert len(read_population(paths)) == len(TRUTH)


def test_only_the_years_that_are_wanted_need_be_whole(small_country: Path) -> None:
    broken = dict(PEOPLE)
    table = r.wide(broken, replace(Style(), year="X2019"))
    table[5][3] = ".."
    path = r.put(small_country, r.as_csv(table))
    assert set(read_population(path, [2019])["year"]) == {2019}
