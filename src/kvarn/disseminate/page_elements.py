"""Of what a published page may consist: the elements and attributes that kvarn's own pages have, and nothing else.

A page has places that no reader sees and every program finds: comments, templates, attributes of one's own, the number that
a list begins with. What could be hidden there is refused by not being on the list, rather than by being looked for.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import unquote

from kvarn.disseminate.house_style import unlisted_in_style
from kvarn.disseminate.narrative import counted_in, is_refused_address, numbers_in, places_in
from kvarn.disseminate.rendering.web_fonts import font_style

__all__ = ["faults_of_page", "faults_of_style", "says_a_number"]

_EVERYWHERE = frozenset(
    ("id", "class", "lang", "role", "tabindex", "aria-label", "aria-labelledby", "aria-describedby", "aria-hidden")
)
_WITHIN_PAGE = re.compile(r"#[\w-]+")
_ELEMENTS: dict[str, frozenset[str]] = {
    **dict.fromkeys(("html", "head", "title", "body", "main", "header", "footer", "nav", "section", "aside"), frozenset()),
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), frozenset(("data-number",))),
    **dict.fromkeys(("p", "span", "strong", "em", "code", "pre", "blockquote", "del", "sup", "sub", "br", "hr"), frozenset()),
    **dict.fromkeys(("ul", "ol", "li", "dl", "dt", "dd", "details", "summary", "figure", "figcaption"), frozenset()),
    **dict.fromkeys(("caption", "colgroup", "thead", "tbody", "tfoot", "tr"), frozenset()),
    "table": frozenset(("style", "border")),
    "col": frozenset(("style",)),
    "td": frozenset(("style", "colspan", "rowspan")),
    "th": frozenset(("style", "scope", "colspan", "rowspan")),
    "div": frozenset(("data-execution_count", "data-tags")),
    "meta": frozenset(("charset", "content", "http-equiv", "name")),
    "style": frozenset(("type", "scoped")),
    "a": frozenset(("href", "hreflang")),
    "img": frozenset(("alt", "src")),
    "time": frozenset(("datetime",)),
}
# What a chart in a page is drawn with, and its words.
_DRAWN = frozenset(
    ("d", "x", "y", "width", "height", "transform", "fill", "stroke", "stroke-width", "stroke-linejoin", "stroke-linecap",
     "stroke-dasharray", "stroke-dashoffset", "stroke-miterlimit", "opacity", "fill-opacity", "stroke-opacity", "fill-rule",
     "clip-path", "font-size", "font-weight", "href", "patternunits", "viewbox")
)  # fmt: skip
_ELEMENTS |= dict.fromkeys(("svg", "g", "defs", "path", "use", "rect", "text", "clippath", "pattern"), _DRAWN)
_VOID = frozenset(("br", "hr", "meta", "col", "img"))
# The folder of a language in an address, and the letter of a heading in its name or an address to it, are no words before what
# they lead to. The heading itself is read as text.
_BEFORE = re.compile(r"(?:^|(?<=/))(?:sv|en)/|^#?(?:toc-)?[a-h]-")
_READ_AS_WORDS = ("id", "class", "href", "datetime")
# What is said to programs of the page itself is always the same.
_OF_THE_FILE = {
    "viewport": re.compile(r"width=device-width, ?initial-scale=1"),
    "generator": re.compile(r"(?:quarto|pandoc|kvarn)[- ]\d+(?:\.\d+){1,3}"),
    "color-scheme": re.compile(r"[a-z ]+"),
    "dcterms.date": re.compile(r"\d{4}-\d\d-\d\d"),
}
_NAMES = ("id", "class", "role", "aria-labelledby", "aria-describedby")
# What has a number in its name: rates, footnotes, what Quarto ends the name of a caption with, Python's version, levels.
_NUMBERED = re.compile(
    r"per-1000\b|\bipython3\b|\b(?:s1|s2|c1)\b|\blevel\d\b|\bfn(?:ref)?\d+\b|-0ceaefa1-69ba-4598-a22c-09a6ac19f8ca\b"
)
_SAID_IN_STYLES = re.compile(r"/\*(.*?)\*/|\bcontent\s*:([^;}]*)", re.DOTALL | re.IGNORECASE)
_COUNTERS = re.compile(r"\bcounter(?:-reset|-set|-increment|s?\(\s*(?!pages?\s*\)))|@counter-style", re.IGNORECASE)
_TEXT_BY_NAME = re.compile(r"\bcontent\s*:[^;}]*\b(?:var|attr|env)\s*\(", re.IGNORECASE)
# Names of typefaces are texts that no reader sees.
_TEXT_IN_NAME = re.compile(r"--(?![\w-]*-(?:face|font)\b)[\w-]+\s*:[^;}]*[\"']")
_NAMES_IN_STYLES = re.compile(r"--[^\W\d][\w-]*|(?<=[.#])[^\W\d][\w-]*(?=[^{};\"']*\{)")
_VALUES = {
    "data-number": re.compile(r"[A-Z]?\d*(?:\.\d+)*"),
    "data-execution_count": re.compile(r"\d+"),
    "data-tags": re.compile(r"\[\]"),
    "border": re.compile(r"[01]"),
    "colspan": re.compile(r"\d+"),
    "rowspan": re.compile(r"\d+"),
    "datetime": re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?)?"),
    "tabindex": re.compile(r"0|-1"),
    "scope": re.compile(r"row|col|rowgroup|colgroup"),
    **dict.fromkeys(("d",), re.compile(r"[\d\s.eMLQCZVHz-]*")),
    **dict.fromkeys(
        ("x", "y", "width", "height", "stroke-width", "stroke-dashoffset", "stroke-miterlimit"), re.compile(r"[\d.e-]+")
    ),
    "transform": re.compile(r"(?:(?:translate|rotate|scale)\([\d\s.,e-]+\)\s*)*"),
    **dict.fromkeys(("fill", "stroke"), re.compile(r"none|#[\da-f]{6}|var\(--chart-[a-z]+\)|url\(#[a-z-]+\)", re.IGNORECASE)),
    **dict.fromkeys(
        ("stroke-linejoin", "stroke-linecap", "fill-rule"), re.compile(r"round|butt|miter|bevel|square|evenodd|nonzero")
    ),
    "stroke-dasharray": re.compile(r"[\d\s.,]+"),
    # What is nearly not there could be read by programs alone.
    **dict.fromkeys(("opacity", "fill-opacity", "stroke-opacity"), re.compile(r"1|0?\.[2-9]\d*")),
    "clip-path": re.compile(r"url\(#[a-z-]+\)"),
    "font-size": re.compile(r"(?:[7-9]|[1-4]\d)(?:\.\d+)?"),
    "font-weight": re.compile(r"400|600|700"),
    "patternunits": re.compile(r"userSpaceOnUse"),
    "viewbox": re.compile(r"[\d\s.]+"),
    "style": re.compile(r"(?:(?:width|text-align):\s*[\w.%]+;?\s*)*"),
}


def faults_of_page(page: str) -> list[str]:
    """What stands in a page and is not on the list, in words, each once; elements that are not closed are faults too."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return list(dict.fromkeys([*reader.faults, *reader.open_elements()]))


