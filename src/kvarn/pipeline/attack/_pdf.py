"""The PDF of a document, read back as its page is: the same tables, and no number that nothing accounts for."""

from __future__ import annotations

import functools
import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from kvarn.disseminate.narrative import number_words
from kvarn.disseminate.pdf_texts import PdfText, pdf_pictures, pdf_texts
from kvarn.errors import DisclosureError
from kvarn.pipeline.attack._page import PageTable
from kvarn.pipeline.attack._prose import Accounts

__all__ = ["require_pdf"]

_REMEDY = (
    "Nothing has been published. Show figures of the protected tables as they are, or declare what is computed from them in "
    "reports/figures.yml."
)
_PICTURE = (
    "Nothing has been published. Show pictures by a cell of a present notebook that declares its tables (#| shows: …), and none "
    "by the templates of reports/theme."
)
# What the renderer counts: the numbers of chapters, before a heading and in the list of contents, and the pages there.
_NUMBERING = re.compile(r"^(?:[A-Z]|\d{1,2})(?:\.\d{1,2}){0,5}(?=\s\s|\s*$)")
_BOOKMARK = re.compile(r"(?:[A-Z]|\d{1,2})(?:\.\d{1,2}){0,5} (.+)", re.DOTALL)
_APART = re.compile(r"[\r\n]+|\s{2,}")
_PAGE = re.compile(r"\s\s(\d{1,3})$")
# The dots that lead from a heading to its page, in the list of contents.
_LEADER = re.compile(r"\.(?: ?\.)+")
_MOST_HYPHENS = 5
_MOST_SAID = 80
_HYPHEN = re.compile(r"[\u00ad\ufffe\x02]\s*")


def require_pdf(
    pdf: Path, folder: Path, tables: Sequence[PageTable], accounts: Accounts, pictures: Sequence[tuple[int, int]] = ()
) -> int:
    """Hold every text of a PDF to what accounts for it, and its tables and pictures to those of the page of the same document.

    Parameters
    ----------
    folder
        The publication.
    tables
        The tables of the page, which have been held to the published ones.
    pictures
        The width and height in pixels of each picture of the page, which have been held to the charts that may be shown.

    Returns
    -------
    int
        How many texts were read.

    Raises
    ------
    DisclosureError
        The PDF shows a number that nothing accounts for, or a picture that the page does not have, or no text can be read in
        it. The error names the page and the words around the number, never the number.
    """
    texts = pdf_texts(pdf)
    place = pdf.relative_to(folder).as_posix()
    _require_pictures(pdf, place, pictures)
    if not any(text.kind not in ("Info", "Artifact") for text in texts):
        raise DisclosureError("No text can be read in the PDF, so nobody can tell what it shows.", where=place, remedy=_REMEDY)
    rows = {_row(cells) for table in tables for cells in (table.heads, *table.rows)}
    heads = [_repeated(table.heads) for table in tables if len(table.heads) > 1]
    last = max(text.page for text in texts)
    before = ""
    for page, said in _said(texts, rows, heads, last):
        readings = [list(accounts.unaccounted(one)) for one in _readings(said)]
        if all(readings):
            where = f"{place}, page {page}: {_near(readings[0][0], before, said)}"
            raise DisclosureError("The PDF shows a number that nothing accounts for.", where=where, remedy=_REMEDY)
        for near in accounts.unaccounted_without_digits(said):
            what = "The PDF shows a number without digits that nothing accounts for."
            raise DisclosureError(what, where=f"{place}, page {page}: {near}", remedy=_REMEDY)
        before = said if any(sign.isalpha() for sign in said) else before
    return len(texts)


def _require_pictures(pdf: Path, place: str, pictures: Sequence[tuple[int, int]]) -> None:
    """Every picture of pixels is one of the page: nobody can read what another one shows."""
    left = Counter(pictures)
    for page, size in pdf_pictures(pdf):
        left[size] -= 1
        if left[size] < 0:
            raise DisclosureError(
                "The PDF has a picture that the page of the same document does not have, so nothing accounts for what it shows.",
                where=f"{place}, page {page}",
                remedy=_PICTURE,
            )


def _near(words: str, before: str, said: str) -> str:
    """The words around a number; of one with none beside it those of its text, or of the text before it. Never a number."""
    if any(sign.isalpha() for sign in words):
        return words
    for text in (said, before):
        shown = [word for word in text.split() if not _holds_number(word)]
        if shown:
            return ("" if text is said else "behind ") + " ".join(shown)[:_MOST_SAID]
    return words


def _holds_number(word: str) -> bool:
    parts = re.findall(r"[^\W\d_]+", word.casefold())
    return any(sign.isnumeric() for sign in word) or any(number_words("both").fullmatch(part) for part in parts) or not parts


def _readings(said: str) -> Iterator[str]:
    """A text with each hyphen at a line's end taken as the renderer's, or as the word's own: nothing tells them apart."""
    parts = _HYPHEN.split(said)
    between = len(parts) - 1
    alike = (("",) * between, ("-",) * between)
    for marks in itertools.product(("", "-"), repeat=between) if between <= _MOST_HYPHENS else alike:
        yield _even("".join(part + mark for part, mark in zip(parts, (*marks, ""), strict=True)))


def _repeated(heads: Sequence[str]) -> re.Pattern[str]:
    """The heads of a table as they stand outside the text where it goes on over a page: one after the other, broken anywhere."""
    signs = "".join(_row(heads))
    return re.compile(r"[\s\u00ad\ufffe\x02]*".join(map(re.escape, signs)))


def _said(
    texts: Sequence[PdfText], rows: set[tuple[str, ...]], heads: Sequence[re.Pattern[str]], last: int
) -> Iterator[tuple[int, str]]:
    """Each text that must be accounted for, without what the renderer counts or repeats; rows of tables that the page has are."""
    headings = {_even(_without_numbering(text.text, text.kind, last)) for text in texts if _is_heading(text.kind)}
    for (page, row), group in itertools.groupby(texts, key=lambda text: (text.page, text.row)):
        if row is not None:
            cells = [_even(text.text) for text in group]
            if _row([_HYPHEN.sub("", cell) for cell in cells]) not in rows:
                yield page, " ".join(cells)
            continue
        for text in group:
            # What stands outside paragraphs (the front page, a page's foot) has a line for each thing that it says.
            if text.kind == "Outline" and (found := _BOOKMARK.fullmatch(_even(text.text))) and found[1] in headings:
                continue
            apart = functools.reduce(_without, heads, text.text) if text.kind == "Artifact" else text.text
            lines = _APART.split(apart) if text.kind in ("Artifact", "Span") else [text.text]
            for line in lines:
                said = _even(_without_numbering(line, text.kind, last))
                if not (text.kind == "Artifact" and (said == str(page) or _LEADER.fullmatch(said))):
                    yield page, said


def _without(said: str, heads: re.Pattern[str]) -> str:
    return heads.sub("\n", said, count=1)


def _without_numbering(said: str, kind: str, last: int) -> str:
    if kind == "Lbl" or _is_heading(kind):
        return _NUMBERING.sub("", said.strip())
    if kind == "Link" and (found := _PAGE.search(said.rstrip())) and int(found[1]) <= last:
        return said[: found.start()]
    return said


def _is_heading(kind: str) -> bool:
    return re.fullmatch(r"H[1-6]?", kind) is not None


def _row(cells: Sequence[str]) -> tuple[str, ...]:
    return tuple("".join(cell.split()) for cell in cells)


def _even(text: str) -> str:
    """The text on one line; a no-break space within a number stays."""
    return re.sub(r"[ \t\r\n]+", " ", text).strip(" ")
