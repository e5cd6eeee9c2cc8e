"""Charts in pages: the same words and shapes as in the notebook, as text, and in colours that follow light and dark."""

from __future__ import annotations

import base64
import functools
import io
import re
from html import unescape
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from fontTools.ttLib import TTFont

from kvarn.disseminate.chart_colours import COLOURS
from kvarn.disseminate.charts import coverage, style
from kvarn.disseminate.page_elements import faults_of_page
from kvarn.disseminate.protected import ProtectedTables
from kvarn.disseminate.rendering.inline_drawings import drawn_inline, with_drawings_inline
from kvarn.disseminate.rendering.web_fonts import font_style
from tests.disseminate.charts.test_charts import CHARTS

STYLE = (Path(__file__).parents[3] / "reports" / "theme" / "report.css").read_text(encoding="utf-8")
LANGUAGES = ("sv", "en")


@functools.cache
def both(tables: ProtectedTables, name: str, language: str) -> tuple[str, str]:
    table, draw, _ = CHARTS[name]
    chart = draw(tables[table], language=language)
    return chart.svg, chart.narrow


def drawn(tables: ProtectedTables, name: str, language: str = "sv", *, narrow: bool = False) -> str:
    return both(tables, name, language)[narrow]


def words(svg: str) -> list[str]:
    return [" ".join(unescape(said).split()) for said in re.findall(r"<!--(.*?)-->", svg, re.DOTALL)]


def as_image(svg: str) -> str:
    written = base64.b64encode(svg.encode()).decode()
    return f'<p><img src="data:image/svg+xml;base64,{written}" alt="What it &quot;shows&quot;" /></p>'


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_says_in_a_page_what_it_says_in_its_notebook_and_has_nothing_else(
    tables: ProtectedTables, name: str, language: str, narrow: bool
) -> None:
    svg = drawn(tables, name, language, narrow=narrow)
    inline = drawn_inline(svg, "What it shows")
    soup = BeautifulSoup(inline, "html.parser")
    assert [" ".join(one.get_text().split()) for one in soup.find_all("text")] == words(svg) != []
    assert faults_of_page(inline) == []
    assert " style=" not in inline and "<style" not in inline and "<!--" not in inline
    assert all(not re.search(r"\d", str(one["id"])) for one in soup.find_all(id=True))


@pytest.mark.parametrize("name", CHARTS)
def test_shapes_but_those_of_letters_are_the_notebooks(tables: ProtectedTables, name: str) -> None:
    svg = drawn(tables, name)
    letters = re.compile(r'<path id="[^"]*-(?:Regular|Semibold)-[^"]*"(?: d="[^"]*")?')
    shapes = [" ".join(one.split()) for one in re.findall(r'\sd="([^"]+)"', letters.sub("<path", svg))]
    assert re.findall(r'\sd="([^"]+)"', drawn_inline(svg, "x")) == shapes


def test_every_colour_that_is_none_of_a_class_follows_the_reader(tables: ProtectedTables) -> None:
    left = {
        colour
        for name in CHARTS
        if name not in ("municipalities", "delivered-months")
        for colour in re.findall(r"#[0-9a-f]{6}", drawn_inline(drawn(tables, name), "x"))
    }
    assert left == set()
    # A field of a class keeps its colour, and so do the figures on it.
    of_fields = set(re.findall(r"#[0-9a-f]{6}", drawn_inline(drawn(tables, "delivered-months"), "x")))
    assert of_fields <= {colour.lower() for colour in (*style.CLASSES, coverage._ON_LIGHT, coverage._ON_DARK)}


def test_what_is_none_of_kvarns_charts_stays_a_picture(tables: ProtectedTables) -> None:
    chart = drawn(tables, "professions")
    page = with_drawings_inline(as_image(chart))
    assert page.startswith('<p><svg class="chart" role="img" aria-label="What it &quot;shows&quot;"')
    for other in (chart.replace('class="chart" ', ""), f"<!DOCTYPE svg>{chart}"):
        assert with_drawings_inline(as_image(other)) == as_image(other)


def figures(svg: str) -> set[str]:
    """The numbers of a drawing, but for the marks of its axes, of which a narrow one may have fewer."""
    return {number for said in words(svg) for number in re.findall(r"\d[\d\u00a0]*(?:,\d+)?", said)}


