"""From a document's files to one text: included chapters, variables and the outputs of notebooks put in."""

from __future__ import annotations

import re

from kvarn.disseminate.rendering.embedding import embedded
from kvarn.disseminate.rendering.job import Job, body_of, front_matter_lines
from kvarn.disseminate.rendering.lines import Line, lines_of
from kvarn.disseminate.rendering.subset import check_references, check_supported
from kvarn.disseminate.rendering.variables import with_variables
from kvarn.errors import RenderingError

__all__ = ["assemble", "source_lines"]

SHORTCODE = re.compile(r"\{\{<\s*(include|embed)\s+(.*?)\s*>\}\}")


def source_lines(job: Job) -> list[Line]:
    """The document's text with its chapters, as they were written; checked to be what both renderers understand.

    Raises
    ------
    RenderingError
        A feature that is not supported, a chapter that is not there, a reference that points at nothing: with file and line.
    """
    lines = _with_chapters(lines_of(body_of(job), job.text, front_matter_lines(job)), job, (job.text.name,))
    check_supported(lines)
    check_references(lines)
    return lines


def assemble(job: Job) -> str:
    """The whole document as pandoc's Markdown. Pictures of notebooks are written into the render's folder.

    Raises
    ------
    RenderingError
        What `source_lines` refuses, a variable, notebook or cell that is not there.
    """
    return "\n".join(text for line in source_lines(job) for text in _written(line, job)) + "\n"


def _written(line: Line, job: Job) -> list[str]:
    address = _alone(line, "embed")
    if address is not None:
        markdown = embedded(address, job, line.place)
        return [with_variables(text, job.variables, line.place) for text in markdown]
    return [with_variables(line.text, job.variables, line.place)]


def _with_chapters(lines: list[Line], job: Job, chain: tuple[str, ...]) -> list[Line]:
    whole: list[Line] = []
    for line in lines:
        name = _alone(line, "include")
        whole += [line] if name is None else _chapter(name, line, job, chain)
    return whole


def _chapter(name: str, line: Line, job: Job, chain: tuple[str, ...]) -> list[Line]:
    file = job.source / name
    if name in chain:
        raise RenderingError(
            f"{name} includes itself", document=line.place, remedy="Take one of the includes away: " + " → ".join(chain)
        )
    if not file.is_file() or job.source.resolve() not in file.resolve().parents:
        raise RenderingError(
            f"There is no chapter {name!r} beside the document",
            document=line.place,
            remedy=f"Write it in {job.source}, or correct the name",
        )
    chapter = lines_of(file.read_text(encoding="utf-8"), file)
    # A chapter's last paragraph must not run into what follows it.
    return [*_with_chapters(chapter, job, (*chain, name)), Line("", file, len(chapter) + 1)]


def _alone(line: Line, shortcode: str) -> str | None:
    """What the shortcode names, if the line holds it; it must stand alone there, as Quarto demands of includes."""
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
