"""An explanation as text and as a page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kvarn.base.files import SECRET, replace_file
from kvarn.collect.safekeeping import private_folder
from kvarn.disseminate.templates import render, style
from kvarn.pipeline.explanation._explain import Explanation

__all__ = ["as_text", "write_explanation"]


def as_text(explanation: Explanation) -> Iterator[str]:
    """The explanation, line by line."""
    yield explanation.title
    for heading, facts in explanation.parts:
        yield ""
        yield heading
        for name, said in facts:
            first, *more = said.split("\n")
            yield f"  {name}: {first}"
            yield from (f"    {line}" for line in more)


def write_explanation(explanation: Explanation, file: Path, *, secret: bool) -> Path:
    """Write the explanation as a page; of what is not released for its owner alone."""
    page = render(
        "explanation.html.j2", style=style("page.css") + style("explanation.css"), explanation=explanation, secret=secret
    )
    if secret:
        private_folder(file.parent)
    replace_file(file, page.encode(), mode=SECRET if secret else 0o644, usual=not secret)
    return file
