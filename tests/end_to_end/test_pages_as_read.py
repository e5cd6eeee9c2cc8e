"""The finished publication as its readers meet it: what links lead to, how pages are filled, what a narrow window cuts off."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy
import openpyxl
import pypdfium2
import pytest
from bs4 import BeautifulSoup
from bs4.element import Tag
from pypdfium2 import raw

from kvarn import metadata
from kvarn.pipeline import Production
from tests.disseminate.explorer.browser import Browser, find_browser

pytestmark = pytest.mark.end_to_end

DOCUMENTS = ("annual-report", "methods-and-quality", "summary")
LANGUAGES = ("sv", "en")
WIDTHS = (320, 390, 768, 1280, 1600, 2560)
SAID = {
    "sv": ("blad", {"Figur": "figur", "Tabell": "tabell"}),
    "en": ("sheet", {"Figure": "figure", "Table": "table"}),
}
ELSEWHERE = ("http:", "https:", "mailto:")
# Of a page's height between its header and its foot.
LARGEST_GAP = 0.25


@pytest.fixture(scope="module")
def publication(production: Production) -> Path:
    return production.workspace.publication


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if find_browser() is None:
        pytest.skip("no browser was found")
    with Browser(tmp_path_factory.mktemp("profile"), tmp_path_factory.mktemp("downloads")) as one:
        yield one


def pages(publication: Path) -> list[Path]:
    return [path for path in sorted(publication.rglob("*.html")) if "database" not in path.parts]


def documents(publication: Path, ending: str) -> list[Path]:
    return [publication / language / f"{name}.{ending}" for language in LANGUAGES for name in DOCUMENTS]


def read(page: Path) -> BeautifulSoup:
    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")


def addresses(page: Path) -> set[str]:
    return {str(link["href"]) for link in read(page).find_all("a", href=True) if isinstance(link, Tag)}


def addresses_of_pdf(path: Path) -> set[str]:
    """What the links of a PDF lead to outside it."""
    return {unquote(found.decode()) for found in re.findall(rb"/URI ?\(([^)]*)\)", path.read_bytes())}


@functools.cache
def places_in(page: Path) -> frozenset[str]:
    """What a page can be opened at."""
    return frozenset(str(one["id"]) for one in read(page).find_all(id=True) if isinstance(one, Tag))


def leads_nowhere(page: Path, address: str) -> bool:
    file, _, place = address.partition("#")
    target = (page.parent / unquote(file)).resolve() if file else page
    if not target.is_file():
        return True
    return bool(place) and target.suffix == ".html" and "database" not in target.parts and place not in places_in(target)


def test_every_link_of_every_page_and_pdf_leads_to_something_that_is_published(publication: Path) -> None:
    lost = []
    for path in [*pages(publication), *documents(publication, "pdf")]:
        found = addresses(path) if path.suffix == ".html" else addresses_of_pdf(path)
        assert any(not one.startswith((*ELSEWHERE, "#")) for one in found), f"{path.name} leads nowhere"
        lost += [f"{path.name}: {one}" for one in found if not one.startswith(ELSEWHERE) and leads_nowhere(path, one)]
    assert not lost


def test_every_page_has_the_bar_with_the_other_language_and_the_other_products(publication: Path) -> None:
    for page in pages(publication):
        if page.name == "index.html":
            continue
        bar = read(page).find("nav", class_="ways")
        assert isinstance(bar, Tag), page
        found = {(page.parent / str(link["href"]).partition("#")[0]).resolve() for link in bar.find_all("a")}
        language = page.parent.name
        other = "en" if language == "sv" else "sv"
        ours, theirs = publication.resolve() / language, page.resolve().parent.parent / other / page.name
        assert {publication.resolve() / "index.html", theirs, ours / "tables.xlsx"} <= found
        assert {ours / f"{name}.html" for name in DOCUMENTS} - {page.resolve()} <= found


def test_every_figure_and_table_leads_to_its_data_itself_and_the_same_one_in_the_other_language(publication: Path) -> None:
    for language, other in (LANGUAGES, LANGUAGES[::-1]):
        page = read(publication / language / "annual-report.html")
        floats = [one for one in page.find_all("div", class_="quarto-float") if isinstance(one, Tag)]
        assert len(floats) > 20
        for one in floats:
            found = {str(link["href"]) for link in one.find_all("a", href=True)}
            assert {f"#{one['id']}", f"../{other}/annual-report.html#{one['id']}"} <= found
            # The key figures are of several tables, whose own figures are further down.
            if one["id"] != "tbl-key-figures":
                own, *beside = _data_below(one)
                for addresses_of_one in (own, *beside):
                    (name,) = {Path(address).stem for address in addresses_of_one}
                    assert {Path(address).suffix for address in addresses_of_one} == {".csv", ".px", ".json"}, one["id"]
                    assert f"../data/{language}/{name}.csv" in addresses_of_one
                # Below figures by region, what they are of: what has been delivered.
                delivered = metadata.table(Path(own[0]).stem).deliveries
                assert [Path(addresses_of_one[0]).stem for addresses_of_one in beside] == [delivered] * (delivered is not None)


def _data_below(one: Tag) -> list[list[str]]:
    """The files of data to which each line below a figure or table leads."""
    lines = [[str(link["href"]) for link in line.find_all("a", href=re.compile(r"^\.\./da"))] for line in one.find_all("p")]
    return [line for line in lines if line]


def test_documents_and_sheets_say_each_others_numbers(publication: Path) -> None:
    for language, (sheet_word, kinds) in SAID.items():
        workbook = openpyxl.load_workbook(publication / language / "tables.xlsx", read_only=True)
        sheets = {str(sheet["A1"].value).partition(".")[0]: sheet for sheet in workbook.worksheets}
        told = 0
        for one in read(publication / language / "annual-report.html").find_all("div", class_="quarto-float"):
            kind, number = re.match(r"(\w+)\s(\d+)", one.find("figcaption").get_text().strip()).groups()  # type: ignore[union-attr]
            own = next((line for line in one.find_all("p") if line.find("a", href=re.compile(r"^\.\./da"))), one)
            for said in re.findall(rf", {sheet_word} (\d+)$", "\n".join(a.get_text() for a in own.find_all("a")), re.MULTILINE):
                lines = [str(row[0]) for row in sheets[f"{sheet_word.title()} {said}"].iter_rows(max_row=15, values_only=True)]
                assert re.search(rf"\b{kinds[kind]}\u00a0{number}\b", " ".join(lines)), (language, kind, number)
                told += 1
        assert told > 20


def test_the_data_below_a_chart_are_those_of_the_table_beside_it(publication: Path) -> None:
    page = read(publication / "en" / "annual-report.html")
    csv = {
        str(one["id"]): next((str(a["href"]) for a in one.find_all("a", href=re.compile(r"\.csv$"))), None)
        for one in page.find_all("div", class_="quarto-float")
    }
    shared = [name.removeprefix("fig-") for name in csv if name.startswith("fig-") and name.replace("fig-", "tbl-") in csv]
    assert len(shared) > 10
    assert [name for name in shared if csv[f"fig-{name}"] != csv[f"tbl-{name}"]] == []


def test_a_document_of_many_figures_and_tables_lists_them_in_both_formats(publication: Path) -> None:
    for language, titles in {"sv": ("Figurer", "Tabeller"), "en": ("Figures", "Tables")}.items():
        page = read(publication / language / "annual-report.html")
        floats = [str(one["id"]) for one in page.find_all("div", class_="quarto-float")]
        listed = page.find("div", class_="floats")
        assert isinstance(listed, Tag)
        assert [str(a["href"])[1:] for a in listed.find_all("a")] == sorted(floats, key=lambda name: name.startswith("tbl-"))
        captions = {
            re.sub(r"\s+", " ", one.get_text()).split(": ", 1)[1].strip() for one in page.find_all("figcaption") if one.get_text()
        }
        for item in listed.find_all("li"):
            said = re.sub(r"^\w+ \d+ ", "", re.sub(r"\s+", " ", item.get_text()).strip())
            assert any(caption.endswith(said) for caption in captions), said
        document = pypdfium2.PdfDocument(publication / language / "annual-report.pdf")
        try:
            contents = "\n".join(document[number].get_textpage().get_text_range() for number in (1, 2, 3))
        finally:
            document.close()
        assert all(re.search(rf"^{title}\s*$", contents, re.MULTILINE) for title in titles)
        for one in ("fig", "tbl"):
            word = titles[one == "tbl"].removesuffix("er").removesuffix("s")
            for number in range(1, sum(name.startswith(one) for name in floats) + 1):
                assert re.search(rf"^{word}\s{number}\s.*?\d+\s*$", contents, re.MULTILINE | re.DOTALL), (word, number)
        assert read(publication / language / "summary.html").find("div", class_="floats") is None


def test_a_chart_and_its_table_lead_to_one_another(publication: Path) -> None:
    page = read(publication / "sv" / "annual-report.html")
    floats = {str(one["id"]): one for one in page.find_all("div", class_="quarto-float")}
    pairs = [(name, name.replace("fig-", "tbl-")) for name in floats if name.startswith("fig-")]
    there = [pair for pair in pairs if pair[1] in floats]
    assert len(there) > 10
    for one, other in [*there, *(pair[::-1] for pair in there)]:
        assert f"#{other}" in {str(link["href"]) for link in floats[one].find_all("a", href=True)}


def largest_gap(page: pypdfium2.PdfPage) -> float:
    """The largest stretch without anything on it between header and foot, as a share of it."""
    seen = numpy.asarray(page.render(scale=0.5).to_pil().convert("L"))
    millimetre = seen.shape[0] / 297
    between = seen[int(30 * millimetre) : int((297 - 26) * millimetre)]
    empty = (between.min(axis=1) > 250).tolist()
    runs = re.findall("1+", "".join("1" if one else "0" for one in empty))
    return max((len(run) for run in runs), default=0) / len(empty)


def test_no_page_in_the_middle_of_the_text_has_a_white_gap(publication: Path) -> None:
    for path in documents(publication, "pdf"):
        document = pypdfium2.PdfDocument(path)
        try:
            # The cover and the contents end where they end, and so does the last page.
            gaps = {number + 1: largest_gap(document[number]) for number in range(3, len(document) - 1)}
            assert len(gaps) > 5 or path.stem == "summary"
            assert {number: gap for number, gap in gaps.items() if gap > LARGEST_GAP} == {}, path.name
        finally:
            document.close()


def test_the_summary_has_two_pages_behind_its_cover(publication: Path) -> None:
    for language in LANGUAGES:
        document = pypdfium2.PdfDocument(publication / language / "summary.pdf")
        try:
            assert 2 <= len(document) <= 3
        finally:
            document.close()


def test_the_summary_has_the_key_figures_of_the_report(publication: Path) -> None:
    for language in LANGUAGES:
        tables = [
            read(publication / language / f"{name}.html").find(id="tbl-key-figures") for name in ("annual-report", "summary")
        ]
        rows = [[row.get_text("|") for row in table.find_all("tr")] for table in tables if isinstance(table, Tag)]
        assert len(rows) == 2 and rows[0] == rows[1] and len(rows[0]) > 5


def test_pages_are_called_what_is_printed_on_them(publication: Path) -> None:
    for path in documents(publication, "pdf"):
        document = pypdfium2.PdfDocument(path)
        try:
            for number in range(1, len(document)):
                assert document.get_page_label(number) == str(number)
                assert re.search(rf"(?:Sida|Page) {number}\b", document[number].get_textpage().get_text_range())
        finally:
            document.close()


def test_figures_and_tables_are_named_in_lower_case_within_a_swedish_sentence(publication: Path) -> None:
    for document in DOCUMENTS:
        main = read(publication / "sv" / f"{document}.html").find("main")
        assert isinstance(main, Tag)
        texts = [" ".join(one.get_text(" ").split()) for one in main.find_all(["p", "li", "dd"])]
        assert document == "summary" or any(re.search(r"\b(?:figur|tabell) \d", text) for text in texts)
        assert [text for text in texts if re.search(r"[a-zåäö,;] (?:Figur|Tabell|Avsnitt) \d+", text)] == []


CUT_OFF = """
(() => {
  const width = document.documentElement.clientWidth, found = [];
  if (document.documentElement.scrollWidth > width) found.push("the page itself");
  for (const one of document.body.querySelectorAll("*")) {
    const box = one.getBoundingClientRect();
    if (one.closest(".table-scroll, .scrolls, pre, .skip, svg") || box.width === 0) continue;
    if (box.right > width + 1 || box.left < -1) found.push(one.tagName + "." + one.className);
  }
  return found.slice(0, 5);
})()
"""


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_cut_off_at_any_width(publication: Path, browser: Any, width: int) -> None:
    browser.look(width, 900)
    for page in [*documents(publication, "html"), publication / "index.html", *sorted(publication.glob("notebooks/*/*.html"))]:
        browser.open(page.as_uri())
        assert browser.run(CUT_OFF) == [], f"{page.name} at {width}"


def test_every_chart_of_the_documents_is_a_part_of_its_page_with_its_words_as_text(publication: Path) -> None:
    for page in documents(publication, "html"):
        soup = read(page)
        floats = soup.select(".quarto-float-fig")
        for width in ("wide", "narrow"):
            assert len(soup.select(f"svg.chart-{width}[role=img][aria-label]")) == len(floats)
        assert soup.find("img") is None and all(len(one.find_all("text")) > 10 for one in floats)


# Letters that reach out of the drawing, or into one another on the same line.
REACHING = """
(() => {
  const found = [];
  for (const chart of document.querySelectorAll("svg.chart")) {
    const edge = chart.getBoundingClientRect();
    for (const text of edge.width ? chart.querySelectorAll("text") : []) {
      const box = text.getBoundingClientRect();
      if (box.right > edge.right + 1 || box.left < edge.left - 1) found.push(text.textContent);
    }
  }
  return found;
})()
"""


@pytest.mark.parametrize("width", [360, 390, 1280])
def test_letters_of_charts_can_be_read_at_any_width(publication: Path, browser: Any, width: int) -> None:
    browser.look(width, 900)
    browser.open((publication / "sv" / "annual-report.html").as_uri())
    scale = """
        [...document.querySelectorAll("svg.chart")].filter((one) => one.getBoundingClientRect().width > 0)
          .map((one) => one.getBoundingClientRect().width / one.viewBox.baseVal.width)
    """
    shown = browser.run(scale)
    # The smallest letters of a chart are eight and a half of its units high.
    assert len(shown) > 10 and min(shown) * 8.5 >= 9


@pytest.mark.parametrize("width", [390, 1280])
def test_no_word_of_a_chart_reaches_out_of_it(publication: Path, browser: Any, width: int) -> None:
    browser.look(width, 900)
    for page in documents(publication, "html"):
        browser.open(page.as_uri())
        assert browser.run(REACHING) == [], page.name


FOCUSED = """
(() => {
  const one = document.activeElement;
  const scrolls = one.classList.contains("table-scroll");
  const room = one.scrollWidth <= one.clientWidth && one.scrollHeight <= one.clientHeight;
  return [one.id || one.getAttribute("aria-labelledby") || one.textContent.trim().slice(0, 30), scrolls, scrolls && room];
})()
"""
SCROLLING = """
[...document.querySelectorAll(".table-scroll")]
  .filter((one) => one.scrollWidth > one.clientWidth || one.scrollHeight > one.clientHeight).length
