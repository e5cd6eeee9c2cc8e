"""What is wrong with a rendered web page."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser
from urllib.parse import unquote_to_bytes

from kvarn.disseminate.rendering.job import Job
from kvarn.disseminate.rendering.left_over import left_over

__all__ = ["page_faults"]

# Attributes that make a browser fetch something, whatever element they stand on.
FETCHING = ("src", "poster", "background", "data", "action", "formaction", "srcset", "xlink:href")
IN_STYLE = re.compile(r"url\(\s*['\"]?(?!#|data:)([^'\")]+)|@import\s+['\"]([^'\"]+)")
IN_SVG = re.compile(r"<(?!a\b)[\w:]+[^>]*?\s(?:xlink:href|href|src)\s*=\s*['\"](?!#|data:)([^'\"]+)")
VISIBLE = ("alt", "title", "aria-label", "content", "class")


def page_faults(job: Job) -> list[str]:
    """Everything that is wrong with the page at ``job.output``, each in one sentence."""
    written = job.output.read_text(encoding="utf-8")
    page = _Page()
    page.feed(written)
    page.close()
    text = " ".join(" ".join(page.words).split())
    faults = left_over(" ".join([text, *page.attributes]), job.variables) + page.faults
    if not " ".join(page.title).strip():
        faults.append("the page has no title")
    if page.language != job.language:
        faults.append(f"the page's language is {page.language!r}, not {job.language!r}")
    if str(job.folder.resolve()) in written:
        faults.append("the page tells a path of this machine")
    if job.synthetic and " ".join(job.notice.split()) not in text:
        faults.append("the notice of synthetic data is not on the page")
    if " ".join(job.correction.split()) not in text:
        faults.append("the notice of what has been corrected is not on the page: the theme leaves out $correction$")
    return list(dict.fromkeys(faults))


class _Page(HTMLParser):
    """Reads the text, and notes what would be fetched from elsewhere and which pictures are missing."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        # One item between two tags: the parser may hand over a text in pieces.
        self.words: list[str] = [""]
        self.attributes: list[str] = []
        self.title: list[str] = []
        self.faults: list[str] = []
        self.language: str | None = None
        self._inside: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.words.append("")
        attributes = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = attributes.get("lang")
        if tag in ("script", "style", "title"):
            self._inside = tag
        self.attributes += [attributes[name] for name in VISIBLE if name in attributes]
        self._picture(tag, attributes)
        self._requests(tag, attributes)

    def handle_endtag(self, tag: str) -> None:
        self.words.append("")
        if tag == self._inside:
            self._inside = None

    def handle_data(self, data: str) -> None:
        if self._inside == "style":
            self._style(data)
        elif self._inside == "title":
            self.title.append(data)
            self.words[-1] += data
        elif self._inside is None:
            self.words[-1] += data

    def _picture(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "svg" and not attributes.get("aria-label", "").strip():
            self.faults.append("a picture has no alternative text")
        if tag != "img":
            return
        source = attributes.get("src", "")
        if not source.startswith("data:"):
            self.faults.append(f"a picture is missing: {source[:80]!r}")
        elif len(source.partition(",")[2]) == 0:
            self.faults.append("a picture is empty")
        if not attributes.get("alt", "").strip() and attributes.get("role") != "presentation":
            self.faults.append("a picture has no alternative text")

    def _requests(self, tag: str, attributes: dict[str, str]) -> None:
        names = [*FETCHING, *(["href"] if tag not in ("a", "area") else [])]
        for name in names:
            value = attributes.get(name, "").strip()
            if value.startswith("data:image/svg+xml"):
                self._svg(value)
            elif value and not value.startswith(("data:", "#")) and tag != "img":
                self.faults.append(f"the page asks for another file or host: <{tag} {name}={value[:80]!r}>")
        self._style(attributes.get("style", ""))
        if tag == "meta" and attributes.get("http-equiv", "").lower() == "refresh":
            self.faults.append("the page sends the reader elsewhere: <meta http-equiv='refresh'>")

    def _style(self, style: str) -> None:
        for found in IN_STYLE.finditer(style):
            self.faults.append(f"a style asks for another file or host: {(found[1] or found[2])[:80]!r}")

    def _svg(self, address: str) -> None:
        kind, _, data = address.partition(",")
        written = base64.b64decode(data) if kind.endswith(";base64") else unquote_to_bytes(data)
        svg = written.decode("utf-8", "replace")
        for found in IN_SVG.finditer(svg):
            self.faults.append(f"a chart asks for another file or host: {found[1][:80]!r}")
        self._style(svg)
