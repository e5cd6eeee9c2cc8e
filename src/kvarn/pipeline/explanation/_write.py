"""An explanation as text and as a page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kvarn.base.files import SECRET, replace_file
from kvarn.collect.safekeeping import private_folder
from kvarn.disseminate.templates import render, style
from kvarn.errors import EditionError
from kvarn.pipeline.explanation._explain import Explanation

__all__ = ["as_text", "require_page_of_its_own", "write_explanation"]

# What the title of every such page ends with.
_MARK = b": where a figure comes from</title>"


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


def require_page_of_its_own(file: Path, *, secret: bool) -> None:
    """Overwrite nothing but an explanation.

    Raises
    ------
    EditionError
        Something else lies there, or the name is none of a page.
    """
    if file.suffix != ".html":
        raise EditionError("An explanation is a page.", file="--html", remedy="Give a name that ends in .html.")
    if not secret and not file.parent.is_dir():
        raise EditionError(f"There is no folder {file.parent}.", file="--html", remedy="Make it, or give another place.")
    if file.exists() and not (file.is_file() and _MARK in file.read_bytes()):
        raise EditionError("There is something else in this place.", file="--html", remedy="Give another name.")


def write_explanation(explanation: Explanation, file: Path, *, secret: bool) -> Path:
    """Write the explanation as a page; of what is not released for its owner alone."""
    page = render(
        "explanation.html.j2", style=style("page.css") + style("explanation.css"), explanation=explanation, secret=secret
    )
    if secret:
        private_folder(file.parent)
    replace_file(file, page.encode(), mode=SECRET if secret else 0o644, usual=not secret)
    return file
