"""A statistician's own tables: a frame, or a styled one, becomes a table of the text like those of kvarn.

What pandas and great_tables show is HTML with a look of its own: colours, bars, widths. A look can say numbers that nobody reads
back, and only web pages have it. So the table's words alone are kept, as Markdown: they stand alike in web pages, PDF files and
notebook pages, and the attack on the publication holds them to what is published as it does every table of the text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from kvarn.disseminate.text_tables import TextTable, as_text

__all__ = ["table_of_text"]

# What words may stand in. A link, a picture, a raised figure or a form is no part of such a table.
_WORDS = frozenset(("p", "div", "span", "b", "i", "em", "strong", "br"))
_TABLE = frozenset(("table", "thead", "tbody", "tfoot", "tr", "th", "td", "caption", "colgroup", "col", "style"))
_VOID = frozenset(("br", "col"))
_WIDEST = 100
_LONGEST = 10_000


@dataclass
class _Cell:
    text: str = ""
    head: bool = False
    across: int = 1
    down: int = 1


@dataclass
class _Row:
    part: str
    cells: list[_Cell] = field(default_factory=list)


def table_of_text(html: str) -> str | None:
    """The words of a table that pandas, its Styler or great_tables has shown, as Markdown; None where it is none of that kind.

    Heads of several rows are joined with commas, as in the tables of the text; a title, subtitle, caption or note that goes over
    the whole width stands above or below the table.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    if not reader.whole:
        return None
    return _written(reader)


class _Reader(HTMLParser):
    """Reads one table, and the words around it."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[_Row] = []
        self.above: list[str] = []
        self.below: list[str] = []
        self._strange = False
        self._tables = 0
        self._open: list[str] = []
        self._part = "tbody"
        self._words = ""

    @property
    def whole(self) -> bool:
        """Whether all that there is has been read, and is one table."""
        self._say()
        return not self._strange and self._tables == 1 and not self._open and bool(self.rows)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TABLE | _WORDS:
            self._strange = True
            return
        if tag not in _VOID:
            self._open.append(tag)
        if tag == "table":
            self._say()
            self._tables += 1
        elif tag in ("thead", "tbody", "tfoot"):
            self._part = tag
        elif tag == "tr":
            self.rows.append(_Row(self._part))
        elif tag in ("th", "td"):
            self._cell(tag, dict(attrs))
        elif tag in ("br", "p", "div"):
            self.handle_data(" ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        if not self._open or self._open.pop() != tag:
            self._strange = True
        if tag in ("p", "div", "caption") and "tr" not in self._open:
            self._say(above=tag == "caption")

    def handle_data(self, data: str) -> None:
        if "style" in self._open:
            return
        if {"th", "td"} & {*self._open}:
            self.rows[-1].cells[-1].text += data
        elif "caption" in self._open or "table" not in self._open:
            self._words += data
        elif data.strip():
            # A browser would put it before the table.
            self._strange = True

    def handle_decl(self, decl: str) -> None:
        self._strange = True

    def handle_pi(self, data: str) -> None:
        self._strange = True

    def unknown_decl(self, data: str) -> None:
        self._strange = True

    def _cell(self, tag: str, attributes: dict[str, str | None]) -> None:
        spans = [attributes.get(name) or "1" for name in ("colspan", "rowspan")]
        if not self.rows or "tr" not in self._open or not all(re.fullmatch(r"[1-9]\d{0,3}", span) for span in spans):
            self._strange = True
            spans = ["1", "1"]
            self.rows = self.rows or [_Row(self._part)]
        self.rows[-1].cells.append(_Cell("", tag == "th", int(spans[0]), int(spans[1])))

    def _say(self, *, above: bool = False) -> None:
        said, self._words = _plain(self._words), ""
        if said:
            (self.above if above or not self._tables else self.below).append(said)


def _written(read: _Reader) -> str | None:
    width = max(sum(cell.across for cell in row.cells) for row in read.rows)
    if not 1 <= width <= _WIDEST or len(read.rows) > _LONGEST:
        return None
    above, below, heads, body = list(read.above), list(read.below), [], []
    for row in read.rows:
        alone = len(row.cells) == 1 and row.cells[0].across == width and width > 1
        if alone and row.part != "tbody":
            # A title of great_tables, or a note of its source.
            said = _plain(row.cells[0].text)
            (above if row.part == "thead" else below).extend([said] if said else [])
        elif row.part == "thead":
            heads.append(row)
        else:
            body.append(row)
    grids = [_grid([row.cells for row in part], width) for part in (heads, body)]
    if not heads or not body or grids[0] is None or grids[1] is None:
        return None
    labels = max(1, min(sum(cell.head for cell in body[0].cells), width - 1)) if width > 1 else 1
    table = TextTable(
        tuple(", ".join(dict.fromkeys(filter(None, column))) for column in zip(*grids[0], strict=True)),
        tuple(map(tuple, grids[1])),
        labels,
        (),
    )
    return "\n".join([*map(_paragraph, above), table.markdown, *map(_paragraph, below)])


def _paragraph(said: str) -> str:
    """A paragraph that can begin nothing else: "3. persons" would be a list, and its number be read by nobody."""
    return f"&#{ord(said[0])};{as_text(said[1:])}\n"


def _grid(rows: Sequence[Sequence[_Cell]], width: int) -> list[list[str]] | None:
    """The text at every place, where a cell that spans several stands at each of them; None where they do not fill the rows."""
    held: dict[tuple[int, int], str] = {}
    for number, row in enumerate(rows):
        place = 0
        for cell in row:
            while (number, place) in held:
                place += 1
            if number + cell.down > len(rows) or place + cell.across > width:
                return None
            for down in range(cell.down):
                for across in range(cell.across):
                    if (number + down, place + across) in held:
                        return None
                    held[number + down, place + across] = _plain(cell.text)
    if len(held) != len(rows) * width:
        return None
    return [[held[number, place] for place in range(width)] for number in range(len(rows))]


def _plain(text: str) -> str:
    """The text on one line, as a browser shows it; a space that does not break stays."""
    return re.sub(r"[ \t\r\n\f]+", " ", text).strip()
