"""Rendered documents as a reader gets them."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pypdfium2


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden = self._hidden or tag in ("style", "script")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("style", "script"):
            self._hidden = False

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words += data.split()


def page_text(page: Path) -> str:
    words = _Words()
    words.feed(page.read_text(encoding="utf-8"))
    return " ".join(words.words)


def pdf_pages(pdf: Path) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [" ".join(page.get_textpage().get_text_bounded().split()) for page in document]
    finally:
        document.close()


def pdf_text(pdf: Path) -> str:
    return " ".join(pdf_pages(pdf))


def pdf_facts(pdf: Path) -> dict[str, str]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        facts: dict[str, str] = document.get_metadata_dict()
        return facts
    finally:
        document.close()
