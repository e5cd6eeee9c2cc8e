"""The Content-Security-Policy of a page that is published: it may show what stands in it, and fetch and run nothing.

The policy is computed from the finished page, whoever made it: each style and script in it is allowed by its hash, and nothing
else. So it fetches nothing, sends nothing and has no other base. A style attribute needs ``'unsafe-hashes'``, which allows those
with these hashes and no others; pictures are in the page itself. Scripts are refused, but for those that Quarto
may write into its pages.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from html.parser import HTMLParser

from kvarn.errors import RenderingError

__all__ = ["has_policy", "with_policy", "without_policy"]

_CHARSET = re.compile(r"<head(?:\s[^>]*)?>\s*<meta\s+charset=[\"']?utf-8[\"']?\s*/?>", re.IGNORECASE)
_POLICY = re.compile(r"\n?<meta\s+http-equiv=[\"']Content-Security-Policy[\"'][^>]*>", re.IGNORECASE)


def with_policy(page: str, name: str, *, scripts: bool = False) -> str:
    """The page with its policy before everything that it governs: right after the character set, which must come first.

    Parameters
    ----------
    name
        The page's name, for the error.
    scripts
        Whether the page may have scripts of its own, as another program's may; kvarn's pages have none.

    Raises
    ------
    RenderingError
        The page does not begin with its character set, has a script, or an element has a handler of events, such as ``onclick``.
    """
    page = _POLICY.sub("", page)
    begins = _CHARSET.search(page)
    if begins is None:
        raise RenderingError(
            "The page does not begin with its character set.",
            document=name,
            remedy='Let the head begin with <meta charset="utf-8">.',
        )
    read = _Page()
    read.feed(page)
    read.close()
    if read.handlers or (read.scripts and not scripts):
        raise RenderingError(
            f"The page would run a script: {', '.join(sorted(read.handlers) or ['<script>'])}.",
            document=name,
            remedy="Take it out: nothing in a publication runs.",
        )
    meta = f'\n<meta http-equiv="Content-Security-Policy" content="{html.escape(_policy(read), quote=True)}">'
    return f"{page[: begins.end()]}{meta}{page[begins.end() :]}"


def has_policy(page: str) -> bool:
    """Whether the page has the policy that belongs to it, and no other."""
    try:
        return with_policy(page, "", scripts=True) == page
    except RenderingError:
        return False


def without_policy(page: str) -> str:
    """The page as it was before it got its policy: what a reader can see of it."""
    return _POLICY.sub("", page)


def _policy(page: _Page) -> str:
    styles = sorted({_hash(style) for style in page.styles})
    attributes = sorted({_hash(style) for style in page.attributes})
    scripts = sorted({_hash(script) for script in page.scripts})
    unsafe = ["'unsafe-hashes'"] if attributes else []
    rules = {
        "default-src": ["'none'"],
        "style-src": [*styles, *unsafe, *(one for one in attributes if one not in styles)],
        "script-src": scripts,
        "img-src": ["data:"],
        "font-src": ["data:"] if page.has_fonts else [],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in rules.items() if sources)


def _hash(text: str) -> str:
    # A browser reads every line break as a line feed before it hashes.
    read = text.replace("\r\n", "\n").replace("\r", "\n")
    return f"'sha256-{base64.b64encode(hashlib.sha256(read.encode()).digest()).decode()}'"


class _Page(HTMLParser):
    """The styles and scripts of a page, as a browser hashes them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.styles: list[str] = []
        self.attributes: list[str] = []
        self.scripts: list[str] = []
        self.handlers: set[str] = set()
        self._inside: list[str] | None = None

    @property
    def has_fonts(self) -> bool:
        return any("@font-face" in style for style in self.styles)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.handlers |= {name for name in given if name.startswith("on")}
        if given.get("style"):
            self.attributes.append(given["style"])
        if tag == "style" or (tag == "script" and "src" not in given):
            self._inside = self.styles if tag == "style" else self.scripts
            self._inside.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("style", "script"):
            self._inside = None

    def handle_data(self, data: str) -> None:
        if self._inside is not None:
            self._inside[-1] += data
