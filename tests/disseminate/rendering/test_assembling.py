from __future__ import annotations

from pathlib import Path

import pytest
from toy_report import toy_job, toy_text

from kvarn.disseminate.rendering import lay_out
from kvarn.disseminate.rendering.assembling import assemble, source_lines
from kvarn.errors import RenderingError


def fault(folder: Path, body: str) -> RenderingError:
    job = toy_job(folder, text=toy_text(body))
    with pytest.raises(RenderingError) as caught:
        lay_out(job)
        assemble(job)
    return caught.value


def test_a_chapter_keeps_its_own_line_numbers(tmp_path: Path) -> None:
    job = toy_job(tmp_path, text=toy_text("First.\n\n{{< include _results.qmd >}}"), chapter="# Results\n\n@fig-lost\n")
    with pytest.raises(RenderingError) as caught:
        source_lines(job)
    assert caught.value.document is not None
    assert caught.value.document.endswith("_results.qmd, line 3")


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("{{< video film.mp4 >}}", "the shortcode"),
        ("{{< pagebreak >}}", "the shortcode"),
        ("{{</* var a */>}}", "an escaped shortcode"),
        ("See @lst-code.", "the reference"),
        ("::: {.panel-tabset}\n:::", "tabs"),
        ("::: {layout-ncol=2}\n:::", "a figure layout"),
        ("::: {.column-margin}\n:::", "a column class"),
        ('::: {.callout-note collapse="true"}\nText.\n:::', "a callout option"),
        ('::: {.content-visible when-format="pdf"}\nText.\n:::', "the format"),
        ('::: {.content-visible when-profile="x"}\nText.\n:::', "the condition"),
        ("```{python}\n1\n```", "an executable cell"),
    ],
)
def test_what_only_quarto_knows_is_refused_with_file_and_line(tmp_path: Path, body: str, what: str) -> None:
    error = fault(tmp_path, "One line.\n\n" + body)
    assert what in error.what
    assert error.document is not None
    assert error.document.endswith("toy.qmd, line 7")


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("See @fig-lost.", "@fig-lost points at nothing"),
        ("# A {#sec-a}\n\n# B {#sec-a}", "#sec-a is there twice"),
        ("Text {{< include _results.qmd >}}", "does not stand alone"),
        ("{{< include _missing.qmd >}}", "no chapter '_missing.qmd'"),
        ("{{< include toy.qmd >}}", "includes itself"),
        ("{{< include ../en/toy.qmd >}}", "no chapter"),
        ("{{< var reference_yaer >}}", "no variable 'reference_yaer'"),
        ("{{< var persons >}}", "is not one figure or text"),
        ("{{< embed notebooks/lost.ipynb#a >}}", "names no cell"),
        ("{{< embed notebooks/persons.ipynb#lost >}}", "no cell labelled 'lost'"),
        ("{{< embed notebooks/persons.ipynb#silent >}}", "shows nothing"),
        ("{{< embed notebooks/persons.ipynb#chart-without-alt >}}", "no alternative text"),
    ],
)
def test_what_is_not_there_is_named(tmp_path: Path, body: str, what: str) -> None:
    assert what in fault(tmp_path, body).what


def test_a_misspelt_variable_gets_a_suggestion(tmp_path: Path) -> None:
    assert fault(tmp_path, "{{< var person.total >}}").remedy == "Did you mean 'persons.total'?"


def test_a_reference_in_code_is_text(tmp_path: Path) -> None:
    job = toy_job(tmp_path, text=toy_text("```\n@fig-lost\n```"))
    assert [line.text for line in source_lines(job)][1:] == ["```", "@fig-lost", "```"]


def test_an_e_mail_address_is_not_a_reference(tmp_path: Path) -> None:
    source_lines(toy_job(tmp_path, text=toy_text("Write to statistik@fig-office.example.")))
