"""What a reader reads of a source: its markup taken away, each character with the line that it stands on."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from kvarn.disseminate.narrative._links import refused_links
from kvarn.disseminate.narrative._numbers import REFERENCE, VARIABLE, plain_character

__all__ = ["Passage", "blocks_of", "body_of", "passage"]

_SHORTCODE = re.compile(r"\{\{<\s*var\s+([\w.-]+)\s*>\}\}")
_BRACE = re.compile(r"\{([a-z0-9_.]+)\}")
_CHAPTER = re.compile(r"^\s*\{\{<\s*(?:include|embed)\s+[\w./#-]+\s*>\}\}\s*$", re.MULTILINE)
_CROSS_REFERENCE = re.compile(r"-?@(?:fig|tbl|sec)-[a-z][a-z0-9-]*")
# What cannot match otherwise is not tried otherwise (++, *+): a text of five thousand brackets is read in no time.
_ADDRESS = re.compile(r"\]\(\s*+<?([^)\s>]*+)>?([^)]*+)\)|^\s*\[[^\]\n]+\]:\s*(\S+)", re.MULTILINE)
_ATTRIBUTES = re.compile(r"\{[^{}\n]*\}")
_NOTE = re.compile(r"\^\[|\[\^[^\]\s]*\]:?")
_BRACKETS = re.compile(r"[\[\]]")
_TITLE = re.compile(r"""title\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_CONDITION = re.compile(r'(?:when|unless)-format\s*=\s*"?(?:html|typst)"?')
_EMPHASIS = re.compile(r"(?<=\w)[*_~^`]+|[*_~^`]+(?=\w)|(?<=\w)\\(?:\n\s*)?(?=\w)")
_ESCAPE = re.compile(r"\\(?=[^\w\s])")
_LEAD = re.compile(r"^(?:\s*>)*\s*(?:#{1,6}\s|:::+|[:~]\s|[-*+]\s)?", re.MULTILINE)
_RULE = re.compile(r"^(?=[^\n]*?-{2})[^\S\n]*+[^\S\n:|+=-]*+(?:[:|+=-]++[^\S\n]*+)++$|^\s*(?:```+|~~~+)\s*$", re.MULTILINE)
_BLOCK = re.compile(r"^\s*(?:#{1,6}\s|:::|[-*+]\s|[:~]\s|\{\{<\s*(?:include|embed))")


@dataclass(frozen=True)
class Passage:
    """A text as it is read, the line of each of its characters, the text as it was written, and its variables."""

    text: str
    lines: tuple[int, ...]
    written: str
    variables: tuple[str, ...] = ()
    # Where a link leads that no publication has, each with its line.
    links: tuple[tuple[str, int], ...] = ()
    # Its markup and all, and the number of its first line.
    source: str = ""
    first: int = 1

    def line(self, at: int) -> int:
        """The line of the character at a place."""
        return self.lines[min(at, len(self.lines) - 1)]


class _Marked:
    """A text from which markup is taken away, character by character with its line."""

    def __init__(self, text: str, first: int) -> None:
        self.text = unicodedata.normalize("NFC", text)
        self.lines: list[int] = []
        line = first
        # A letter and the mark above it are one character; a line keeps its number.
        for character in self.text:
            self.lines.append(line)
            line += character == "\n"

    def replace(self, pattern: re.Pattern[str], by: Callable[[re.Match[str]], str]) -> None:
        if pattern.search(self.text) is None:
            return
        text: list[str] = []
        lines: list[int] = []
        last = 0
        for found in pattern.finditer(self.text):
            put = by(found)
            text += [self.text[last : found.start()], put]
            lines += [*self.lines[last : found.start()], *self.lines[found.start() : found.start() + 1] * len(put)]
            last = found.end()
        self.text = "".join([*text, self.text[last:]])
        self.lines = [*lines, *self.lines[last:]]


@functools.lru_cache(maxsize=8192)
def passage(text: str, first: int = 1, *, braces: bool = False) -> Passage:
    """A text as it is read.

    Addresses and identifiers are read too, behind the words that they belong to, since they are published.

    Parameters
    ----------
    first
        The number of its first line.
    braces
        Whether ``{name}`` is a variable, as it is in ``figures.yml``.
    """
    marked = _Marked(text, first)
    marked.replace(_CHAPTER, lambda _: "")
    variables = tuple(_SHORTCODE.findall(marked.text))
    marked.replace(_SHORTCODE, lambda _: VARIABLE)
    if braces:
        variables = tuple(_BRACE.findall(marked.text))
        marked.replace(_BRACE, lambda _: VARIABLE)
    marked.replace(_CROSS_REFERENCE, lambda _: REFERENCE)
    links = tuple((written, marked.lines[at]) for at, written in refused_links(marked.text))
    unshown = [*_taken_out(marked, _ADDRESS, _words_of_address), *_taken_out(marked, _ATTRIBUTES, _words_of_attributes)]
    if any(VARIABLE in said for said, _ in unshown):
        # They are not in the order of the text any more.
        variables = ()
    marked.replace(_NOTE, lambda _: " ")
    marked.replace(_BRACKETS, lambda _: "")
    marked.replace(_RULE, lambda _: "")
    marked.replace(_LEAD, lambda _: "")
    marked.replace(_ESCAPE, lambda _: "")
    marked.replace(_EMPHASIS, lambda _: "")
    marked.replace(re.compile(r"(?<!\|)\|(?!\|)"), lambda _: " ")
    for said, line in unshown:
        marked.text += f" \n{said}"
        marked.lines += [line] * (len(said) + 2)
    read = "".join(map(plain_character, marked.text))
    return Passage(read, tuple(marked.lines) or (first,), marked.text, variables, links, text, first)


def body_of(text: str) -> tuple[str, int]:
    """What a document says behind its front matter, and the number of its first line."""
    if not (text.startswith("---\n") and "\n---\n" in text[4:]):
        return text, 1
    head, _, body = text[4:].partition("\n---\n")
    return body, head.count("\n") + 4


def blocks_of(text: str, first: int = 1, *, braces: bool = False) -> Iterator[Passage]:
    """The paragraphs, headings, list items and rows of a source, each as it is read."""
    block: list[str] = []
    begun = first
    for number, line in enumerate(text.split("\n"), first):
        if not line.strip() or _BLOCK.match(line):
            if block:
                yield passage("\n".join(block), begun, braces=braces)
            block = []
        if line.strip():
            begun = begun if block else number
            block.append(line)
    if block:
        yield passage("\n".join(block), begun, braces=braces)


def _taken_out(marked: _Marked, pattern: re.Pattern[str], words: Callable[[re.Match[str]], str]) -> list[tuple[str, int]]:
    """What is not shown in its place, as words with their line, to be read at the end: no word is parted by it."""
    found = [(words(one), marked.lines[one.start()]) for one in pattern.finditer(marked.text)]
    marked.replace(pattern, lambda one: "]" if one[0].startswith("]") else "")
    return found


def _words_of_address(found: re.Match[str]) -> str:
    """An address and its title as words: what is written by percent signs is read as it is meant."""
    address = unquote(unquote(found[1] or found[3] or ""))
    return f"{re.sub(r'[/?#&=_%+~-]+', ' ', address)} {found[2] or ''}"


def _words_of_attributes(found: re.Match[str]) -> str:
    """Identifiers, classes and titles as words; a condition on the format says nothing."""
    written = found[0]
    titles = " ".join(one or other for one, other in _TITLE.findall(written))
    names = _CONDITION.sub(" ", _TITLE.sub(" ", written))
    return f"{re.sub(r'[{}#.=_-]+', ' ', names).strip()} {titles}"
