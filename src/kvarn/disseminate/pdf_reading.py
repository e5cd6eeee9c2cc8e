"""Reading a PDF back. PDFium may be used by one thread at a time, so whoever reads waits for a turn."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]

from kvarn.errors import InputError

__all__ = ["opened_pdf", "page_texts"]

_turn = threading.Lock()


@contextmanager
def opened_pdf(path: Path) -> Iterator[pypdfium2.PdfDocument]:
    """The PDF at `path`, closed afterwards.

    Raises
    ------
    InputError
        It cannot be read.
    """
    with _turn:
        try:
            document = pypdfium2.PdfDocument(path)
        except pypdfium2.PdfiumError as error:
            raise InputError(f"The PDF cannot be read back: {error}.", file=path.name, remedy="Render it again.") from None
        try:
            yield document
        finally:
            document.close()


def page_texts(document: pypdfium2.PdfDocument) -> list[str]:
    """The text of each page."""
    texts = []
    for page in document:
        text = page.get_textpage()
        texts.append(text.get_text_bounded())
        text.close()
        page.close()
    return texts
