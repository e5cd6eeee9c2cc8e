"""``{{< include _chapter.qmd >}}``: a document's chapters, each line with its own file and number."""

from __future__ import annotations

from pathlib import Path

from kvarn.base.files import text_in
from kvarn.disseminate.rendering.lines import Line, lines_of
from kvarn.disseminate.shortcodes import is_name_of_chapter, malformed_in, shortcodes_in
from kvarn.errors import RenderingError

__all__ = ["named_alone", "with_chapters"]


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
        A chapter that is not there or includes itself, an include that does not stand alone or names no chapter: with file
        and line.
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
        It does not stand alone, or names a file in a way that no check reads: with file and line.
    """
    for _, written in malformed_in(line.text):
        if shortcode in written:
            raise RenderingError(
                f"{written!r} is no shortcode that kvarn reads",
                document=line.place,
                remedy=f"Write {{{{< {shortcode} name >}}}}, with a space on either side and no space in the name",
            )
    found = next((one for one in shortcodes_in(line.text) if one.kind == shortcode), None)
    if found is None:
        return None
    if line.text.strip() != found.written:
        raise RenderingError(
            f"{found.written} does not stand alone on its line",
            document=line.place,
            remedy="Put it on a line of its own, with an empty line before and after",
        )
    return found.name


def _chapter(name: str, line: Line, folder: Path, chain: tuple[str, ...]) -> list[Line]:
    file = folder / name
    if name in chain:
        raise RenderingError(
            f"{name} includes itself", document=line.place, remedy="Take one of the includes away: " + " → ".join(chain)
        )
    if not is_name_of_chapter(name) or not file.is_file() or folder.resolve() not in file.resolve().parents:
        raise RenderingError(
            f"There is no chapter {name!r} beside the document",
            document=line.place,
            remedy=f"Write it in {folder} as _chapter.qmd, or correct the name",
        )
    chapter = lines_of(text_in(file), file)
    # A chapter's last paragraph must not run into what follows it.
    return [*with_chapters(chapter, folder, (*chain, name)), Line("", file, len(chapter) + 1)]
