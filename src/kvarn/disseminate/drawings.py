"""What an SVG drawing that is published may be made of: shapes and words, and nothing that runs, or that comes from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree

__all__ = ["faults_of_drawing"]

_SVG = "http://www.w3.org/2000/svg"
_ELEMENTS = frozenset(
    (
        *(
            "svg",
            "g",
            "defs",
            "symbol",
            "use",
            "path",
            "rect",
            "circle",
            "ellipse",
            "line",
            "polyline",
            "polygon",
            "text",
            "tspan",
        ),
        *("textPath", "title", "desc", "style", "clipPath", "mask", "marker", "pattern", "linearGradient", "radialGradient"),
        *("stop", "image", "a", "metadata", "filter", "feGaussianBlur", "feOffset", "feBlend", "feMerge", "feMergeNode"),
    )
)
# What a drawing says of itself (matplotlib names itself, the type and the licence).
_ABOUT = ("http://www.w3.org/1999/02/22-rdf-syntax-ns#", "http://purl.org/dc/elements/1.1/", "http://creativecommons.org/ns#")
_WITHIN = re.compile(r"#|data:image/png;base64,[A-Za-z0-9+/=\s]*$")
_LINK = re.compile(r"#|https?://|mailto:", re.IGNORECASE)
# Also where a style gives characters by their codes.
_FETCHES = re.compile(
    r"@import|javascript:|(?:image|image-set|src|element|cross-fade)\("
    r"|url\(\s*+['\"]?+\s*+(?!#|data:image/png|data:font/)|\\",
    re.IGNORECASE,
)


def faults_of_drawing(svg: str) -> Iterator[str]:
    """What no published drawing may have, each as it would be named in a sentence."""
    if "<!ENTITY" in svg or re.search(r"<!DOCTYPE[^>]*\[", svg):
        yield "an entity of its own"
        return
    if re.search(r"<\?(?!xml[\s?])", svg):
        yield "an instruction to a program"
        return
    try:
        root = ElementTree.fromstring(svg)  # noqa: S314  (no entity comes here)
    except ElementTree.ParseError:
        yield "a part that no reader of SVG can read"
        return
    if _parted(root.tag)[1] != "svg":
        yield f"the element {_parted(root.tag)[1]!r} in place of a drawing"
    for element in root.iter():
        yield from _faults_of(element)


def _faults_of(element: ElementTree.Element) -> Iterator[str]:
    space, name = _parted(element.tag)
    if space in _ABOUT:
        return
    if space not in ("", _SVG) or name not in _ELEMENTS:
        yield f"the element {name!r}"
        return
    # An element within a style ends its first text, and not the style.
    if name == "style" and _FETCHES.search("".join(element.itertext())):
        yield "a style that asks for something from elsewhere"
    for written, value in element.attrib.items():
        _, attribute = _parted(written)
        if attribute.casefold().startswith("on"):
            yield f"the script {attribute!r}"
        elif attribute.casefold() in ("href", "src"):
            if not (_LINK if name == "a" else _WITHIN).match(value.strip()):
                yield f"the address {value.strip()[:40]!r}"
        elif _FETCHES.search(value):
            yield f"an address in {attribute!r}"


def _parted(tag: str) -> tuple[str, str]:
    """The namespace of a name and the name in it."""
    space, _, name = tag.rpartition("}")
    return space.removeprefix("{"), name
