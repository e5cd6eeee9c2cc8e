"""Looks in every byte of a publication for a limit of disclosure control, in digits and in words of both languages."""

from __future__ import annotations

import base64
import html
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote

from kvarn.disseminate.pdf_texts import pdf_texts

__all__ = ["limits_told", "told_in"]

_DRAWING = re.compile(r"data:image/svg\+xml(;base64)?,([^\"')\s]+)")
_TAG = re.compile(r"<[^>]*>")
# Before a limit, or after it. A number between other words is a figure, of which there are thousands.
_COMPARED = (
    r"färre än|mindre än|fler än|mer än|under|minst|högst|från \w+ till|upp till|på|inom|gräns\w*(?: är)?|åtgärder|"
    r"fewer than|less than|more than|below|at least|at most|from \w+ to|up to|to within|limits?(?: are| is)?|procedures,"
)
_UNIT = r"personer|person|individer|individuals?|persons?|people|procent|per cent|percent|%|bidragslämnare|contributors"
_NAMED = (
    r"thresholds?|tröskel\w*|tröskeln|gränsvärde\w*|contributors|quantile_persons|quantile|width|bredd\w*|per_cent|p_per_cent|"
    r"withheld_at_most|dominan\w*|sensitive|singletons|floor"
)

# Letters: more than any of these words take before a number and after it.
_WORDS_AROUND = 400


def limits_told(folder: Path, values: Mapping[str, str]) -> list[tuple[str, str]]:
    """The file and the words around each of the `values` (a number as a pattern, by its name) that stands there as a limit."""
    found = []
    for path in sorted(folder.rglob("*")):
        for text in _texts(path) if path.is_file() else ():
            found += [(path.relative_to(folder).as_posix(), told) for told in told_in(text, values)]
    return found


def told_in(text: str, values: Mapping[str, str]) -> Iterator[str]:
    """Where a text tells one of the `values` as a limit."""
    # However much white space stands between them.
    text = re.sub(r"\s{2,}", " ", text)
    number = "|".join(values.values())
    of_limit = rf"(?<![\w.,])(?:{number})(?![\w]|[.,]\d)"
    patterns = [
        re.compile(pattern, re.IGNORECASE)
        for pattern in (
            rf"\b(?:{_COMPARED})\s+{of_limit}\s*(?:{_UNIT})",
            rf"\b(?:{_COMPARED})\s+{of_limit}\s+(?:tas bort|är|visas|redovisas|are|is|wide|brett|bred)\b",
            # The width of a column is none.
            rf"\b(?:{_NAMED})\b\W{{1,12}}{of_limit}(?!%|px|r?em|pt)",
            rf"{of_limit}\s+(?:wide|brett|bred)\b",
        )
    ]
    # Most of a publication are figures of tables: the words are sought around what could be a limit alone.
    for start, end in _around(re.finditer(of_limit, text, re.IGNORECASE)):
        for pattern in patterns:
            for told in pattern.finditer(text, start, end):
                yield told[0]


def _around(found: Iterator[re.Match[str]]) -> Iterator[tuple[int, int]]:
    """The pieces of a text around what was found; those that touch are one."""
    piece: tuple[int, int] | None = None
    for one in found:
        start, end = max(0, one.start() - _WORDS_AROUND), one.end() + _WORDS_AROUND
        if piece is not None and start > piece[1]:
            yield piece
            piece = None
        piece = (start, end) if piece is None else (piece[0], end)
    if piece is not None:
        yield piece


def _texts(path: Path) -> Iterator[str]:
    if path.suffix == ".pdf":
        yield "\n".join(text.text for text in pdf_texts(path))
        return
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            for name in packed.namelist():
                yield from _said(packed.read(name).decode("utf-8", "replace"))
        return
    yield from _said(path.read_bytes().decode("utf-8", "replace"))


def _said(content: str) -> Iterator[str]:
    """A file as it is written, as it is read, and the drawings in it."""
    for encoded, drawing in _DRAWING.findall(content):
        svg = base64.b64decode(drawing).decode("utf-8") if encoded else unquote(drawing)
        yield " ".join(html.unescape(_TAG.sub(" ", svg)).split())
    content = _DRAWING.sub("", content)
    yield content
    yield " ".join(html.unescape(_TAG.sub(" ", content)).split())