def faults_of_style(style: str) -> Iterator[str]:
    """What may not stand in a style: what `unlisted_in_style` does not know, and numbers in names, comments and texts."""
    yield from dict.fromkeys(what for _, what in unlisted_in_style(style))
    bare = style.replace(r"\00a0", "")
    # The office's own texts are put in by the renderer; a style that is applied sets its texts where they are shown.
    said = [one for found in _SAID_IN_STYLES.findall(bare) for one in found]
    if any(sign.isnumeric() for one in said for sign in one):
        yield "a number in a comment or text of a style"
    if _COUNTERS.search(style):
        yield "a counter in a style"
    if _TEXT_BY_NAME.search(bare) or _TEXT_IN_NAME.search(bare):
        yield "a text of a style that stands in a property of one's own, or comes from one"
    for name in _NAMES_IN_STYLES.findall(bare):
        if says_a_number(name) or any(sign.isnumeric() for sign in _NUMBERED.sub("", name)):
            yield "a number in a name of a style"
        elif name.startswith("--") and (places_in(words := re.sub(r"[\W_]+", " ", name)) or next(counted_in(words), None)):
            yield "a name of a place, or of what is counted, for a value of a style"


def says_a_number(value: str) -> bool:
    """Whether an address or a name says a number in words, or has one and names a place or what is counted."""
    words = re.sub(r"[\W_]+", " ", _NUMBERED.sub(" ", unquote(unquote(value))))
    apart = re.sub(r"(\d+)", r" \1 ", words)
    kinds = {found.kind for found in numbers_in(apart, "both")} - {"row of equal marks"}
    named = bool(places_in(apart)) or next(counted_in(apart), None) is not None
    return bool(kinds - {"number"}) or ("number" in kinds and named)