"""


@pytest.mark.parametrize("width", [390, 1600])
def test_tables_are_stops_of_the_keyboard_where_they_scroll(publication: Path, browser: Any, width: int) -> None:
    browser.look(width, 900)
    browser.open((publication / "sv" / "annual-report.html").as_uri())
    stops = set()
    for _ in range(600):
        browser.press("Tab")
        name, scrolls, has_room = browser.run(FOCUSED)
        assert not has_room, name
        if scrolls:
            stops.add(name)
    assert len(stops) == browser.run(SCROLLING) > 0


STICKS = """
(() => {
  for (const one of document.querySelectorAll(".table-scroll")) {
    if (one.scrollHeight <= one.clientHeight + 50) continue;
    one.scrollTop = one.scrollHeight;
    const head = one.querySelector("thead th").getBoundingClientRect();
    return Math.abs(head.top - one.getBoundingClientRect().top) < 2;
  }
  return "none is long";
})()
"""


def test_heads_of_a_long_table_stay_in_sight(publication: Path, browser: Any) -> None:
    browser.look(1280, 500)
    browser.open((publication / "sv" / "annual-report.html").as_uri())
    assert browser.run(STICKS) is True


def test_what_leads_from_the_pdf_is_a_link_in_it(publication: Path) -> None:
    document = pypdfium2.PdfDocument(publication / "sv" / "annual-report.pdf")
    try:
        kinds = [raw.FPDFPage_GetAnnotCount(page.raw) for page in document]
    finally:
        document.close()
    # The cover leads to the other products, and most pages to data.
    assert kinds[0] >= 5
    assert sum(count > 0 for count in kinds) > len(kinds) / 2
