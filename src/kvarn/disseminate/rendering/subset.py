"""The part of Quarto that kvarn's documents use: everything that both renderers understand, in one place.

A document that uses anything else renders with Quarto and not without it, so anything else is an error that names the
file and line, whichever renderer is used.

Supported
---------
``{{< var a.b >}}``
    anywhere: text, headings, captions, front matter, a cell's ``fig-alt``.
``{{< include _chapter.qmd >}}``
    on a line of its own; chapters may include others.
``{{< embed notebooks/x.ipynb#label >}}``
    on a line of its own; the outputs of the cell labelled ``#| label: label``.
``::: {#fig-x}`` and ``::: {#tbl-x}``
    whose last paragraph is the caption.
``@fig-x``, ``@tbl-x``, ``@sec-x``
    also ``[-@fig-x]`` (the number alone), ``[text @fig-x]`` and ``[@fig-x; @fig-y]``.
``::: {.callout-note}``
    and tip, warning, important, caution; ``title="…"`` or a first heading as title.
``::: {.content-visible when-format="html"}``
    and ``.content-hidden``, ``unless-format``; the formats ``html`` and ``typst``.
``# Heading {#sec-x .unnumbered}``
    numbered when ``number-sections: true``; ``toc``, ``toc-depth``, ``number-depth``.
pandoc's Markdown
    pipe tables, definition lists, attributes. What is typed there is held to `kvarn.disseminate.narrative`: no number
    but allowed ones, no raw HTML, no code, no footnotes.

Front matter
------------
``title``, ``subtitle``, ``author`` (the publisher), ``date`` (shown as the date of publication, written out in the document's
language), and the house style's own ``series``, ``reference-year``, ``contact``, ``previous-publication``, ``how-to-cite``,
``article-number``, ``issn``, ``isbn``.
All may hold variables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kvarn.disseminate.rendering.lines import Line, text_lines
from kvarn.errors import RenderingError

__all__ = ["SUPPORTED", "check_references", "check_supported", "unsupported_in"]

SUPPORTED = "Write it with what docs/writing.md lists: both renderers know that."

# What blocks, headings and words can be marked as; Quarto makes something of other classes, or a page has an element for them.
_CLASSES = "unnumbered|unlisted|callout-(?:note|tip|warning|important|caution)|content-visible|content-hidden|smallcaps|finding"
UNSUPPORTED = (
    (r"\{\{<\s*/\*", "an escaped shortcode"),
    (r"\{\{<\s*(?!\s|(?:var|include|embed)\s)[^>]*", "the shortcode"),
    (r"(?:^|[\s\[;(-])@(?:lst|eq|thm|lem|cor|prp|cnj|def|exm|exr|rem|sol|nte|tip|wrn|imp|cau)-[\w-]+", "the reference"),
    (r"(?:^|[\s\[;(-])@(?:Fig|Tbl|Sec)-[\w-]+", "the reference"),
    (r"\{#(?:lst|eq|thm|lem|cor|prp|cnj|def|exm|exr|nte|tip|wrn|imp|cau)-[\w-]+", "the label"),
    (r"\{[^}]*\.panel-tabset", "tabs"),
    (r"\{[^}]*\blayout(?:-ncol|-nrow)?\s*=", "a figure layout"),
    (r"\{[^}]*\.(?:column-[\w-]+|aside\b)", "a column class"),
    (r"^\s*:::+.*\.callout-\w+.*\b(?:collapse|appearance|icon)\s*=", "a callout option"),
    (r"\{[^}]*\b(?:when|unless)-(?:profile|meta)\s*=", "the condition"),
    (r"\{[^}]*\b(?:when|unless)-format\s*=\s*\"?(?!html\b|typst\b)[\w-]+", "the format"),
    (rf"\{{[^}}<]*(?<![\w\"'./-])\.(?!(?:{_CLASSES})(?=[\s}}]))[A-Za-z][\w-]*", "the class"),
    (r"^\s*```+\s*\{(?!=)[\w]+[^}]*\}", "an executable cell"),
)
DEFINED = re.compile(r"\{[^}]*#((?:fig|tbl|sec)-[\w-]+)")
REFERENCE = re.compile(r"(?:^|(?<=[\s\[;(\-—–/]))@((?:fig|tbl|sec)-\w(?:[\w-]*\w)?)")


def unsupported_in(line: str) -> Iterator[tuple[str, str]]:
    """What the built-in renderer does not know of a line: as it is written, and what it is."""
    for pattern, feature in UNSUPPORTED:
        found = re.search(pattern, line)
        if found:
            yield found[0].strip(), feature


def check_supported(lines: list[Line]) -> None:
    """Refuse what the built-in renderer does not know.

    Raises
    ------
    RenderingError
        Naming the feature, the file and the line.
    """
    for line in lines:
        for written, feature in unsupported_in(line.text):
            raise RenderingError(
                f"{written!r}: {feature} is not among what kvarn's documents may use", document=line.place, remedy=SUPPORTED
            )


def check_references(lines: list[Line]) -> None:
    """Refuse a reference to a figure, table or section that is not there, and a label that is there twice.

    Raises
    ------
    RenderingError
        Naming the reference, the file and the line.
    """
    defined: dict[str, Line] = {}
    for line in text_lines(lines):
        for label in DEFINED.findall(line.text):
            if label in defined:
                raise RenderingError(
                    f"The label #{label} is there twice, first in {defined[label].place}",
                    document=line.place,
                    remedy="Give one of the two another label",
                )
            defined[label] = line
    for line in text_lines(lines):
        for label in REFERENCE.findall(line.text):
            if label not in defined:
                raise RenderingError(
                    f"@{label} points at nothing in this document",
                    document=line.place,
                    remedy=f"Label the figure, table or section with {{#{label}}}, or correct the reference",
                )
