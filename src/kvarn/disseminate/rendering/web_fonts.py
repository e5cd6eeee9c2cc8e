"""The typeface of a page, in the page: Source Sans Pro (SIL Open Font License), as much of it as publications need.

The subset does not depend on the page, so that every page has the same bytes of it, and whoever examines a page knows them.
fontTools, which makes it, comes with matplotlib.
"""

from __future__ import annotations

import base64
import functools
import importlib.util
import io
from pathlib import Path

__all__ = ["font_style", "has_fonts"]

_PACKAGE = "font_source_sans_pro"
_FACES = {400: "SourceSansPro-Regular.ttf", 600: "SourceSansPro-Semibold.ttf"}
_FAMILY = "Source Sans Pro"
# Letters of the languages of Europe that are written in Latin letters, and the signs of texts and tables.
_SIGNS = [
    *range(0x20, 0x7F),
    *range(0xA0, 0x180),
    *range(0x2010, 0x2028),
    *(0x202F, 0x2030, 0x2032, 0x2033, 0x2039, 0x203A, 0x20AC, 0x2122, 0x2190, 0x2192, 0x2212, 0x2248, 0x2260, 0x2264, 0x2265),
]
_FEATURES = ["kern", "liga", "mark", "ccmp", "lnum", "tnum", "locl"]


@functools.cache
def has_fonts() -> bool:
    """Whether the typeface is installed."""
    return all(path.is_file() for path in _files().values())


@functools.cache
def font_style() -> str:
    """The rules of a style that bring the typeface into a page; empty where it is not installed."""
    return "".join(_rule(weight, path) for weight, path in _files().items()) if has_fonts() else ""


def _rule(weight: int, path: Path) -> str:
    content = base64.b64encode(_subset(path)).decode()
    source = f"url(data:font/woff;base64,{content}) format('woff')"
    return f"@font-face {{ font-family: '{_FAMILY}'; font-weight: {weight}; src: {source}; }}\n"


def _subset(path: Path) -> bytes:
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    options = Options(flavor="woff", layout_features=_FEATURES, hinting=False, notdef_outline=True, recalc_timestamp=False)
    with TTFont(path, recalcTimestamp=False) as font:
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=_SIGNS)
        subsetter.subset(font)
        font.flavor = "woff"
        written = io.BytesIO()
        font.save(written)
    return written.getvalue()


def _files() -> dict[int, Path]:
    package = importlib.util.find_spec(_PACKAGE)
    if package is None or package.origin is None:
        return {0: Path("there is none")}
    return {weight: Path(package.origin).parent / "files" / name for weight, name in _FACES.items()}
