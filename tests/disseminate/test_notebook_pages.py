"""Notebook pages: self-contained, described, and the same every time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat import v4

from kvarn.disseminate.notebook_pages import write_notebook_page
from kvarn.errors import RenderingError

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><path d="M0 0L9 9"/></svg>'


def display(**data: str) -> Any:
    kinds = {"svg": "image/svg+xml", "html": "text/html", "text": "text/plain", "markdown": "text/markdown"}
    return v4.new_output("display_data", data={kinds[kind]: value for kind, value in data.items()})


def chart(source: str = '#| fig-alt: "{{< var alt.persons >}}"\ndraw()') -> Any:
    return v4.new_code_cell(source, outputs=[display(svg=SVG, text="<Figure at 0x7f00aa>")])


def notebook(folder: Path, cells: Sequence[Any], title: str = "# Personer · Persons") -> Path:
    path = folder / "persons.ipynb"
    nbformat.write(v4.new_notebook(cells=[v4.new_markdown_cell(f"{title}\n\nWhat it shows."), *cells]), path)
    return path


def page(folder: Path, cells: Sequence[Any], language: str = "sv", **options: Any) -> str:
    options = {"notice": "Syntetiska data.", "variables": {"alt": {"persons": 'Fler "personer" än året före'}}} | options
    written = write_notebook_page(notebook(folder, cells), folder / "out" / "persons.html", language=language, **options)
    return written.read_text(encoding="utf-8")


def test_the_page_has_title_language_and_notice(tmp_path: Path) -> None:
    soup = BeautifulSoup(page(tmp_path, [chart()]), "html.parser")
    assert soup.html["lang"] == "sv" and soup.title.get_text() == "Personer"
    assert soup.select_one(".notice").get_text() == "Syntetiska data."
    english = BeautifulSoup(page(tmp_path, [chart()], "en", notice=None), "html.parser")
    assert english.html["lang"] == "en" and english.h1.get_text() == "Persons"
    assert english.select_one(".notice") is None


def test_nothing_is_loaded_from_another_host(tmp_path: Path) -> None:
    written = page(tmp_path, [chart(), v4.new_code_cell("x", outputs=[display(html="<table><tr><td>1</td></tr></table>")])])
    assert "<script" not in written and "cdnjs" not in written and "unpkg" not in written
    assert not re.search(r'(?:src|href)="(?:https?:)?//', written)


def test_a_picture_has_the_alternative_text_of_its_cell(tmp_path: Path) -> None:
    written = page(tmp_path, [chart()])
    (image,) = BeautifulSoup(written, "html.parser").select("img")
    assert image["alt"] == 'Fler "personer" än året före'
    assert image["src"].startswith("data:image/svg+xml;base64,")
    assert "{{<" not in written and "#|" not in written


def test_a_variable_may_be_given_by_its_dotted_name(tmp_path: Path) -> None:
    assert 'alt="Ökar"' in page(tmp_path, [chart()], variables={"alt.persons": "Ökar"})


def test_a_picture_without_alternative_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RenderingError, match="cell 2 has no alternative text"):
        page(tmp_path, [chart("draw()")])


def test_an_unknown_variable_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(RenderingError, match=r"'alt\.persons'"):
        page(tmp_path, [chart()], variables={})


def test_a_notebook_that_stopped_is_refused(tmp_path: Path) -> None:
    stopped = v4.new_code_cell("1/0", outputs=[v4.new_output("error", ename="ZeroDivisionError", evalue="", traceback=[])])
    with pytest.raises(RenderingError, match="Cell 2 stopped: ZeroDivisionError"):
        page(tmp_path, [stopped])


@pytest.mark.parametrize(
    "html",
    ["<script>alert(1)</script>", '<img alt="" src="https://example.org/x.png">', "<style>@import 'x.css'</style>"],
)
def test_output_that_would_load_something_is_refused(tmp_path: Path, html: str) -> None:
    with pytest.raises(RenderingError, match="would load"):
        page(tmp_path, [v4.new_code_cell("x", outputs=[display(html=html)])])


def test_cells_follow_their_options_and_the_error_stream_is_left_out(tmp_path: Path) -> None:
    warning = v4.new_output("stream", name="stderr", text="/secret/path: warning")
    written = page(
        tmp_path,
        [
            v4.new_code_cell("#| include: false\nleft_out = 1", outputs=[v4.new_output("stream", text="left_out result")]),
            v4.new_code_cell("#| echo: false\nfolded_away = 1", outputs=[v4.new_output("stream", text="shown result"), warning]),
        ],
    )
    assert "left_out" not in written and "folded_away" not in written and "/secret" not in written
    assert "shown result" in written


def test_what_differs_between_runs_is_taken_out(tmp_path: Path) -> None:
    def run(address: str, style: str, cell: str) -> str:
        styled = f'<style>#T_{style}_row0 {{}}</style><table id="T_{style}"><tr><td>1</td></tr></table>'
        cells = [v4.new_code_cell("x", id=cell, outputs=[display(text=f"<Thing at {address}>"), display(html=styled)])]
        return page(tmp_path, cells)

    assert run("0x7f01", "0a1b2", "aaaa1111") == run("0x7f02", "3c4d5", "bbbb2222")


def test_markdown_tables_can_be_scrolled_and_headings_are_in_the_page_s_language(tmp_path: Path) -> None:
    table = display(markdown="| År | Personer |\n|---|---|\n| 2023 | 413 900 |")
    cells = [v4.new_markdown_cell("## Ålder · Age\n\nBy age."), v4.new_code_cell("x", outputs=[table])]
    soup = BeautifulSoup(page(tmp_path, cells), "html.parser")
    assert soup.h2.get_text() == "Ålder" and soup.h2["lang"] == "sv"
    assert soup.h2.parent["lang"] == "en"
    assert soup.select_one(".scrolls[tabindex] table") is not None


def test_a_notebook_without_a_heading_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.ipynb"
    nbformat.write(v4.new_notebook(cells=[v4.new_markdown_cell("No heading.")]), path)
    with pytest.raises(RenderingError, match="no title"):
        write_notebook_page(path, tmp_path / "x.html", language="sv", notice=None)


@pytest.mark.parametrize(("language", "words"), [("sv", "Källa: tabellen Personer"), ("en", "Source: the table Persons")])
def test_a_cell_that_says_which_table_it_shows_leads_to_its_data(tmp_path: Path, language: str, words: str) -> None:
    declared = chart('#| shows: persons-by-month\n#| fig-alt: "{{< var alt.persons >}}"\ndraw()')
    (link,) = BeautifulSoup(page(tmp_path, [declared], language), "html.parser").select(".source a")
    assert link["href"] == f"../../data/{language}/persons-by-month.csv" and link.get_text().startswith(words)


@pytest.mark.parametrize(
    ("language", "said", "other"), [("sv", "Linjen är bruten.", "broken"), ("en", "The line is broken.", "bruten")]
)
def test_a_paragraph_in_both_languages_is_shown_in_that_of_the_page(tmp_path: Path, language: str, said: str, other: str) -> None:
    written = page(
        tmp_path, [v4.new_markdown_cell("## År · By year\n\nLinjen är bruten. · The line is broken."), chart()], language
    )
    text = next(one for one in BeautifulSoup(written, "html.parser").select(".text") if said in one.get_text())
    assert text["lang"] == language and other not in text.get_text()
    assert text.p is not None and said in text.p.get_text()


def test_a_paragraph_in_one_language_says_in_which(tmp_path: Path) -> None:
    written = page(tmp_path, [v4.new_markdown_cell("Numbers are rounded."), chart()], "sv")
    text = next(one for one in BeautifulSoup(written, "html.parser").select(".text") if "rounded" in one.get_text())
    assert text["lang"] == "en"
