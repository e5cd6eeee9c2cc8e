"""What programs and screen readers find in a page, and no reader sees: names, addresses, times."""

from __future__ import annotations

import pytest

from kvarn.disseminate.page_elements import faults_of_page

REFUSED = (
    '<a href="javascript:alert">there</a>',
    '<a href="java&#10;script:alert">there</a>',
    '<a href="file:///etc/passwd">there</a>',
    '<a href="//example.org">there</a>',
    '<time datetime="In Haninge 3 persons">then</time>',
    '<time datetime="Haninge: three">then</time>',
    '<a href="https://example.org/haninge-3-persons">there</a>',
    '<a href="https://example.org/haninge3">there</a>',
    '<a href="https://example.org/h%61ninge/3">there</a>',
    '<a href="https://example.org/three-persons">there</a>',
    '<p class="haninge-three-persons">care</p>',
    '<p class="haninge-III">care</p>',
    '<p id="haninge-tre">care</p>',
    '<p id="haninge-c-persons">care</p>',
    '<p id="ix-persons">care</p>',
    '<p class="c-persons">care</p>',
    '<a href="notebooks/sv/three-persons.html">there</a>',
    '<style>:root{--haninge:"In Haninge many persons"} p::after{content:var(--haninge)}</style>',
    '<style>:root{--words:"In Haninge"}</style>',
    "<style>p::after{content:attr(class)}</style>",
    "<style>:root{--persons-in-haninge:3}</style>",
    "<style>:root{--haninge:3}</style>",
    "<style>:root{--three-persons:red}</style>",
    "<style>.haninge-3{color:red}</style>",
    "<style>.haninge-three{color:red}</style>",
    "<style>p{counter-reset:a 3}</style>",
    '<meta name="generator" content="In Haninge 3 persons received care">',
    '<meta name="VIEWPORT" content="haninge=3">',
    '<meta name="color-scheme" content="haninge 3">',
)
FINE = (
    '<style>:root{--text-face:"Noto Sans";--wide:3rem} .per-1000{width:3rem} tbody td:empty::before{content:"\\00a0"}</style>',
    '<time datetime="2023-09-05">then</time>',
    '<a href="https://creativecommons.org/publicdomain/zero/1.0/">there</a>',
    '<a href="#fn2" id="fnref2">note</a>',
    '<p class="level2 per-1000">care</p>',
    '<a href="notebooks/sv/persons.html">there</a>',
    '<h3 id="c-preservation-and-disposal">there</h3>',
    '<a href="#d-uppgiftsskyldighet" id="toc-d-uppgiftsskyldighet">there</a>',
    '<p id="persons-by-age-and-sex">care</p>',
    '<meta name="generator" content="quarto-1.6.40">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
)


@pytest.mark.parametrize("written", REFUSED)
def test_no_attribute_says_a_number(written: str) -> None:
    assert faults_of_page(f"<!DOCTYPE html><html><body>{written}</body></html>")


@pytest.mark.parametrize("written", FINE)
def test_what_our_pages_have_passes(written: str) -> None:
    assert faults_of_page(f"<!DOCTYPE html><html><body>{written}</body></html>") == []


@pytest.mark.parametrize(
    "address", ["https://example.org/s.svg#a", "//example.org/s.svg#a", "s.svg#a", "data:image/svg+xml,a#a", ""]
)
def test_what_a_drawing_uses_stands_in_the_page(address: str) -> None:
    page = "<!DOCTYPE html><html><body><svg><use href={!r}></use></svg></body></html>"
    assert faults_of_page(page.format("#a-b")) == []
    assert faults_of_page(page.format(address))
