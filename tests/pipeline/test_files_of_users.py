"""Files that people write and take away: what is not text, not there or there twice is told with its place before any work."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kvarn.errors import KvarnError
from kvarn.pipeline.steps import steps_of

from .test_checked_before import opened
from .test_checked_before import project as project


def refusal(project: Path, *overrides: str) -> str:
    with pytest.raises(KvarnError) as told:
        steps_of(opened(project, *overrides))
    return "\n".join([str(told.value), *getattr(told.value, "__notes__", ())])


@pytest.mark.parametrize(
    "name",
    [
        "reports/annual-report/sv/annual-report.qmd",
        "reports/annual-report/en/_summary.qmd",
        "reports/theme/report.css",
        "reports/theme/page.html",
        "reports/theme/page.typ",
        "reports/theme/house.lua",
        "reports/theme/words.yml",
        "reports/figures.yml",
        "reports/allowed-digits.yml",
        "notebooks/present/persons.ipynb",
        "_quarto.yml",
    ],
)
@pytest.mark.parametrize("content", ["å".encode("latin-1"), "å".encode("utf-16")], ids=["ISO 8859-1", "UTF-16"])
def test_what_is_no_text_in_utf_8_is_told_with_its_place(project: Path, name: str, content: bytes) -> None:
    with (project / name).open("ab") as file:
        file.write(b"\n" + content + b"\n")
    assert name in refusal(project)


def test_the_line_is_told_where_the_text_ends(project: Path) -> None:
    chapter = project / "reports" / "annual-report" / "en" / "_summary.qmd"
    lines = chapter.read_bytes().count(b"\n")
    with chapter.open("ab") as file:
        file.write("å\n".encode("latin-1"))
    assert f"_summary.qmd, line {lines + 1}" in refusal(project)


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_document_that_is_not_there_in_a_language_of_the_edition_is_told(project: Path, language: str) -> None:
    (project / "reports" / "annual-report" / language / "annual-report.qmd").unlink()
    said = refusal(project)
    assert "annual-report is not there in it" in said and f"reports/annual-report/{language}/annual-report.qmd" in said


def test_a_document_without_a_name_for_readers_is_told(project: Path) -> None:
    shutil.copytree(project / "reports" / "methods-and-quality", project / "reports" / "third")
    for language in ("sv", "en"):
        folder = project / "reports" / "third" / language
        (folder / "methods-and-quality.qmd").rename(folder / "third.qmd")
    assert "programme/texts.yml, product.third" in refusal(project)


def test_a_theme_that_is_not_there_is_told(project: Path) -> None:
    shutil.rmtree(project / "reports" / "theme")
    assert "The theme of the documents is not there" in refusal(project)


@pytest.mark.parametrize("kind", ["compute", "present"])
def test_of_two_notebooks_of_one_name_the_folder_is_told(project: Path, kind: str) -> None:
    (project / "notebooks" / kind / "persons.ipynb").write_text("{")
    assert f"notebooks/{kind}/persons.ipynb" in refusal(project)
