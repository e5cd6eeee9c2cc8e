from __future__ import annotations

from pathlib import Path

import pytest
from reading import page_text, pdf_text
from toy_report import toy_job, toy_text

from kvarn.disseminate.rendering import Builtin, Quarto, QuartoRenderer
from kvarn.errors import RenderingError

pytestmark = pytest.mark.quarto


@pytest.mark.parametrize("language", ["sv", "en"])
def test_quarto_and_the_built_in_renderer_give_the_same_page(tmp_path: Path, quarto: Quarto, language: str) -> None:
    ours, theirs = toy_job(tmp_path / "builtin", language), toy_job(tmp_path / "quarto", language)
    Builtin().render(ours)
    QuartoRenderer(quarto).render(theirs)
    assert page_text(theirs.output) == page_text(ours.output)


@pytest.mark.parametrize("language", ["sv", "en"])
def test_quarto_and_the_built_in_renderer_give_the_same_pdf(tmp_path: Path, quarto: Quarto, language: str) -> None:
    ours, theirs = toy_job(tmp_path / "builtin", language, "pdf"), toy_job(tmp_path / "quarto", language, "pdf")
    Builtin().render(ours)
    QuartoRenderer(quarto).render(theirs)
    assert pdf_text(theirs.output) == pdf_text(ours.output)


@pytest.mark.parametrize("to", ["html", "pdf"])
def test_quarto_gives_the_same_bytes_twice(tmp_path: Path, quarto: Quarto, to: str) -> None:
    once, again = toy_job(tmp_path / "once", to=to), toy_job(tmp_path / "again", to=to)
    QuartoRenderer(quarto).render(once)
    QuartoRenderer(quarto).render(again)
    assert once.output.read_bytes() == again.output.read_bytes()


def test_what_quarto_cannot_render_is_told_with_its_words(tmp_path: Path, quarto: Quarto) -> None:
    job = toy_job(tmp_path, to="pdf", text=toy_text("```{=typst}\n#nothing-like-this()\n```"))
    with pytest.raises(RenderingError, match="nothing-like-this"):
        QuartoRenderer(quarto).render(job)
    assert not job.output.exists()
