"""The texts of a tagged PDF, element by element: paragraphs, cells, captions, alternative texts."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pypdfium2  # type: ignore[import-untyped]
from pypdfium2 import raw

from kvarn.disseminate.pdf_reading import opened_pdf

__all__ = ["PdfText", "pdf_pictures", "pdf_texts"]

# What a program reads as one text; what stands within it (a link, a span) belongs to it.
_WHOLE = frozenset(
    ["P", "Caption", "TH", "TD", "LBody", "Lbl", "H", *(f"H{level}" for level in range(1, 7)), "Title", "Note", "Code"]
)
_NONE = -1
_DEEPEST = 1000


@dataclass
class PdfText:
    """One text.

    Attributes
    ----------
    kind
        The kind of element, such as ``P`` or ``TD``; ``Artifact`` for what stands outside the text, such as a page's foot;
        ``Alt`` for an alternative text, ``Outline`` and ``Info`` for bookmarks and the description of the file.
    row
        For a table's cell, the number of its row on the page.
    cut
        Whether it may go on, or have begun, on another page.
    """

    kind: str
    page: int
    text: str
    row: int | None = None
    cut: bool = False
    marked: list[int] = field(default_factory=list)


def pdf_texts(path: Path) -> list[PdfText]:
    """Everything that can be read in the PDF at `path`.

    Raises
    ------
    InputError
        It cannot be read.
    """
    found: list[PdfText] = []
    with opened_pdf(path) as document:
        for number, page in enumerate(document, 1):
            try:
                found += _of_page(page, number)
            finally:
                page.close()
        for key in ("Title", "Author", "Subject", "Keywords"):
            found.append(PdfText("Info", 0, str(document.get_metadata_value(key))))
        found += [PdfText("Outline", 0, str(entry.get_title())) for entry in document.get_toc()]
    return [one for one in found if one.text.strip()]


def pdf_pictures(path: Path) -> list[tuple[int, tuple[int, int]]]:
    """Each picture of pixels in the PDF at `path`, however deep it lies: its page, and its width and height in pixels.

    Raises
    ------
    InputError
        It cannot be read.
    """
    found: list[tuple[int, tuple[int, int]]] = []
    with opened_pdf(path) as document:
        for number, page in enumerate(document, 1):
            try:
                pictures = page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=_DEEPEST)
                found += [(number, picture.get_px_size()) for picture in pictures]
            finally:
                page.close()
    return found


def _of_page(page: pypdfium2.PdfPage, number: int) -> Iterator[PdfText]:
    marked = _marked_texts(page)
    tree = raw.FPDF_StructTree_GetForPage(page)
    elements: list[PdfText] = []
    try:
        for place in range(max(0, raw.FPDF_StructTree_CountChildren(tree)) if tree else 0):
            _elements(raw.FPDF_StructTree_GetChildAtIndex(tree, place), number, elements, None)
    finally:
        if tree:
            raw.FPDF_StructTree_Close(tree)
    read: set[int] = set()
    for element in elements:
        element.text = element.text or " ".join(marked.get(one, "") for one in element.marked)
        read.update(element.marked)
    _cut_at_the_edges(elements)
    yield from elements
    for one, text in marked.items():
        if one not in read:
            yield PdfText("Artifact", number, text)


def _cut_at_the_edges(elements: list[PdfText]) -> None:
    texts = [element for element in elements if element.kind != "Alt" and element.text.strip()]
    for element in (*texts[:1], *texts[-1:]):
        element.cut = True


def _marked_texts(page: pypdfium2.PdfPage) -> dict[int, str]:
    """The text of each marked part of a page, by its number; what is not marked has the number −1."""
    read = page.get_textpage()
    found: dict[int, list[str]] = {}
    number, last = _NONE, _NONE
    try:
        for place in range(read.count_chars()):
            letter = chr(raw.FPDFText_GetUnicode(read, place))
            if not raw.FPDFText_IsGenerated(read, place):
                number = raw.FPDFPageObj_GetMarkedContentID(raw.FPDFText_GetTextObject(read, place))
            if number != last and number in found:
                found[number].append(" ")
            last = number
            found.setdefault(number, []).append(letter)
    finally:
        read.close()
    return {one: "".join(letters) for one, letters in found.items()}


def _elements(element: Any, page: int, found: list[PdfText], within: PdfText | None, rows: list[int] | None = None) -> None:
    rows = rows if rows is not None else [0]
    kind = _said(raw.FPDF_StructElement_GetType, element)
    if alternative := _said(raw.FPDF_StructElement_GetAltText, element):
        found.append(PdfText("Alt", page, alternative))
    if actual := _said(raw.FPDF_StructElement_GetActualText, element):
        found.append(PdfText("Alt", page, actual))
    if kind == "TR":
        rows[0] += 1
    if kind in _WHOLE or within is None:
        within = PdfText(kind, page, "", row=rows[0] if kind in ("TH", "TD") else None)
        found.append(within)
    for place in range(max(0, raw.FPDF_StructElement_CountChildren(element))):
        child = raw.FPDF_StructElement_GetChildAtIndex(element, place)
        if child:
            _elements(child, page, found, within if kind in _WHOLE else None, rows)
            continue
        marked = raw.FPDF_StructElement_GetChildMarkedContentID(element, place)
        if marked != _NONE:
            within.marked.append(marked)


def _said(asked: Callable[..., int], element: Any) -> str:
    size = asked(element, None, 0)
    if size <= 2:
        return ""
    letters = ctypes.create_string_buffer(size)
    asked(element, letters, size)
    return letters.raw.decode("utf-16-le").rstrip("\0")
