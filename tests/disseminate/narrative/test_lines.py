"""Lines of colons: what pandoc would print, or close by itself, is told with its line, before any work."""

from __future__ import annotations

import itertools
import json
import random
import time
from collections.abc import Callable
from pathlib import Path

import pypandoc
import pytest
import yaml

from kvarn.disseminate.narrative._fences import faults_of_fences
from kvarn.disseminate.narrative._lines import faults_of_lines
from kvarn.errors import InputError

LINES = ("", "Text.", "::: {.finding}", ":::", "::::", ":::{.finding} :::", "## Heading", "- item", "> said", "> :::")
LINES += ("> ::: {.finding}", "::: two words", "    ::: {.finding}", "- :::", "```", "1. ::: {.finding}", "~~~", "::: finding")


def printed(text: str) -> bool:
    """Whether pandoc prints colons."""
    return ":::" in json.dumps(json.loads(pypandoc.convert_text(text, "json", format="markdown"))["blocks"])


def closed_by_itself(text: str, caplog: pytest.LogCaptureFixture) -> bool:
    """Whether pandoc says that it closes a block which nobody has closed."""
    caplog.clear()
    pypandoc.convert_text(text, "json", format="markdown")
    return "unclosed" in caplog.text


def test_what_is_not_told_pandoc_reads_as_blocks(caplog: pytest.LogCaptureFixture) -> None:
    chosen = random.Random(17)
    often = [*LINES, *("", "::: {.finding}", ":::", "Text.") * 6]
    texts = ["\n".join(chosen.choice(often) for _ in range(chosen.randint(2, 7))) for _ in range(6000)]
    texts += ["\n".join(lines) for lines in itertools.product(LINES[:5], repeat=3)]
    passed = [text for text in dict.fromkeys(texts) if ":::" in text and not list(faults_of_fences(text.split("\n")))]
    as_written = [text for text in passed if "```" in text or "~~~" in text]
    read = [text for text in passed if text not in as_written]
    assert len(read) > 60 and as_written
    # All in one, each behind an empty line, and below a heading.
    parts = [f"# Part\n\n{text}\n\nEnd.\n\n" for text in read]
    assert not printed("".join(parts)), [part for part in parts if printed(part)]
    caplog.clear()
    tree = json.loads(pypandoc.convert_text("".join(parts), "json", format="markdown"))
    assert "unclosed" not in caplog.text
    # None of them holds another part.
    assert sum(block["t"] == "Header" for block in tree["blocks"]) >= len(parts)


@pytest.mark.parametrize(
    "text",
    [
        *("::: {.finding}\nText.\n:::", "Text.\n\n::: {.finding}\n::: {.callout-note}\nText.\n:::\n:::\nText."),
        *("## Heading\n:::: {#fig-x .a}\n\nText.\n::::", "```\n:::\n```", "a ::: b"),
    ],
)
def test_blocks_that_are_closed_are_no_fault(text: str) -> None:
    assert list(faults_of_fences(text.split("\n"))) == []


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("Text.\n\n:::\n", 2, "No block is open"),
        ("::: {.finding}\nText.\n", 0, "The block is not closed"),
        ("::: {.a}\n\n::: {.b}\nText.\n:::\n", 0, "The block is not closed"),
        ("Text.\n::: {.finding}\nText.\n:::\n", 1, "a text goes on in this line"),
        ("::: two words\nText.\n:::\n", 0, "printed with its colons"),
        ("    ::: {.finding}\n\nText.\n", 0, "printed with its colons"),
        ("```\nText.\n```\n\n:::\n", 4, "No block is open"),
    ],
)
def test_each_fault_is_told_with_its_line(text: str, line: int, said: str, caplog: pytest.LogCaptureFixture) -> None:
    at, _, what, remedy = next(iter(faults_of_fences(text.split("\n"))))
    assert (at, said in what, remedy.endswith(".")) == (line, True, True)
    # None of them is a mere rule of ours.
    assert printed(text) or closed_by_itself(text, caplog)


@pytest.mark.parametrize("stray", [":::", "::: {.finding}"])
def test_a_document_tells_it_before_any_work(stray: str, written: Path, check: Callable[[Path], None]) -> None:
    for language in ("sv", "en"):
        file = written / "reports" / "annual-report" / language / "_persons.qmd"
        lines = file.read_text(encoding="utf-8").rstrip().split("\n")
        file.write_text("\n".join([*lines, "", stray, ""]), encoding="utf-8")
    with pytest.raises(InputError, match=rf"_persons\.qmd, line {len(lines) + 2}: .*[Bb]lock"):
        check(written)


def test_a_text_in_which_no_block_can_stand_says_so(written: Path, check: Callable[[Path], None]) -> None:
    notebook = written / "notebooks" / "present" / "persons.ipynb"
    held = json.loads(notebook.read_text(encoding="utf-8"))
    cell = next(cell for cell in held["cells"] if cell["cell_type"] == "markdown")
    cell["source"] = ["::: {.finding}\n", "What it shows.\n", ":::\n"]
    notebook.write_text(json.dumps(held), encoding="utf-8")
    with pytest.raises(InputError, match=r"A block cannot stand in this text"):
        check(written)


@pytest.mark.parametrize(
    ("row", "place"),
    [
        *((row, "document") for row in ("[", "[a](b", "[ \n", "> [a\n> ", "^[a", "\\[[", "> ")),
        *(("[", "notebook"), ("[a](b", "notebook"), ("[", "figures"), ("[ \n", "figures")),
    ],
)
def test_what_a_renderer_would_never_end_with_is_told(row: str, place: str, written: Path, check: Callable[[Path], None]) -> None:
    """Nested brackets take pandoc several times as long for each few more; each text is read in no time here."""
    text = f"{row * 4000}and."
    if place == "document":
        for language in ("sv", "en"):
            file = written / "reports" / "annual-report" / language / "_persons.qmd"
            file.write_text(f"{file.read_text(encoding='utf-8')}\n{text}\n", encoding="utf-8")
    elif place == "notebook":
        notebook = written / "notebooks" / "present" / "persons.ipynb"
        held = json.loads(notebook.read_text(encoding="utf-8"))
        next(cell for cell in held["cells"] if cell["cell_type"] == "markdown")["source"] = text
        notebook.write_text(json.dumps(held), encoding="utf-8")
    else:
        file = written / "reports" / "figures.yml"
        declared = yaml.safe_load(file.read_text(encoding="utf-8"))
        declared["alt"]["persons_by_age"]["en"] = text
        file.write_text(yaml.safe_dump(declared, allow_unicode=True), encoding="utf-8")
    before = time.process_time()
    with pytest.raises(
        InputError,
        match=r"brackets are open at once|quotations stand within|does not end on its line|footnote|LaTeX|row of equal",
    ):
        check(written)
    assert time.process_time() - before < 60


@pytest.mark.parametrize("text", ["[a [b]{.c}](d) " * 40, "\\[ " * 40, "> a\n" * 40, "[a\n\n" * 40])
def test_brackets_that_are_closed_are_no_fault(text: str) -> None:
    assert list(faults_of_lines(text.split("\n"))) == []
