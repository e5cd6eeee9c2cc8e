"""A style says how a page looks: what it could write, turn, hide or draw besides is on no list, and is refused."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from kvarn.disseminate.house_style import unlisted_in_style
from kvarn.disseminate.notebook_pages import _style
from kvarn.disseminate.page_elements import faults_of_page

PROJECT = Path(__file__).parents[2]
OWN = {
    "report.css": (PROJECT / "reports" / "theme" / "report.css").read_text(encoding="utf-8"),
    "page.css": (resources.files("kvarn.disseminate") / "templates" / "page.css").read_text(encoding="utf-8"),
    "notebook pages": _style(),
    "notice": '@page { @top-center { content: "Synthetic data."; } }',
    "pandas": ".dataframe tbody tr th:only-of-type { vertical-align: middle; } .dataframe thead th { text-align: right; }",
}
CHANGED = (
    ":root { --ink: #002244; --text-face: Georgia, 'Times New Roman', serif; --widest: 60rem }",
    "main { max-width: 50rem; padding: 1rem 2rem } h2 { font-size: 1.4rem; color: rgb(0, 50, 80) }",
    "@media (max-width: 40rem) { table { font-size: 0.8rem } }",
    ".reader-note:first-child { border: 2px dashed var(--note); background: hsl(200, 30%, 95%) }",
    "@page { size: A4 landscape; margin: 20mm }",
    "ul { list-style: square }",
)
REFUSED = (
    ".title { unicode-bidi: bidi-override }",
    ".title { direction: rtl }",
    ".title { writing-mode: vertical-rl }",
    ".title { display: none }",
    "em { visibility: hidden }",
    "em { opacity: 0 }",
    "em { font-size: 0 }",
    "em { font-size: 0.01rem }",
    "em { font: 0/0 serif }",
    "em { color: transparent }",
    "em { letter-spacing: -2em }",
    "em { margin-left: -3rem }",
    "em { position: absolute }",
    "em { left: -99rem }",
    "em { height: 0; overflow: hidden }",
    "em { transform: scaleX(-1) }",
    "em { clip-path: inset(50%) }",
    "em { text-indent: -99rem }",
    "em { text-transform: uppercase }",
    "em { order: 3 }",
    "em { float: right }",
    "div { flex-direction: row-reverse }",
    ".title::before { content: 'In Haninge thr' 'ee persons' }",
    ".title::before { content: 'In Haninge' }",
    ".title::after { content: '' attr(class) }",
    ".title::after { content: ''; border-left: 2px solid }",
    ".title::before { content: '\\33' }",
    ".title::before { content: counter(page) }",
    "q { quotes: 'three' 'persons' }",
    "ul { list-style-type: 'In Haninge three persons' }",
    "ul { list-style: decimal }",
    "ul { list-style-type: decimal }",
    "ul { list-style-type: lower-roman }",
    "ul { list-style-image: url(data:image/png;base64,AAAA) }",
    "li::marker { color: red }",
    ".title::first-letter { font-size: 3rem }",
    "[title='In Haninge three persons'] { color: red }",
    "a[href] { color: red }",
    "#haninge { color: red }",
    ".hide { color: red }",
    ".title .hide { color: red }",
    ".highlight p, .xy { color: red }",
    "p { & .hide { color: red } }",
    "@keyframes three { from { color: red } to { color: blue } }",
    "@font-face { font-family: 'Odd'; src: url('data:font/ttf;base64,AAAA') }",
    "@import 'other.css';",
    "@supports (color: red) { p { color: red } }",
    "@layer three;",
    "@property --three { syntax: '*'; inherits: false }",
    "@container three (min-width: 3px) { p { color: red } }",
    "@page three { margin: 1cm }",
    "@media (min-resolution: 3dppx) { p { color: red } }",
    "@page { @left-top { content: 'x' } }",
    "@page { @top-center { content: 'In Haninge' 'thr' 'ee' } }",
    "div { grid-template-areas: 'three persons' }",
    "div { background: url(data:image/png;base64,AAAA) }",
    "div { background: linear-gradient(red, blue) }",
    "div { background-image: none }",
    "div { box-shadow: 1px 1px red }",
    "div { mask: none }",
    "p { font-family: Odd }",
    "p { font-family: 'In Haninge three' }",
    ":root { --text-face: 'In Haninge three' }",
    ":root { --words: 'three' }",
    ":root { --words: url(#three) }",
    ":root { --words: { three } }",
    "p { color: re\\64 ; color }",
    "p { width: 3q }",
)


@pytest.mark.parametrize("name", OWN)
def test_what_kvarn_writes_itself_passes(name: str) -> None:
    assert list(unlisted_in_style(OWN[name])) == []
    assert faults_of_page(f"<style>{OWN[name]}</style>") == []


@pytest.mark.parametrize("style", CHANGED)
def test_colours_measures_and_faces_of_an_office_pass(style: str) -> None:
    assert list(unlisted_in_style(OWN["report.css"] + style)) == []


@pytest.mark.parametrize("style", REFUSED)
def test_what_writes_turns_hides_or_draws_is_refused_with_its_line(style: str) -> None:
    before = OWN["report.css"].rstrip() + "\n"
    found = list(unlisted_in_style(before + style))
    assert found and all(line == before.count("\n") + 1 for line, _ in found)
    assert faults_of_page(f"<style>{style}</style>")


def test_a_style_in_parts_is_read_as_one() -> None:
    assert faults_of_page("<style>.title { display:\n\nno&amp;ne; unicode-bidi: bidi-override }</style>")