def _words_of(name: str, value: str) -> str:
    return _BEFORE.sub("", value) if name in ("id", "href") else value


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self._begun: Counter[str] = Counter()
        self._style: list[str] = []

    def open_elements(self) -> Iterator[str]:
        yield from (f"<{tag}> that is not closed, or closed twice" for tag, number in sorted(self._begun.items()) if number)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag not in _ELEMENTS:
            self.faults.append(f"the element <{tag[:30]}>")
            return
        self._begun[tag] += tag not in _VOID
        given = dict(attributes)
        fixed = _OF_THE_FILE.get((given.get("name") or "").strip().casefold()) if tag == "meta" else None
        if fixed is not None and not fixed.fullmatch(given.get("content") or ""):
            self.faults.append(f"the content of <meta name={given['name']!r}>")
        for name, value in attributes:
            if name not in _ELEMENTS[tag] and name not in _EVERYWHERE:
                self.faults.append(f"the attribute {name[:30]} of <{tag}>")
            elif (known := _VALUES.get(name)) is not None and not known.fullmatch(value or ""):
                self.faults.append(f"the value of the attribute {name} of <{tag}>")
            elif name in _NAMES and any(sign.isnumeric() for sign in _NUMBERED.sub("", value or "")):
                self.faults.append(f"a number in the attribute {name} of <{tag}>")
            elif name == "href" and tag != "a" and tag != "link" and not _WITHIN_PAGE.fullmatch(value or ""):
                self.faults.append(f"an address of <{tag}> that is not within the page")
            elif name == "href" and is_refused_address(value or ""):
                self.faults.append("a link that leads neither to the web, nor to a letter, nor to a file of the publication")
            elif name in _READ_AS_WORDS and says_a_number(_words_of(name, value or "")):
                self.faults.append(f"a number word, or a number beside a name, in the attribute {name} of <{tag}>")

    def handle_endtag(self, tag: str) -> None:
        if tag in _ELEMENTS:
            self._begun[tag] -= tag not in _VOID
        if tag == "style" and self._style:
            # The typeface that kvarn brings is the same in every page.
            written = "".join(self._style)
            self.faults += faults_of_style(written) if written.strip() != font_style().strip() else []
            self._style = []

    def handle_comment(self, data: str) -> None:
        self.faults.append("a comment")

    def handle_pi(self, data: str) -> None:
        self.faults.append("a processing instruction")

    def unknown_decl(self, data: str) -> None:
        self.faults.append("a section of other markup")

    def handle_decl(self, decl: str) -> None:
        if decl.lower() != "doctype html":
            self.faults.append("a declaration")

    def handle_data(self, data: str) -> None:
        if "\x00" in data:
            self.faults.append("a character that is not seen")
        if self.lasttag == "style" and self._begun["style"]:
            self._style.append(data)
