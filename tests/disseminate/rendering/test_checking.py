from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

import pytest
import typst
from toy_report import CHART, NOTICE, toy_job

from kvarn.disseminate.rendering import Builtin, Job, check_rendered
from kvarn.errors import RenderingError

FETCHING_CHART = CHART.replace("<rect", '<image href="https://cdn.example/a.png"/><rect', 1)


def data(svg: str = CHART) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def page_job(folder: Path, body: str, *, head: str = "<title>Toy</title>", language: str = "sv") -> Job:
    job = toy_job(folder)
    job.output.parent.mkdir(parents=True, exist_ok=True)
    page = f'<!DOCTYPE html><html lang="{language}"><head>{head}</head><body><p>{NOTICE["sv"]}</p>{body}</body></html>'
    job.output.write_text(page, encoding="utf-8")
    return job


def test_a_whole_page_passes(tmp_path: Path) -> None:
    body = f'<img src="{data()}" alt="A chart"><a href="https://example.org/">elsewhere</a><p>a@fig.example. What?</p>'
    check_rendered(page_job(tmp_path, body, head="<title>Toy</title><style>p { color: red; }</style>"))


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("<p>{{< var a >}}</p>", "a shortcode is left over: '{{< var a'"),
        ("<p>{{&lt; var a &gt;}}</p>", "a shortcode is left over"),
        ("<p>?var:persons.total</p>", "a name was not found: '?var:persons.total'"),
        ("<p>?meta:title</p>", "a name was not found: '?meta:title'"),
        ("<p>See ??</p>", "something was not found"),
        ("<p>See ?@fig-a</p>", "a reference points at nothing: '?@fig-a'"),
        ("<p>See @tbl-a</p>", "a reference points at nothing: '@tbl-a'"),
        ("<p>See @sec-a</p>", "a reference points at nothing: '@sec-a'"),
        ("<p>Unresolved</p>", "a reference points at nothing"),
        ('<p><span class="quarto-unresolved-ref">a</span></p>', "a reference points at nothing"),
        (f'<img src="{data()}" alt="?var:alt.a">', "a name was not found: '?var:alt.a'"),
        (f'<img src="{data()}">', "a picture has no alternative text"),
        ('<img src="chart.svg" alt="A chart">', "a picture is missing: 'chart.svg'"),
        ('<img src="data:image/png;base64," alt="A chart">', "a picture is empty"),
        ('<script src="https://cdn.example/a.js"></script>', "<script src='https://cdn.example/a.js'>"),
        ('<link rel="stylesheet" href="https://cdn.example/a.css">', "<link href='https://cdn.example/a.css'>"),
        ('<iframe src="//cdn.example/"></iframe>', "<iframe src='//cdn.example/'>"),
        ("<style>@font-face { src: url('https://cdn.example/a.woff2'); }</style>", "a style asks for another"),
        ("<style>@import 'https://cdn.example/a.css';</style>", "a style asks for another"),
        ('<p style="background: url(https://cdn.example/a.png)">a</p>', "a style asks for another"),
        (f'<img src="{data(FETCHING_CHART)}" alt="A chart">', "a chart asks for another"),
    ],
)
def test_a_page_with_something_left_over_or_fetched_is_refused(tmp_path: Path, body: str, what: str) -> None:
    with pytest.raises(RenderingError) as caught:
        check_rendered(page_job(tmp_path, body))
    assert what in caught.value.what
    assert caught.value.document == "toy (sv, html)"


def test_a_page_needs_title_language_and_notice(tmp_path: Path) -> None:
    with pytest.raises(RenderingError, match="the page has no title"):
        check_rendered(page_job(tmp_path, "", head=""))
    with pytest.raises(RenderingError, match="the page's language is 'en', not 'sv'"):
        check_rendered(page_job(tmp_path, "", language="en"))
    with pytest.raises(RenderingError, match="the notice of synthetic data is not on the page"):
        check_rendered(replace(page_job(tmp_path, ""), notice="Another notice"))


def test_nothing_rendered_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RenderingError, match="Nothing was rendered"):
        check_rendered(toy_job(tmp_path))


def pdf_job(folder: Path, body: str, *, tagged: bool = True) -> Job:
    job = toy_job(folder, to="pdf")
    job.output.parent.mkdir(parents=True)
    text = f"#set page(header: [{NOTICE['sv'].replace('–', '#sym.dash.en')}])\n{body}"
    if tagged:
        typst.compile(text.encode(), output=str(job.output), pdf_standards=["ua-1"])
    else:
        typst.compile(text.encode(), output=str(job.output), pdf_tags=False)
    return job


SET = '#set document(title: "Toy")\n#set text(lang: "sv")\n'


def test_a_whole_pdf_passes(tmp_path: Path) -> None:
    check_rendered(pdf_job(tmp_path, SET + "Text."))


def test_a_left_over_in_the_pdf_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RenderingError, match="a name was not found: '\\?var:persons'"):
        check_rendered(pdf_job(tmp_path, SET + "There are ?var:persons of them."))


def test_a_pdf_in_the_wrong_language_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RenderingError, match="language is 'en', not 'sv'"):
        check_rendered(pdf_job(tmp_path, '#set document(title: "Toy")\nText.'))


def test_an_untagged_and_untitled_pdf_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RenderingError) as caught:
        check_rendered(pdf_job(tmp_path, "Text.", tagged=False))
    for what in ("has no title", "is not tagged", "does not say that it conforms to PDF/UA-1"):
        assert what in caught.value.what


def test_a_page_of_the_pdf_without_the_notice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RenderingError, match="the notice of synthetic data is not on page 2"):
        check_rendered(pdf_job(tmp_path, SET + "One.\n#page(header: none)[Two.]"))


def test_a_document_without_what_has_been_corrected_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RenderingError, match="what has been corrected is not on the page"):
        check_rendered(replace(page_job(tmp_path / "page", ""), correction="Rättad."))
    with pytest.raises(RenderingError, match="what has been corrected is not in the PDF"):
        check_rendered(replace(pdf_job(tmp_path / "pdf", SET + "One."), correction="Rättad."))


def test_a_file_that_is_no_pdf_is_refused(tmp_path: Path) -> None:
    job = toy_job(tmp_path, to="pdf")
    job.output.parent.mkdir(parents=True)
    job.output.write_bytes(b"not a PDF")
    with pytest.raises(RenderingError, match="cannot be read back"):
        check_rendered(job)


def test_what_the_built_in_renderer_makes_asks_for_nothing(tmp_path: Path) -> None:
    job = toy_job(tmp_path)
    Builtin().render(job)
    assert "http" not in job.output.read_text(encoding="utf-8").replace("http-equiv", "")


def test_a_page_that_tells_a_path_of_this_machine_is_refused(tmp_path: Path) -> None:
    body = f'<div data-notebook="{toy_job(tmp_path).folder}/notebooks/persons.ipynb"></div>'
    with pytest.raises(RenderingError, match="a path of this machine"):
        check_rendered(page_job(tmp_path, body))
