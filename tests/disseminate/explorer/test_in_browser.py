"""What users of a statistics database come for, from start to end, in a real browser, from a folder without any server."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

import openpyxl
import pytest

from kvarn import metadata
from kvarn.disseminate.database.read import read_jsonstat, read_px
from kvarn.disseminate.explorer import write_explorer
from kvarn.disseminate.protected import ProtectedTables
from kvarn.edition import Edition

BY_MUNICIPALITY = "persons-by-municipality-sex-age"
RATES = "rates-by-municipality"
YEARS = ["2019", "2020", "2021", "2022", "2023"]
Figures = dict[tuple[str, ...], tuple[str, str]]


@pytest.fixture(autouse=True)
def nothing_fails_and_nothing_is_fetched(browser: Any) -> Iterator[None]:
    browser.errors.clear()
    browser.requests.clear()
    browser.clicks = 0
    browser.look(1280, 900)
    for path in browser.downloads.iterdir():
        path.unlink()
    yield
    assert browser.errors == []
    own = ("file:", "about:", "blob:")
    assert [address for address in browser.requests if not address.startswith(own)] == []


def address(publication: Path, query: str = "", language: str = "sv") -> str:
    return f"{(publication / 'database' / language / 'index.html').as_uri()}{'#' if query else ''}{query}"


def figures(publication: Path, table: str) -> Figures:
    """The open data: value and status by the codes of every variable and the measure."""
    with (publication / "data" / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
        names = [*metadata.table(table).variables, "measure"]
        return {tuple(row[name] for name in names): (row["value"], row["status"]) for row in csv.DictReader(lines)}


def shown(browser: Any) -> list[list[str]]:
    """The table on the page, row by row: heads and cells as a reader sees them."""
    rows: list[list[str]] = browser.run(
        "[...document.querySelectorAll('#result table tr')].map(row => [...row.cells].map(cell => {"
        " const copy = cell.cloneNode(true); copy.querySelectorAll('.unseen, .sign').forEach(one => one.remove());"
        " return copy.textContent.trim(); }))"
    )
    return rows


def as_written(figure: tuple[str, str]) -> str:
    """A figure of the open data as a Swedish page shows it; coverage marks aside."""
    value, status = figure
    if status or not Decimal(value):
        return status or "–"
    return f"{Decimal(value):,}".replace(",", "\u00a0").replace(".", ",")


def test_my_municipality_80_and_older_by_sex_for_five_years_as_excel_in_six_clicks(browser: Any, publication: Path) -> None:
    browser.open(address(publication))
    browser.click(f'.found a[href*="table={BY_MUNICIPALITY}"]')
    browser.click('[data-variable="region"] summary')
    browser.click('[data-variable="region"] input[type="search"]')
    browser.type("Täby")
    browser.press("Enter")
    browser.click('[data-variable="age"] button[aria-label="Endast 80 år eller äldre"]')
    browser.click('[data-variable="sex"] .group:nth-of-type(3)')
    browser.click('[data-file="xlsx"]')
    assert browser.clicks <= 6
    rows = [list(row) for row in openpyxl.load_workbook(browser.saved(f"{BY_MUNICIPALITY}.xlsx"))["Tabell"].values]
    head = next(number for number, row in enumerate(rows) if row[0] == "Kön")
    assert rows[head][1:6] == YEARS
    wanted = figures(publication, BY_MUNICIPALITY)
    for row, (label, sex) in zip(rows[head + 1 : head + 3], (("Män", "1"), ("Kvinnor", "2")), strict=True):
        assert row[0] == label
        of_years = [wanted[year, "0160", sex, "80+", "persons"] for year in YEARS]
        assert [str(cell) for cell in row[1:6]] == [value or status for value, status in of_years]
    said = " ".join(str(cell) for row in rows for cell in row if cell)
    assert "Region: Täby" in said and "80 år eller äldre" in said and metadata.text("synthetic.notice", "sv") in said


def test_the_same_by_words_alone(browser: Any, publication: Path) -> None:
    browser.open(address(publication))
    browser.click("#find")
    browser.type("Täby 80 år och äldre kön 2019 till 2022")
    browser.press("Enter")
    browser.wait("document.querySelector('#result table')")
    assert shown(browser)[0] == ["Kön", *YEARS[:-1]]
    wanted = figures(publication, BY_MUNICIPALITY)
    for row, sex in zip(shown(browser)[1:], "12", strict=True):
        assert [cell.rstrip("*") for cell in row[1:]] == [
            as_written(wanted[year, "0160", sex, "80+", "persons"]) for year in YEARS[:-1]
        ]
    assert browser.clicks == 1


@pytest.mark.parametrize(("language", "words"), [("sv", "latta inte"), ("en", "nowhere at all")])
def test_words_that_no_table_has_are_said_to_find_nothing(browser: Any, publication: Path, language: str, words: str) -> None:
    browser.open(address(publication, language=language))
    browser.click("#find")
    browser.type(words)
    assert browser.run("document.querySelectorAll('.found a').length") == 0
    assert browser.run("document.getElementById('announced').textContent")[:1] == "0"


NAMED = [
    ("sv", "Stockholm kvinnor 2023", {"region=0180", "sex=2", "year=2023"}),
    ("sv", "Stockholms län 65+ kön", {"region=01", "age=65+", "sex=CHILDREN(T)"}),
    ("sv", "senaste året alla kommuner per 1 000", {"region=LEVEL(3)", "year=TOP(1)"}),
    ("sv", "Taby 80 år och äldre 2019–2021", {"region=0160", "age=80+", "year=RANGE(2019,2021)"}),
    ("en", "women aged 80 and older in Skåne county", {"region=12", "age=80+", "sex=2"}),
    ("en", "counties per 1,000 inhabitants", {"region=LEVEL(2)"}),
]


@pytest.mark.parametrize(("language", "words", "chosen"), NAMED)
def test_what_a_search_names_is_chosen_when_the_table_opens(
    browser: Any, publication: Path, language: str, words: str, chosen: set[str]
) -> None:
    browser.open(address(publication, language=language))
    browser.click("#find")
    browser.type(words)
    assert chosen <= set(browser.run("document.querySelector('.found a').hash").removeprefix("#").split("&"))


def test_counties_as_bars_with_the_numbers_of_the_table(browser: Any, publication: Path) -> None:
    browser.open(address(publication, f"table={RATES}&region=00&age=65%2B&measure=persons_per_1000"))
    browser.click('[data-variable="region"] summary')
    browser.click('[data-variable="region"] .group:nth-of-type(3)')
    in_table = [row[-1] for row in shown(browser)[1:]]
    browser.click('[data-focus="view-bar"]')
    on_bars = browser.run("[...document.querySelectorAll('.chart-bar text:not(.bar-label)')].slice(1).map(t => t.textContent)")
    assert len(in_table) == 21 and on_bars == in_table
    wanted = figures(publication, RATES)
    counties = [key for key in wanted if len(key[1]) == 2 and key[1] != "00" and key[2:] == ("65+", "persons_per_1000")]
    assert [cell.rstrip("*") for cell in in_table] == [as_written(wanted[key]) for key in sorted(counties)]


def test_a_map_of_all_municipalities_says_each_figure_of_the_table(browser: Any, publication: Path) -> None:
    browser.open(address(publication, f"table={RATES}&region=LEVEL(3)&age=65%2B&measure=persons_per_1000&view=map"))
    said = browser.run("[...document.querySelectorAll('.chart-map path title')].map(one => one.textContent)")
    wanted = figures(publication, RATES)
    region = metadata.codelist("region")
    expected = {
        f"{region.label(key[1], 'sv')}: {as_written(figure)}"
        for key, figure in wanted.items()
        if len(key[1]) == 4 and key[2:] == ("65+", "persons_per_1000")
    }
    assert {one.rstrip("*") for one in said} == expected and len(said) == 290
    counts = browser.run("[...document.querySelectorAll('.legend .count')].map(one => Number(one.textContent))")
    assert sum(counts) == 290 and len(counts) >= 5
    classes = browser.run("[...document.querySelectorAll('.chart-map path')].map(one => one.getAttribute('class'))")
    assert sorted(classes.count(one) for one in set(classes)) == sorted(counts)


def test_a_line_over_the_years_with_its_break_and_without_what_is_withheld(browser: Any, publication: Path) -> None:
    browser.open(address(publication, "table=persons-by-year-sex-age&sex=1,2&age=T&view=line"))
    wanted = figures(publication, "persons-by-year-sex-age")
    points = browser.run("[...document.querySelectorAll('.chart-line circle title')].map(one => one.textContent)")
    expected = [
        f"{label}, {year}: {as_written(wanted[str(year), sex, 'T', 'persons'])}"
        for label, sex in (("Män", "1"), ("Kvinnor", "2"))
        for year in range(2017, 2024)
    ]
    assert points == expected
    assert browser.run("document.querySelectorAll('.chart-line .break').length") == 1
    assert "Nytt sätt att rapportera från 2019." in browser.run("document.getElementById('result').textContent")


def test_the_latest_year_is_kept_in_the_address_and_is_next_years_latest_there(
    browser: Any, publication: Path, five_years: Path, edition: Edition, tmp_path: Path
) -> None:
    browser.open(address(publication, f"table={BY_MUNICIPALITY}&region=0160&age=T"))
    browser.run(
        "[...document.querySelectorAll('[data-variable=year] .group')].find(b => b.textContent === 'Senaste året').click()"
    )
    assert "År: 2023" in browser.run("document.getElementById('result').textContent")
    kept = browser.run("location.hash")
    assert "year=TOP(1)" in kept
    protected = Path(shutil.copytree(five_years, tmp_path / "protected"))
    path = protected / f"{BY_MUNICIPALITY}.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    next_year = [line.replace("2023", "2024", 1) for line in lines if line.startswith("2023,")]
    path.write_text("\n".join([*lines, *next_year]) + "\n", encoding="utf-8")
    write_explorer(ProtectedTables(protected), edition, tmp_path / "database")
    browser.open(address(tmp_path, kept.removeprefix("#")))
    assert "År: 2024" in browser.run("document.getElementById('result').textContent")
    assert browser.run("location.hash") == kept


def test_back_and_forward_go_through_what_was_shown(browser: Any, publication: Path) -> None:
    browser.open(address(publication))
    browser.click('.found a[href*="table=persons-by-month"]')
    browser.wait("document.querySelector('#result table')")
    first = browser.run("location.hash")
    browser.click('[data-variable="sex"] .group:nth-of-type(3)')
    second, table = browser.run("location.hash"), shown(browser)
    assert first != second
    browser.run("history.back()")
    browser.wait(f"location.hash === {json.dumps(first)}")
    browser.wait("document.querySelector('[data-variable=sex] .chosen').textContent === 'Totalt'")
    assert shown(browser) != table
    browser.run("history.back()")
    browser.wait("document.querySelector('.search')")
    browser.run("history.go(2)")
    browser.wait(f"location.hash === {json.dumps(second)} && document.querySelector('#result table')")
    assert shown(browser) == table


def test_everything_by_keyboard_from_the_search_to_the_file(browser: Any, publication: Path) -> None:
    """Tab goes there, Enter and space do it; what happened is announced."""

    def to(selector: str) -> None:
        for _ in range(200):
            browser.press("Tab")
            if browser.run(f"document.activeElement.matches({json.dumps(selector)})"):
                outline = browser.run("getComputedStyle(document.activeElement).outlineStyle")
                assert outline not in ("none", ""), f"the focus on {selector} is not seen"
                return
        raise AssertionError(f"the keyboard does not come to {selector}")

    browser.open(address(publication))
    to("#find")
    browser.type("månad kön januari")
    assert browser.run("document.getElementById('announced').textContent") == "1 tabell"
    to(".found a")
    browser.press("Enter")
    browser.wait("document.querySelector('#result table')")
    assert browser.run("document.activeElement.tagName") == "H2"
    to('[data-variable="sex"] input[type="checkbox"]')
    before = browser.run("document.getElementById('announced').textContent")
    browser.press(" ")
    assert browser.run("document.getElementById('announced').textContent") != before
    table = shown(browser)
    to('[data-focus="across-sex"]')
    browser.press("Enter")
    assert browser.run("document.activeElement.dataset.focus") == "across-sex", "the focus stays where it was"
    assert shown(browser) != table and "columns=year,measure,sex" in browser.run("location.hash")
    browser.press("Enter")
    assert "rows=month,sex" in browser.run("location.hash")
    to('[data-file="csv"]')
    browser.press(" ")
    assert browser.saved("persons-by-month.csv").read_text(encoding="utf-8").startswith("year,year_label,month,")
    assert "persons-by-month.csv" in browser.run("document.getElementById('announced').textContent")


def test_every_file_of_a_selection_has_the_figures_of_the_publication(browser: Any, publication: Path) -> None:
    wanted = {
        key: figure
        for key, figure in figures(publication, RATES).items()
        if key[1].startswith("01") and key[3] in ("persons", "persons_per_1000")
    }
    query = f"table={RATES}&region=01,CHILDREN(01)&age=*&measure=persons,persons_per_1000&rows=region,age&columns=measure,year"
    browser.open(address(publication, query, "en"))
    for kind in ("csv", "json", "px", "xlsx"):
        browser.click(f'[data-file="{kind}"]')
    read = {key: (None if status else Decimal(value), status) for key, (value, status) in wanted.items()}
    variables = tuple(metadata.table(RATES).variables)
    assert read_jsonstat(browser.saved(f"{RATES}.json"), variables) == read
    assert read_px(browser.saved(f"{RATES}.px"), variables) == read
    rows = list(csv.DictReader(io.StringIO(browser.saved(f"{RATES}.csv").read_text(encoding="utf-8"))))
    assert {tuple(row[name] for name in (*variables, "measure")): (row["value"], row["status"]) for row in rows} == wanted
    assert {row["synthetic"] for row in rows} == {"true"}
    assert {row["region_label"] for row in rows if row["region"] == "0180"} == {"Stockholm"}
    book = openpyxl.load_workbook(browser.saved(f"{RATES}.xlsx"))
    long = list(book["One row a figure"].values)
    at = next(number for number, row in enumerate(long) if row[0] == "year")
    names = list(long[at])
    in_book = {
        tuple(str(row[names.index(name)]) for name in (*variables, "measure")): (
            row[names.index("value")],
            row[names.index("status")] or "",
        )
        for row in long[at + 1 :]
    }
    assert {key: (None if value is None else Decimal(str(value)), status) for key, (value, status) in in_book.items()} == read
    for path in browser.downloads.iterdir():
        if path.suffix != ".xlsx":
            assert "ynthetic" in path.read_text(encoding="utf-8"), path.name


def test_the_same_selection_gives_the_same_workbook(browser: Any, publication: Path) -> None:
    browser.open(address(publication, f"table={RATES}&region=LEVEL(2)"))
    found = []
    for _ in range(2):
        browser.click('[data-file="xlsx"]')
        found.append(browser.saved(f"{RATES}.xlsx").read_bytes())
        (browser.downloads / f"{RATES}.xlsx").unlink()
    assert found[0] == found[1]


@pytest.mark.parametrize("year", ["TOP(2)", "FROM(2021)", "RANGE(2019,2021)", "*"])
def test_the_lines_of_python_make_the_same_selection(browser: Any, publication: Path, year: str) -> None:
    browser.open(address(publication, f"table={BY_MUNICIPALITY}&year={year}&region=LEVEL(2)&sex=1,2&age=80%2B&measure=persons"))
    python, r = browser.run("[...document.querySelectorAll('.lines pre')].slice(1).map(one => one.textContent)")
    told = "print(table.sort_values(['year', 'region', 'sex'])['value'].fillna(-1).tolist())"
    done = subprocess.run([sys.executable, "-c", python + told], capture_output=True, text=True, check=True)
    years = {"TOP(2)": YEARS[-2:], "FROM(2021)": YEARS[2:], "RANGE(2019,2021)": YEARS[:3], "*": YEARS}[year]
    wanted = figures(publication, BY_MUNICIPALITY)
    counties = sorted({key[1] for key in wanted if len(key[1]) == 2 and key[1] != "00"})
    keys = [(one, county, sex, "80+", "persons") for one in years for county in counties for sex in "12"]
    assert json.loads(done.stdout) == [float(wanted[key][0] or -1) for key in keys]
    if program := shutil.which("Rscript"):
        told = "cat(sum(table$value, na.rm = TRUE))"
        said = subprocess.run([program, "-e", r + told], capture_output=True, text=True, check=True).stdout
        assert int(said) == sum(int(wanted[key][0] or 0) for key in keys)


def test_rows_are_sorted_by_a_column_and_the_first_are_kept(browser: Any, publication: Path) -> None:
    browser.open(address(publication, f"table={RATES}&region=LEVEL(3)&age=T&measure=persons_per_1000"))
    browser.click("#result [data-sort]")
    assert browser.run("document.querySelector('#result th[aria-sort]').getAttribute('aria-sort')") == "descending"
    browser.run(
        "(() => { const select = document.querySelector('[data-focus=top]'); select.value = '5';"
        " select.dispatchEvent(new Event('change')); })()"
    )
    wanted = figures(publication, RATES)
    values = [
        Decimal(value)
        for key, (value, _) in wanted.items()
        if len(key[1]) == 4 and key[2:] == ("T", "persons_per_1000") and value
    ]
    found = [Decimal(row[-1].rstrip("*").replace(",", ".")) for row in shown(browser)[1:]]
    assert found == sorted(values, reverse=True)[:5]


def test_the_heads_of_a_table_are_heads_to_who_hears_it(browser: Any, publication: Path) -> None:
    query = f"table={BY_MUNICIPALITY}&region=24,CHILDREN(24)&sex=1,2&age=65%2B,80%2B&rows=region,sex&columns=age,year"
    browser.open(address(publication, query))
    scopes = browser.run("[...document.querySelectorAll('#result th')].map(one => one.scope)")
    assert scopes.count("colgroup") == 2 and scopes.count("col") == 2 + 10 and scopes.count("rowgroup") == 16
    assert scopes.count("row") == 32 and "" not in scopes
    assert browser.run("document.querySelectorAll('#result td.symbol').length") > 0
    symbols = browser.run("[...new Set([...document.querySelectorAll('#result td.symbol .unseen')].map(one => one.textContent))]")
    assert symbols and all(len(one) > 10 for one in symbols)
    assert browser.run("document.querySelector('#result caption').textContent").startswith("Personer med kommunal")


def test_a_piece_is_dragged_from_the_rows_to_the_columns(browser: Any, publication: Path) -> None:
    browser.open(
        address(publication, f"table={BY_MUNICIPALITY}&region=LEVEL(2)&sex=1,2&year=TOP(1)&rows=region,sex&columns=year")
    )
    before = shown(browser)
    browser.run(
        "(() => { const data = new DataTransfer(); const at = (element, kind) => element.dispatchEvent(new DragEvent(kind,"
        " { bubbles: true, cancelable: true, dataTransfer: data }));"
        " at(document.querySelector('li[data-name=sex]'), 'dragstart');"
        " at(document.querySelector('li[data-name=year]'), 'drop'); })()"
    )
    assert "rows=region,age&columns=sex,year" in browser.run("location.hash").replace(",measure", "")
    assert shown(browser)[0] == ["Region", "Män", "Kvinnor"]
    turned = {(row[0], sex): cell for row in shown(browser)[1:] for sex, cell in zip(("Män", "Kvinnor"), row[1:], strict=True)}
    region = ""
    for row in before[1:]:
        region = row[0] if len(row) == 3 else region
        assert turned[region, row[-2]] == row[-1]


def test_what_this_edition_does_not_have_is_said(browser: Any, publication: Path) -> None:
    browser.open(address(publication, f"table={RATES}&region=0160,9999&age=T"))
    assert "9999" in browser.run("document.getElementById('told').textContent")
    assert len(shown(browser)) == 2
    browser.open(address(publication, "table=nothing-like-it"))
    assert "nothing-like-it" in browser.run("document.getElementById('told').textContent")
    assert browser.run("document.querySelectorAll('.found a').length") == len(metadata.tables())


HOSTILE = [
    "table=%",
    "table=persons-by-month&year=TOP(x)&rows=;&columns=measure,measure&top=-1&sort=down(",
    "table=&=&&",
    f"table={RATES}&region=<img src=x onerror=alert(1)>&view=map",
    "table=persons-by-month&year=__proto__&part=%00",
]


@pytest.mark.parametrize("query", HOSTILE)
def test_whatever_stands_in_an_address_breaks_nothing(browser: Any, publication: Path, query: str) -> None:
    browser.open(address(publication, quote(query, safe="=&%(),*")))
    assert browser.run("document.getElementById('explorer').childElementCount") > 0
    assert browser.run("document.querySelectorAll('#explorer img').length") == 0


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("width", [320, 768, 1600])
@pytest.mark.parametrize("view", ["table", "line", "bar", "map"])
def test_nothing_is_wider_than_the_window(browser: Any, publication: Path, language: str, width: int, view: str) -> None:
    browser.look(width, 900)
    browser.open(address(publication, f"table={BY_MUNICIPALITY}&region=*&sex=*&view={view}", language))
    assert browser.run("document.documentElement.scrollWidth") <= width
    small = browser.run(
        "[...document.querySelectorAll('#explorer button, #explorer select, #explorer summary')]"
        ".filter(one => one.offsetParent).map(one => one.getBoundingClientRect())"
        ".filter(box => box.width < 24 || box.height < 24).length"
    )
    assert small == 0, "what is pressed is at least 24 by 24 (WCAG 2.2, 2.5.8)"


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("view", ["table", "line", "bar", "map"])
def test_text_has_contrast_in_light_and_dark(browser: Any, publication: Path, view: str, dark: bool) -> None:
    browser.look(1280, 900, dark=dark)
    browser.open(address(publication, f"table={BY_MUNICIPALITY}&region=LEVEL(2)&sex=1,2&view={view}"))
    browser.run("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    low = browser.run(CONTRAST)
    assert low == []


CONTRAST = """(() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((one) => one / 255)
    .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
    .reduce((sum, one, at) => sum + one * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parts(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const found = new Set();
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !element.getClientRects().length) continue;
    if (element.closest("script, button[disabled], .skip")) continue;
    const style = getComputedStyle(element);
    const colour = parts(element.closest("svg") ? style.fill : style.color);
    const [one, other] = [light(colour), light(behind(element))].sort((a, b) => b - a);
    if ((one + 0.05) / (other + 0.05) < 4.5) found.add(`${element.tagName}.${element.className.baseVal ?? element.className}`);
  }
  return [...found];
})()"""


def test_the_other_language_opens_with_the_same_selection(browser: Any, publication: Path) -> None:
    browser.open(address(publication, f"table={RATES}&region=LEVEL(2)&age=65%2B&measure=persons"))
    rows = [[cell.replace("\u00a0", "") for cell in row[1:]] for row in shown(browser)[1:]]
    browser.click("a[hreflang=en]")
    browser.wait("document.documentElement.lang === 'en' && document.querySelector('#result table')")
    assert [[cell.replace(",", "") for cell in row[1:]] for row in shown(browser)[1:]] == rows


def test_paper_has_the_table_and_its_notes_and_no_buttons(browser: Any, publication: Path) -> None:
    browser.open(address(publication, f"table={RATES}&region=LEVEL(2)"))
    browser.look(800, 1000, media="print")
    seen = browser.run(
        "['.choices', '.files', '.views', '.lines'].map(one => document.querySelector(one).getClientRects().length)"
    )
    assert seen == [0, 0, 0, 0]
    assert browser.run("document.querySelector('#result table').getClientRects().length") == 1
    assert re.search("Synteti", browser.run("document.querySelector('.notice').textContent"))
