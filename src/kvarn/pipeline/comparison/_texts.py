"""Two publications' documents, by heading."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from kvarn.pipeline.comparison._published import Published

__all__ = ["TextChange", "compare_texts", "sections_of"]

_HEADINGS = frozenset(f"h{level}" for level in range(1, 7))
# A row of a table is one text, its cells parted by a bar.
_BLOCKS = frozenset(("p", "li", "figcaption", "caption", "dt", "dd", "tr", "title", *_HEADINGS))
_UNSEEN = frozenset(("script", "style", "template", "nav"))
_NUMBER = "header-section-number"


@dataclass(frozen=True)
class TextChange:
    """A text below a heading that only one publication has, or that stands there in two ways.

    Attributes
    ----------
    kind
        ``changed``, ``new`` or ``gone``.
    """

    language: str
    document: str
    heading: str
    kind: str
    before: str
    now: str


@dataclass(frozen=True)
class _Section:
    heading: str
    texts: list[str]


def compare_texts(before: Published, now: Published) -> tuple[TextChange, ...]:
    """What the documents of two publications say otherwise, in the order of the second."""
    found: list[TextChange] = []
    for language, document in sorted(before.documents.keys() | now.documents.keys()):
        old, new = (side.documents.get((language, document)) for side in (before, now))
        was, has = (sections_of(page) if page is not None else {} for page in (old, new))
        for identifier in [*has, *(one for one in was if one not in has)]:
            for kind, one, other in _changes(was.get(identifier), has.get(identifier)):
                heading = (has.get(identifier) or was[identifier]).heading
                found.append(TextChange(language, document, heading, kind, one, other))
    return tuple(found)


def sections_of(page: Path) -> Mapping[str, _Section]:
    """The texts below each heading of a page, the heading itself first, by the heading's identifier, or else its words."""
    reader = _Reader()
    reader.feed(page.read_text(encoding="utf-8", errors="replace"))
    reader.close()
    found: dict[str, _Section] = {}
    for identifier, heading, texts in reader.sections:
        key = identifier or heading
        number = 1
        while key in found:
            number += 1
            key = f"{identifier or heading} ({number})"
        found[key] = _Section(heading, texts)
    return found


def _changes(was: _Section | None, has: _Section | None) -> Iterator[tuple[str, str, str]]:
    """What kind of change, the text before, and the text now."""
    old: Sequence[str] = was.texts if was else ()
    new: Sequence[str] = has.texts if has else ()
    for what, one, to, other, end in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            continue
        gone, come = list(old[one:to]), list(new[other:end])
        for pair in zip(gone, come, strict=False):
            yield "changed", *pair
        for text in gone[len(come) :]:
            yield "gone", text, ""
        for text in come[len(gone) :]:
            yield "new", "", text


class _Reader(HTMLParser):
    """The texts of a page: paragraphs, headings, captions, rows of tables, and what is said of pictures."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.sections: list[tuple[str, str, list[str]]] = [("", "", [])]
        self._unseen = 0
        self._number = 0
        self._heading: str | None = None
        self._around = ""
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in _UNSEEN:
            self._unseen += 1
        if tag == "section":
            self._around = given.get("id", "")
        if tag == "span" and (self._number or _NUMBER in given.get("class", "").split()):
            self._number += 1
        if tag in _BLOCKS:
            self._end_text()
        if tag in _HEADINGS and not self._unseen:
            self._heading = given.get("id") or self._around
        if tag in ("td", "th") and self._text:
            self._text.append(" | ")
        if tag == "img" and given.get("alt") and not self._unseen:
            self._end_text()
            self.sections[-1][2].append(" ".join(given["alt"].split()))

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen -= 1
        if tag == "span" and self._number:
            self._number -= 1
        if tag in _BLOCKS:
            self._end_text()

    def handle_data(self, data: str) -> None:
        if not self._unseen and not self._number:
            self._text.append(data)

    def close(self) -> None:
        super().close()
        self._end_text()

    def _end_text(self) -> None:
        text = " ".join("".join(self._text).split())
        self._text = []
        if not text:
            return
        if self._heading is not None:
            self.sections.append((self._heading, text, []))
            self._heading = None
        self.sections[-1][2].append(text)
