"""Whatever the words of an edition are, readers get them as they were written: no element, attribute or script comes of them."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path
from typing import Any

import nbformat
import pytest
from bs4 import BeautifulSoup
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from reading import pdf_text
from toy_report import VARIABLES, code_cell, shown, toy_job

from kvarn.disseminate.notebook_pages import write_notebook_page
from kvarn.disseminate.rendering import Builtin
from kvarn.edition._texts import one_line

TEXT = """---
title: "{{< var said >}}"
author: "{{< var said >}}"
contact: "{{< var said >}}"
---

# Heading {{< var said >}} {#sec-a}

Before {{< var said >}} after.

{{< var said >}}

Term
:   {{< var said >}}

| a | b |
|---|---|
| {{< var said >}} | 1 |

::: {#fig-a}
{{< embed notebooks/persons.ipynb#chart >}}

Caption {{< var said >}}
:::

See @fig-a and @sec-a.
"""
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><path d="M0 0"/></svg>'
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "{{< include /etc/passwd >}} {{< var x >}} {{< meta title >}}",
    "@fig-a @x [@fig-a] -@sec-a [a](javascript:alert(1)) ![b](c) <https://x.y>",
    "$x$ $$y$$ \\(z\\) \\begin{a} `c` ~~d~~ ^e^ *f* _g_ ==h== [^1] ^[i] :::",
    "'a' \"b\" -- --- ... what?? Unresolved ?var:x",
    "1. a",
    "- a",
    "# a {#sec-b .unnumbered}",
    "> a",
    "    a"[4:] + " | b | c",
    "#let x = 1; // y /* z */ <lab> -? -5 1...",
    "&amp; &lt;b&gt; &#60; \\ \\\\",
    '"}{fig-alt="x" onclick="alert(1)"}',
    '=HYPERLINK("http://x","y")',
    "```{=html}",
    "--- title: x",
    "-->",
)


def words() -> st.SearchStrategy[str]:
    """Words that an edition may have, many of them made of marks."""

    def allowed(text: str) -> bool:
        try:
            one_line(text)
        except ValueError:
            return False
        return "  " not in text

    marks = st.text(st.sampled_from("<>{}[]()@#$%^&*_-+=~`'\"\\|/:;.,!? aåx1"), min_size=1, max_size=30)
    return st.one_of(st.sampled_from(HOSTILE), marks, st.text("abc åäö–’…é1", min_size=1, max_size=20)).filter(allowed)


def outline(page: BeautifulSoup) -> list[tuple[str, tuple[str, ...]]]:
    """The elements of a page with the names of their attributes: what words must not change.

    Long words and figures give a table another look, so classes and styles are left out.
    """
    return [(tag.name, tuple(sorted(set(tag.attrs) - {"class", "style"}))) for tag in page.find_all(True)]


def even(text: str) -> str:
    return " ".join(text.split())


def rendered(folder: Path, said: str, to: str = "html") -> Path:
    cells = [code_cell('#| label: chart\n#| fig-alt: "Alt {{< var said >}}"', shown(svg=SVG))]
    job = toy_job(folder, "en", to, text=TEXT, cells=cells)
    variables: dict[str, Any] = {**VARIABLES, "said": said}
    job = dataclasses.replace(job, variables=variables)
    Builtin().render(job)
    return job.output


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=words())
@example(said=HOSTILE[0])
@example(said=HOSTILE[1])
@example(said=HOSTILE[2])
@example(said=HOSTILE[3])
@example(said=HOSTILE[4])
@example(said=HOSTILE[7])
@example(said=HOSTILE[11])
@example(said=HOSTILE[12])
def test_a_document_says_what_was_said(said: str) -> None:
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        page = BeautifulSoup(rendered(Path(one), said).read_text(encoding="utf-8"), "html.parser")
        plain = BeautifulSoup(rendered(Path(other), "Plain words").read_text(encoding="utf-8"), "html.parser")
    assert outline(page) == outline(plain)
    assert page.title is not None and page.title.get_text() == said
    paragraphs = [even(one.get_text()) for one in page.find_all(["p", "h1", "h2", "td", "th", "dd", "figcaption"])]
    for written in (f"Before {said} after.", said):
        assert written in paragraphs
    assert [one for one in paragraphs if one.endswith(f"Heading {said}")]
    assert [one for one in paragraphs if one.endswith(f"Caption {said}")]
    assert page.img is not None and page.img["alt"] == f"Alt {said}"


@pytest.mark.parametrize("said", HOSTILE)
def test_a_pdf_says_what_was_said(tmp_path: Path, said: str) -> None:
    text = "".join(pdf_text(rendered(tmp_path, said, "pdf")).split()).replace("\ufffe", "-")
    assert f"Before{''.join(said.split())}after." in text


@settings(max_examples=20)
@given(said=words())
@example(said=HOSTILE[0])
@example(said=HOSTILE[2])
@example(said=HOSTILE[3])
@example(said=HOSTILE[11])
def test_a_page_of_a_notebook_says_what_was_said(said: str) -> None:
    def page(said: str) -> BeautifulSoup:
        cells = [
            nbformat.v4.new_markdown_cell("# Title {{< var said >}}"),
            nbformat.v4.new_markdown_cell("Before {{< var said >}} after.\n\n## Part {{< var said >}}"),
        ]
        with tempfile.TemporaryDirectory() as folder:
            notebook = Path(folder) / "n.ipynb"
            nbformat.write(nbformat.v4.new_notebook(cells=cells), notebook)
            made = write_notebook_page(notebook, Path(folder) / "n.html", language="en", notice=None, variables={"said": said})
            return BeautifulSoup(made.read_text(encoding="utf-8"), "html.parser")

    read = page(said)
    assert outline(read) == outline(page("Plain words"))
    assert f"Before {said} after." in [even(one.get_text()) for one in read.find_all("p")]
    assert read.h1 is not None and even(read.h1.get_text()) == f"Title {said}"
    assert f"Part {said}" in [even(one.get_text()) for one in read.find_all("h2")]
