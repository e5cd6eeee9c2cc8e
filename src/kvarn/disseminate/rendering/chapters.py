"""``{{< include _chapter.qmd >}}``: a document's chapters, each line with its own file and number."""

from __future__ import annotations

import re
from pathlib import Path

from kvarn.disseminate.rendering.lines import Line, lines_of
from kvarn.errors import RenderingError

__all__ = ["named_alone", "with_chapters"]

SHORTCODE = re.compile(r"\{\{<\s*(include|embed)\s+(.*?)\s*>\}\}")


def with_chapters(lines: list[Line], folder: Path, chain: tuple[str, ...]) -> list[Line]:
    """The lines with every included chapter in its place.

    Parameters
    ----------
    lines
        A document's or a chapter's lines.
    folder
        Where the document and its chapters are.
    chain
        The files that lead here, the document first.

    Raises
    ------
    RenderingError
        A chapter that is not there or includes itself, an include that does not stand alone: with file and line.
    """
    whole: list[Line] = []
    for line in lines:
        name = named_alone(line, "include")
        whole += [line] if name is None else _chapter(name, line, folder, chain)
    return whole


def named_alone(line: Line, shortcode: str) -> str | None:
    """What the shortcode names, if the line holds it; it must stand alone there, as Quarto demands of includes.

    Raises
    ------
    RenderingError
        It does not stand alone: with file and line.
    """
    found = SHORTCODE.search(line.text)
    if found is None or found[1] != shortcode:
        return None
    if line.text.strip() != found[0]:
        raise RenderingError(
            f"{found[0]} does not stand alone on its line",
            document=line.place,
            remedy="Put it on a line of its own, with an empty line before and after",
        )
    return found[2]


def _chapter(name: str, line: Line, folder: Path, chain: tuple[str, ...]) -> list[Line]:
    file = folder / name
    if name in chain:
        raise RenderingError(
            f"{name} includes itself", document=line.place, remedy="Take one of the includes away: " + " → ".join(chain)
        )
    if not file.is_file() or folder.resolve() not in file.resolve().parents:
        raise RenderingError(
            f"There is no chapter {name!r} beside the document",
            document=line.place,
            remedy=f"Write it in {folder}, or correct the name",
        )
    chapter = lines_of(file.read_text(encoding="utf-8"), file)
    # A chapter's last paragraph must not run into what follows it.
    return [*with_chapters(chapter, folder, (*chain, name)), Line("", file, len(chapter) + 1)]
