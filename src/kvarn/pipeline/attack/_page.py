"""A web page as its readers have it: tables, texts, alternative texts and what is written in drawings."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

from kvarn.base.page_policy import has_policy, without_policy
from kvarn.pipeline.attack._section_numbers import SectionNumbers
from kvarn.pipeline.own_outputs import drawing_digest, picture_digest

__all__ = ["Drawing", "Page", "PageTable", "read_page"]

# What stands within a line of text; every other element begins and ends a text of its own.
_WITHIN = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "cite",
        "code",
        "em",
        "i",
        "kbd",
        "mark",
        "q",
        "s",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "time",
        "u",
        "var",
        "wbr",
    ]
)
_UNSEEN = frozenset(("script", "style", "template"))
# How wide a screen is taken to be, and what made the page: said to programs, not to a reader.
_OF_THE_FILE = ("viewport", "generator")
_SPOKEN = ("aria-label", "aria-description", "aria-valuetext")
_SAID = ("alt", "title", *_SPOKEN, "content", "label", "placeholder", "summary", "value")
_WRITTEN_BY_STYLE = re.compile(r"content\s*:\s*(?:\"([^\"]*)\"|'([^']*)')")
_BY_CODE = re.compile(r"\\([0-9A-Fa-f]{1,6})\s?")
_HEADING = re.compile(r"h([1-6])")
_DRAWING = re.compile(r"data:image/svg\+xml(;base64)?,(.*)", re.DOTALL)
_PNG = b"\x89PNG\r\n\x1a\n"
_EMBEDDED = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=\s]+)")
_PICTURE = re.compile(r"data:image/png;base64,(.*)", re.DOTALL)
# matplotlib draws letters as shapes, and writes the text beside them as a comment.
_DRAWN = re.compile(r"<!--(.*?)-->|<(?:text|tspan|title|desc)\b[^>]*>([^<]*)|\b(?:aria-label)=\"([^\"]*)\"", re.DOTALL)


@dataclass
class PageTable:
    """A table: its heads, its rows, and what it is called."""

    heads: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    named: str = ""


@dataclass
class Drawing:
    """The texts of a drawing in their order, and by what it is known again; empty where the drawing stands in the page itself."""

    texts: list[str] = field(default_factory=list)
    digest: str = ""


@dataclass
class Page:
    """What a page says.

    Attributes
    ----------
    texts
        Paragraphs, headings, captions, list items and the texts of elements that only a screen reader speaks.
    drawings
        What can be read in pictures.
    code
        What stands folded away as the code of a notebook.
    pictures
        By what those pictures are known again that are no drawings, so that nothing can be read in them.
    sizes
        The width and height in pixels of each of them, and of those within drawings.
    """

    tables: list[PageTable] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    drawings: list[Drawing] = field(default_factory=list)
    code: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    sizes: list[tuple[int, int]] = field(default_factory=list)


def read_page(path: Path) -> Page:
    """Read one page. Its policy is hashes of its own styles, which the gate holds it to, and says nothing."""
    reader = _Reader()
    written = path.read_text(encoding="utf-8")
    if has_policy(written):
        written = without_policy(written)
    reader.feed(written)
    reader.close()
    reader.flush()
    reader.page.texts += reader.sections.of_no_heading()
    return reader.page


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self.words: list[str] = []
        self.unseen = 0
        self.styling = False
        self.sections = SectionNumbers()
        self.numbering: list[str] | None = None
        self.in_contents = 0
        self.identifier = ""
        self.table: PageTable | None = None
        self.cells: list[str] = []
        self.in_cell = self.in_head = False
        self.named = ""
        # How many of the elements that are open fold code away; what is shown stands in none.
        self.folded = 0
        self.drawing: Drawing | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self._attributes(tag, given)
        self._sections(tag, given)
        if tag == "details" and (self.folded or given.get("class") == "code"):
            self.flush()
            self.folded += 1
        if tag in _UNSEEN:
            self.unseen += 1
            self.styling = tag == "style"
        elif tag == "svg":
            self.flush()
            self.drawing = Drawing()
        elif tag == "span" and "header-section-number" in given.get("class", ""):
            self.numbering = []
        elif tag == "table":
            self.flush()
            self.table = PageTable(named=self.named)
            self.page.tables.append(self.table)
        elif tag in ("td", "th") and self.table is not None:
            self.words, self.in_cell = [], True
        elif tag == "tr" and self.table is not None:
            self.cells = []
        elif tag == "thead":
            self.in_head = True
        elif tag not in _WITHIN and not self.in_cell:
            self.flush()
        elif tag not in _WITHIN:
            self.words.append(" ")

    def _sections(self, tag: str, given: dict[str, str]) -> None:
        """Note where a heading, or a line of the list of contents, begins."""
        heading = _HEADING.fullmatch(tag)
        # The identifier stands at the heading or at the section that it begins.
        self.identifier = given.get("id", self.identifier if heading else "") if heading or tag == "section" else self.identifier
        if heading:
            self.flush()
            self.sections.heading(int(heading[1]), self.identifier)
        elif tag == "nav":
            self.in_contents += 1
        elif tag == "a" and self.in_contents and not self.sections.in_heading and given.get("href", "").startswith("#"):
            self.sections.line(given["href"][1:])

    def handle_endtag(self, tag: str) -> None:
        if _HEADING.fullmatch(tag) or tag == "a":
            self.sections.ended(_even("".join(self.words)), heading=tag != "a")
        self.in_contents -= tag == "nav" and self.in_contents > 0
        if tag in _UNSEEN:
            self.unseen = max(0, self.unseen - 1)
        elif tag == "svg" and self.drawing is not None:
            self.page.drawings.append(self.drawing)
            self.drawing = None
        elif tag == "span" and self.numbering is not None:
            said = "".join(self.numbering).strip()
            self.words += [] if self.sections.takes(said, "".join(self.words)) else [said]
            self.numbering = None
        elif tag in ("td", "th") and self.table is not None:
            self.cells.append(_even("".join(self.words)))
            self.words, self.in_cell = [], False
        elif tag == "tr" and self.table is not None:
            self._row()
        elif tag == "thead":
            self.in_head = False
        elif tag == "table":
            self.table = None
        elif tag not in _WITHIN and not self.in_cell:
            self.flush()
        if tag == "details" and self.folded:
            self.flush()
            self.folded -= 1

    def handle_data(self, data: str) -> None:
        if self.unseen and self.styling:
            # What a style puts before or after an element is shown, and stands nowhere else.
            self.page.texts += [_even(_unescaped(one or other)) for one, other in _WRITTEN_BY_STYLE.findall(data) if one or other]
        if self.unseen:
            return
        if self.drawing is not None:
            self.drawing.texts += [_even(data)] if data.strip() else []
        elif self.numbering is not None:
            self.numbering.append(data)
        else:
            self.words.append(data)

    def handle_comment(self, data: str) -> None:
        if self.drawing is not None:
            self.drawing.texts.append(_even(data))
        else:
            self.page.texts.append(_even(data))

    def flush(self) -> None:
        """Let the text that has been read stand by itself."""
        said = _even("".join(self.words))
        if said:
            (self.page.code if self.folded else self.page.texts).append(said)
        self.words = []

    def _row(self) -> None:
        assert self.table is not None
        if not self.table.heads and (self.in_head or not self.table.rows):
            self.table.heads = self.cells
        else:
            self.table.rows.append(self.cells)
        self.cells = []

    def _attributes(self, tag: str, given: dict[str, str]) -> None:
        attributes = () if given.get("name") in _OF_THE_FILE else _SAID
        said = [_even(given[name]) for name in attributes if given.get(name)]
        self.page.texts += dict.fromkeys(said)
        if given.get("role") == "region":
            self.named = _even(given.get("aria-label", ""))
        source = given.get("src") or given.get("data") or ""
        if tag in ("img", "object", "embed", "source", "image") and source:
            drawn = _drawn(source)
            self.page.pictures += [_picture(source)] if drawn is None else []
            self.page.drawings += [drawn] if drawn is not None else []
            self.page.sizes += _sizes(source)


def _unescaped(written: str) -> str:
    """A text of a style with the characters that it gives by their codes."""
    return _BY_CODE.sub(lambda found: chr(min(int(found[1], 16), 0x10FFFF)), written)


def _drawn(source: str) -> Drawing | None:
    """What can be read in an embedded drawing; None when it is a picture of another kind."""
    found = _DRAWING.match(source)
    if found is None:
        return None
    try:
        svg = base64.b64decode(found[2]).decode("utf-8", "replace") if found[1] else unquote(found[2])
    except binascii.Error:
        return None
    return Drawing([text for parts in _DRAWN.findall(svg) if (text := _even("".join(parts)))], drawing_digest(svg))


def _sizes(source: str) -> Iterator[tuple[int, int]]:
    """The size of a picture of pixels, or of each one within a drawing, in pixels."""
    drawing = _DRAWING.match(source)
    try:
        if drawing is not None:
            svg = base64.b64decode(drawing[2]).decode("utf-8", "replace") if drawing[1] else unquote(drawing[2])
            sources = [re.sub(r"\s+", "", written) for written in _EMBEDDED.findall(svg)]
        else:
            picture = _PICTURE.match(source)
            sources = [picture[1]] if picture is not None else []
        for written in sources:
            head = base64.b64decode(written)[:24]
            if head.startswith(_PNG):
                yield int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")
    except binascii.Error:
        return


def _picture(source: str) -> str:
    """By what a picture that cannot be read is known again; empty where it is none of ours."""
    found = _PICTURE.match(source)
    try:
        return picture_digest(base64.b64decode(found[1])) if found is not None else ""
    except binascii.Error:
        return ""


def _even(text: str) -> str:
    """The text with each run of white space as one space; a no-break space within a number stays."""
    return re.sub(r"[ \t\r\n]+", " ", text).strip(" ")
