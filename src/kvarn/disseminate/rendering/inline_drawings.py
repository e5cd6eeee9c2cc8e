"""kvarn's charts as parts of a page: real text in the page's typeface, in colours that follow light and dark.

matplotlib draws letters as shapes, and says in a comment what they say. That is how a chart stands in its notebook and in a PDF,
where it looks the same everywhere. In a page the words stand as text, which can be searched, marked and enlarged. A
statistician's own charts stay pictures: they are known again by their bytes.
"""

from __future__ import annotations

import base64
import binascii
import html
import itertools
import re
import string
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from kvarn.base.notebook_files import read_notebook
from kvarn.disseminate.chart_colours import CHART, NARROW, WIDE, colour_on_page
from kvarn.disseminate.own_charts import SVG, narrow_of
from kvarn.disseminate.rendering.web_fonts import has_fonts

__all__ = ["drawn_inline", "narrow_drawings", "with_drawings_inline"]

_IMAGE = re.compile(r'<img\b[^>]*?\bsrc="data:image/svg\+xml;base64,([^"]+)"[^>]*>')
_ALTERNATIVE = re.compile(r'\balt="([^"]*)"')
_IS_CHART = re.compile(rf'<svg [^>]*class="{CHART}"')
_SCALE = re.compile(r"\s*scale\(([\d.]+) -[\d.]+\)\s*$")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_BOLD = re.compile(r"-(?:Semibold|Bold)-")
_LINK = "{http://www.w3.org/1999/xlink}href"
_KEPT = ("d", "x", "y", "width", "height", "transform", "clip-path", "patternUnits")
_WITHOUT_DIGITS = str.maketrans(string.digits, string.ascii_lowercase[: len(string.digits)])
_TEXT_SIZE = 100  # at the scale of 1


def with_drawings_inline(page: str, narrow: Mapping[str, str] | None = None) -> str:
    """The page with each of kvarn's charts in itself, where its typeface is in the page too: the words were measured by it.

    Parameters
    ----------
    narrow
        Charts as they are drawn for a telephone, by the chart that a page has (`narrow_drawings`).
    """
    return _IMAGE.sub(lambda image: _in_place(image, narrow or {}), page) if has_fonts() else page


def narrow_drawings(notebooks: Iterable[Path]) -> dict[str, str]:
    """The charts of executed notebooks as they are drawn for a telephone, by the same chart for a screen."""
    found = {}
    for notebook in notebooks:
        for cell in read_notebook(notebook, executed=True).cells:
            for output in cell.get("outputs", []):
                if drawn := narrow_of(output):
                    found[_even("".join(output["data"][SVG]))] = drawn
    return found


def _even(svg: str) -> str:
    return " ".join(svg.split())


