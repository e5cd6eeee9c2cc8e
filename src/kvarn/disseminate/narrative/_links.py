"""Where a link may lead: a page of the web, a letter, or a file of the publication itself."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote

__all__ = ["LINK_REMEDY", "is_refused_address", "refused_links"]

LINK_REMEDY = (
    "Write an address that begins with https:, http: or mailto:, or the name of a file of the publication (../data/index.html)."
)
_SCHEMES = frozenset(("https", "http", "mailto"))
_LONGEST = 400
# Where a destination begins: behind a link's words, behind the label of one that is defined elsewhere, and in angle brackets.
_DESTINATION = re.compile(r"\]\s?\(\s*<?|^[ \t>*+-]*\[[^\]\n]+\]:[ \t]*\n?[ \t>]*<?(?=\S)|<(?=[A-Za-z%&\\])", re.MULTILINE)
_ENDS = re.compile(r"[)>\"']|\s[\"'(]")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):")
# What a renderer makes a link of although it is none, wherever it stands.
_BARE = re.compile(
    r"(?<![^\W_])(?:(?:javascript|vbscript|livescript|mocha|data|file|blob|filesystem|about|view-source|jar|mhtml|tel|sms|callto|facetime|"
    r"intent|chrome|resource|ms-[a-z-]+):(?=[^\s])|(?!https?://)[a-z][a-z0-9+.-]*://)",
    re.IGNORECASE,
)
_DEEPEST = 4


def refused_links(text: str) -> Iterator[tuple[int, str]]:
    """Where in a text, and how, an address stands that no publication leads to."""
    met = -1
    for found in _DESTINATION.finditer(text):
        rest = text[found.end() : found.end() + _LONGEST]
        end = _ENDS.search(rest)
        written = rest[: end.start()] if end else rest
        if is_refused_address(written):
            met = found.end() + len(written)
            yield found.end(), written.strip()
    for found in _BARE.finditer(text):
        if found.start() >= met:
            yield found.start(), text[found.start() :].split()[0]


def is_refused_address(written: str) -> bool:
    """Whether an address is neither of the web, nor of a letter, nor of a file of the publication."""
    address = _as_followed(written)
    scheme = _SCHEME.match(address)
    # An address that begins with a slash is the root of the reader's own disk where the publication lies on it.
    return address.startswith("/") if scheme is None else scheme[1] not in _SCHEMES


def _as_followed(written: str) -> str:
    """An address as a program follows it: what is written by codes or percent signs as it is meant, and no spaces or signs that
    cannot be seen."""
    for _ in range(_DEEPEST):
        plain = unquote(html.unescape(written))
        if plain == written:
            break
        written = plain
    seen = (
        sign for sign in unicodedata.normalize("NFKC", written) if not (sign.isspace() or unicodedata.category(sign)[0] == "C")
    )
    return re.sub(r"\\(?=[^\w])", "", "".join(seen)).replace("\\", "/").casefold()
