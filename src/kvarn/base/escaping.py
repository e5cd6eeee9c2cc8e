"""Text as data: how it is written so that the reader of a format takes it for text, and for nothing else. One function a format.

HTML has Python's own `html.escape` and templates that escape what is filled in; spreadsheets are written as strings, never as
formulas. What cannot stand in any text (line breaks, control characters, characters that turn the direction) is refused where an
edition is read.
"""

from __future__ import annotations

import re

__all__ = ["for_markdown", "for_notebook_markdown"]

_MARKS = re.compile(r"([!-/:-@\[-`{-~])")


def for_markdown(text: str) -> str:
    """Text for pandoc's Markdown, be it in a paragraph, a heading, a table, an attribute or the metadata: both renderers read it.

    A backslash before every mark of ASCII: pandoc takes each for itself then, so that no link, reference, formula, shortcode, raw
    HTML or typographic change comes of it, and neither does a list or a heading where a line begins with it.
    """
    return _MARKS.sub(r"\\\1", text)


def for_notebook_markdown(text: str) -> str:
    """Text for Markdown cells of notebooks, whose reader knows formulas: every mark of ASCII as a character reference."""
    return _MARKS.sub(lambda mark: f"&#{ord(mark[0])};", text)
