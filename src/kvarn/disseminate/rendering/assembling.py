"""From a document's files to one text: chapters, variables and the outputs of notebooks put in."""

from __future__ import annotations

from kvarn.disseminate.rendering.chapters import named_alone
from kvarn.disseminate.rendering.embedding import embedded
from kvarn.disseminate.rendering.job import Job, document_lines
from kvarn.disseminate.rendering.lines import Line
from kvarn.disseminate.rendering.subset import check_references, check_supported
from kvarn.disseminate.rendering.variables import with_variables

__all__ = ["assemble", "source_lines"]


def source_lines(job: Job) -> list[Line]:
    """The document's text with its chapters, as they were written; checked to be what both renderers understand.

    Raises
    ------
    RenderingError
        A feature that is not supported, a chapter that is not there, a reference that points at nothing: with the
        file and line.
    """
    lines = document_lines(job)
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
    address = named_alone(line, "embed")
    if address is None:
        return [with_variables(line.text, job.variables, line.place)]
    return [with_variables(text, job.variables, line.place) for text in embedded(address, job, line.place)]
