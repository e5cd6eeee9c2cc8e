"""The templates of the house: what they say themselves is published in every document, and no figure of a table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from kvarn.base.files import text_in
from kvarn.disseminate.narrative._faults import Fault
from kvarn.disseminate.narrative._numbers import counted_in, numbers_in, plain_text
from kvarn.disseminate.narrative._places import places_in

__all__ = ["faults_in_templates"]

# What a program is told and no reader reads.
_TECHNICAL = frozenset(
    ("charset", "class", "for", "height", "href", "http-equiv", "id", "lang", "name", "rel", "role", "src", "type", "width")
)
_HEADING = re.compile(r"h[1-6]")
_VARIABLE = re.compile(r"\$[^$\n]*\$")
_COMMENT = re.compile(r"/\*.*?\*/|(?<!:)//[^\n]*|--\[\[.*?\]\]|(?<!-)--(?!-)[^\n]*", re.DOTALL)
_STRING = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
# A part of a text has children in Typst.
_OF_TYPST = re.compile(r"\.children\b|\"children\"")
_WORDS_FILE = "theme/words.yml"
_REMEDY = f"Take it out. Words that the house prints stand in {_WORDS_FILE}, in both languages; figures come from tables."


def faults_in_templates(theme: Path) -> Iterator[Fault]:
    """What the templates of ``reports/theme`` may not say: numbers, places, what is counted, and headings of their own."""
    for file in sorted(path for path in theme.rglob("*") if path.suffix in (".html", ".typ", ".lua")):
        text = text_in(file)
        said = _said_by_page(text) if file.suffix == ".html" else _said_by_program(text, typst=file.suffix == ".typ")
        for line, words, why in said:
            shown = " ".join(words.split())[:60]
            yield Fault(f"The template {why}: {shown!r}.", _REMEDY, file, line)


def _said_by_page(text: str) -> Iterator[tuple[int, str, str]]:
    reader = _Page()
    # A variable leaves nothing that joins what stands beside it, and no line is lost.
    reader.feed(_VARIABLE.sub(" ", text))
    reader.close()
    for line, words, heading in reader.said:
        if heading and any(sign.isalpha() for sign in words):
            yield line, words, "has a heading of its own"
        elif why := _why(words):
            yield line, words, why


def _said_by_program(text: str, *, typst: bool) -> Iterator[tuple[int, str, str]]:
    code = _COMMENT.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    for number, line in enumerate(code.split("\n"), 1):
        read = _OF_TYPST.sub(" ", line).replace("-", " ").replace("_", " ")
        if places_in(read, country=False) or (typst and next(counted_in(read), None) is not None):
            yield number, line, "names a place, or what is counted"
            continue
        if typst and any(found.kind == "number word" for found in numbers_in(read, "both")):
            yield number, line, "says a number"
            continue
        for found in _STRING.finditer(line):
            if any(map(str.isalpha, found[1])) and " " in found[1].strip() and (why := _why(_VARIABLE.sub(" ", found[1]))):
                yield number, found[1], why


def _why(words: str) -> str:
    plain = plain_text(words)
    if places_in(plain, country=False):
        return "names a place"
    if numbers_in(plain, "both"):
        return "says a number"
    return "names what is counted" if next(counted_in(plain), None) is not None else ""


class _Page(HTMLParser):
    """Every text and attribute that somebody, or a program that reads aloud, can read."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[tuple[int, str, bool]] = []
        self._heading = self._unread = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._heading = self._heading or _HEADING.fullmatch(tag) is not None
        self._unread = tag in ("style", "script")
        viewport = ("name", "viewport") in attrs
        for name, value in attrs:
            if value and name not in _TECHNICAL and not (viewport and name == "content"):
                self.said.append((self.getpos()[0], value, False))

    def handle_endtag(self, tag: str) -> None:
        self._heading = self._heading and _HEADING.fullmatch(tag) is None
        self._unread = False

    def handle_data(self, data: str) -> None:
        if not self._unread and data.strip():
            # A text begins on the line of its first sign.
            line = self.getpos()[0] + data[: len(data) - len(data.lstrip())].count("\n")
            self.said.append((line, data.strip(), self._heading))

    def handle_comment(self, data: str) -> None:
        self.said.append((self.getpos()[0], data, False))
