"""What the attack reads of a page: nothing is left out of it by the class or the place that it is given."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvarn.pipeline.attack._page import read_page

HEADINGS = """<nav class="contents"><ul>
<li><a href="#a"><span class="header-section-number">1</span> Persons</a>
<ul><li><a href="#b"><span class="header-section-number">1.1</span> Age</a></li></ul></li>
<li><a href="#c"><span class="header-section-number">2</span> Procedures</a></li></ul></nav>
<h2 id="a"><span class="header-section-number">1</span> Persons</h2>
<h3 id="b"><span class="header-section-number">1.1</span> Age</h3>
<section id="c"><h2><span class="header-section-number">2</span> Procedures <a href="#fn">of care</a></h2></section>
"""


def said(folder: Path, body: str) -> str:
    file = folder / "page.html"
    file.write_text(f"<!DOCTYPE html><html><body>{body}</body></html>", encoding="utf-8")
    return " | ".join(read_page(file).texts)


def test_the_numbers_of_sections_are_the_renderers_own(tmp_path: Path) -> None:
    body = HEADINGS.replace(' <a href="#fn">of care</a>', "")
    assert not any(sign.isdigit() for sign in said(tmp_path, body))


@pytest.mark.parametrize(
    "planted",
    [
        '<p>Haninge <span class="header-section-number">25</span> persons</p>',
        '<li>Haninge <span class="header-section-number">25</span></li>',
        '<h2>Haninge <span class="header-section-number">25</span> persons</h2>',
        '<h2><span class="header-section-number">25</span> Haninge</h2>',
        '<h3><span class="header-section-number">1.25</span> Haninge</h3>',
        '<h2><span class="header-section-number">3</span> Haninge <span class="header-section-number">25</span></h2>',
        '<p><a href="#a"><span class="header-section-number">25</span> Persons</a></p>',
        '<nav><a href="#a"><span class="header-section-number">25</span> Persons</a></nav>',
        '<nav><a href="#z"><span class="header-section-number">25</span> Persons</a></nav>',
        '<nav><a href="#a"><span class="header-section-number">25</span> Haninge</a></nav>',
        '<nav><p><span class="header-section-number">25</span> Haninge</p></nav>',
    ],
)
def test_any_other_number_of_that_class_is_read(planted: str, tmp_path: Path) -> None:
    assert "25" in said(tmp_path, HEADINGS + planted)
