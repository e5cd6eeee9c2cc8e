"""Drawings that are published are shapes and words: nothing in them runs, and nothing is asked for from elsewhere."""

from __future__ import annotations

import io

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from kvarn.disseminate.drawings import faults_of_drawing

PLAIN = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{}</svg>'
NEVER = (
    *("<script>alert()</script>", "<script href='https://example.org'/>", '<g onclick="alert()"/>', '<g ONLOAD="alert()"/>'),
    *('<image href="https://example.org/a.png"/>', '<image xlink:href="//example.org/a.png"/>', '<image href="a.png"/>'),
    *('<use href="other.svg#a"/>', '<use xlink:href="data:image/svg+xml;base64,AAAA"/>', '<image href="data:text/html,a"/>'),
    *('<a href="javascript:alert()"><text>a</text></a>', '<a href=" javascript:alert()"/>', '<a xlink:href="data:text/html,a"/>'),
    *("<foreignObject><body/></foreignObject>", '<animate attributeName="href" to="javascript:alert()"/>', '<set to="a"/>'),
    *('<iframe xmlns="http://www.w3.org/1999/xhtml"/>', '<b:script xmlns:b="http://www.w3.org/2000/svg">a</b:script>'),
    *("<style>@import 'https://example.org'</style>", "<style>g {fill: url(https://example.org/a)}</style>"),
    *('<g style="fill: url(https://example.org/a)"/>', '<g fill="url(//example.org/a)"/>', '<g style="fill:u\\72l(a)"/>'),
    *("<style>a{}<title/>@import url(http://example.org)</style>", """<g style="fill:image-set('http://example.org/a' 1x)"/>"""),
    *("<style>g {fill: URL( 'a.svg#b')}</style>", "<?xml-stylesheet href='https://example.org'?>", "<g>", "&own;"),
)


@pytest.mark.parametrize("part", NEVER)
def test_what_runs_or_comes_from_elsewhere_is_told(part: str) -> None:
    assert list(faults_of_drawing(PLAIN.format(part)))


@pytest.mark.parametrize("before", ['<!DOCTYPE svg [<!ENTITY a "b">]>', "<!DOCTYPE svg [ ]>", "<?php a ?>", "<html/>", "a"])
def test_a_drawing_is_a_drawing_from_its_first_sign_on(before: str) -> None:
    assert list(faults_of_drawing(before + PLAIN.format("<g/>")))


def test_what_is_no_drawing_is_told() -> None:
    assert list(faults_of_drawing("<html/>")) and list(faults_of_drawing(""))


def test_what_matplotlib_draws_is_plain() -> None:
    figure = Figure()
    axes = figure.add_subplot()
    axes.bar(["a", "b"], [1, 2], hatch="/")
    axes.imshow([[1, 2], [3, 4]])
    axes.set_title("Title", url="https://example.org/")
    axes.axhspan(0, 1, alpha=0.3)
    for kind in ("none", "path"):
        written = io.StringIO()
        with mpl.rc_context({"svg.fonttype": kind}):
            figure.savefig(written, format="svg")
        assert list(faults_of_drawing(written.getvalue())) == []
    parts = '<use href="#a"/><g style="fill: url(#b)" clip-path="url( #c )"/><a href="https://example.org"><text>a</text></a>'
    assert list(faults_of_drawing(PLAIN.format(parts))) == []
