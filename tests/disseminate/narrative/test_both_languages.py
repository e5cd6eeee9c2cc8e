"""What stands in one language only is told with the file and line in both."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kvarn.errors import InputError

Check = Callable[[Path], None]


def chapter(project: Path, language: str, name: str = "_persons") -> Path:
    return project / "reports" / "annual-report" / language / f"{name}.qmd"


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ("{{< var persons.sexes >}} ", "", r"\{\{< var persons.sexes >\}\} stands here and not there"),
        (" @tbl-persons-per-1000", " @fig-persons-per-1000", "@(tbl|fig)-persons-per-1000 stands here and not there"),
        ("#table-persons-by-age >}}", "#table-persons-by-year >}}", "embed notebooks/persons.ipynb#table-persons-by-(age|year)"),
        ("\n::: {#tbl-persons-by-month}", "\n::: {#tbl-persons-a-month}", "the label #tbl-persons-"),
        ("{#sec-care-months}", "", "heading of level 2"),
        ("{#sec-care-months}", "{#sec-months}", "heading of level 2"),
        ("\n## ", "\n### ", "heading of level 3"),
        ("\n## ", "\nEtt stycke, a paragraph.\n\n## ", "2 paragraphs, the other 1|1 paragraphs, the other 2"),
        ("\n## ", "\n- an item\n\n## ", "1 list items, the other 0|0 list items, the other 1"),
        ("\n## ", "\n| a | b |\n|---|---|\n\n## ", "rows of tables"),
        ("\n## ", "\nConcept\n:   What it is\n\n## ", "definitions"),
        (
            "\n::: {#fig-persons-by-month}",
            '\n::: {.content-visible when-format="html"}\n:::\n\n::: {#fig-persons-by-month}',
            "the block",
        ),
        ("\n::: {#fig-persons-by-month}", "\n## More\n\n::: {#fig-persons-by-month}", "heading of level 2"),
    ],
)
def test_what_one_language_lacks_is_told_with_both_places(
    old: str, new: str, match: str, language: str, written: Path, check: Check
) -> None:
    change(chapter(written, language), old, new)
    with pytest.raises(InputError, match=match) as error:
        check(written)
    said = str(error.value)
    assert all(f"{chapter(written, one)}, line " in said for one in ("sv", "en"))


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_chapter_of_one_language_is_told(language: str, written: Path, check: Check) -> None:
    chapter(written, language, "_more").write_text("Mer, more.\n", encoding="utf-8")
    with pytest.raises(InputError, match=f"stands in '{language}' and not in") as error:
        check(written)
    assert error.value.file == chapter(written, language, "_more")


def test_a_key_of_the_front_matter_in_one_language_is_told(written: Path, check: Check) -> None:
    change(chapter(written, "sv", "annual-report"), "lang: sv\n", "lang: sv\ntoc-depth: 2\n")
    with pytest.raises(InputError, match="the front matter's key toc-depth stands here and not there"):
        check(written)


def test_paragraphs_of_other_lengths_are_no_difference(written: Path, check: Check) -> None:
    change(chapter(written, "en"), "\n## ", "\n<!-- -->\n## ")
    change(chapter(written, "en"), "\n<!-- -->", "")
    change(chapter(written, "en"), "A person counts once", "It is worth a remark that a person\ncounts once")
    check(written)