def _in_place(image: re.Match[str], narrow: Mapping[str, str]) -> str:
    try:
        svg = base64.b64decode(image[1], validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return image[0]
    alternative = _ALTERNATIVE.search(image[0])
    other = narrow.get(_even(svg), "")
    # A chart is an element alone: no declaration of a document, which could have entities.
    if not _IS_CHART.match(svg) or "<!DOCTYPE" in svg + other or alternative is None:
        return image[0]
    said = html.unescape(alternative[1])
    try:
        # One of the two is shown, by the width of the window.
        return drawn_inline(svg, said, WIDE) + drawn_inline(other, said, NARROW) if other else drawn_inline(svg, said)
    except (KeyError, ElementTree.ParseError):
        # Not as kvarn draws: it stays the picture that it is.
        return image[0]


def drawn_inline(svg: str, alternative: str, *classes: str) -> str:
    """A chart as an element of a page, with its alternative text as its name."""
    with_comments = ElementTree.TreeBuilder(insert_comments=True)
    root = ElementTree.fromstring(svg, parser=ElementTree.XMLParser(target=with_comments))  # noqa: S314
    names = _names(root)
    attributes = {
        "class": " ".join((CHART, *classes)),
        "role": "img",
        "aria-label": alternative,
        "viewBox": root.get("viewBox", ""),
        "stroke-linejoin": "round",
        "stroke-linecap": "butt",
    }
    return "".join([_opened("svg", attributes), *(part for one in _children(root, names) for part in one), "</svg>"])


def _children(element: ElementTree.Element, names: dict[str, str]) -> Iterator[list[str]]:
    said: str | None = None
    for child in element:
        if callable(child.tag):
            # A comment has a function for its name.
            said = html.unescape((child.text or "").strip())
        elif said is not None and (text := _text(child, said)) is not None:
            yield [text]
            said = None
        else:
            yield list(_element(child, names))


def _element(element: ElementTree.Element, names: dict[str, str]) -> Iterator[str]:
    tag = str(element.tag).rpartition("}")[2]
    inside = [part for one in _children(element, names) for part in one]
    # A style of the drawing would be one of the page; groups and lists of nothing are left out.
    if tag == "style" or (tag in ("g", "defs") and not inside):
        return
    attributes = {name: " ".join(element.attrib[name].split()) for name in _KEPT if name in element.attrib}
    attributes |= {name: colour_on_page(element.attrib[name]) for name in ("fill", "stroke") if name in element.attrib}
    attributes |= _of_style(element.get("style", ""))
    if (identifier := element.get("id", "")) in names:
        attributes["id"] = names[identifier]
    if _LINK in element.attrib:
        attributes["href"] = f"#{names[element.attrib[_LINK].removeprefix('#')]}"
    named = {name: _REFERENCE.sub(lambda found: f"url(#{names[found[1]]})", value) for name, value in attributes.items()}
    if tag == "g" and not named:
        yield from inside
        return
    yield _opened(tag, named)
    yield from inside
    yield f"</{tag}>"


def _text(element: ElementTree.Element, said: str) -> str | None:
    """The words in place of the shapes of their letters."""
    transform = element.get("transform", "")
    scale = _SCALE.search(transform)
    if scale is None:
        return None
    attributes = {"transform": transform[: scale.start()], "font-size": f"{_TEXT_SIZE * float(scale[1]):g}"}
    if any(_BOLD.search(use.get(_LINK, "")) for use in element.iter()):
        attributes["font-weight"] = "600"
    attributes |= _of_style(element.get("style", ""))
    return f"{_opened('text', attributes)}{html.escape(said, quote=False)}</text>"


def _of_style(style: str) -> dict[str, str]:
    """The properties of a style attribute as attributes: a page allows none of the other."""
    pairs = (part.partition(":") for part in style.split(";") if part.strip())
    return {name.strip(): colour_on_page(value.strip()) for name, _, value in pairs}


def _opened(tag: str, attributes: dict[str, str]) -> str:
    written = "".join(f' {name}="{html.escape(value)}"' for name, value in attributes.items())
    return f"<{tag}{written}>"


def _names(root: ElementTree.Element) -> dict[str, str]:
    """The identifiers that something in the drawing refers to, each with a name without numbers: no page has those."""
    used: dict[str, None] = {}
    for element in root.iter():
        values = [value for value in element.attrib.values() if "url(#" in value]
        used |= dict.fromkeys(found for value in values for found in _REFERENCE.findall(value))
        if _LINK in element.attrib:
            used[element.attrib[_LINK].removeprefix("#")] = None
    whole = next((element.get("id", "") for element in root.iter() if element.get("id")), "")
    chart = whole.removesuffix("-figure_1").translate(_WITHOUT_DIGITS)
    letters = ("".join(pair) for pair in itertools.product(string.ascii_lowercase, repeat=2))
    shapes = [name for name in used if not re.search(r"-\w+-(?:Regular|Semibold|Bold)-", name)]
    return {name: f"{chart}-{letter}" for name, letter in zip(shapes, letters)}  # noqa: B905