@pytest.mark.parametrize("name", [name for name in CHARTS if "year" not in name])
def test_a_telephone_shows_no_figure_that_the_screen_does_not(tables: ProtectedTables, name: str) -> None:
    wide, narrow = drawn(tables, name), drawn(tables, name, narrow=True)
    assert float(re.search(r'viewBox="0 0 ([\d.]+)', narrow)[1]) < 0.6 * float(re.search(r'viewBox="0 0 ([\d.]+)', wide)[1])  # type: ignore[index]
    labels = {said for said in words(narrow) if re.search(r"[^\W\d]", said)}
    assert len(labels) > 3 and len(figures(narrow) & figures(wide)) >= 0.75 * len(figures(wide))


def test_a_page_has_a_chart_for_each_width_and_shows_one(tables: ProtectedTables) -> None:
    wide, narrow = (drawn(tables, "professions", narrow=one) for one in (False, True))
    page = BeautifulSoup(with_drawings_inline(as_image(wide), {" ".join(wide.split()): narrow}), "html.parser")
    assert [one["class"] for one in page.select("svg[role=img]")] == [["chart", "chart-wide"], ["chart", "chart-narrow"]]
    identifiers = [str(one["id"]) for one in page.find_all(id=True)]
    assert len(set(identifiers)) == len(identifiers)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    "block", [r":root \{(.*?)\}", r"prefers-color-scheme: dark\) \{\s*:root \{(.*?)\}", r"@media print \{\s*:root \{(.*?)\}"]
)
def test_the_page_has_each_colour_and_letters_in_it_can_be_read(block: str) -> None:
    found = re.search(block, STYLE, re.DOTALL)
    assert found is not None
    colours = dict(re.findall(r"--chart-(\w+): (#[0-9a-f]{6})", found[1]))
    assert colours.keys() == COLOURS.keys()
    paper = luminance(colours["paper"])
    for name in COLOURS.keys() - {"paper", "grid"}:
        light, dark = sorted((luminance(colours[name]), paper), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, name


def test_the_typeface_has_every_sign_of_the_charts_and_the_same_bytes_each_time(tables: ProtectedTables) -> None:
    faces = [base64.b64decode(one) for one in re.findall(r"base64,([^)]+)\)", font_style())]
    font_style.cache_clear()
    assert [base64.b64decode(one) for one in re.findall(r"base64,([^)]+)\)", font_style())] == faces and len(faces) == 2
    signs = {sign for name in CHARTS for language in LANGUAGES for sign in "".join(words(drawn(tables, name, language)))}
    for face in faces:
        with TTFont(io.BytesIO(face)) as font:
            assert {ord(sign) for sign in signs} <= font.getBestCmap().keys()


@pytest.mark.parametrize(
    "written",
    [
        '<text font-size="2">Dorotea</text>',
        '<text opacity="0">Dorotea</text>',
        '<text style="fill: white">Dorotea</text>',
        '<text fill="transparent">Dorotea</text>',
        '<path d="M 0 0 L 1 1" id="three-persons"></path>',
        '<path d="M 0 0 L 1 1" data-x="3"></path>',
        "<foreignObject>Dorotea</foreignObject>",
        "<title>Dorotea</title><desc>Dorotea</desc>",
        "<metadata>Dorotea</metadata>",
        '<image href="data:image/png;base64,AA=="></image>',
        '<rect width="1" height="1" fill="url(https://example.org/)"></rect>',
        '<animate attributeName="x"></animate>',
        '<path d="M 0 0 L 1 1" aria-description="Dorotea"></path>',
    ],
)
def test_what_a_reader_does_not_see_of_a_drawing_is_refused(written: str) -> None:
    assert faults_of_page(f'<svg class="chart" role="img" aria-label="x" viewBox="0 0 1 1">{written}</svg>')


def test_another_typeface_than_kvarns_is_refused() -> None:
    assert faults_of_page(f"<style>{font_style()}</style>") == []
    assert faults_of_page(f"<style>{font_style().replace('base64,d', 'base64,e', 1)}</style>")
    assert faults_of_page(f"<style>{font_style()}@font-face {{ font-family: x; src: url(data:font/woff;base64,AAAA) }}</style>")
